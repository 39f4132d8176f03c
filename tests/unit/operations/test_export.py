"""An export reads back to the same entities, whatever an organisation holds."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.operations.contoso_file import FILE, contoso_text, mistakes_in, read_text
from tests.unit.operations.whole_file import whole_organisation

from callwright.operations.export_organisation import export_organisation
from callwright.operations.organisation_file import (
    Entities,
    Organisation,
    from_entities,
    read_organisation,
    to_entities,
)
from callwright.operations.plan import plan

USERS, QUEUES = ("ann", "ben", "c.d-e_f", "on"), ("desk", "null")
LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn"), exclude_characters="\ufeff"),
    min_size=1,
    max_size=40,
).filter(str.strip)
TRICKY = ("yes", "1e3", "0x1f", "12:30", "~", "=", "#a", "a: b", "-", "!x", " a ", "2026-12-25")
TEXT = st.one_of(LINE, st.sampled_from(TRICKY))
LINES = st.builds("{}\n{}".format, LINE, LINE)
SPOKEN = st.builds(lambda text: {"say": text}, st.one_of(TEXT, LINES))
TARGET = st.one_of(
    st.just("disconnect"),
    st.sampled_from([{"user": key} for key in USERS]),
    st.sampled_from([{"call_queue": key} for key in QUEUES]),
    st.sampled_from([{"voicemail": key} for key in USERS]),
    st.just({"external": "+442079460000"}),
)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings in which each of the fields may be left out."""
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def users(draw: st.DrawFn) -> dict[str, Any]:
    optional = some(
        licences=st.lists(st.sampled_from(("phone-system", "premium")), unique=True),
        sip=st.builds(lambda text: {"password": text}, TEXT),
        voicemail=some(pin=st.from_regex(r"[0-9]{4,12}", fullmatch=True), greeting=SPOKEN),
        answering=some(
            forward=st.builds(lambda to: {"to": to}, TARGET),
            unanswered=some(
                after_s=st.sampled_from((5, 60)), to=st.one_of(TARGET, st.just("voicemail"))
            ),
        ),
    )
    entries = {key: {"name": draw(TEXT)} | draw(optional) for key in draw(st.permutations(USERS))}
    for number, user in enumerate(entries.values()):
        user |= draw(some(extension=st.just(f"0{number}"), number=st.just(f"+47227946{number:02}")))
    return entries


QUEUE = st.fixed_dictionaries(
    {"agents": st.lists(st.sampled_from([{"user": key} for key in USERS]), max_size=3)},
    optional={
        "greeting": SPOKEN,
        "presence_based": st.booleans(),
        "max_waiting": st.integers(0, 200),
        "overflow": st.builds(lambda to, prompt: {"to": to, "prompt": prompt}, TARGET, SPOKEN),
        "timeout": some(after_s=st.integers(0, 2_700), to=TARGET),
    },
)
ATTENDANT = st.fixed_dictionaries(
    {
        "open": st.builds(
            lambda keys: {"menu": {"keys": keys}},
            st.dictionaries(st.sampled_from("0123456789*#"), st.one_of(TARGET, SPOKEN), min_size=1),
        )
    },
    optional={
        "hours": st.sampled_from(({}, {"mon-fri": ["09:00-17:15"]}, {"sun": []})),
        "holidays": st.builds(
            lambda name: [{"name": name, "dates": ["2027-01-01"], "then": "operator"}], TEXT
        ),
    },
)
RULE = st.builds(
    lambda name, to: {"name": name, "pattern": r"^(\d{3,5})$", "to": to},
    TEXT,
    st.sampled_from(("", "$1", "+1$1", "#")),
)
AMOUNT = st.sampled_from(("0", "5.00", "0.000001"))


