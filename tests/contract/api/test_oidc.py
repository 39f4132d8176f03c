"""Signing in at an identity provider over real HTTP, and what a bad one cannot do."""

import socket
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from tests.contract.api.identity_provider import CLIENT, SECRET, IdentityProvider, running
from tests.unit.api.access.access_scene import (
    CONTOSO,
    FABRIKAM,
    LOCAL,
    Scene,
    Visitor,
    close_scene,
    lay_out,
    open_scene,
)

from callwright.api.entrance import install_entrance
from callwright.domains.access.account import Account
from callwright.operations.access.accounts import Wanted, change_account, make_account
from callwright.operations.access.oidc import ProviderTrouble
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit
from callwright.runtime.provider_fetching import ProviderFetcher
from callwright.runtime.webhook_posting import PUBLIC_ONLY, Reach

START = "/api/v1/session/oidc"
HERE = Reach([ip_network("127.0.0.1/32")])


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """On a server that was told that providers may be on this machine."""
    lay_out(tmp_path)
    opened = open_scene(tmp_path, opening=partial(install_entrance, reach=HERE))
    yield opened
    close_scene(opened)


@pytest.fixture
def provider(scene: Scene) -> Iterator[IdentityProvider]:
    """Contoso's; it says that Alice is there, with a verified address."""
    now_s = scene.clock.now.timestamp()
    claims = {"email": "Alice@Contoso.test", "email_verified": True}
    with running(IdentityProvider(now_s, claims)) as serving:
        set_up(scene, serving.issuer)
        yield serving


def set_up(scene: Scene, issuer: str, domain: str = CONTOSO) -> None:
    tenant = scene.tenants.find(domain)
    assert tenant is not None
    folder = tenant.database.data / "secrets"
    folder.mkdir(exist_ok=True)
    (folder / "oidc").write_text(SECRET + "\n")
    oidc = {"issuer": issuer, "client_id": CLIENT, "client_secret": "file:oidc"}
    edit = Edit({("sign_in", "sign_in"): {"oidc": oidc, "url": "http://127.0.0.1:8080"}})
    tenant.administration.change(edit, by=SYSTEM)


def account(scene: Scene, *roles: str) -> Account:
    wanted = Wanted(name="alice", email="alice@contoso.test", roles=roles)
    return make_account(scene.desk(), wanted, by=LOCAL, knows_user=lambda key: True)


def go(visitor: Visitor, provider: IdentityProvider) -> str:
    """To the provider and back: the path that the browser comes back to."""
    answer = visitor.get(START)
    assert answer.status_code == 302, answer.text
    back = httpx.get(answer.headers["location"]).headers["location"]
    assert back.startswith("http://127.0.0.1:8080/api/v1/session/oidc/callback?")
    return back.removeprefix("http://127.0.0.1:8080")


def come_back(visitor: Visitor, path: str) -> httpx.Response:
    """The provider's page begins this request, so it is one from another site."""
    return visitor.get(path, headers={"sec-fetch-site": "cross-site"})


def test_who_has_an_account_is_signed_in(scene: Scene, provider: IdentityProvider) -> None:
    account(scene, "support-engineer")
    visitor = scene.visitor()
    answer = come_back(visitor, go(visitor, provider))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    me = visitor.get("/api/v1/me").json()
    assert (me["name"], me["kind"]) == ("alice", "account")
    assert [each["method"] for each in visitor.get("/api/v1/me/sessions").json()] == ["oidc"]


def test_from_then_on_the_identity_counts_and_not_the_address(
    scene: Scene, provider: IdentityProvider
) -> None:
    account(scene, "user")
    first = scene.visitor()
    assert come_back(first, go(first, provider)).status_code == 303
    provider.claims = {"email": "new@contoso.test", "email_verified": False}
    second = scene.visitor()
    assert come_back(second, go(second, provider)).status_code == 303
    provider.claims = {"sub": "another", "email": "alice@contoso.test", "email_verified": True}
    third = scene.visitor()
    refused = come_back(third, go(third, provider))
    assert (refused.status_code, refused.json()["code"]) == (401, "no-account")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "alice@contoso.test", "email_verified": False},
        {"email": "alice@contoso.test", "email_verified": "true"},
        {"email": "alice@contoso.test"},
        {"email": "bob@contoso.test", "email_verified": True},
        {},
    ],
)
def test_an_address_that_was_not_verified_counts_for_nothing(
    scene: Scene, provider: IdentityProvider, claims: dict[str, object]
) -> None:
    account(scene, "user")
    provider.claims = claims
    visitor = scene.visitor()
    answer = come_back(visitor, go(visitor, provider))
    assert (answer.status_code, answer.json()["code"]) == (401, "no-account")
    assert visitor.get("/api/v1/me").status_code == 401


