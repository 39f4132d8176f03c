"""The reader as a whole: the contract file, all mistakes at once, limits."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import (
    FILE,
    contoso_text,
    line_of,
    mistakes_in,
    read_text,
)

from callwright.kernel.limits.sounds import AUDIO_FILE_BYTES_MAX
from callwright.operations.organisation_file import OrganisationFileError, read_organisation

EXAMPLES = Path(__file__).parents[2] / "organisation_files"


def test_the_contract_file_is_accepted_as_it_is() -> None:
    organisation = read_organisation(FILE)

    assert organisation.organisation.name == "Contoso"
    assert list(organisation.users) == ["alice", "bob", "carol", "dave", "erin"]


def test_the_guide_quotes_mistakes_as_they_are(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs/reference/organisation-file.md").read_text(
        encoding="utf-8"
    )
    text = contoso_text(
        ('number: "+14255550101"', "number: +14255550101"),
        ("{to: {user: bob}}", "{to: {user: bop}}"),
    )

    mistakes = mistakes_in(tmp_path, text)

    assert len(mistakes) == 2
    for mistake in mistakes:
        assert f"contoso.yaml:{mistake.line}: {mistake.path}: {mistake.text}\n" in guide


def test_all_mistakes_are_named_at_once_one_on_each_line_by_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(EXAMPLES)

    with pytest.raises(OrganisationFileError) as error:
        read_organisation(Path("many_mistakes.yaml"))

    expected = (EXAMPLES / "many_mistakes.txt").read_text(encoding="utf-8")
    assert f"{error.value}\n" == expected


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(OrganisationFileError, match=r"none\.yaml:1: cannot be read: No such file"):
        read_organisation(tmp_path / "none.yaml")
    file = tmp_path / "file.yaml"
    file.touch()
    with pytest.raises(OrganisationFileError, match=r":1: cannot be read: .*; check the path"):
        read_organisation(file / "inside.yaml")


def test_a_file_beyond_the_bound_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "callwright.operations.organisation_file.several.ORGANISATION_FILE_BYTES_MAX", 100
    )

    (mistake,) = mistakes_in(tmp_path, contoso_text())

    assert "larger than 100 bytes" in mistake.text


def test_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    text = "\ufeff" + contoso_text().replace("\n", "\r\n")

    assert read_text(tmp_path, text) == read_organisation(FILE)
    wrong = text.replace("name: Dave Davis", "name: 5")
    (mistake,) = mistakes_in(tmp_path, wrong)
    assert mistake.line == line_of(wrong, "name: 5")


def test_what_follows_from_a_mistake_is_not_another_one(tmp_path: Path) -> None:
    """A refused user is still known, a refused range still holds its numbers."""
    text = contoso_text(
        ("    name: Bob Brown\n", ""),
        ("kind: service,", "kind: servise,"),
        ("  phone-system: 10", '  phone-system: "10"'),
        ("        address: 127.0.0.1:5080\n", ""),
    )

    paths = [mistake.path for mistake in mistakes_in(tmp_path, text)]

    assert paths == [
        "licences.phone-system",
        "users.bob.name",
        "pstn.direct_routing.sbcs.sbc1.address",
        "numbers[1].kind",
    ]


def test_a_misspelt_section_does_not_make_every_reference_to_it_a_mistake(tmp_path: Path) -> None:
    (mistake,) = mistakes_in(tmp_path, contoso_text(("call_queues:", "call_queus:")))

    assert mistake.path == "call_queus"


def test_lines_stay_right_behind_an_entry_that_was_left_out(tmp_path: Path) -> None:
    text = contoso_text(
        ('- {prefix: "+1", per_minute: "0.00"}', '- {prefix: "+1"}'),
        ('prefix: "+4479"', 'prefix: "+44"'),
        ("{name: us-main, pattern: '^", "{name: us-main, pattern: '^("),
        ("usage: international, sbcs: [sbc1]", "usage: international, sbcs: [sbc7]"),
    )

    found = {mistake.path: mistake.line for mistake in mistakes_in(tmp_path, text)}

    assert found == {
        "pstn.direct_routing.routes[0].pattern": line_of(text, "us-main"),
        "pstn.direct_routing.routes[2].sbcs[0]": line_of(text, "sbc7"),
        "credits.rates[0].per_minute": line_of(text, '- {prefix: "+1"}'),
        "credits.rates[2].prefix": line_of(text, 'per_minute: "0.10"'),
    }


def test_no_mistake_shows_a_secret(tmp_path: Path) -> None:
    text = contoso_text(
        ('pin: "2468"', "pin: 987654321"), ('pin: "1357"', 'pin: "9x9x9"'),
        ("password: bob-secret", "password: 31337"),
    )  # fmt: skip

    mistakes = mistakes_in(tmp_path, text)

    assert len(mistakes) == 3
    for secret in ("987654321", "9x9x9", "31337"):
        assert not any(secret in str(mistake) for mistake in mistakes)


def test_a_mistake_stays_a_line_whatever_was_written(tmp_path: Path) -> None:
    text = contoso_text(('"+14255550101"', '"' + "9" * 10_000 + '\\n\\n"'))

    (mistake,) = mistakes_in(tmp_path, text)

    assert "\n" not in str(mistake)
    assert len(mistake.text) < 500


@pytest.mark.row(20)
def test_a_number_with_tel_in_front_is_refused(tmp_path: Path) -> None:
    (mistake,) = mistakes_in(tmp_path, contoso_text(('"+14255550101"', '"tel:+14255550101"')))

    assert 'such as "+14255550101"' in mistake.text


@pytest.mark.row(17)
@pytest.mark.row(18)
def test_calling_plan_numbers_are_for_users_or_for_services(tmp_path: Path) -> None:
    calling_plan = (
        ("0119\", kind: user, source: direct-routing", "0119\", kind: user, source: calling-plan"),
        ("0159\", kind: service, source: direct-routing",
         "0159\", kind: service, source: calling-plan"),
    )  # fmt: skip
    assert mistakes_in(tmp_path, contoso_text(*calling_plan)) == ()

    service_on_user = (('number: "+14255550105"', 'number: "+14255550159"'),)
    (mistake,) = mistakes_in(tmp_path, contoso_text(*calling_plan, *service_on_user))
    assert (mistake.path, "service number" in mistake.text) == ("users.erin.number", True)

    user_on_service = (('number: "+14255550152"', 'number: "+14255550118"'),)
    (mistake,) = mistakes_in(tmp_path, contoso_text(*calling_plan, *user_on_service))
    assert (mistake.path, "user number" in mistake.text) == (
        "resource_accounts.sales-line.number",
        True,
    )


@pytest.mark.row(22)
def test_a_number_of_two_users_is_refused(tmp_path: Path) -> None:
    text = contoso_text(('number: "+14255550105"', 'number: "+14255550103"'))

    (mistake,) = mistakes_in(tmp_path, text)

    assert mistake.path == "users.erin.number"
    assert "belongs to user carol" in mistake.text


def with_accounts(count: int) -> str:
    """The organisation with 600 phone-system seats and so many resource accounts."""
    lines = "".join(
        f"  line-{n}: {{name: Line {n}, answers: {{call_queue: sales}}}}\n"
        for n in range(count - 4)
    )
    return contoso_text(
        ("phone-system: 10", "phone-system: 600"),
        ("resource_accounts:\n", f"resource_accounts:\n{lines}"),
    )


@pytest.mark.row(7)
def test_600_seats_bring_85_free_resource_accounts(tmp_path: Path) -> None:
    assert mistakes_in(tmp_path, with_accounts(85)) == ()

    (mistake,) = mistakes_in(tmp_path, with_accounts(86))

    assert mistake.path == "resource_accounts"
    assert "the free pool of 600 phone-system seats is 85" in mistake.text
    bought = with_accounts(86).replace("licences:\n", "licences:\n  resource-account: 1\n", 1)
    assert mistakes_in(tmp_path, bought) == ()


@pytest.mark.row(122)
def test_a_greeting_has_at_most_1000_characters(tmp_path: Path) -> None:
    def greeting(length: int) -> str:
        return contoso_text(("Thank you for calling support.", "a" * length))

    assert mistakes_in(tmp_path, greeting(1_000)) == ()
    (mistake,) = mistakes_in(tmp_path, greeting(1_001))
    assert mistake.path == "call_queues.support.greeting.say"
    assert "1001 characters; shorten it to 1000" in mistake.text


@pytest.mark.parametrize("alert_s", [15, 180])
def test_alert_times_at_the_bounds_are_accepted(alert_s: int, tmp_path: Path) -> None:
    assert mistakes_in(tmp_path, contoso_text(("alert_s: 15", f"alert_s: {alert_s}"))) == ()


@pytest.mark.row(133)
@pytest.mark.parametrize("alert_s", [14, 181])
def test_alert_times_beyond_the_bounds_are_refused(alert_s: int, tmp_path: Path) -> None:
    (mistake,) = mistakes_in(tmp_path, contoso_text(("alert_s: 15", f"alert_s: {alert_s}")))

    assert "write 15 to 180" in mistake.text


@pytest.mark.row(173)
def test_20_holidays_with_dates_of_their_own(tmp_path: Path) -> None:
    def holidays(count: int, *, more: str = "") -> str:
        entries = "".join(
            f'      - {{name: H{n}, dates: ["2027-01-{n:02d}"]}}\n' for n in range(1, count)
        )
        return contoso_text(("    holidays:\n", f"    holidays:\n{entries}{more}"))

    assert mistakes_in(tmp_path, holidays(20)) == ()
    (mistake,) = mistakes_in(tmp_path, holidays(21))
    assert mistake.path == "auto_attendants.reception.holidays"
    assert "has 21 holidays; write at most 20" in mistake.text
    twice = holidays(5, more='      - {name: Again, dates: ["2027-01-02"]}\n')
    (mistake,) = mistakes_in(tmp_path, twice)
    assert mistake.path == "auto_attendants.reception.holidays[4].dates[0]"
    assert "2027-01-02 is also" in mistake.text


@pytest.mark.row(176)
def test_hours_lie_on_quarters(tmp_path: Path) -> None:
    def opening(at: str) -> str:
        return contoso_text(('mon-fri: ["00:00-24:00"]', f'mon-fri: ["{at}-17:00"]'))

    assert mistakes_in(tmp_path, opening("09:15")) == ()
    (mistake,) = mistakes_in(tmp_path, opening("09:10"))
    assert mistake.path == "auto_attendants.reception.hours.mon-fri[0]"
    assert "not on a quarter of an hour; write 09:15" in mistake.text


@pytest.mark.row(103)
def test_translation_rules_are_bounded(tmp_path: Path) -> None:
    rule = "{pattern: '^(\\d{10})$', to: '+1$1'}"

    def rules(text: str) -> str:
        return contoso_text((f"inbound_called: [{rule}]", f"inbound_called: [{text}]"))

    def named(length: int) -> str:
        return rules(f"{{name: {'n' * length}, pattern: '1', to: ''}}")

    assert mistakes_in(tmp_path, named(100)) == ()
    assert "1 to 100" in mistakes_in(tmp_path, named(101))[0].text

    def pattern(length: int) -> str:
        return rules(f"{{pattern: '{'1' * length}', to: ''}}")

    assert mistakes_in(tmp_path, pattern(1_024)) == ()
    assert "1 to 1024" in mistakes_in(tmp_path, pattern(1_025))[0].text

    # one more stands in inbound_calling
    assert mistakes_in(tmp_path, rules(", ".join([rule] * 399))) == ()
    (mistake,) = mistakes_in(tmp_path, rules(", ".join([rule] * 400)))
    assert "all SBCs to 401; 400 may be" in mistake.text


def test_dial_plans_have_at_most_50_rules(tmp_path: Path) -> None:
    def rules(count: int) -> str:
        line = "    - {name: more, pattern: '^9', to: ''}\n"
        return contoso_text(
            ("dial_plans:\n  default:\n", "dial_plans:\n  default:\n" + line * count)
        )

    assert mistakes_in(tmp_path, rules(48)) == ()
    (mistake,) = mistakes_in(tmp_path, rules(49))
    assert "has 51 rules; write at most 50" in mistake.text


@pytest.mark.row(284)
def test_a_user_who_left_is_named_wherever_something_still_leads_to_them(tmp_path: Path) -> None:
    text = contoso_text()
    begin, end = text.index("  bob:\n"), text.index("  carol:\n")

    mistakes = mistakes_in(tmp_path, text[:begin] + text[end:])

    assert [mistake.path for mistake in mistakes] == [
        "users.carol.answering.forward.to.user",
        "groups.support-team.members[1]",
        "call_queues.sales.agents[1].user",
        "auto_attendants.reception.open.menu.keys.2.user",
    ]
    assert all("there is no user 'bob'" in mistake.text for mistake in mistakes)


def test_sound_files_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    text = contoso_text(("{say: Thank you for calling support.}", "{file: sounds/hello.wav}"))
    sound = tmp_path / "sounds/hello.wav"
    sound.parent.mkdir()

    sound.write_bytes(b"ID3 this is an MP3 file")
    assert "is not taken: a damaged file" in mistakes_in(tmp_path, text)[0].text
    sound.write_bytes(b"RIFF" + bytes(4) + b"WAVE" + bytes(AUDIO_FILE_BYTES_MAX))
    assert f"shorten it to {AUDIO_FILE_BYTES_MAX}" in mistakes_in(tmp_path, text)[0].text
    sound.write_bytes(b"RIFF" + bytes(4) + b"WAVE" + bytes(100))
    organisation = read_text(tmp_path, text)

    assert organisation.call_queues["support"].greeting == {"file": str(sound)}
