"""Roles, passwords, one-time codes, lock-out, delegation: the rules without anything around."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.access.delegation import (
    FIELDS,
    Delegated,
    Flag,
    changed_fields,
    may_change,
)
from callwright.domains.access.lockout import Lockout, Scope, delay_s
from callwright.domains.access.model import Permission
from callwright.domains.access.one_time_codes import (
    code_at,
    provisioning_uri,
    recovery_code,
    recovery_plain,
    step_of,
)
from callwright.domains.access.passwords import objection
from callwright.domains.access.roles import ROLES, beyond, implied, permissions_of
from callwright.domains.policies.model import VOICE_APPLICATION_FLAGS
from callwright.kernel.ids import UserId
from callwright.kernel.limits.access import SIGN_IN_FAILURES_KEPT_MAX

RECEPTION = Delegated("auto-attendant", "reception", frozenset({UserId("alice")}))
SUPPORT = Delegated("call-queue", "support", frozenset({UserId("alice")}))
RFC_SECRET = b"12345678901234567890"


# -- roles -------------------------------------------------------------------------------------


def test_who_may_write_may_read_and_only_owners_run_the_system() -> None:
    for role in ROLES.values():
        assert role.permissions == implied(role.permissions)
    holders = {key for key, role in ROLES.items() if Permission.SYSTEM_WRITE in role.permissions}
    assert holders == {"owner"}


def test_voice_roles_cannot_make_people_or_accounts() -> None:
    voice = permissions_of(["telephony-administrator", "communications-administrator"])
    assert Permission.SERVICES_WRITE in voice
    assert not voice & {Permission.USERS_WRITE, Permission.ACCESS_READ, Permission.ACCESS_WRITE}
    assert Permission.USERS_WRITE in permissions_of(["user-administrator"])


def test_a_specialist_may_search_and_not_list_calls() -> None:
    may = permissions_of(["support-specialist"])
    assert Permission.CALLS_SEARCH in may
    assert Permission.CALLS_READ not in may
    assert Permission.CALLS_SEARCH in permissions_of(["support-engineer"])


def test_an_unknown_role_grants_nothing() -> None:
    assert permissions_of(["emperor"]) == frozenset()


def test_nobody_gives_what_he_does_not_have() -> None:
    held = permissions_of(["user-administrator"])
    assert beyond([Permission.USERS_READ], held) == ()
    assert beyond([Permission.PSTN_WRITE], held) == (Permission.PSTN_READ, Permission.PSTN_WRITE)


# -- passwords ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "sign"),
    [
        ("short-words", "at least 12"),
        ("x" * 300, "at most 256"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("alice.adams@contoso", "made of your name"),
        ("Contoso-Alice-2024", "made of your name"),
        ("AliceAdamsAlice", "made of your name"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_not_taken(password: str, sign: str) -> None:
    assert sign in (objection(password, ["alice", "alice.adams@contoso.test", "Contoso"]) or "")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "tiefes wasser, 12 Fische", "ж" * 6 + "птицалета"]
)
def test_long_passwords_need_no_capitals_or_digits(password: str) -> None:
    assert objection(password, ["alice", "Contoso"]) is None


# -- one-time codes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now_s", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(now_s: int, code: str) -> None:
    """RFC 6238 appendix B, the last six of its eight digits."""
    assert code_at(RFC_SECRET, now_s // 30) == code
    assert step_of(code, RFC_SECRET, now_s=now_s, last_step=0) == now_s // 30


def test_a_code_counts_once_and_for_a_minute() -> None:
    code = code_at(RFC_SECRET, 100)
    assert step_of(code, RFC_SECRET, now_s=100 * 30 + 31, last_step=0) == 100
    assert step_of(code, RFC_SECRET, now_s=100 * 30 + 61, last_step=0) is None
    assert step_of(code, RFC_SECRET, now_s=100 * 30, last_step=100) is None
    assert step_of("000 000x", RFC_SECRET, now_s=100 * 30, last_step=0) is None
    assert step_of("¹²³４５６", RFC_SECRET, now_s=100 * 30, last_step=0) is None


def test_an_app_reads_the_secret_from_the_uri() -> None:
    uri = provisioning_uri(RFC_SECRET, account="alice", issuer="Contoso: Ltd")
    assert uri.startswith("otpauth://totp/Contoso%3A%20Ltd:alice?secret=")
    assert base64.b32encode(RFC_SECRET).decode() in uri


def test_a_recovery_code_may_be_typed_without_its_dashes() -> None:
    code = recovery_code(bytes(range(10)))
    assert len(code) == 19
    assert recovery_plain(code.upper().replace("-", " ")) == recovery_plain(code)


# -- lock-out ----------------------------------------------------------------------------------


def test_the_delay_grows_and_has_an_end() -> None:
    assert [delay_s(n, Scope.PAIR) for n in (1, 2, 3, 4, 5)] == [0, 0, 1, 2, 4]
    assert delay_s(10_000, Scope.PAIR) == Scope.PAIR.delay_s_max


def test_one_source_waits_and_the_owner_elsewhere_does_not() -> None:
    lockout = Lockout()
    for _ in range(8):
        lockout.failed("203.0.113.5", "alice", 0.0)
    assert lockout.wait_s("203.0.113.5", "alice", 0.0) == 32
    assert lockout.wait_s("198.51.100.1", "alice", 0.0) == 0
    assert lockout.wait_s("203.0.113.5", "alice", 33.0) == 0


def test_a_source_that_tries_many_names_waits_for_all_of_them() -> None:
    lockout = Lockout()
    for number in range(12):
        lockout.failed("203.0.113.5", f"name{number}", 0.0)
    assert lockout.wait_s("203.0.113.5", "alice", 0.0) == 4


def test_a_name_tried_from_everywhere_waits_shortly_but_not_where_it_is_known() -> None:
    lockout = Lockout()
    lockout.succeeded("198.51.100.1", "alice")
    for number in range(200):
        lockout.failed(f"203.0.113.{number}", "alice", 0.0)
    assert lockout.wait_s("192.0.2.9", "alice", 0.0) == 30
    assert lockout.wait_s("198.51.100.1", "alice", 0.0) == 0


def test_success_forgives_the_pair_and_not_the_source() -> None:
    lockout = Lockout()
    for _ in range(12):
        lockout.failed("203.0.113.5", "alice", 0.0)
    lockout.succeeded("203.0.113.5", "alice")
    assert lockout.wait_s("203.0.113.5", "alice", 0.0) == 4
    assert lockout.wait_s("203.0.113.5", "alice", 90_000.0) == 0


def test_a_flood_of_names_is_forgotten_and_takes_no_memory() -> None:
    lockout = Lockout()
    for number in range(SIGN_IN_FAILURES_KEPT_MAX):
        lockout.failed(f"source{number}", f"name{number}", 0.0)
    assert len(lockout._failures) == SIGN_IN_FAILURES_KEPT_MAX


# -- delegation --------------------------------------------------------------------------------


@pytest.mark.row(278)
@pytest.mark.parametrize(
    ("user", "flags", "may", "sign"),
    [
        ("alice", {Flag.ATTENDANT_BUSINESS_GREETING}, True, "allows"),
        ("alice", set(), False, "leaves attendant_business_greeting off"),
        ("bob", {Flag.ATTENDANT_BUSINESS_GREETING}, False, "not in its list authorised"),
        ("bob", set(), False, "not in its list authorised"),
    ],
)
def test_an_authorised_user_needs_the_listing_and_the_flag(
    user: str, flags: set[Flag], may: bool, sign: str
) -> None:
    decision = may_change([("open", "greeting", "say")], RECEPTION, UserId(user), flags)
    assert decision.value is may
    assert sign in decision.steps[-1].because


def test_one_field_that_is_not_allowed_refuses_all() -> None:
    fields = [("greeting", "say"), ("agents", "*", "user")]
    assert not may_change(fields, SUPPORT, UserId("alice"), {Flag.QUEUE_WELCOME_GREETING}).value
    both = {Flag.QUEUE_WELCOME_GREETING, Flag.QUEUE_MEMBERSHIP}
    assert may_change(fields, SUPPORT, UserId("alice"), both).value


def test_agents_outside_take_a_role_for_they_are_called_at_the_organisations_expense() -> None:
    before = {"agents": [{"user": "alice"}]}
    for agents in ([{"external": "+882123456789"}], [*before["agents"], {"external": "+882123"}]):
        fields = changed_fields(before, {"agents": agents})
        decision = may_change(fields, SUPPORT, UserId("alice"), set(Flag))
        assert not decision.value
        assert "services:write" in decision.steps[-1].because


@pytest.mark.parametrize("field", [("authorised",), ("operator",), ("language",), ("name",), ()])
def test_what_no_flag_is_for_takes_a_role(field: tuple[str, ...]) -> None:
    decision = may_change([field], RECEPTION, UserId("alice"), set(Flag))
    assert not decision.value
    assert "services:write" in decision.steps[-1].because


def test_a_holiday_that_is_added_counts_with_all_that_is_in_it() -> None:
    before = {"open": {"greeting": {"say": "Hello."}}}
    holiday = {
        "name": "X",
        "dates": ["2026-12-25"],
        "greeting": {"say": "Closed."},
        "then": "disconnect",
    }
    fields = changed_fields(before, before | {"holidays": [holiday]})
    flags = {Flag.ATTENDANT_HOLIDAYS}
    assert not may_change(fields, RECEPTION, UserId("alice"), flags).value
    flags |= {Flag.ATTENDANT_HOLIDAY_GREETING, Flag.ATTENDANT_HOLIDAY_ROUTING}
    assert may_change(fields, RECEPTION, UserId("alice"), flags).value


def test_a_redirection_cannot_be_smuggled_in_with_a_greeting() -> None:
    after = {"overflow": {"to": {"user": "mallory"}, "prompt": {"say": "Wait."}}}
    fields = changed_fields({}, after)
    assert not may_change(fields, SUPPORT, UserId("alice"), {Flag.QUEUE_OVERFLOW_GREETING}).value


settings = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=8,
)


@given(settings, settings)
def test_every_difference_is_seen(before: object, after: object) -> None:
    assert (changed_fields(before, after) == ()) is (before == after)


def test_the_flags_are_those_that_a_policy_may_name() -> None:
    assert [flag.value for flag in Flag] == list(VOICE_APPLICATION_FLAGS)


def test_every_flag_allows_some_field_but_that_of_the_agents_opting() -> None:
    """That one allows an act (``api.agents``)."""
    used = {flag for fields in FIELDS.values() for flag in fields.values()}
    assert set(Flag) - used == {Flag.QUEUE_AGENT_OPT}
