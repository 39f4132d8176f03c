"""Changes as the API tells them, for people: what was there, what is there now."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from callwright.cli.tables import print_json
from callwright.operations.plan import Change, FieldChange

Answer = Mapping[str, Any]


def change_of(told: Answer) -> Change:
    """Of ``{kind, key, action, fields: [{path, before, after}]}``."""
    fields = [FieldChange(each["path"], each["before"], each["after"]) for each in told["fields"]]
    return Change(told["kind"], told["key"], told["action"], tuple(fields))


def changes_as_json(changes: Sequence[Change]) -> list[dict[str, object]]:
    return [
        {
            "kind": change.kind,
            "key": change.key,
            "action": change.action,
            "fields": [
                {"path": field.path, "old": field.old, "new": field.new} for field in change.fields
            ],
        }
        for change in changes
    ]


def print_changes(changes: Sequence[Change], *, as_json: bool, verb: str) -> None:
    if as_json:
        print_json(changes_as_json(changes))
        return
    for change in changes:
        print(change)
        for field in change.fields:
            print(f"    {field}")
    print(f"{len(changes)} {verb}" if changes else f"nothing {verb}")


def print_answer(answer: Answer, *, as_json: bool, verb: str) -> None:
    """What a write of the API changed, or would; cautions stand beside what a program reads."""
    changes = [change_of(each) for each in answer["changes"]]
    print_changes(changes, as_json=as_json, verb=verb)
    for caution in answer.get("cautions", ()):
        place = ".".join(map(str, caution["path"]))
        typer.echo(f"caution: {place}: {caution['text']}", err=as_json)
