"""Signing in by password, code and link; what a guesser learns; what other sites can do."""

import base64
import hashlib
import re
import statistics
import time

import pytest
from tests.unit.api.access.access_scene import (
    CONTOSO,
    FABRIKAM,
    LOCAL,
    PASSWORD,
    Scene,
    Visitor,
)

from callwright.domains.access.one_time_codes import STEP_S, code_at, from_text
from callwright.kernel.limits.access import SESSION_IDLE_S, SESSION_S_MAX, SIGN_IN_LINK_S
from callwright.operations.access.accounts import Wanted, change_account
from callwright.operations.access.links import first_link, make_link

ALICE = {"name": "alice", "password": PASSWORD}


def code(answer: object) -> str:
    return str(answer.json()["code"])  # type: ignore[attr-defined]


# -- by password -------------------------------------------------------------------------------


def test_who_signs_in_is_known_until_he_signs_out(scene: Scene) -> None:
    visitor = scene.signed_in("alice", "user-administrator")
    me = visitor.get("/api/v1/me").json()
    assert (me["name"], me["organisation"]) == ("alice", CONTOSO)
    assert "users:write" in me["permissions"]
    kept = visitor.cookies.get("callwright")
    assert visitor.delete("/api/v1/session").status_code == 204
    assert visitor.get("/api/v1/me").status_code == 401
    visitor.cookies.set("callwright", kept or "", domain="pbx.test")
    assert visitor.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("name", ["alice", "ALICE", " alice ", "alice@contoso.test"])
def test_the_name_may_be_typed_as_people_do(scene: Scene, name: str) -> None:
    account = scene.account("alice", "user")
    local = scene.desk()
    wanted = Wanted(email="Alice@Contoso.test")
    change_account(local, account.id, wanted, by=LOCAL, knows_user=lambda key: True)
    assert scene.visitor().sign_in(name).status_code == 200


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(scene: Scene) -> None:
    scene.account("alice", "owner")
    disabled = scene.account("dave", "user")
    off = Wanted(is_enabled=False)
    change_account(scene.desk(), disabled.id, off, by=LOCAL, knows_user=lambda key: True)
    wrong = scene.visitor().sign_in("alice", "wrong")
    unknown = scene.visitor().sign_in("mallory", "wrong")
    off_duty = scene.visitor().sign_in("dave", PASSWORD)
    nowhere = scene.visitor().sign_in("alice", organisation="nowhere.test")
    other = scene.visitor().sign_in("alice", organisation=FABRIKAM)
    answers = [wrong, unknown, off_duty, nowhere, other]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert not any(answer.cookies for answer in answers)


def test_an_unknown_name_takes_as_long_as_a_wrong_password(scene: Scene) -> None:
    """The hash is what takes time; without it an unknown name would take a tenth."""
    scene.account("alice", "user")

    def least_s(name: str) -> float:
        taken = []
        for number in range(5):
            visitor = Visitor(scene.app, {}, source=f"198.51.100.{number}")
            before = time.perf_counter()
            visitor.sign_in(name, "wrong password of somebody")
            taken.append(time.perf_counter() - before)
        return min(taken)

    known, unknown = least_s("alice"), least_s("nobody")
    assert statistics.fmean([known, unknown]) > 0.005
    assert 0.4 < known / unknown < 2.5


