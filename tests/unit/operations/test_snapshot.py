"""What calls get to see of an organisation file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import FILE, contoso_text, read_text

from callwright.domains.attendants.model import CallFlow, Menu, Operator
from callwright.domains.directory.model import Answering
from callwright.domains.pstn.model import TranslationRule
from callwright.domains.queues.model import ExceptionAction, RoutingMethod
from callwright.domains.schedules.rules import is_open
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.prompt import Say, Sound, Tune
from callwright.kernel.target import Disconnect, ToQueue, ToUser, ToVoicemail
from callwright.operations.organisation_file import (
    build_snapshot,
    from_entities,
    read_organisation,
    to_entities,
)
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import (
    ALICE,
    BOB,
    RECEPTION,
    SALES,
    SBC1,
    SBC2,
    SUPPORT,
    contoso_snapshot,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
"""In UTC; the tests that ask for hours set the time zone to UTC, too."""
MINIMAL = """
organisation:
  {name: Small, domain: small.test, country: GB, timezone: Europe/London, language: en-GB}
"""


def snapshot_of(folder: Path, text: str) -> Snapshot:
    return build_snapshot(read_text(folder, text), revision=1, base=None)


def edited(folder: Path, *edits: tuple[str, str]) -> Snapshot:
    return snapshot_of(folder, contoso_text(*edits))


def test_the_contract_file_gives_the_snapshot_that_all_tests_use() -> None:
    built = build_snapshot(read_organisation(FILE), revision=1, base=FILE.parent)

    assert built == contoso_snapshot()


def test_what_is_stored_gives_the_same_snapshot() -> None:
    entities = to_entities(read_organisation(FILE))
    shuffled = {key: entities[key] for key in sorted(entities, reverse=True)}

    built = build_snapshot(from_entities(shuffled), revision=7, base=None)

    assert built == contoso_snapshot(revision=7)
    assert built.main_number == contoso_snapshot().main_number
    assert list(built.users) == list(contoso_snapshot().users)


def test_an_organisation_needs_no_more_than_a_name(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, MINIMAL)

    assert snapshot.name == "Small"
    assert (snapshot.users, snapshot.credits, snapshot.emergency) == ({}, None, None)


def test_a_call_rings_20_s_and_goes_to_ones_own_voicemail_where_nothing_is_said(
    tmp_path: Path,
) -> None:
    snapshot = edited(tmp_path)

    assert snapshot.users[UserId("dave")].answering == Answering(
        None, unanswered_after_s=20, unanswered_to=ToVoicemail(MailboxId("dave"))
    )
    assert snapshot.mailboxes[MailboxId("dave")].name == "Dave Davis"


@pytest.mark.parametrize("delay_s", [5, 10, 15, 20, 30, 40, 50, 60])
def test_each_answering_delay_is_taken(delay_s: int, tmp_path: Path) -> None:
    snapshot = edited(tmp_path, ("{after_s: 5, to: voicemail}", f"{{after_s: {delay_s}}}"))

    assert snapshot.users[ALICE].answering.unanswered_after_s == delay_s


def test_a_user_may_end_unanswered_calls_and_be_somewhere(tmp_path: Path) -> None:
    snapshot = edited(
        tmp_path,
        ("{after_s: 5, to: voicemail}", "{to: disconnect}"),
        ("  dave:\n", "  dave:\n    location: hq\n"),
        ("    sip: {password: dave-secret}\n", ""),
    )

    assert snapshot.users[ALICE].answering.unanswered_to == Disconnect()
    assert snapshot.users[UserId("dave")].location == "hq"
    assert snapshot.users[UserId("dave")].sip_password is None


def test_mailboxes_have_greetings_and_limits(tmp_path: Path) -> None:
    snapshot = edited(
        tmp_path, ('pin: "1357"', 'pin: "1357", greeting: {say: Talk.}, message_s_max: 60')
    )

    mailbox = snapshot.mailboxes[MailboxId("support")]
    assert (mailbox.greeting, mailbox.message_s_max) == (Say("Talk."), 60)
    assert (mailbox.pin, mailbox.email) == ("1357", "support@contoso.test")


def test_every_setting_of_an_sbc(tmp_path: Path) -> None:
    more = """
        match: address
        enabled: false
        forward_pai: true
        failover: {after_s: 2.5}
        translate:
          outbound_called: [{name: strip, pattern: '^\\+', to: ''}]
          outbound_calling: [{pattern: '^\\+1', to: ''}]
