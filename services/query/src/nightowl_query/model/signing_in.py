"""Signing in: what is sent, and who one is."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_auth import Role
from nightowl_common.errors import ForbiddenError
from nightowl_query.model.preferences import MyPreferences

SLUG = r"^[a-z][a-z0-9_]{0,40}\Z"
Slug = Annotated[str, msgspec.Meta(pattern=SLUG)]
Username = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}\Z")]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*\Z")]


def is_slug(text: str) -> bool:
    """Whether a tenant could be called so."""
    return re.match(SLUG, text) is not None


class SignInRefusedError(ForbiddenError):
    """Tenant, name or password is wrong, or there were too many attempts; after 15 minutes they are counted anew."""

    code = "sign_in_refused"


class SessionNeededError(ForbiddenError):
    """Only whoever is signed in with a password can do this."""

    code = "session_needed"


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A local admin's name and password."""

    tenant: Slug
    username: Username
    password: Password

    def __repr__(self) -> str:
        return f"SignIn({self.tenant}/{self.username})"


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password that holds, and the one that shall: at least 12 characters, without the user name."""

    current: Password
    new: Password

    def __repr__(self) -> str:
        return "PasswordChange(…)"


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who the caller is. With a session, calls that change something must send `csrf_token` as `X-CSRF-Token`.

    `must_change_password`: until it is changed, nothing else is allowed. `user_id` is null for who is not on call.
    `timezone` is the person's own, on whose clock nights and quiet hours are; null for who is no person. It and
    `preferences` are told by `GET /auth/me`, not in the answer to signing in.
    """

    tenant: str
    name: str
    role: Role
    via: Literal["key", "session", "jwt", "dev"]
    user_id: UUID | None
    must_change_password: bool
    csrf_token: str | None = None
    expires_at: datetime | None = None
    timezone: str | None = None
    preferences: MyPreferences | None = None
