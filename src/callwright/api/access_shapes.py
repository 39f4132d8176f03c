"""How accounts, sessions and tokens look in requests and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from callwright.domains.access.account import Account, ApiToken, Session
from callwright.kernel.limits.access import API_TOKEN_S_MAX, PASSWORD_CHARS_MAX
from callwright.kernel.limits.configuration import EMAIL_CHARS_MAX

DAY_S = 86_400
LONGEST = 4 * PASSWORD_CHARS_MAX
"""Of any text in these requests; what is too long is told by the act itself."""
Text = Annotated[str, Field(max_length=LONGEST)]
Name = Annotated[str, Field(max_length=EMAIL_CHARS_MAX)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class SignInBody(Body):
    organisation: Text | None = Field(
        None, description="Its domain; may be left out where there is one."
    )
    name: Name = Field(description="Name or e-mail address of the account.")
    password: Text = Field(repr=False)
    code: Text = Field("", repr=False, description="One-time code or recovery code.")


class LinkBody(Body):
    token: Text = Field(repr=False, description="What stands behind the # of the link.")
    code: Text = Field("", repr=False, description="One-time code or recovery code.")


class AccountBody(Body):
    """Fields that are left out stay as they are; "" empties one."""

    name: Name | None = None
    display_name: Text | None = None
    email: Text | None = None
    user: Text | None = Field(None, description="Key of the directory's user it belongs to.")
    roles: list[Text] | None = Field(None, max_length=100)
    is_enabled: bool | None = None
    password: Text | None = Field(None, repr=False)


class PasswordBody(Body):
    old: Text = Field("", repr=False)
    new: Text = Field(repr=False)


class ConfirmBody(Body):
    password: Text = Field("", repr=False, description="The present one, where there is one.")


class EnrolBody(ConfirmBody):
    secret: Text = Field(repr=False, description="The one that was offered.")
    code: Text = Field(repr=False, description="What the app shows now.")


class TokenBody(Body):
    name: Text = Field(description="What it is for.")
    permissions: list[Text] = Field(max_length=200)
    lasts_days: int = Field(90, ge=1, le=int(API_TOKEN_S_MAX // DAY_S))


class AccountShape(BaseModel):
    id: str
    name: str
    display_name: str
    email: str | None
    user: str | None
    roles: list[str]
    is_enabled: bool
    has_password: bool
    has_second_factor: bool
    made_at: datetime
    signed_in_at: datetime | None

    @classmethod
    def of(cls, account: Account) -> "AccountShape":
        return cls(
            id=account.id,
            name=account.name,
            display_name=account.display_name,
            email=account.email,
            user=account.user,
            roles=list(account.roles),
            is_enabled=account.is_enabled,
            has_password=account.password_hash is not None,
            has_second_factor=account.totp_secret is not None,
            made_at=account.made_at,
            signed_in_at=account.signed_in_at,
        )


class SessionShape(BaseModel):
    method: str
    source: str
    began_at: datetime
    used_at: datetime

    @classmethod
    def of(cls, session: Session) -> "SessionShape":
        return cls(
            method=session.method,
            source=session.source,
            began_at=session.began_at,
            used_at=session.used_at,
        )


class TokenShape(BaseModel):
    id: str
    name: str
    account: str | None
    """Who made it; null: made on the data directory."""
    permissions: list[str]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, token: ApiToken) -> "TokenShape":
        return cls(
            id=token.id,
            name=token.name,
            account=token.account,
            permissions=sorted(token.permissions),
            made_at=token.made_at,
            expires_at=token.expires_at,
            used_at=token.used_at,
            revoked_at=token.revoked_at,
        )


class NewTokenShape(TokenShape):
    token: str
    """Shown now and never again."""


class LinkShape(BaseModel):
    fragment: str
    """What follows ``/sign-in#``; signs in once."""
    expires_in_s: int


class OfferShape(BaseModel):
    secret: str
    uri: str
    """For a QR code."""


class RecoveryShape(BaseModel):
    recovery_codes: list[str]
    """Shown now and never again; each is good once."""


class MeShape(BaseModel):
    kind: str
    name: str
    organisation: str
    permissions: list[str]
    account: AccountShape | None
