"""One wrong thing in the demo organisation (form, people, numbers), and the line that says so."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import Wrong, assert_one_mistake

RECEPTION = "auto_attendants.reception"

WRONG = {
    # keys
    "unknown key": Wrong(
        "    extension: \"101\"", "    extention: \"101\"", "extention:",
        "users.alice.extention", ("no such key", "did you mean extension?"),
    ),
    "unknown key at the top": Wrong(
        "call_queues:", "queues:", "queues:", "queues", ("no such key", "call_queues"),
    ),
    "unknown key without a near one": Wrong(
        "  domain: contoso.test ", "  zzz: 1\n  domain: contoso.test ", "  zzz: 1",
        "organisation.zzz", ("no such key", "write one of name, domain"),
    ),
    "missing key": Wrong(
        "  country: US ", "  #", "organisation:\n", "organisation.country",
        ("is missing", "country: US"),
    ),
    "key twice": Wrong(
        "    extension: \"102\"", "    extension: \"102\"\n    extension: \"109\"",
        "extension: \"109\"", "users.bob.extension", ("written twice", "line 34", "keep one"),
    ),
    "user twice": Wrong(
        "  dave:\n", "  bob:\n    name: Other\n  dave:\n", "  bob:\n    name: Other",
        "users.bob", ("written twice",),
    ),
    "menu key twice": Wrong(
        '          "0": operator', '          "1": operator', '"1": operator',
        f"{RECEPTION}.open.menu.keys.1", ("written twice",),
    ),
    "menu key without quotes": Wrong(
        '          "1": {call', "          1: {call", "          1: {call",
        f"{RECEPTION}.open.menu.keys.1", ("as a number", 'write it in quotes: "1"'),
    ),
    "menu key that no phone has": Wrong(
        '          "9": {ext', '          "10": {ext', '"10": {ext',
        f"{RECEPTION}.open.menu.keys.10", ("no phone has the key '10'",),
    ),
    "key that YAML takes for a truth": Wrong(
        "  erin:\n", "  no:\n", "  no:\n", "users.no", ("true or false", 'in quotes: "no"'),
    ),
    "key that cannot be a name": Wrong(
        "  erin:\n", "  Erin Evans:\n", "  Erin Evans:\n", "users.Erin Evans",
        ("cannot be a key", "such as erin-evans"),
    ),
    "merge": Wrong(
        "  dave:\n", "  dave:\n    <<: {name: X}\n", "<<:", "users.dave.<<",
        ("write the keys out",),
    ),
    # values of another type
    "number without quotes": Wrong(
        'number: "+14255550101"', "number: +14255550101", "number: +14255550101",
        "users.alice.number", ("as a number", 'write it in quotes: "+14255550101"'),
    ),
    "extension without quotes": Wrong(
        'extension: "101"', "extension: 0101", "extension: 0101", "users.alice.extension",
        ("YAML reads 0101 as a number", 'write it in quotes: "0101"'),
    ),
    "name that YAML takes for a truth": Wrong(
        "name: Dave Davis", "name: On", "name: On", "users.dave.name",
        ("YAML reads On as true or false", '"On"'),
    ),
    "time without quotes": Wrong(
        "name: Dave Davis", "name: 12:30", "name: 12:30", "users.dave.name",
        ("YAML reads 12:30 as a number", '"12:30"'),
    ),
    "amount without quotes": Wrong(
        '"50.00"', "50.00", "opening_balance", "credits.opening_balance", ('in quotes: "50.00"',),
    ),
    "text for a number": Wrong(
        "phone-system: 10", 'phone-system: "10"', 'phone-system: "10"', "licences.phone-system",
        ("whole number", "write 10 without quotes"),
    ),
    "text for a truth": Wrong(
        "send_options: true", 'send_options: "yes"', 'send_options: "yes"',
        "pstn.direct_routing.sbcs.sbc1.send_options", ("must be true or false", "without quotes"),
    ),
    "word for a list": Wrong(
        "members: [alice, bob]", "members: alice", "members: alice",
        "groups.support-team.members", ("must be a list", "[ ]"),
    ),
    "list for a mapping": Wrong(
        "sip: {password: alice-secret}", "sip: [alice-secret]", "sip: [alice-secret]",
        "users.alice.sip", ("must be a mapping of keys, not a list",),
    ),
    "mapping for text": Wrong(
        "name: Dave Davis", "name: {first: Dave}", "name: {first", "users.dave.name",
        ("must be text, not a mapping",),
    ),
    "nothing": Wrong(
        "name: Dave Davis", "name:", "    name:\n", "users.dave.name",
        ("is empty", "write a value or leave the key out"),
    ),
    "text with a comma": Wrong(
        "{say: Welcome to Contoso.}", "{say: Welcome, you all}", "Welcome, you",
        f"{RECEPTION}.open.greeting.you all", ("has no value", "text with a comma into quotes"),
    ),
    "tag": Wrong(
        "name: Dave Davis", "name: !!python/name:os.system x", "!!python",
        "users.dave.name", ("has the tag !!python/name:os.system", "leave tags out"),
    ),
    # organisation
    "time zone": Wrong(
        "America/Los_Angeles", "America/Los_Angles", "America/Los_Angles",
        "organisation.timezone", ("no time zone", "did you mean America/Los_Angeles?"),
    ),
    "no time zone at all": Wrong(  # fusionpbx#1587, #1055: hours held in the server's zone
        "  timezone: America/Los_Angeles", "", "organisation:",
        "organisation.timezone", ("is missing", "write timezone: America/Los_Angeles"),
    ),
    "country": Wrong(
        "country: US", "country: us", "country: us", "organisation.country",
        ("no country", "did you mean US?"),
    ),
    "language": Wrong(
        "language: en-US", "language: en_US", "language: en_US", "organisation.language",
        ("no voice speaks 'en_US'", "did you mean en-US?"),
    ),
    "domain": Wrong(
        "domain: contoso.test", "domain: sip:contoso.test", "domain: sip:", "organisation.domain",
        ("does not fit", "such as contoso.test"),
    ),
    # users
    "licence that is none": Wrong(
        "licences: [phone-system, communications-credits]\n    number: \"+14255550102\"",
        "licences: [phone-sistem]\n    number: \"+14255550102\"", "phone-sistem",
        "users.bob.licences[0]", ("no licence is called", "did you mean phone-system?"),
    ),
    "number that is not E.164": Wrong(
        '"+14255550101"', '"(425) 555-0101"', "(425)", "users.alice.number",
        ("not an E.164 number", "plus"),
    ),
    "extension that is none": Wrong(
        'extension: "101"', 'extension: "1O1"', "1O1", "users.alice.extension",
        ("1 to 10 digits",),
    ),
    "address that no mail server takes": Wrong(
        "email: alice@contoso.test", "email: a..lice@contoso.test", "a..lice",
        "users.alice.voicemail.email", ("'a..lice@contoso.test' is not an e-mail", "write one"),
    ),
    "address with other letters": Wrong(
        "email: alice@contoso.test", "email: alice@köln.test", "köln",
        "users.alice.voicemail.email", ("is not an e-mail address", "xn--"),
    ),
    "pin": Wrong(
        'pin: "2468"', 'pin: "12"', 'pin: "12"', "users.alice.voicemail.pin", ("4 to 12",),
    ),
    "answering delay": Wrong(
        "after_s: 5, to: voicemail", "after_s: 7, to: voicemail", "after_s: 7",
        "users.alice.answering.unanswered.after_s", ("7 is not offered", "5, 10, 15, 20, 30"),
    ),
    "target that is none": Wrong(
        "{to: {user: bob}}", "{to: bob}", "{to: bob}", "users.carol.answering.forward.to",
        ("'bob' does not fit", "{user: bob}"),
    ),
    "target of an unknown kind": Wrong(
        "{to: {user: bob}}", "{to: {usr: bob}}", "{usr: bob}",
        "users.carol.answering.forward.to.usr", ("did you mean user?",),
    ),
    "two targets in one": Wrong(
        "{to: {user: bob}}", "{to: {user: bob, voicemail: bob}}", "voicemail: bob}}",
        "users.carol.answering.forward.to", ("user and voicemail", "exactly one"),
    ),
    "unknown user in a forward": Wrong(
        "{to: {user: bob}}", "{to: {user: bop}}", "bop", "users.carol.answering.forward.to.user",
        ("there is no user 'bop'", "did you mean bob?"),
    ),
    "unknown location": Wrong(
        "  dave:\n", "  dave:\n    location: hg\n", "location: hg", "users.dave.location",
        ("there is no location 'hg'", "hq"),
    ),
    # numbers and licences
    "number outside every range": Wrong(
        '"+14255550105"', '"+14255550205"', "+14255550205", "users.erin.number",
        ("lies in no range", "add it under numbers"),
    ),
    "number of two users": Wrong(
        'number: "+14255550102"', 'number: "+14255550101"', "+14255550101\"\n    extension: \"102",
        "users.bob.number", ("belongs to user alice", "another number"),
    ),
    "service number of a user": Wrong(
        'number: "+14255550102"', 'number: "+14255550155"', "+14255550155", "users.bob.number",
        ("is a service number", "kind user"),
    ),
    "user number of a resource account": Wrong(
        'number: "+14255550152"', 'number: "+14255550112"', "+14255550112",
        "resource_accounts.sales-line.number", ("is a user number", "kind service or toll-free"),
    ),
    "number of a user and a location": Wrong(
        'elin: "+14255550119"', 'elin: "+14255550101"', "elin:", "emergency.locations.hq.elin",
        ("belongs to user alice",),
    ),
    "range backwards": Wrong(
        "+14255550101..+14255550119", "+14255550119..+14255550101", "0119..", "numbers[0].range",
        ("runs backwards", "+14255550101..+14255550119"),
    ),
    "range over two lengths": Wrong(
        "+14255550150..+14255550159", "+14255550150..+1425555015", "0150..", "numbers[1].range",
        ("differ in length", "two ranges"),
    ),
    "ranges that overlap": Wrong(
        "+14255550150..+14255550159", "+14255550119..+14255550159", "0119..+14255550159",
        "numbers[1].range", ("+14255550119 lies in numbers[0], too",),
    ),
    "entry without a number": Wrong(
        '{number: "+18005550100", kind: toll-free', "{kind: toll-free", "{kind: toll-free",
        "numbers[2]", ("either a number or a range",),
    ),
    "kind of number": Wrong(
        "kind: toll-free", "kind: freephone", "freephone, source", "numbers[2].kind",
        ("no kind is called", "user, service, toll-free"),
    ),
    "extension of two users": Wrong(
        'extension: "104"', 'extension: "102"', '102"\n    sip: {password: dave',
        "users.dave.extension", ("102 is also users.bob.extension",),
    ),
    "extension that is an emergency number": Wrong(
        'extension: "104"', 'extension: "911"', 'extension: "911"', "users.dave.extension",
        ("emergency number", "another extension"),
    ),
    "more licences held than bought": Wrong(
        "phone-system: 10", "phone-system: 3", "phone-system: 3", "licences.phone-system",
        ("4 seats are held and 3 bought", "phone-system: 4"),
    ),
    "licence that nobody bought": Wrong(
        "  calling-plan-domestic: 2", "  #", "licences:\n", "licences.calling-plan-domestic",
        ("1 seats are held and 0 bought",),
    ),
    "resource account that answers with nothing": Wrong(
        "answers: {auto_attendant: reception}}", "answers: {user: bob}}", "{user: bob}}\n  support",
        "resource_accounts.main-line.answers.user", ("does not fit here", "call_queue"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_mistake_is_named_with_its_line_its_keys_and_a_remedy(
    wrong: Wrong, tmp_path: Path
) -> None:
    assert_one_mistake(wrong, tmp_path)