def test_no_provider_makes_an_owner(scene: Scene, provider: IdentityProvider) -> None:
    """Who may set the provider up may not become more than he is by it."""
    account(scene, "owner")
    visitor = scene.visitor()
    assert come_back(visitor, go(visitor, provider)).json()["code"] == "no-account"


def test_nobody_is_made_by_signing_in(scene: Scene, provider: IdentityProvider) -> None:
    visitor = scene.visitor()
    assert come_back(visitor, go(visitor, provider)).json()["code"] == "no-account"
    assert scene.desk().accounts.count() == 0


def test_a_disabled_account_stays_out(scene: Scene, provider: IdentityProvider) -> None:
    id = account(scene, "user").id
    visitor = scene.visitor()
    assert come_back(visitor, go(visitor, provider)).status_code == 303
    off = Wanted(is_enabled=False)
    change_account(scene.desk(), id, off, by=LOCAL, knows_user=lambda key: True)
    assert visitor.get("/api/v1/me").status_code == 401
    again = scene.visitor()
    assert come_back(again, go(again, provider)).json()["code"] == "no-account"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://evil.test"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    scene: Scene, provider: IdentityProvider, changes: dict[str, object]
) -> None:
    account(scene, "user")
    provider.changes = changes
    visitor = scene.visitor()
    answer = come_back(visitor, go(visitor, provider))
    assert (answer.status_code, answer.json()["code"]) == (401, "provider-trouble")
    assert "evil" not in answer.text
    assert visitor.get("/api/v1/me").status_code == 401


def test_a_token_with_another_key_is_refused(scene: Scene, provider: IdentityProvider) -> None:
    account(scene, "user")
    visitor = scene.visitor()
    path = go(visitor, provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
    assert come_back(visitor, path).json()["code"] == "provider-trouble"


def test_a_provider_may_change_its_key(scene: Scene, provider: IdentityProvider) -> None:
    account(scene, "user")
    first = scene.visitor()
    assert come_back(first, go(first, provider)).status_code == 303
    provider.turn_key()
    scene.clock.pass_s(61)
    provider.now_s = scene.clock.now.timestamp()
    second = scene.visitor()
    assert come_back(second, go(second, provider)).status_code == 303
    assert provider.asked.count("keys") == 2


def test_keys_are_not_fetched_for_each_sign_in(scene: Scene, provider: IdentityProvider) -> None:
    account(scene, "user")
    for _ in range(3):
        visitor = scene.visitor()
        assert come_back(visitor, go(visitor, provider)).status_code == 303
    assert provider.asked == ["discovery", "keys"]


def test_only_the_browser_that_began_can_end_it(scene: Scene, provider: IdentityProvider) -> None:
    """Else a page could sign its visitor in to an account of its own."""
    account(scene, "user")
    attacker, victim = scene.visitor(), scene.visitor()
    path = go(attacker, provider)
    assert come_back(victim, path).json()["code"] == "sign-in-unknown"
    go(victim, provider)
    assert come_back(victim, path).json()["code"] == "sign-in-unknown"
    assert victim.get("/api/v1/me").status_code == 401


def test_a_code_counts_once(scene: Scene, provider: IdentityProvider) -> None:
    account(scene, "user")
    visitor = scene.visitor()
    path = go(visitor, provider)
    kept = httpx.Cookies(visitor.cookies)
    assert come_back(visitor, path).status_code == 303
    thief = scene.visitor()
    thief.cookies = kept
    assert come_back(thief, path).status_code == 401


@pytest.mark.parametrize("value", ["", "x", "x.y", "eyJ9.00", "é.é"])
def test_a_forged_cookie_is_nothing(scene: Scene, provider: IdentityProvider, value: str) -> None:
    visitor = scene.visitor()
    header = {"cookie": f"callwright-sign-in={value}".encode()}
    answer = visitor.get(START + "/callback?code=1&state=1", headers=header)
    assert answer.json()["code"] == "sign-in-unknown"


def test_an_answer_of_another_provider_is_refused(scene: Scene, provider: IdentityProvider) -> None:
    """The mix-up attack (RFC 9207)."""
    account(scene, "user")
    visitor = scene.visitor()
    path = go(visitor, provider)
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    for issuer in ("https://evil.test", None):
        changed = {**query, "iss": issuer} if issuer else {k: query[k] for k in ("code", "state")}
        url = httpx.URL(urlsplit(path).path, params=changed)
        assert come_back(visitor, str(url)).json()["code"] == "provider-trouble"


def test_who_is_refused_there_is_not_let_in_here(scene: Scene, provider: IdentityProvider) -> None:
    account(scene, "user")
    provider.refuses = True
    visitor = scene.visitor()
    assert come_back(visitor, go(visitor, provider)).json()["code"] == "provider-refused"


@pytest.mark.parametrize(
    "documents",
    [
        {"issuer": "https://evil.test"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"token_endpoint": "https://user@evil.test/"},
    ],
)
def test_a_strange_discovery_document_is_not_used(
    scene: Scene, provider: IdentityProvider, documents: dict[str, object]
) -> None:
    provider.documents = documents
    answer = scene.visitor().get(START)
    assert (answer.status_code, answer.json()["code"]) == (401, "provider-trouble")


def test_a_provider_that_is_away_is_told_in_plain_words(scene: Scene) -> None:
    set_up(scene, "http://127.0.0.1:9")
    answer = scene.visitor().get(START)
    assert answer.json()["code"] == "provider-trouble"
    assert "127.0.0.1:9" not in answer.text


def test_each_organisation_has_its_own_provider(scene: Scene, provider: IdentityProvider) -> None:
    account(scene, "user")
    nobody = scene.visitor().get(f"{START}?organisation={FABRIKAM}")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "no-provider")
    assert scene.visitor().get(f"{START}?organisation={CONTOSO}").status_code == 302


