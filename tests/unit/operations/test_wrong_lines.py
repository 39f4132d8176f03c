"""One wrong thing about a line in the demo organisation, and the line of the file that says so."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import (
    Wrong,
    assert_one_mistake,
    contoso_text,
    mistakes_in,
)

ALICE, BOB = '    number: "+14255550101"\n', '    number: "+14255550102"\n'
ACCOUNTS = "\nresource_accounts:\n"
USERS = "\nusers:\n"
USERS_RANGE = '  - {range: "+14255550101..+14255550119", kind: user, source: direct-routing}\n'


def alice(*lines: str) -> tuple[str, str]:
    return ALICE, ALICE + "".join(f"    {line}\n" for line in lines)


def unassigned(*lines: str) -> tuple[str, str]:
    return ACCOUNTS, "\nunassigned_numbers:\n" + "".join(f"  {ln}\n" for ln in lines) + ACCOUNTS


def shared(numbers: str, account: str = "main-line") -> tuple[str, str]:
    policy = f"{{resource_account: {account}, emergency_numbers: [{numbers}]}}"
    return USERS, f"\npolicies:\n  shared_calling:\n    desk: {policy}\n{USERS}"


def before_accounts(numbers: str, policies: str, account: str) -> tuple[str, str]:
    """More numbers, policies, and one more resource account, each in its section."""
    back = f"  back: {{name: Back, answers: {{call_queue: sales}}{account}}}\n"
    return ACCOUNTS, f"{numbers}\npolicies:\n{policies}\n{ACCOUNTS}{back}"


def lent(entry: str, number: str, account: str = "main-line", own: str = "") -> tuple[str, str]:
    """A policy that lends ``number``, of which ``entry`` tells."""
    policy = f'{{resource_account: {account}, emergency_numbers: ["{number}"]}}'
    return before_accounts(entry, f"  shared_calling:\n    desk: {policy}", own)


LENT = "policies.shared_calling.desk.emergency_numbers"
SORRY = "announcement: {say: Sorry.}"

WRONG = {
    "extension that is none": Wrong(
        *(ALICE, '    number: "+14255550101;ext=ten"\n'), ";ext=ten", "users.alice.number",
        ("not a number with an extension", '"+14255388701;ext=1001"'),
    ),
    "tel number": Wrong(
        *(ALICE, '    number: "tel:+14255550101"\n'), "tel:", "users.alice.number",
        ("not an E.164 number",),
    ),
    "a shared line twice": Wrong(
        f"{ALICE}", '    number: "+14255550110;ext=1"\n'
        '    alternate_numbers: ["+14255550102"]\n', "\"+14255550102\"\n    extension",
        "users.bob.number", ("belongs to user alice", "give user bob another number"),
    ),
    "two private lines": Wrong(
        *alice('private_line: ["+14255550111", "+14255550112"]'), "private_line",
        "users.alice.private_line", ("a user has one private line", "alternate_numbers"),
    ),
    "private line of somebody else": Wrong(
        *alice('private_line: "+14255550102"'), '"+14255550102"\n    extension: "102"',
        "users.bob.number", ("+14255550102 belongs to user alice",),
    ),
    "private line that is the own number": Wrong(
        *alice('private_line: "+14255550101"'), "private_line", "users.alice.private_line",
        ("is a number of user alice already", "leave one out"),
    ),
    "private line outside every range": Wrong(
        *alice('private_line: "+14255559999"'), "private_line", "users.alice.private_line",
        ("lies in no range",),
    ),
    "private line that is a service number": Wrong(
        *alice('private_line: "+14255550155"'), "private_line", "users.alice.private_line",
        ("is a service number",),
    ),
    "treatment without numbers": Wrong(
        *unassigned(f"one: {{priority: 1, {SORRY}}}"), "  one:", "unassigned_numbers.one",
        ("needs either a pattern or a range",),
    ),
    "treatment without a goal": Wrong(
        *unassigned("one: {pattern: '^.1', priority: 1}"), "  one:", "unassigned_numbers.one",
        ("needs either to or an announcement",),
    ),
    "treatment with a pattern that is none": Wrong(
        *unassigned(f"one: {{pattern: '^+1(', priority: 1, {SORRY}}}"), "  one:",
        "unassigned_numbers.one.pattern", ("is not a regular expression",),
    ),
    "treatment with a pattern that never ends": Wrong(
        *unassigned(f"one: {{pattern: '^([0-9]+)+x', priority: 1, {SORRY}}}"), "  one:",
        "unassigned_numbers.one.pattern", ("too many ways", "repeat nothing that repeats itself"),
    ),
    "two treatments of one priority": Wrong(
        *unassigned(
            f"one: {{pattern: '^.1', priority: 7, {SORRY}}}",
            f"two: {{pattern: '^.2', priority: 7, {SORRY}}}",
        ), "two:", "unassigned_numbers.two.priority", ("7 is also", "of its own"),
    ),
    "treatment that leads to nobody": Wrong(
        *unassigned("one: {pattern: '^.1', priority: 1, to: {resource_account: main-lime}}"),
        "  one:", "unassigned_numbers.one.to.resource_account",
        ("there is no resource account 'main-lime'", "did you mean main-line?"),
    ),
    "treatment that leaves again": Wrong(
        *unassigned("one: {pattern: '^.1', priority: 1, to: {external: \"+12065550199\"}}"),
        "  one:", "unassigned_numbers.one.to.external", ("does not fit here",),
    ),
    "contact whose phone another one has": Wrong(
        ACCOUNTS, '\ncontacts:\n  a: {name: A, phones: ["+12065550123"]}\n'
        f'  b: {{name: B, phones: ["+12065550123"]}}\n{ACCOUNTS}',
        "  b:", "contacts.b.phones[0]", ("is also contacts.a.phones[0]",),
    ),
    "look-up that is none": Wrong(
        "kind: service, source: direct-routing",
        "kind: service, source: direct-routing, reverse_lookup: never",
        "reverse_lookup", "numbers[1].reverse_lookup", ("internal, skip-internal",),
    ),
    "voicemail of who has none": Wrong(
        'voicemail: {email: alice@contoso.test, pin: "2468"}', "voicemail: {enabled: false}",
        "unanswered: {after_s: 5, to: voicemail}", "users.alice.answering.unanswered.to",
        ("alice has no voicemail", "write disconnect"),
    ),
    "number of another person as the caller's": Wrong(
        USERS, f"\npolicies:\n  caller_id:\n    bob: {{show: {{user: bob}}}}\n{USERS}", "show:",
        "policies.caller_id.bob.show.user", ("does not fit here", "resource_account"),
    ),
    "name of another person as a resource account": Wrong(
        USERS, f"\npolicies:\n  caller_id:\n    x: {{show: {{resource_account: bob}}}}\n{USERS}",
        "show:", "policies.caller_id.x.show.resource_account", ("there is no resource account",),
    ),
    "shared number of nobody": Wrong(
        *shared("", "main-lime"), "main-lime", "policies.shared_calling.desk.resource_account",
        ("there is no resource account", "did you mean main-line?"),
    ),
    "lent number of somebody": Wrong(
        *shared('"+14255550102"'), "+14255550102\"]", f"{LENT}[0]",
        ("belongs to user bob", "shared calling policy desk"),
    ),
    "lent number twice": Wrong(
        *shared('"+14255550115", "+14255550115"'), "+14255550115\"]", f"{LENT}[1]",
        ("is a number of shared calling policy desk already",),
    ),
    "lent number outside every range": Wrong(
        *shared('"+14255559999"'), "+14255559999", f"{LENT}[0]", ("lies in no range",),
    ),
    "shared number of an account without one": Wrong(
        *before_accounts("", "  shared_calling:\n    desk: {resource_account: back}", ""),
        "desk: {", "policies.shared_calling.desk.resource_account",
        ("back has no number to share", "give it one"),
    ),
    "shown number of an account without one": Wrong(
        *before_accounts("", "  caller_id:\n    x: {show: {resource_account: back}}", ""),
        "show:", "policies.caller_id.x.show.resource_account",
        ("back has no number to show", "give it one"),
    ),
    "lent number of another source": Wrong(
        *lent(
            '  - {number: "+14255550160", kind: user, source: operator-connect}\n', "+14255550160",
        ),
        "desk: {", f"{LENT}[0]",
        ("is a operator-connect number and +14255550150 a direct-routing one", "the same source"),
    ),
    "lent number for services": Wrong(
        *lent(
            '  - {range: "+14255550160..+14255550161", kind: service, source: calling-plan}\n',
            "+14255550160", "back", ', number: "+14255550161"',
        ),
        "desk: {", f"{LENT}[0]", ("is a service number", "lend subscriber numbers"),
    ),
    "lent number of another country": Wrong(
        *lent('  - {number: "+4930123456", kind: user, source: direct-routing}\n', "+4930123456"),
        "desk: {", f"{LENT}[0]", ("+4930123456 is not of US, and +14255550150 is", "lend others"),
    ),
    "lent number of a place": Wrong(
        *shared('"+14255550119"'), "+14255550119\"]", f"{LENT}[0]", ("belongs to location hq",),
    ),
}  # fmt: skip


ROWS = {
    "private line of somebody else": 22,
    "two private lines": 27,
    "number of another person as the caller's": 231,
    "name of another person as a resource account": 231,
}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(wrong, id=name, marks=[pytest.mark.row(ROWS[name])] if name in ROWS else [])
        for name, wrong in WRONG.items()
    ],
)
def test_it_is_called_wrong_in_its_place(wrong: Wrong, tmp_path: Path) -> None:
    assert_one_mistake(wrong, tmp_path)


def test_a_private_line_comes_from_where_the_number_does(tmp_path: Path) -> None:
    entry = '  - {number: "+14255550160", kind: user, source: operator-connect}\n'
    text = contoso_text(alice('private_line: "+14255550160"'), (ACCOUNTS, entry + ACCOUNTS))
    (mistake,) = mistakes_in(tmp_path, text)
    assert mistake.path == "users.alice.private_line"
    assert "choose a private line that is direct-routing, too" in mistake.text
