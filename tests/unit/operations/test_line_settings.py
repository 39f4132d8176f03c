"""What the file says of lines, as it is stored and as calls see it."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import contoso_text, read_text

from callwright.domains.numbers.unassigned import Announcement, ToAccount
from callwright.domains.policies.shared_calling import SharedCallingPolicy
from callwright.kernel.e164 import E164
from callwright.kernel.ids import MailboxId, ResourceAccountId
from callwright.kernel.prompt import Say
from callwright.kernel.target import Disconnect, ToUser
from callwright.operations.organisation_file import build_snapshot, from_entities, to_entities
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.snapshot import Former, follow_snapshot
from callwright.operations.organisation_file.soundness import cautions
from callwright.testing.builders import ALICE, BOB, SBC1

EDITS = (
    (
        '    number: "+14255550101"\n',
        '    number: "+14255550110;ext=1001"\n'
        '    private_line: "+14255550111"\n'
        '    alternate_numbers: ["+14255550112", "+14255550113"]\n',
    ),
    ('voicemail: {email: alice@contoso.test, pin: "2468"}', "voicemail: {enabled: false}"),
    ("      unanswered: {after_s: 5, to: voicemail}\n", "      do_not_disturb: true\n"),
    (
        "\nusers:\n",
        "\npolicies:\n  shared_calling:\n"
        '    desk: {resource_account: main-line, emergency_numbers: ["+14255550115"]}\n\nusers:\n',
    ),
    (
        "\nresource_accounts:\n",
        """
unassigned_numbers:
  last: {pattern: '^[+]1425', priority: 30, announcement: {say: Sorry.}}
  first: {range: "+14255550110..+14255550119", priority: 10, to: {user: bob}}
  second: {pattern: '^[+]14255', priority: 20, to: {resource_account: main-line}}
contacts:
  jane: {name: Jane, phones: ["+12065550123", "+12065550124"]}

resource_accounts:
""",
    ),
    (
        "kind: service, source: direct-routing}",
        "kind: service, source: direct-routing, reverse_lookup: skip-internal}",
    ),
    (
        '  support-line: {name: Contoso support, number: "+14255550151",',
        '  support-line: {name: Contoso support, number: "+14255550150;ext=7", location: hq,',
    ),
)


def all_of_it(folder: Path) -> Organisation:
    return read_text(folder, contoso_text(*EDITS))


def test_every_setting_reaches_the_snapshot(tmp_path: Path) -> None:
    snapshot = build_snapshot(all_of_it(tmp_path), revision=1, base=None)

    alice = snapshot.users[ALICE]
    assert (alice.number, alice.number_extension) == ("+14255550110", "1001")
    assert alice.line == "+14255550110;ext=1001"
    assert alice.answering.do_not_disturb
    assert alice.answering.unanswered_to == Disconnect()
    assert MailboxId("alice") not in snapshot.mailboxes
    lines = {line for line, user in snapshot.user_by_number.items() if user == ALICE}
    assert lines == {"+14255550110;ext=1001", "+14255550112", "+14255550113"}
    assert snapshot.user_by_private_line == {"+14255550111": ALICE}
    assert snapshot.name_by_number == {"+12065550123": "Jane", "+12065550124": "Jane"}
    service = snapshot.inventory.find(E164("+14255550150"))
    assert service is not None
    assert service.skips_internal
    account = snapshot.resource_accounts[ResourceAccountId("support-line")]
    assert (account.number, account.extension, account.location) == ("+14255550150", "7", "hq")
    assert snapshot.resource_account_by_number["+14255550150;ext=7"] == account.id
    assert snapshot.shared_calling_policies == {
        "desk": SharedCallingPolicy(ResourceAccountId("main-line"), (E164("+14255550115"),))
    }


def test_treatments_stand_by_priority(tmp_path: Path) -> None:
    treatments = build_snapshot(all_of_it(tmp_path), revision=1, base=None).unassigned

    assert [(t.name, t.action) for t in treatments] == [
        ("first", ToUser(BOB)),
        ("second", ToAccount(ResourceAccountId("main-line"))),
        ("last", Announcement(Say("Sorry.", "en-US"))),
    ]
    assert treatments[0].covered_text == "+14255550110..+14255550119"


def test_what_is_stored_gives_the_same_organisation_again(tmp_path: Path) -> None:
    organisation = all_of_it(tmp_path)

    assert from_entities(to_entities(organisation)) == organisation


def test_a_change_of_one_thing_is_followed(tmp_path: Path) -> None:
    before = all_of_it(tmp_path)
    former = Former(before, build_snapshot(before, revision=1, base=None))
    changed = read_text(
        tmp_path,
        contoso_text(*EDITS)
        .replace("say: Sorry.", "say: Gone.")
        .replace("name: Jane", "name: Ann"),
    )

    followed = follow_snapshot(former, changed, revision=2)

    assert followed == build_snapshot(changed, revision=2, base=None)
    assert followed.sbcs[SBC1] == former.snapshot.sbcs[SBC1]


@pytest.mark.parametrize(
    ("edit", "path", "words"),
    [
        (
            ("  bob:\n", "  bob:\n    policies: {shared_calling: desk}\n"),
            ("users", "bob", "policies", "shared_calling"),
            "bob has a number and calls with it",
        ),
        (
            ("  dave:\n", "  dave:\n    policies: {shared_calling: desk}\n"),
            ("policies", "shared_calling", "desk", "resource_account"),
            "main-line says no location",
        ),
        (
            ("pattern: '^[+]14255', priority", "pattern: '^[+]1', priority"),
            ("unassigned_numbers", "second", "pattern"),
            "covers +12025550143, too",
        ),
        (
            ("+14255550110..+14255550119", "+14255550110..+14255550149"),
            ("unassigned_numbers", "first", "range"),
            "covers +14255550149, too",
        ),
        (
            ("    name: Alice Adams\n", "    name: Alice A.\n"),
            ("emergency", "notify", "0"),
            "write users.alice.profile.email",
        ),
    ],
)
def test_what_is_likely_not_meant_is_told(
    edit: tuple[str, str], path: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    organisation = read_text(tmp_path, contoso_text(*EDITS, edit))

    found = [(tuple(map(str, f.path)), f.text) for f in cautions(organisation)]
    assert any(where == path and words in text for where, text in found)


def test_treatments_of_ones_own_numbers_are_no_cause_for_caution(tmp_path: Path) -> None:
    organisation = all_of_it(tmp_path)

    assert not [f for f in cautions(organisation) if f.path[0] == "unassigned_numbers"]
