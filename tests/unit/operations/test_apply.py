"""Plan and apply against a repository in memory."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import FILE, contoso_text, read_text
from tests.unit.operations.memory_repository import MemoryRepository

from callwright.kernel.money import Money
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.apply_organisation import apply_organisation
from callwright.operations.organisation_file import (
    Organisation,
    from_entities,
    read_organisation,
    to_entities,
)
from callwright.operations.plan import plan
from callwright.operations.revision import RevisionConflict


@pytest.fixture
def contoso() -> Organisation:
    return read_organisation(FILE)


@pytest.fixture
def repository(contoso: Organisation) -> MemoryRepository:
    stored = MemoryRepository()
    apply_organisation(stored, contoso)
    return stored


def lines(stored: MemoryRepository, wanted: Organisation) -> list[str]:
    """A plan as the command prints it."""
    return [
        line
        for change in plan(stored.entities, to_entities(wanted))
        for line in (str(change), *(f"    {field}" for field in change.fields))
    ]


def test_the_first_apply_stores_every_entity_and_the_opening_balance(
    repository: MemoryRepository, contoso: Organisation
) -> None:
    assert repository.stored_at == 1
    assert from_entities(repository.entities) == contoso
    assert repository.opening_balance == Money.parse("50.00", "USD")


def test_the_same_file_again_changes_nothing(
    repository: MemoryRepository, contoso: Organisation
) -> None:
    assert plan(repository.entities, to_entities(contoso)) == ()
    assert apply_organisation(repository, contoso) == ()
    assert repository.stored_at == 1


def test_only_what_changed_is_written(repository: MemoryRepository, tmp_path: Path) -> None:
    wanted = read_text(
        tmp_path,
        contoso_text(
            ("{after_s: 20, to: voicemail}", "{after_s: 30, to: voicemail}"),
            ("  dave:\n    name: Dave Davis\n    licences: []                  "
             "# no phone-system licence: no PSTN, inbound or outbound\n"
             '    extension: "104"\n    sip: {password: dave-secret}\n', ""),
            ("  sales:\n", "  third: {agents: [{user: erin}]}\n  sales:\n"),
        ),
    )  # fmt: skip

    changes = apply_organisation(repository, wanted)

    assert [str(change) for change in changes] == [
        "~ user bob",
        "- user dave",
        "+ call-queue third",
    ]
    order = {("order", "users"), ("order", "call_queues")}
    upserts, removals = repository.applies[-1]
    assert upserts == {("user", "bob"), ("call-queue", "third")} | order
    assert removals == {("user", "dave")}
    assert list(from_entities(repository.entities).call_queues) == ["support", "third", "sales"]
    assert plan(repository.entities, to_entities(wanted)) == ()


def test_a_plan_names_each_field_with_its_old_and_new_value(
    repository: MemoryRepository, tmp_path: Path
) -> None:
    wanted = read_text(
        tmp_path,
        contoso_text(
            ("{after_s: 20, to: voicemail}", "{after_s: 30, to: {user: alice}}"),
            ("    alert_s: 15\n    max_waiting: 2\n", "    alert_s: 20\n"),
            ("members: [alice, bob]", "members: [bob]"),
            ("send_options: true\n    routes", "send_options: false\n    routes"),
        ),
    )

    assert lines(repository, wanted) == [
        "~ user bob",
        "    answering.unanswered.after_s: 20 -> 30",
        "    answering.unanswered.to: voicemail -> {user: alice}",
        "~ group support-team",
        "    members: [alice, bob] -> [bob]",
        "~ sbc sbc2",
        "    send_options: true -> false",
        "~ call-queue support",
        "    alert_s: 15 -> 20",
        "    max_waiting: 2 -> (none)",
    ]


def test_a_plan_shows_no_secret(repository: MemoryRepository, tmp_path: Path) -> None:
    wanted = read_text(
        tmp_path,
        contoso_text(
            ("bob-secret", "hush-hush"),
            ('pin: "2468"', 'pin: "9753"'),
            ("    sip: {password: carol-secret}\n", ""),
            ("  dave:\n", "  fred: {name: Fred, sip: {password: fred-secret}}\n  dave:\n"),
        ),
    )

    text = "\n".join(lines(repository, wanted))

    assert "sip.password: (secret) -> (another secret)" in text
    assert "voicemail.pin: (secret) -> (another secret)" in text
    for secret in ("bob-secret", "hush-hush", "2468", "9753", "carol-secret", "fred-secret"):
        assert secret not in text


def test_a_section_in_another_order_is_a_change(
    repository: MemoryRepository, tmp_path: Path
) -> None:
    """The first service number is the organisation's face, and the first location everybody's."""
    main = '  main-line: {name: Contoso main line, number: "+14255550150", '
    main += "answers: {auto_attendant: reception}}\n"
    text = contoso_text((main, ""), ("# Step 5 - call queues\n", f"{main}# Step 5 - call queues\n"))

    wanted = read_text(tmp_path, text)

    (change,) = apply_organisation(repository, wanted)
    assert str(change) == "~ order resource_accounts"
    assert list(from_entities(repository.entities).resource_accounts)[-1] == "main-line"


def test_a_section_that_is_gone_is_removed(repository: MemoryRepository, tmp_path: Path) -> None:
    text = contoso_text()
    wanted = read_text(tmp_path, text[: text.index("\nemergency:")])

    changes = apply_organisation(repository, wanted)

    assert [str(change) for change in changes] == ["- emergency", "- location hq"]
    assert from_entities(repository.entities).emergency is None


def test_an_apply_that_came_between_is_compared_again(contoso: Organisation) -> None:
    stored = MemoryRepository(interrupt=2)

    apply_organisation(stored, contoso)

    assert from_entities(stored.entities) == contoso
    assert len(stored.applies) == 1


def test_an_apply_that_is_always_overtaken_gives_up(contoso: Organisation) -> None:
    stored = MemoryRepository(interrupt=100)

    with pytest.raises(RevisionConflict):
        apply_organisation(stored, contoso)

    assert stored.entities == {}


def test_entities_of_another_version_are_not_guessed_at(repository: MemoryRepository) -> None:
    repository.entities["hologram", "x"] = {}

    with pytest.raises(ValueError, match="no entity has the kind 'hologram'"):
        from_entities(repository.entities)


def test_a_plan_reads_no_more_of_what_is_stored_than_it_compares(
    contoso: Organisation, repository: MemoryRepository
) -> None:
    """To read 50,000 people takes longer than to compare them."""
    alice = contoso.users["alice"].model_copy(update={"name": "Alice Abel"})
    renamed = contoso.model_copy(update={"users": {**contoso.users, "alice": alice}})
    administration = Administration(repository)
    applied = administration.replace(renamed, by=SYSTEM, dry_run=True)
    assert [change.key for change in applied.changes] == ["alice"]
    assert "organisation" not in vars(administration.current())
