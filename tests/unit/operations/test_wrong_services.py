"""One wrong thing in the demo organisation (steps 2 and 5 to 7), and the line that says so."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import Wrong, assert_one_mistake

ROUTES = "pstn.direct_routing.routes"
SBCS = "pstn.direct_routing.sbcs"
TWIN = "127.0.0.1:5080\n        transport: udp\n        send_options: true\n    routes"
RECEPTION = "auto_attendants.reception"

WRONG = {
    "address without a port": Wrong(
        "127.0.0.1:5080", "127.0.0.1", "address: 127.0.0.1\n", f"{SBCS}.sbc1.address",
        ("not HOST:PORT", "127.0.0.1:5060"),
    ),
    "address that is no name": Wrong(
        "127.0.0.1:5080", "sbc_1.contoso.123:5080", "sbc_1.contoso", f"{SBCS}.sbc1.address",
        ("neither an address nor a host name", "sbc1.contoso.test"),
    ),
    "address of two SBCs": Wrong(
        "127.0.0.1:5090", "127.0.0.1:5080", TWIN,
        f"{SBCS}.sbc2.address",
        ("127.0.0.1:5080 is also pstn.direct_routing.sbcs.sbc1.address",),
    ),
    "transport": Wrong(
        "transport: udp", "transport: sctp", "transport: sctp", f"{SBCS}.sbc1.transport",
        ("no transport is called 'sctp'", "udp, tcp, tls"),
    ),
    "failover code": Wrong(
        "[408, 503, 504]", "[408, 200]", "[408, 200]", f"{SBCS}.sbc1.failover.codes[1]",
        ("200 is not a SIP failure", "400 to 699"),
    ),
    "failover time": Wrong(
        "after_s: 3,", "after_s: 0,", "after_s: 0,", f"{SBCS}.sbc1.failover.after_s",
        ("0 is out of bounds", "1 to 120"),
    ),
    "sessions": Wrong(
        "sessions: 100", "sessions: 0", "sessions: 0", f"{SBCS}.sbc1.max_concurrent_sessions",
        ("write 1 to 100000",),
    ),
    "pattern": Wrong(
        r"{name: us-backup, pattern: '^\+1\d{10}$'", r"{name: us-backup, pattern: '^+1(\d{10}$'",
        "us-backup", f"{ROUTES}[1].pattern", ("not a regular expression", "close"),
    ),
    "group that the pattern has not": Wrong(
        "to: '+1425$1'", "to: '+1425$2'", "$2", "dial_plans.default[0].to",
        ("$2 names a group", "it has 1 group"),
    ),
    "SBC that is none": Wrong(
        "sbcs: [sbc2], priority", "sbcs: [sbc3], priority", "sbc3", f"{ROUTES}[1].sbcs[0]",
        ("there is no SBC 'sbc3'", "did you mean sbc"),
    ),
    "route twice": Wrong(
        "name: us-backup", "name: us-main", "priority: 2", f"{ROUTES}[1].name",
        ("us-main is also pstn.direct_routing.routes[0].name",),
    ),
    "usage without a route": Wrong(
        "usages: [national, international]", "usages: [nationl]", "nationl",
        "pstn.direct_routing.policies.default.usages[0]", ("'nationl'", "did you mean national?"),
    ),
    "policy that is not there": Wrong(
        "licences: []                  ", "policies: {routing: sales}", "routing: sales",
        "users.dave.policies.routing", ("there is no routing policy 'sales'", "default"),
    ),
    "two groups of one rank": Wrong(
        "  support-team: {members: [alice, bob]}",
        "  one: {members: [alice], policies: {calling: {name: default, rank: 1}}}\n"
        "  support-team: {members: [bob], policies: {calling: {name: default, rank: 1}}}",
        "  support-team", "groups.support-team.policies.calling.rank",
        ("rank 1 is also", "the lowest counts"),
    ),
    "groups in a circle": Wrong(
        "  support-team: {members: [alice, bob]}",
        "  support-team: {members: [alice, bob, {group: night}]}\n"
        "  night: {members: [{group: support-team}]}",
        "night: {members", "groups.night.members", ("contain one another",),
    ),
    "group that is not there": Wrong(
        "{members: [alice, bob]}", "{members: [alice, {group: nigth}]}", "nigth",
        "groups.support-team.members[1].group", ("there is no group 'nigth'",),
    ),
    "caller ID of an account without number": Wrong(
        "groups:\n",
        "policies: {caller_id: {face: {show: {resource_account: back}}}}\ngroups:\n",
        "resource_account: back", "policies.caller_id.face.show.resource_account",
        ("there is no resource account 'back'",),
    ),
    "carrier that is no SBC": Wrong(
        "pstn:\n", "pstn:\n  calling_plan: {sbcs: [sbc9]}\n", "sbc9",
        "pstn.calling_plan.sbcs[0]", ("there is no SBC 'sbc9'", "did you mean sbc"),
    ),
    "carrier's SBC twice": Wrong(
        "pstn:\n", "pstn:\n  operator_connect: {sbcs: [sbc1, sbc1]}\n", "[sbc1, sbc1]",
        "pstn.operator_connect.sbcs[1]", ("sbc1 is listed twice", "leave one out"),
    ),
    # queues
    "alert too short": Wrong(
        "alert_s: 15\n    max", "alert_s: 14\n    max", "alert_s: 14",
        "call_queues.support.alert_s", ("14 is out of bounds", "15 to 180"),
    ),
    "waiting callers": Wrong(
        "max_waiting: 2", "max_waiting: 1001", "1001", "call_queues.support.max_waiting",
        ("0 to 1000",),
    ),
    "queue timeout": Wrong(
        "after_s: 1200", "after_s: 2701", "2701", "call_queues.sales.timeout.after_s",
        ("2701 is out of bounds", "0 to 2700"),
    ),
    "routing method": Wrong(
        "routing: round-robin", "routing: roundrobin", "roundrobin", "call_queues.support.routing",
        ("no routing is called", "did you mean round-robin?"),
    ),
    "longest idle without presence": Wrong(
        "routing: round-robin", "routing: longest-idle\n    presence_based: false",
        "presence_based", "call_queues.support.presence_based", ("leave presence_based out",),
    ),
    "group that is none": Wrong(
        "{group: support-team}", "{group: suport-team}", "suport-team",
        "call_queues.support.agents[0].group", ("no group", "did you mean support-team?"),
    ),
    "agent that is none": Wrong(
        "{user: alice}, {user: bob}]", "{user: alice}, bob]", "alice}, bob]",
        "call_queues.sales.agents[1]", ("'bob' does not fit", "{user: bob}", "{group:"),
    ),
    "mailbox that is none": Wrong(
        "{voicemail: support}", "{voicemail: suport}", "suport",
        "call_queues.support.timeout.to.voicemail",
        ("no mailbox 'suport'", "did you mean support?"),
    ),
    "own voicemail of a queue": Wrong(
        "overflow: {to: disconnect}", "overflow: {to: voicemail}", "{to: voicemail}\n    timeout",
        "call_queues.support.overflow.to", ("{voicemail: KEY}",),
    ),
    "mailbox of a user": Wrong(
        "  support: {email", "  alice: {}\n  support: {email", "  alice: {}",
        "shared_voicemail.alice", ("is a user", "another key"),
    ),
    "greeting file that is missing": Wrong(
        "{say: Thank you for calling support.}", "{file: nowhere.wav}", "nowhere",
        "call_queues.support.greeting.file", ("nowhere.wav cannot be read", "put the file there"),
    ),
    "music": Wrong(
        "music: default", "music: jazz", "jazz", "call_queues.support.music", ("default",),
    ),
    # attendants
    "attendant that is none": Wrong(
        "{auto_attendant: reception}}", "{auto_attendant: recepton}}", "recepton}",
        "resource_accounts.main-line.answers.auto_attendant", ("did you mean reception?",),
    ),
    "queue that is none": Wrong(
        '"1": {call_queue: support}', '"1": {call_queue: suppport}', "suppport",
        f"{RECEPTION}.open.menu.keys.1.call_queue", ("no call queue", "did you mean support?"),
    ),
    "external number": Wrong(
        '"+12065550199"', '"2065550199"', '"2065550199"',
        f"{RECEPTION}.open.menu.keys.9.external", ("not an E.164 number", "plus"),
    ),
    "option that is only text": Wrong(
        "{say: Our address is one Contoso way.}", "Our address is here", "address is here",
        f"{RECEPTION}.open.menu.keys.3", ('write {say: "Our address is here"}',),
    ),
    "directory": Wrong(
        "directory: by-extension", "directory: by-nam", "by-nam",
        f"{RECEPTION}.open.menu.directory", ("did you mean by-name?",),
    ),
    "menu and target": Wrong(
        "    open:\n", "    open:\n      then: disconnect\n", "    open:", f"{RECEPTION}.open",
        ("a menu and then", "write one of them"),
    ),
    "hours form": Wrong(
        'mon-fri: ["00:00-24:00"]', 'mon-fri: ["9-17"]', "9-17", f"{RECEPTION}.hours.mon-fri[0]",
        ("'9-17' is not a range of hours", "09:00-17:00"),
    ),
    "hours off the grid": Wrong(
        'mon-fri: ["00:00-24:00"]', 'mon-fri: ["09:10-17:00"]', "09:10",
        f"{RECEPTION}.hours.mon-fri[0]", ("quarter of an hour", "write 09:15"),
    ),
    "hours that overlap": Wrong(
        'mon-fri: ["00:00-24:00"]', 'mon-fri: ["08:00-12:00", "11:45-17:00"]', "11:45",
        f"{RECEPTION}.hours.mon-fri[1]", ("overlaps", "join them"),
    ),
    "hours into the next day's": Wrong(
        'mon-fri: ["00:00-24:00"]', 'mon-fri: ["20:00-04:00"], sat: ["02:00-03:00"]', "20:00",
        f"{RECEPTION}.hours.sat[0]", ("02:00-03:00 overlaps",),
    ),
    "day that is named twice": Wrong(
        'mon-fri: ["00:00-24:00"]', 'mon-sat: ["09:00-17:00"]', "mon-sat",
        f"{RECEPTION}.hours.sat-sun", ("sat is named twice, in mon-sat and sat-sun",),
    ),
    "day that is none": Wrong(
        "mon-fri:", "mo-fri:", "mo-fri", f"{RECEPTION}.hours.mo-fri", ("no day is called 'mo'",),
    ),
    "hour that is none": Wrong(
        'mon-fri: ["00:00-24:00"]', 'mon-fri: ["09:00-25:00"]', "25:00",
        f"{RECEPTION}.hours.mon-fri[0]", ("25:00", "is no time"),
    ),
    "date that is none": Wrong(
        '"2026-12-25"', '"2026-02-30"', "02-30", f"{RECEPTION}.holidays[0].dates[0]",
        ("is not a date", "year-month-day"),
    ),
    "date of another order": Wrong(
        '"2026-12-25"', '"25.12.2026"', "25.12", f"{RECEPTION}.holidays[0].dates[0]",
        ("is not a date",),
    ),
    # credits and emergency
    "currency": Wrong(
        "currency: USD", "currency: Dollar", "Dollar", "credits.currency", ("no currency",),
    ),
    "rate without a prefix": Wrong(
        '{prefix: "+", per_minute', "{per_minute", "{per_minute", "credits.rates[3].prefix",
        ("is missing", 'prefix: "+44"'),
    ),
    "rate twice": Wrong(
        'prefix: "+4479"', 'prefix: "+44"', '"0.10"', "credits.rates[2].prefix",
        ("+44 is also credits.rates[1].prefix", "one rate for each prefix"),
    ),
    "prefix without a plus": Wrong(
        'prefix: "+4479"', 'prefix: "4479"', '"4479"', "credits.rates[2].prefix",
        ("a plus and digits",),
    ),
    "amount": Wrong(
        '"50.00"', '"$50"', '"$50"', "credits.opening_balance", ("not an amount", '"5.00"'),
    ),
    "amount below zero": Wrong(
        '"50.00"', '"-50.00"', '"-50.00"', "credits.opening_balance", ("not an amount",),
    ),
    "payment provider": Wrong(
        "by: none", "by: paypal", "paypal", "credits.auto_recharge.by", ("none",),
    ),
    "emergency number": Wrong(
        '["911", "933"]', '["911", "+933"]', "+933", "emergency.numbers[1]", ("2 to 8 digits",),
    ),
    "emergency SBC that is none": Wrong(
        "route: {sbcs: [sbc1, sbc2]}", "route: {sbcs: [sbc1, spc2]}", "spc2",
        "emergency.route.sbcs[1]", ("no SBC 'spc2'", "did you mean sbc"),
    ),
    "notified user that is none": Wrong(
        "notify: [{user: alice}]", "notify: [{user: alize}]", "alize", "emergency.notify[0].user",
        ("no user 'alize'", "did you mean alice?"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_mistake_is_named_with_its_line_its_keys_and_a_remedy(
    wrong: Wrong, tmp_path: Path
) -> None:
    assert_one_mistake(wrong, tmp_path)
