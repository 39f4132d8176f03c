"""What `callwright accounts` and `callwright tokens` do, on the data itself."""

import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from callwright.cli.civil_time import for_people, for_programs, utc_now
from callwright.cli.failures import told
from callwright.cli.organisation import whoever_asks
from callwright.cli.places import Where
from callwright.cli.stored import opened, stored, zone_of
from callwright.cli.tables import print_json, print_table
from callwright.domains.access.account import Account, ApiToken
from callwright.domains.access.model import Principal
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.access import ACCOUNTS_MAX, API_TOKENS_MAX, SIGN_IN_LINK_S
from callwright.operations.access.accounts import Wanted, change_account, make_account
from callwright.operations.access.desk import AccessDesk, local_principal
from callwright.operations.access.hashing import PasswordHashes
from callwright.operations.access.leaving import has_left
from callwright.operations.access.links import first_link, make_link
from callwright.operations.access.owners import OWNER
from callwright.operations.access.refusal import AccessRefused
from callwright.operations.access.second_factor import reset_second_factor
from callwright.operations.access.tokens import WantedToken, make_token, revoke_token
from callwright.operations.configuration import Configuration
from callwright.runtime.identifiers import new_sortable_id
from callwright.storage.accounts import StoredAccounts
from callwright.storage.api_tokens import StoredTokens
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

ACCOUNT_COLUMNS = ("name", "shown as", "roles", "user", "second factor", "signed in", "state")
TOKEN_COLUMNS = ("id", "for", "permissions", "last used", "ends", "state")
DAY_S = 86_400
SIGN_IN_PAGE = "/sign-in#"


def show_accounts(where: Where, *, as_json: bool) -> None:
    with stored(where) as database:
        zone = zone_of(database)
        accounts = StoredAccounts(database).accounts(limit=ACCOUNTS_MAX)
    if as_json:
        print_json([_account_as_json(account) for account in accounts])
        return
    print_table(
        ACCOUNT_COLUMNS,
        (
            (
                account.name,
                account.display_name,
                ", ".join(account.roles) or "-",
                account.user or "-",
                "yes" if account.totp_secret else "no",
                for_people(account.signed_in_at, zone) if account.signed_in_at else "never",
                "" if account.is_enabled else "disabled",
            )
            for account in accounts
        ),
    )


def create(
    where: Where,
    name: str,
    roles: Sequence[str],
    *,
    email: str | None,
    user: str | None,
    url: str,
) -> None:
    with told(AccessRefused), opened(where) as database:
        desk = desk_on(database)
        wanted = Wanted(name=name, roles=roles, email=email, user=user)
        _, entities = StoredConfiguration(database, utc=utc_now).load()
        account = make_account(
            desk, wanted, by=_me(), knows_user=lambda key: ("user", key) in entities
        )
        print(f"made {account.name}")
        _print_link(make_link(desk, account.id, by=_me()), url)


def disable(where: Where, name: str) -> None:
    with _account(where, name) as (desk, account):
        off = Wanted(is_enabled=False)
        change_account(desk, account.id, off, by=_me(), knows_user=lambda key: True)
        print(f"disabled {account.name}")


def link(where: Where, name: str, *, url: str, drops_second_factor: bool) -> None:
    with _account(where, name) as (desk, account):
        if drops_second_factor:
            reset_second_factor(desk, account.id, by=_me())
        _print_link(make_link(desk, account.id, by=_me()), url)


def show_tokens(where: Where, *, as_json: bool) -> None:
    with stored(where) as database:
        zone = zone_of(database)
        tokens = StoredTokens(database).tokens(limit=API_TOKENS_MAX)
    if as_json:
        print_json([_token_as_json(token) for token in tokens])
        return
    now = utc_now()
    print_table(
        TOKEN_COLUMNS,
        (
            (
                token.id,
                token.name,
                ", ".join(sorted(token.permissions)),
                for_people(token.used_at, zone) if token.used_at else "never",
                for_people(token.expires_at, zone),
                "" if token.holds(now) else "revoked" if token.revoked_at else "ended",
            )
            for token in tokens
        ),
    )


def create_token(where: Where, name: str, permissions: Sequence[str], *, days: int) -> None:
    with told(AccessRefused), opened(where) as database:
        wanted = WantedToken(name, permissions, days * DAY_S)
        _, text = make_token(desk_on(database), wanted, by=_me())
        print(text)
        print("keep it now: it is not shown again", file=sys.stderr)


def revoke(where: Where, id: str) -> None:
    with told(AccessRefused), opened(where) as database:
        revoke_token(desk_on(database), id, by=_me())
        print(f"revoked {id}")


def first_sign_in(database: Database, url: str) -> str | None:
    """The link for the owner of a system that nobody ever signed in to; None afterwards."""
    fragment = first_link(desk_on(database), by=_me().name)
    return None if fragment is None else f"{url}{SIGN_IN_PAGE}{fragment}"


def sign_in_again(database: Database, url: str) -> str | None:
    """As ``first_sign_in``, and for the owner account that it once made, as long as it is there."""
    link = first_sign_in(database, url)
    desk = desk_on(database)
    owner = desk.accounts.named(OWNER)
    if link is not None or owner is None or not desk.lets_in(owner):
        return link
    return f"{url}{SIGN_IN_PAGE}{make_link(desk, owner.id, by=_me())}"


def page_address(http: HostPort) -> str:
    """Where a browser on this machine finds the pages."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(http.host, http.host)
    return f"http://{HostPort(host, http.port)}"


def desk_on(database: Database) -> AccessDesk:
    configuration = Configuration(*StoredConfiguration(database, utc=utc_now).load())
    profile = configuration.entities.get(("organisation", "organisation"))
    domain = profile.get("domain") if isinstance(profile, dict) else None
    return AccessDesk(
        organisation=domain if isinstance(domain, str) else "",
        accounts=StoredAccounts(database),
        tokens=StoredTokens(database),
        hashes=PasswordHashes(),
        utc=utc_now,
        new_id=new_sortable_id,
        new_secret=secrets.token_bytes,
        has_left=lambda user: has_left(configuration, user),
    )


@contextmanager
def _account(where: Where, name: str) -> Iterator[tuple[AccessDesk, Account]]:
    with told(AccessRefused), opened(where) as database:
        desk = desk_on(database)
        account = desk.accounts.named(name.strip().lower())
        if account is None:
            text = f"there is no account {name!r}; see `callwright accounts`"
            raise AccessRefused("not-found", "", text)
        yield desk, account


def _print_link(fragment: str, url: str) -> None:
    print(f"sign in: {url}{SIGN_IN_PAGE}{fragment}")
    print(f"it works once, within {int(SIGN_IN_LINK_S // 60)} minutes", file=sys.stderr)


def _me() -> Principal:
    return local_principal(whoever_asks().name)


def _account_as_json(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "display_name": account.display_name,
        "email": account.email,
        "user": account.user,
        "roles": list(account.roles),
        "enabled": account.is_enabled,
        "second_factor": account.totp_secret is not None,
        "signed_in_at": for_programs(account.signed_in_at) if account.signed_in_at else None,
    }


def _token_as_json(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "permissions": sorted(token.permissions),
        "made_at": for_programs(token.made_at),
        "expires_at": for_programs(token.expires_at),
        "used_at": for_programs(token.used_at) if token.used_at else None,
        "revoked_at": for_programs(token.revoked_at) if token.revoked_at else None,
    }