def test_a_stolen_cookie_ends_by_time(scene: Scene) -> None:
    visitor = scene.signed_in("alice", "user")
    for _ in range(int(SESSION_S_MAX // SESSION_IDLE_S)):
        scene.clock.pass_s(SESSION_IDLE_S - 1)
        assert visitor.get("/api/v1/me").status_code == 200
    scene.clock.pass_s(SESSION_IDLE_S - 1)
    assert visitor.get("/api/v1/me").status_code == 401
    idle = scene.visitor()
    assert idle.sign_in("alice").status_code == 200
    scene.clock.pass_s(SESSION_IDLE_S + 1)
    assert idle.get("/api/v1/me").status_code == 401


def test_each_sign_in_has_a_secret_of_its_own(scene: Scene) -> None:
    """A cookie that somebody planted before does not become a session (fixation)."""
    scene.account("alice", "user")
    visitor = scene.visitor()
    visitor.cookies.set("callwright", f"cws_{CONTOSO}_planted", domain="pbx.test")
    answer = visitor.sign_in("alice")
    assert answer.status_code == 200
    assert "planted" not in answer.headers["set-cookie"]
    again = scene.visitor().sign_in("alice")
    assert again.headers["set-cookie"] != answer.headers["set-cookie"]


def test_the_cookie_is_kept_from_scripts_and_other_sites(scene: Scene) -> None:
    scene.account("alice", "user")
    plain = scene.visitor().sign_in("alice").headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=strict" in plain
    assert "Path=/" in plain
    assert "Secure" not in plain
    over_tls = scene.visitor()
    over_tls.scheme = "https"
    secure = over_tls.sign_in("alice").headers["set-cookie"]
    assert secure.startswith("__Host-callwright=")
    assert "Secure" in secure
    assert "Domain" not in secure


def test_secrets_are_not_stored_as_they_are(scene: Scene) -> None:
    visitor = scene.signed_in("alice", "owner")
    made = visitor.post("/api/v1/tokens", json={"name": "x", "permissions": ["users:read"]})
    link = make_link(scene.desk(), scene.account("bob", "user").id, by=LOCAL)
    secrets = [visitor.cookies.get("callwright"), made.json()["token"], link]
    parts = [str(text).rpartition("_")[2] for text in (*secrets, PASSWORD)]
    tenant = scene.tenants.first()
    files = [path.read_bytes() for path in tenant.database.data.iterdir() if path.is_file()]
    assert not any(part.encode() in content for part in parts for content in files)


# -- guessing ----------------------------------------------------------------------------------


def test_who_guesses_has_to_wait_longer_and_longer(scene: Scene) -> None:
    scene.account("alice", "user")
    guesser = Visitor(scene.app, {}, source="198.51.100.7")
    for _ in range(3):
        assert guesser.sign_in("alice", "wrong").status_code == 401
    waits = []
    for _ in range(4):
        answer = guesser.sign_in("alice", PASSWORD + "!")
        assert answer.status_code == 429
        assert code(answer) == "wait"
        waits.append(int(answer.headers["retry-after"]))
        scene.clock.pass_s(waits[-1])
        assert guesser.sign_in("alice", "wrong").status_code == 401
    assert waits == sorted(waits)
    assert waits[-1] >= 8
    assert guesser.sign_in("alice", PASSWORD).status_code == 429
    owner = Visitor(scene.app, {}, source="192.0.2.1")
    assert owner.sign_in("alice").status_code == 200


def test_guesses_at_one_organisation_do_not_delay_the_other(scene: Scene) -> None:
    scene.account("alice", "user", domain=FABRIKAM)
    guesser = Visitor(scene.app, {})
    for _ in range(5):
        guesser.sign_in("alice", "wrong", organisation=CONTOSO)
    assert guesser.sign_in("alice", organisation=FABRIKAM).status_code == 200


def test_a_long_password_is_refused_before_it_is_hashed(scene: Scene) -> None:
    answer = scene.visitor().sign_in("alice", "x" * 100_000)
    assert answer.status_code == 422
    assert "xxx" not in answer.text


# -- the second factor -------------------------------------------------------------------------


def enrolled(scene: Scene) -> tuple[bytes, list[str]]:
    visitor = scene.signed_in("alice", "user")
    offer = visitor.post("/api/v1/me/second-factor").json()
    assert offer["uri"].startswith(f"otpauth://totp/{CONTOSO}:alice")
    secret = from_text(offer["secret"])
    body = {"password": PASSWORD, "secret": offer["secret"], "code": current(scene, secret)}
    answer = visitor.put("/api/v1/me/second-factor", json=body)
    assert answer.status_code == 200, answer.text
    return secret, answer.json()["recovery_codes"]


def current(scene: Scene, secret: bytes) -> str:
    return code_at(secret, int(scene.clock.now.timestamp()) // STEP_S)


def test_a_second_factor_is_asked_for_and_its_code_counts_once(scene: Scene) -> None:
    secret, _ = enrolled(scene)
    visitor = scene.visitor()
    assert code(visitor.sign_in("alice")) == "second-factor-needed"
    used = current(scene, secret)
    assert visitor.sign_in("alice", code=used).status_code == 401
    scene.clock.pass_s(STEP_S)
    fresh = current(scene, secret)
    assert visitor.sign_in("alice", code=fresh).status_code == 200
    assert scene.visitor().sign_in("alice", code=fresh).status_code == 401


def test_without_the_password_nobody_learns_of_a_second_factor(scene: Scene) -> None:
    enrolled(scene)
    assert code(scene.visitor().sign_in("alice", "wrong")) == "wrong-credentials"


def test_a_recovery_code_stands_in_for_a_lost_phone_once(scene: Scene) -> None:
    _, recovery = enrolled(scene)
    assert len(recovery) == 10
    assert scene.visitor().sign_in("alice", code=recovery[0].upper()).status_code == 200
    assert scene.visitor().sign_in("alice", code=recovery[0]).status_code == 401
    assert scene.visitor().sign_in("alice", code=recovery[1]).status_code == 200


def test_codes_cannot_be_guessed_fast(scene: Scene) -> None:
    enrolled(scene)
    guesser = Visitor(scene.app, {}, source="198.51.100.7")
    statuses = [guesser.sign_in("alice", code=f"{n:06}").status_code for n in range(6)]
    assert statuses == [401, 401, 401, 429, 429, 429]


def test_a_second_factor_needs_a_fitting_code_and_the_password(scene: Scene) -> None:
    visitor = scene.signed_in("alice", "user")
    secret = visitor.post("/api/v1/me/second-factor").json()["secret"]
    right = current(scene, from_text(secret))
    wrongs = [
        ({"secret": secret, "code": "000000", "password": PASSWORD}, 422, "wrong-code"),
        ({"secret": secret, "code": right, "password": "wrong"}, 403, "wrong-password"),
        ({"secret": "AAAA", "code": right, "password": PASSWORD}, 422, "bad-secret"),
    ]
    for body, status, word in wrongs:
        answer = visitor.put("/api/v1/me/second-factor", json=body)
        assert (answer.status_code, code(answer)) == (status, word)
    assert not visitor.get("/api/v1/me").json()["account"]["has_second_factor"]


def test_an_administrator_takes_the_second_factor_from_who_lost_it(scene: Scene) -> None:
    enrolled(scene)
    admin = scene.signed_in("anna", "administrator")
    alice = next(a for a in admin.get("/api/v1/accounts").json()["items"] if a["name"] == "alice")
    assert admin.delete(f"/api/v1/accounts/{alice['id']}/second-factor").status_code == 204
    assert scene.visitor().sign_in("alice").status_code == 200


# -- links -------------------------------------------------------------------------------------


def test_a_new_system_has_a_link_for_its_owner_and_no_password(scene: Scene) -> None:
    link = first_link(scene.desk(), by="root")
    assert link is not None
    visitor = scene.visitor()
    answer = visitor.post("/api/v1/session/link", json={"token": link})
    assert (answer.status_code, answer.json()["roles"]) == (200, ["owner"])
    assert not answer.json()["has_password"]
    assert scene.visitor().post("/api/v1/session/link", json={"token": link}).status_code == 401
    assert first_link(scene.desk(), by="root") is None


def test_a_link_that_nobody_used_is_made_anew_at_the_next_start(scene: Scene) -> None:
    old, new = first_link(scene.desk(), by="root"), first_link(scene.desk(), by="root")
    assert old != new
    visitor = scene.visitor()
    assert visitor.post("/api/v1/session/link", json={"token": old}).status_code == 401
    assert visitor.post("/api/v1/session/link", json={"token": new}).status_code == 200


def test_a_link_ends_by_time(scene: Scene) -> None:
    link = first_link(scene.desk(), by="root")
    scene.clock.pass_s(SIGN_IN_LINK_S + 1)
    answer = scene.visitor().post("/api/v1/session/link", json={"token": link})
    assert code(answer) == "link-unknown"


def test_a_link_stands_in_for_the_password_and_not_for_the_second_factor(scene: Scene) -> None:
    secret, _ = enrolled(scene)
    alice = scene.desk().accounts.named("alice")
    assert alice is not None
    body = {"token": make_link(scene.desk(), alice.id, by=LOCAL)}
    visitor = scene.visitor()
    assert code(visitor.post("/api/v1/session/link", json=body)) == "second-factor-needed"
    wrong = visitor.post("/api/v1/session/link", json={**body, "code": "000000"})
    assert code(wrong) == "link-unknown"
    scene.clock.pass_s(STEP_S)
    right = {**body, "code": current(scene, secret)}
    assert visitor.post("/api/v1/session/link", json=right).status_code == 200


def test_who_forgot_the_password_sets_another_one_after_a_link(scene: Scene) -> None:
    id = scene.account("alice", "user").id
    visitor = scene.visitor()
    body = {"token": make_link(scene.desk(), id, by=LOCAL)}
    assert visitor.post("/api/v1/session/link", json=body).status_code == 200
    new = {"new": "tall grass, 9 geese"}
    scene.clock.pass_s(SIGN_IN_LINK_S - 1)
    assert visitor.put("/api/v1/me/password", json=new).status_code == 204
    assert scene.visitor().sign_in("alice", new["new"]).status_code == 200
    late = scene.visitor()
    body = {"token": make_link(scene.desk(), id, by=LOCAL)}
    assert late.post("/api/v1/session/link", json=body).status_code == 200
    scene.clock.pass_s(SIGN_IN_LINK_S + 1)
    assert late.put("/api/v1/me/password", json=new).status_code == 403


@pytest.mark.parametrize(
    "token", ["", "x", f"cwl_{CONTOSO}_00", "cwl_nowhere_00", "cwl__", "é" * 9]
)
def test_links_cannot_be_guessed(scene: Scene, token: str) -> None:
    visitor = scene.visitor()
    statuses = [
        visitor.post("/api/v1/session/link", json={"token": token}).status_code for _ in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]


# -- other sites -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 204),
        ({"sec-fetch-site": "cross-site", "origin": "http://pbx.test"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "http://pbx.test"}, 204),
        ({"origin": "http://pbx.test.evil.test"}, 403),
        ({"origin": "http://evil.test/pbx.test"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_only_our_own_pages_change_something_with_the_cookie(
    scene: Scene, headers: dict[str, str], status: int
) -> None:
    visitor = scene.signed_in("alice", "user")
    visitor.headers = headers
    assert visitor.delete("/api/v1/me/sessions").status_code == status


def test_a_page_of_another_site_cannot_sign_its_visitor_in(scene: Scene) -> None:
    scene.account("alice", "user")
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.test"}):
        visitor = Visitor(scene.app, {})
        visitor.headers = headers
        assert visitor.sign_in("alice").status_code == 403
    form = scene.visitor().post(
        "/api/v1/session",
        content='{"name":"alice","password":"' + PASSWORD + '"}',
        headers={"content-type": "text/plain"},
    )
    assert form.status_code in (415, 422)
    assert not form.cookies


def test_no_answer_holds_what_was_typed(scene: Scene) -> None:
    for body in ({"name": "alice", "password": 7}, {**ALICE, "extra": "hunter2-secret"}):
        answer = scene.visitor().post("/api/v1/session", json=body)
        assert answer.status_code == 422
        assert "hunter2" not in answer.text
        assert PASSWORD not in answer.text


def test_a_session_is_not_to_be_cached(scene: Scene) -> None:
    scene.account("alice", "user")
    assert scene.visitor().sign_in("alice").headers["cache-control"] == "no-store"


def test_wrong_words_in_the_cookie_are_no_session(scene: Scene) -> None:
    for value in ("", "x", f"cws_{CONTOSO}_", f"cw_{CONTOSO}_00", "cws_%00_00", "a" * 4_000):
        visitor = scene.visitor()
        visitor.cookies.set("callwright", value, domain="pbx.test")
        answer = visitor.get("/api/v1/me")
        assert answer.status_code == 401
        assert re.search("sign", answer.text)


# -- the page ----------------------------------------------------------------------------------


def test_the_page_lets_no_foreign_script_run_and_no_site_frame_it(scene: Scene) -> None:
    answer = scene.visitor().get("/sign-in")
    policy = answer.headers["content-security-policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", answer.text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "innerHTML" not in script