"""
    snapshot = edited(
        tmp_path,
        ("5090\n        transport: udp\n", f"5090\n        transport: tcp{more}"),
        ("send_options: true\n    routes", "send_options: false\n    routes"),
    )

    sbc = snapshot.sbcs[SBC2]
    assert sbc.address == HostPort("127.0.0.1", 5090)
    assert (sbc.transport, sbc.match_any_port, sbc.enabled) == ("tcp", True, False)
    assert (sbc.forward_pai, sbc.send_options) == (True, False)
    assert (sbc.failover_after_s, sbc.failover_codes) == (2.5, (408, 503, 504))
    (rule,) = sbc.outbound_called
    assert (rule.name, rule.pattern.pattern, rule.to) == ("strip", r"^\+", "")
    assert isinstance(sbc.outbound_calling[0], TranslationRule)
    assert snapshot.sbcs[SBC1].match_any_port is False


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ('"[::1]:5080"', HostPort("::1", 5080)),
        ('"[0:0:0:0:0:0:0:1]:5080"', HostPort("::1", 5080)),
        ("192.0.2.10:65535", HostPort("192.0.2.10", 65535)),
    ],
)
def test_addresses_are_compared_as_sockets_show_them(
    written: str, address: HostPort, tmp_path: Path
) -> None:
    assert edited(tmp_path, ("127.0.0.1:5080", written)).sbcs[SBC1].address == address


@pytest.mark.row(133)
def test_an_agent_rings_30_s_where_nothing_is_said(tmp_path: Path) -> None:
    snapshot = edited(tmp_path, ("    alert_s: 15\n    max_waiting: 2\n", ""))

    assert snapshot.queues[SUPPORT].alert_s == 30
    assert snapshot.queues[SUPPORT].max_waiting == 50


@pytest.mark.parametrize(
    ("written", "effective"),
    [(47, 45), (0, 0), (7, 0), (8, 15), (52, 45), (53, 60), (2_700, 2_700)],
)
def test_a_queue_timeout_is_rounded_to_quarters_of_a_minute(
    written: int, effective: int, tmp_path: Path
) -> None:
    snapshot = edited(tmp_path, ("timeout: {after_s: 60", f"timeout: {{after_s: {written}"))

    assert snapshot.queues[SUPPORT].timeout_s == effective


def test_a_queue_without_exceptions_waits_20_minutes_and_hangs_up(tmp_path: Path) -> None:
    snapshot = edited(
        tmp_path,
        (
            "    overflow: {to: disconnect}\n"
            "    timeout: {after_s: 60, to: {voicemail: support}}\n",
            "",
        ),
    )

    queue = snapshot.queues[SUPPORT]
    assert (queue.timeout_s, queue.timeout) == (1_200, ExceptionAction(Disconnect()))
    assert (queue.overflow, queue.no_agents) == (ExceptionAction(Disconnect()), None)
    assert queue.music is Tune.DEFAULT_MUSIC


def test_every_setting_of_a_queue(tmp_path: Path) -> None:
    snapshot = edited(
        tmp_path,
        ("routing: round-robin", "routing: serial\n    language: en-GB\n    presence_based: false"),
        ("overflow: {to: disconnect}", "overflow: {to: {call_queue: sales}, prompt: {say: Full.}}"),
        ("to: {voicemail: support}}", "to: disconnect, prompt: {say: Bye.}}"),
        ("    alert_s: 15\n", "    alert_s: 15\n    no_agents: {to: {user: bob}}\n"),
    )

    queue = snapshot.queues[SUPPORT]
    assert (queue.routing, queue.presence_based) == (RoutingMethod.SERIAL, False)
    assert queue.greeting == Say("Thank you for calling support.", "en-GB")
    assert queue.overflow == ExceptionAction(ToQueue(SALES), Say("Full.", "en-GB"))
    assert queue.timeout == ExceptionAction(Disconnect(), Say("Bye.", "en-GB"))
    assert queue.no_agents == ExceptionAction(ToUser(BOB))


def with_agents(people: int, members: int) -> str:
    """The organisation with so many users, and a queue of some of them and of a group of all."""
    users = "".join(f"  u{n:03d}: {{name: User {n:03d}}}\n" for n in range(members))
    group = ", ".join(f"u{n:03d}" for n in reversed(range(members)))
    agents = ", ".join(f"{{user: u{n:03d}}}" for n in range(people))
    return contoso_text(
        ("  dave:\n", f"{users}  dave:\n"),
        ("groups:\n", f"groups:\n  everybody: {{members: [{group}]}}\n"),
        ("agents: [{user: alice}, {user: bob}]", f"agents: [{agents}, {{group: everybody}}]"),
    )


@pytest.mark.row(145)
def test_a_21st_individual_agent_is_refused_and_a_201st_group_member_does_not_ring(
    tmp_path: Path,
) -> None:
    with pytest.raises(Exception, match="names 21 users, 20 may be; put them into a group"):
        read_text(tmp_path, with_agents(21, 21))

    agents = snapshot_of(tmp_path, with_agents(1, 201)).queues[SALES].agents

    assert agents[0] == "u000"
    assert len(agents) == 200
    assert "u200" not in agents, "the last by name"
    assert list(agents[1:4]) == ["u199", "u198", "u197"], "the others in the group's order"


def test_an_agent_who_is_named_twice_rings_once(tmp_path: Path) -> None:
    snapshot = edited(
        tmp_path, ("{user: alice}, {user: bob}]", "{user: bob}, {group: support-team}]")
    )

    assert snapshot.queues[SALES].agents == (BOB, ALICE)


def test_every_setting_of_an_attendant(tmp_path: Path) -> None:
    snapshot = edited(
        tmp_path,
        ("    operator: {user: alice}\n", "    language: de-DE\n    timezone: Europe/Berlin\n"),
        ("      menu:\n", "      menu:\n        force_listen: true\n        round_wait_s: 2.5\n"),
        ("We are closed.}\n      then: disconnect", "We are closed.}\n      then: operator"),
        ("Happy holidays.}\n        then: disconnect", "Happy holidays.}"),
    )

    reception = snapshot.attendants[RECEPTION]
    assert (reception.language, reception.hours.zone.key) == ("de-DE", "Europe/Berlin")
    assert reception.operator is None
    menu = reception.open.then
    assert isinstance(menu, Menu)
    assert (menu.force_listen, menu.round_wait_s) == (True, 2.5)
    assert reception.closed == CallFlow(Say("We are closed.", "de-DE"), Operator())
    assert reception.holidays[0].flow.then == Disconnect()


def open_hours(folder: Path, hours: str) -> list[str]:
    """The hours of the week in which the attendant is open, as ``Mon 09:00``, by 15 minutes."""
    snapshot = edited(
        folder,
        ("timezone: America/Los_Angeles", "timezone: UTC"),
        ('hours: {mon-fri: ["00:00-24:00"], sat-sun: ["00:00-24:00"]}', f"hours: {hours}"),
    )
    quarters = (MONDAY + timedelta(minutes=15 * n) for n in range(7 * 96))
    week = snapshot.attendants[RECEPTION].hours
    return [f"{at:%a %H:%M}" for at in quarters if is_open(week, at)]


@pytest.mark.row(171)
def test_two_ranges_a_day_leave_lunch_out(tmp_path: Path) -> None:
    found = open_hours(tmp_path, '{tue: ["13:00-13:30", "11:30-12:00"]}')

    assert found == ["Tue 11:30", "Tue 11:45", "Tue 13:00", "Tue 13:15"]


def test_hours_past_midnight_belong_to_the_next_day_too(tmp_path: Path) -> None:
    found = open_hours(tmp_path, '{sun: ["23:30-00:15"]}')

    assert found == ["Mon 00:00", "Sun 23:30", "Sun 23:45"]


def test_days_may_go_over_the_end_of_the_week(tmp_path: Path) -> None:
    found = open_hours(tmp_path, '{sat-mon: ["12:00-12:15"], tue-fri: []}')

    assert found == ["Mon 12:00", "Sat 12:00", "Sun 12:00"]


@pytest.mark.row(174)
@pytest.mark.parametrize("written", ["00:00-24:00", "00:00-00:00"])
def test_midnight_to_midnight_is_the_whole_day(written: str, tmp_path: Path) -> None:
    found = open_hours(tmp_path, f'{{wed: ["{written}"]}}')

    assert len(found) == 96
    assert (found[0], found[-1]) == ("Wed 00:00", "Wed 23:45")


def test_without_hours_an_attendant_is_always_open(tmp_path: Path) -> None:
    snapshot = edited(
        tmp_path, ('    hours: {mon-fri: ["00:00-24:00"], sat-sun: ["00:00-24:00"]}\n', "")
    )

    hours = snapshot.attendants[RECEPTION].hours
    assert all(is_open(hours, MONDAY + timedelta(hours=n)) for n in range(7 * 24))
    assert hours.zone.key == "America/Los_Angeles"


def test_a_sound_is_known_by_its_absolute_path(tmp_path: Path) -> None:
    (tmp_path / "jingle.wav").write_bytes(b"RIFF\0\0\0\0WAVE")
    text = contoso_text(("music: default", "music: {file: jingle.wav}"))

    assert snapshot_of(tmp_path, text).queues[SUPPORT].music == Sound(str(tmp_path / "jingle.wav"))


def test_rates_may_have_increments_and_toll_free_may_be_unpriced(tmp_path: Path) -> None:
    snapshot = edited(
        tmp_path,
        ('{prefix: "+", per_minute: "0.50"}', '{prefix: "+", per_minute: "0.50", increment_s: 1}'),
        ('  toll_free_inbound_per_minute: "0.03"\n', ""),
    )

    assert snapshot.credits is not None
    assert [rate.increment_s for rate in snapshot.credits.rates] == [60, 60, 60, 1]
    assert snapshot.credits.toll_free_inbound is None
