"""Edits of the configuration as the API words them: preconditions, dry runs, refusals."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Query
from fastapi.responses import Response
from pydantic import JsonValue

from callwright.api.authorisation import Caller
from callwright.api.entity_kinds import entity_kinds
from callwright.api.idempotency import IdempotencyKey, Keeper
from callwright.api.problems import Mistake, Problem, refused
from callwright.kernel.limits.api import API_ATTEMPTS_MAX, API_WHY_CHARS_MAX
from callwright.operations.administration import Applied, EditConflict
from callwright.operations.configuration import Edit, EditRefused
from callwright.operations.configuration import Problem as Finding
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.plan import Change
from callwright.operations.revision import RevisionConflict

REVISION = "Callwright-Revision"
CAUTIONS = "Callwright-Cautions"
CAUTIONS_SHOWN_MAX = 10
"""In a header, of which servers and proxies take some thousand characters."""
Pointing = Callable[[Finding], Mistake]
"""Says where in the request a finding about the organisation lies."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What every write takes beside its body."""

    why: str | None
    is_dry_run: bool


def asked(
    dry_run: Annotated[
        bool, Query(description="Check, and say what would change; change nothing.")
    ] = False,
    callwright_why: Annotated[
        str | None,
        Header(max_length=API_WHY_CHARS_MAX, description="Stands in the history."),
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> Asked:
    return Asked(None if callwright_why is None else _as_sent(callwright_why), dry_run)


def _as_sent(header: str) -> str:
    """Headers are read as Latin-1; what people write is mostly UTF-8 (RFC 9110 §5.5)."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def carry_out(
    caller: Caller,
    edit: Edit,
    asked: Asked,
    *,
    expected: Mapping[EntityKey, str | None] | None = None,
    expected_revision: int | None = None,
    pointing: Pointing | None = None,
    keeper: Keeper | None = None,
    answer: Callable[[Applied], Response] | None = None,
) -> Applied:
    """Writes an edit; ``answer`` makes what ``keeper`` keeps of it.

    Raises Problem (422), EditConflict.
    """
    beside = () if keeper is None or answer is None else keeper.companions(answer)
    try:
        return caller.tenant.administration.change(
            edit,
            by=caller.actor,
            why=asked.why,
            expected=expected,
            expected_revision=expected_revision,
            dry_run=asked.is_dry_run,
            beside=() if asked.is_dry_run else beside,
        )
    except EditRefused as error:
        say = pointing or whole_file
        raise refused([say(finding) for finding in error.problems]) from None
    except RevisionConflict as error:
        raise outdated(error) if error.expected == expected_revision else crossed() from None


def attempted(act: Callable[[], Response]) -> Response:
    """Looks and writes again when somebody's change came between. Raises Problem (409)."""
    for _ in range(API_ATTEMPTS_MAX):
        try:
            return act()
        except EditConflict:
            continue
    raise crossed()


def crossed() -> Problem:
    text = "others change the same thing at this moment"
    return Problem(409, "crossed", text, "try again", headers={"Retry-After": "1"})


def outdated(error: RevisionConflict) -> Problem:
    """What was planned at one revision may mean something else at another."""
    return Problem(412, "other-revision", *str(error).split("; ", 1))


def whole_file(finding: Finding) -> Mistake:
    """For a body that is the file, or no part of it."""
    return Mistake.at(finding.path, "invalid", finding.text)


def inside(kind: str, key: str) -> Pointing:
    """For a body that is one entity; what lies outside is named in words."""
    place = entity_kinds()[kind].place

    def say(finding: Finding) -> Mistake:
        path = place(finding.path, key)
        if path is not None:
            return Mistake.at(path, "invalid", finding.text)
        return Mistake.at((), "invalid", str(finding))

    return say


def changed(applied: Applied) -> Response:
    """What an edit changed, or a dry run would; in the form of ``changes_as_json``.

    Written change by change: while the encoder works nobody else runs, calls neither, and 50,000
    changes at once take it half a second.
    """
    changes = ",".join(_written(change_as_json(change)) for change in applied.changes)
    cautions = ",".join(_written(caution_as_json(each)) for each in applied.cautions)
    text = f'{{"revision":{applied.revision},"changes":[{changes}],"cautions":[{cautions}]}}'
    headers = {REVISION: str(applied.revision)}
    return Response(text.encode(), media_type="application/json", headers=headers)


def _written(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def cautions_header(cautions: Sequence[Finding]) -> dict[str, str]:
    """For an answer whose body is the entry itself: the first cautions, as a JSON array."""
    shown = [str(caution) for caution in cautions[:CAUTIONS_SHOWN_MAX]]
    return {CAUTIONS: json.dumps(shown)} if shown else {}


def changes_as_json(applied: Applied) -> JsonValue:
    return {
        "revision": applied.revision,
        "changes": [change_as_json(change) for change in applied.changes],
        "cautions": [caution_as_json(each) for each in applied.cautions],
    }


def caution_as_json(caution: Finding) -> dict[str, JsonValue]:
    return {"path": list(caution.path), "text": caution.text}


def change_as_json(change: Change) -> dict[str, JsonValue]:
    return {
        "kind": change.kind,
        "key": change.key,
        "action": change.action,
        "fields": [
            {"path": field.path, "before": field.old, "after": field.new} for field in change.fields
        ],
    }