@st.composite
def organisations(draw: st.DrawFn) -> dict[str, Any]:
    tree: dict[str, Any] = {
        "organisation": {
            "name": draw(TEXT),
            "domain": "a.test",
            "country": "NO",  # plain, YAML reads it as false
            "timezone": "Europe/Oslo",
            "language": "nb-NO",
        },
        "licences": {"phone-system": 9, "premium": 9},
        "users": draw(users()),
        "numbers": [
            {"range": "+4722794600..+4722794649", "kind": "user", "source": "direct-routing"}
        ],
        "call_queues": {key: draw(QUEUE) for key in draw(st.permutations(QUEUES))},
        "auto_attendants": draw(st.dictionaries(st.sampled_from(("a", "yes")), ATTENDANT)),
    }
    return tree | draw(
        some(
            dial_plans=st.builds(lambda rules: {"default": rules}, st.lists(RULE, max_size=2)),
            credits=st.builds(
                lambda amount: {"currency": "NOK", "opening_balance": amount}, AMOUNT
            ),
        )
    )


@given(organisations())
def test_what_is_exported_reads_back_to_the_same(tree: dict[str, Any]) -> None:
    entities = to_entities(Organisation.model_validate(tree))

    text = export_organisation(entities)

    with tempfile.TemporaryDirectory() as folder:
        read = to_entities(read_text(Path(folder), text))
    assert read == entities
    assert plan(entities, read) == ()
    assert export_organisation(read) == text


def test_the_demo_organisation_is_exported_in_the_form_it_has() -> None:
    entities = to_entities(read_organisation(FILE))

    exported = [line for line in export_organisation(entities).splitlines() if line]

    sections = [line for line in exported if line[0].isalpha()]
    written = [line for line in contoso_text().splitlines() if line[:1].isalpha()]
    assert sections == written
    for line in (
        "# Step 5 - call queues",
        '    number: "+14255550101"',
        '    voicemail: {email: alice@contoso.test, pin: "2468"}',
        "    sip: {password: alice-secret}",
        "        failover: {after_s: 3, codes: [408, 503, 504]}",
        '  - {range: "+14255550101..+14255550119", kind: user, source: direct-routing}',
        '          "9": {external: "+12065550199"}',
        '    - {prefix: "+44", per_minute: "0.02", connect: "0.01"}',
    ):
        assert line in exported


def test_an_export_does_not_depend_on_the_order_of_storage() -> None:
    entities = to_entities(read_organisation(FILE))
    shuffled = {key: entities[key] for key in sorted(entities, reverse=True)}

    assert export_organisation(shuffled) == export_organisation(entities)
    assert to_entities(from_entities(shuffled)) == entities


def test_entities_are_plain_json_one_for_each_thing() -> None:
    entities: Entities = to_entities(read_organisation(FILE))

    assert entities["user", "dave"] == {
        "name": "Dave Davis",
        "licences": [],
        "extension": "104",
        "sip": {"password": "dave-secret"},
    }
    assert entities["location", "hq"] == {
        "address": "1 Contoso Way, Redmond, WA 98052, US",
        "elin": "+14255550119",
    }
    kinds = {kind for kind, _ in entities}
    expected = """
        organisation licences credits emergency order user group sbc route policy dial-plan
        number-range resource-account call-queue shared-voicemail auto-attendant location
    """
    assert kinds == set(expected.split())


SNIPPETS = ("", ":", "{", "]", "\n", "  ", '"', "'", "- ", "&a ", "*a", "!!x ", "\t", "\0", "1")


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(SNIPPETS)),
        min_size=1,
        max_size=4,
    )
)
def test_a_mangled_file_is_read_or_refused_in_words(edits: list[tuple[float, int, str]]) -> None:
    text = contoso_text()
    for where, removed, added in edits:
        at = int(where * len(text))
        text = text[:at] + added + text[at + removed :]

    with tempfile.TemporaryDirectory() as folder:
        mistakes = mistakes_in(Path(folder), text)

    for mistake in mistakes:
        assert 1 <= mistake.line <= text.count("\n") + 1
        assert "\n" not in str(mistake)
        assert "; " in mistake.text, "a remedy"


def test_every_section_is_exported(tmp_path: Path) -> None:
    """Who signs in how is part of the file, too; a re-applied export must not take it away."""
    whole = whole_organisation()
    assert whole.model_fields_set == set(Organisation.model_fields)
    entities = to_entities(whole)

    read = read_text(tmp_path, export_organisation(entities))

    assert to_entities(read) == entities
    assert plan(entities, to_entities(read)) == ()
