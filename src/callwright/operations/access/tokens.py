"""Tokens for programs: shown once, kept as a hash, never worth more than who made them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from callwright.domains.access.account import ApiToken
from callwright.domains.access.credentials import (
    SECRET_BYTES,
    TOKEN_PREFIX,
    fingerprint,
    written,
)
from callwright.domains.access.model import Permission, Principal
from callwright.domains.access.roles import beyond, implied
from callwright.kernel.limits.access import API_TOKEN_S_MAX, API_TOKENS_MAX
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.access.desk import AccessDesk, actor_of
from callwright.operations.access.refusal import AccessRefused


@dataclass(frozen=True, slots=True)
class WantedToken:
    name: str
    """What it is for."""
    permissions: Collection[str]
    lasts_s: float


def make_token(desk: AccessDesk, wanted: WantedToken, *, by: Principal) -> tuple[ApiToken, str]:
    """Returns also the token itself. Raises AccessRefused."""
    name = wanted.name.strip()
    if not name or len(name) > NAME_CHARS_MAX or not name.isprintable():
        raise AccessRefused("bad-name", "name", "is empty or too long; say what it is for")
    if not 0 < wanted.lasts_s <= API_TOKEN_S_MAX:
        days = int(API_TOKEN_S_MAX // 86_400)
        raise AccessRefused("bad-span", "lasts_days", f"is not possible; take 1 to {days} days")
    if by.is_guest:
        text = "is for accounts of this organisation; make one here, and the token with it"
        raise AccessRefused("guest", "", f"a token {text}")
    permissions = _permissions(wanted.permissions, by)
    if desk.tokens.count(desk.utc()) >= API_TOKENS_MAX:
        raise AccessRefused("too-many", "", f"there are {API_TOKENS_MAX} tokens; revoke some")
    secret, now = desk.new_secret(SECRET_BYTES).hex(), desk.utc()
    token = ApiToken(
        id=desk.new_id(),
        hash=fingerprint(secret),
        name=name,
        account=by.account,
        permissions=permissions,
        made_at=now,
        expires_at=now + timedelta(seconds=wanted.lasts_s),
    )
    detail = " ".join(sorted(permissions))
    desk.tokens.add(token, desk.event(actor_of(by), "token.made", name, detail))
    return token, written(TOKEN_PREFIX, desk.organisation, secret)


def revoke_token(desk: AccessDesk, id: str, *, by: Principal) -> None:
    """Raises AccessRefused."""
    event = desk.event(actor_of(by), "token.revoked", id)
    if not desk.tokens.revoke(id, desk.utc(), event):
        raise AccessRefused("not-found", "", f"there is no token {id!r} that holds; see the list")


def _permissions(words: Collection[str], by: Principal) -> frozenset[Permission]:
    known = {permission.value for permission in Permission}
    for word in words:
        if word not in known:
            text = f"{word[:40]!r} is no permission; write such as users:read"
            raise AccessRefused("unknown-permission", "permissions", text)
    if not words:
        raise AccessRefused("required", "permissions", "are needed; name at least one")
    wanted = implied(Permission(word) for word in words)
    excess = beyond(wanted, by.permissions)
    if excess:
        text = f"you may not {excess[0]} yourself; leave it out"
        raise AccessRefused("beyond-own-permissions", "permissions", text)
    return wanted