def test_only_the_first_organisation_may_name_variables(
    scene: Scene, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWRIGHT_OIDC_SECRET", SECRET)
    oidc = {
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": "env:CALLWRIGHT_OIDC_SECRET",
    }
    sign_in = {"oidc": oidc, "url": "http://127.0.0.1:8080"}
    for tenant in scene.tenants.all():
        tenant.administration.change(Edit({("sign_in", "sign_in"): sign_in}), by=SYSTEM)
    account(scene, "user")
    visitor = scene.visitor()
    assert come_back(visitor, go(visitor, provider)).status_code == 303
    other = scene.visitor()
    answer = other.get(f"{START}?organisation={FABRIKAM}")
    back = httpx.get(answer.headers["location"]).headers["location"]
    refused = come_back(other, back.removeprefix("http://127.0.0.1:8080"))
    assert refused.json()["code"] == "provider-trouble"
    assert provider.grants, "the code was not even redeemed"


# -- where providers may be ------------------------------------------------------------------------


def test_a_provider_on_a_private_network_is_not_asked_unless_the_operator_says_so(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    """Who sets a provider up could have this machine ask its neighbours."""
    lay_out(tmp_path / "other")
    scene = open_scene(tmp_path / "other")
    set_up(scene, provider.issuer)
    answer = scene.visitor().get(START)
    close_scene(scene)
    assert (answer.status_code, answer.json()["code"]) == (401, "provider-trouble")
    assert provider.asked == []


@pytest.mark.parametrize("place", ["127.0.0.2", "[::ffff:127.0.0.2]"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_other_place_that_a_provider_names_is_asked(place: str, method: str) -> None:
    with closing(socket.create_server(("127.0.0.2", 0))) as neighbour:
        neighbour.setblocking(False)
        url = f"http://{place}:{neighbour.getsockname()[1]}/keys"
        fetcher = ProviderFetcher(HERE)
        with pytest.raises(ProviderTrouble, match="which is no public address; allow it with"):
            fetcher.get(url) if method == "get" else fetcher.post(url, {})
        with pytest.raises(BlockingIOError):
            neighbour.accept()


@pytest.mark.parametrize("host", ["localhost", "10.0.0.1", "169.254.169.254", "[fd00::1]"])
def test_names_and_numbers_of_the_inside_are_alike(host: str) -> None:
    with pytest.raises(ProviderTrouble, match="no public address"):
        ProviderFetcher(PUBLIC_ONLY).get(f"https://{host}/.well-known/openid-configuration")


def test_no_redirection_is_followed(scene: Scene, provider: IdentityProvider) -> None:
    provider.moved_to = f"{provider.issuer}/keys"
    answer = scene.visitor().get(START)
    assert (answer.status_code, answer.json()["code"]) == (401, "provider-trouble")
    assert provider.asked == ["discovery"]
