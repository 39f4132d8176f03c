"""What the file says of mailboxes and their policies, and what it may not say."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import Wrong, assert_one_mistake, contoso_text, read_text

from callwright.domains.voicemail.model import AnswerRule, Attachment
from callwright.kernel.ids import GroupId, MailboxId, UserId
from callwright.kernel.target import ToUser
from callwright.operations.organisation_file import build_snapshot
from callwright.routing.mailboxes import members_of, shared_mailboxes, voicemail_policy

OWN = 'voicemail: {email: alice@contoso.test, pin: "2468"}'
SHARED = 'support: {email: support@contoso.test, pin: "1357"}'
USERS = "\nusers:\n"


def own(settings: str) -> tuple[str, str]:
    return OWN, f"voicemail: {settings}"


def policy(settings: str) -> tuple[str, str]:
    return USERS, f"\npolicies:\n  voicemail:\n    default: {settings}\n{USERS}"


RULE = own("{answer: shout}")
WRONG = [
    (*own("{message_s_max: 20}"), "users.alice.voicemail.message_s_max", ("30", "600")),
    (*own("{message_s_max: 660}"), "users.alice.voicemail.message_s_max", ("30", "600")),
    (*RULE, "users.alice.voicemail.answer", ("no answer is called",)),
    (*own("{answer: prompt-or-transfer}"), "users.alice.voicemail", ("transfer_to",)),
    (
        *own("{answer: voicemail-or-transfer, transfer_to: {user: bobby}}"),
        "users.alice.voicemail.transfer_to.user",
        ("bobby",),
    ),
    (*own('{pin: "12"}'), "users.alice.voicemail.pin", ("4 to 12 digits",)),
    (*own("{attachment: flac}"), "users.alice.voicemail.attachment", ("no attachment",)),
    (*policy("{message_s_max: 20}"), "policies.voicemail.default.message_s_max", ("30", "600")),
    (*policy("{message_s_max: 660}"), "policies.voicemail.default.message_s_max", ("30", "600")),
    (
        *policy("{primary_language: en-US}"),
        "policies.voicemail.default",
        ("secondary_language", "neither"),
    ),
    (
        *policy("{secondary_language: en-US}"),
        "policies.voicemail.default",
        ("primary_language", "neither"),
    ),
    (
        *policy("{primary_language: en-US, secondary_language: en-US}"),
        "policies.voicemail.default",
        ("twice", "two languages"),
    ),
    (SHARED, "support: {members: [zoe]}", "shared_voicemail.support.members[0]", ("zoe",)),
    (SHARED, "support: {members: [bob, bob]}", "shared_voicemail.support.members[1]", ("twice",)),
    (SHARED, "support: {policy: strict}", "shared_voicemail.support.policy", ("strict",)),
    (USERS, '\nvoicemail: {dial: "98"}\n' + USERS, "voicemail.dial", ("*98",)),
]


@pytest.mark.row(242)
@pytest.mark.row(247)
@pytest.mark.parametrize(("old", "new", "path", "words"), WRONG)
def test_a_wrong_setting_is_called_so_in_its_place(
    tmp_path: Path, old: str, new: str, path: str, words: tuple[str, ...]
) -> None:
    where = next(part for part in new.splitlines() if "{" in part)
    assert_one_mistake(Wrong(old, new, where, path, words), tmp_path)


def test_what_calls_see_of_a_mailbox(tmp_path: Path) -> None:
    text = contoso_text(
        own(
            "{answer: prompt-or-transfer, transfer_to: {user: bob}, transfer_key: '9', "
            "attachment: mp3, protected: true, out_of_office: {until: '2026-12-28'}}"
        ),
        (
            SHARED,
            "support: {members: [{group: support-team}, erin], policy: short, transcription: true}",
        ),
        (
            USERS,
            "\npolicies:\n  voicemail:\n    short: {message_s_max: 60}\n"
            "    long: {message_s_max: 600}\n" + USERS,
        ),
    )
    snapshot = build_snapshot(read_text(tmp_path, text), revision=1, base=None)
    alice = snapshot.mailboxes[MailboxId("alice")]
    assert (alice.rule, alice.transfer_to) == (
        AnswerRule.PROMPT_OR_TRANSFER,
        ToUser(UserId("bob")),
    )
    assert (alice.transfer_key, alice.attachment) == ("9", Attachment.MP3)
    assert alice.is_protected
    assert alice.out_of_office.is_on
    assert str(alice.out_of_office.until) == "2026-12-28"
    support = snapshot.mailboxes[MailboxId("support")]
    assert (support.is_shared, support.wants_transcript) == (True, True)
    assert support.groups == (GroupId("support-team"),)
    assert set(members_of(snapshot, support.id)) == {"alice", "bob", "erin"}
    assert list(shared_mailboxes(snapshot, UserId("erin"))) == ["support"]
    assert list(shared_mailboxes(snapshot, UserId("carol"))) == []
    assert voicemail_policy(snapshot, support).message_s_max == 60
    assert voicemail_policy(snapshot, alice).message_s_max == 300
