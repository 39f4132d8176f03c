"""Judging what an edit changed finds what judging everything would find."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.operations.contoso_file import FILE

from callwright.operations.organisation_file import read_organisation, to_entities
from callwright.operations.organisation_file.entities import ORDER
from callwright.operations.organisation_file.revising import revise
from callwright.operations.organisation_file.soundness import mistakes, mistakes_after

CONTOSO = read_organisation(FILE)
ENTITIES = dict(to_entities(CONTOSO))
NUMBERS = ["+14255550101", "+14255550109", "+14255550150", "+18005550100", "+15005550100"]
KEYS = [*CONTOSO.users, "zoe"]
TARGETS = st.sampled_from(
    [{"user": "bob"}, {"user": "nobody"}, {"voicemail": "alice"}, "voicemail"]
)


def user() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"name": st.just("N")},
        optional={
            "licences": st.lists(st.sampled_from(["phone-system", "premium"]), max_size=2),
            "number": st.sampled_from(NUMBERS),
            "private_line": st.sampled_from(NUMBERS),
            "alternate_numbers": st.lists(st.sampled_from(NUMBERS), max_size=2),
            "extension": st.sampled_from(["101", "102", "911", "555"]),
            "location": st.sampled_from(["hq", "nowhere"]),
            "country": st.sampled_from(["US", "DE"]),
            "policies": st.fixed_dictionaries({"calling": st.sampled_from(["default", "none"])}),
            "answering": st.fixed_dictionaries({"forward": st.fixed_dictionaries({"to": TARGETS})}),
            "voicemail": st.fixed_dictionaries({"enabled": st.booleans()}),
        },
    )


SERVICES = {
    ("resource-account", "sales-line"): {
        "name": "S",
        "number": "+14255550101",
        "answers": {"call_queue": "sales"},
    },
    ("group", "support-team"): {"members": ["alice", "zoe"], "licences": ["premium"]},
    ("call-queue", "sales"): {"agents": [{"user": "zoe"}, {"group": "support-team"}]},
    ("shared-voicemail", "zoe"): {},
}


@given(
    users=st.dictionaries(st.sampled_from(KEYS), user(), max_size=3),
    services=st.sets(st.sampled_from(sorted(SERVICES))),
    gone=st.sets(st.sampled_from(sorted(a for a in ENTITIES if a[0] != ORDER)), max_size=1),
)
def test_what_an_edit_breaks_is_found(
    users: dict[str, Any], services: set[tuple[str, str]], gone: set[tuple[str, str]]
) -> None:
    upserts = {("user", key): settings for key, settings in users.items()}
    upserts |= {address: SERVICES[address] for address in services}
    after, _ = revise(CONTOSO, upserts, gone)
    assert set(mistakes_after(CONTOSO, after)) == set(mistakes(after))
