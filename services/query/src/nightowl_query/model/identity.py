"""People and keys as they are written: bodies, answers, and what can go wrong."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_auth import Role, Scope
from nightowl_common.errors import ConflictError, ForbiddenError
from nightowl_query.model.intake import ApiKey
from nightowl_query.model.people import User

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\Z")]
Email = Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\Z", examples=["a@example.com"])]
ZoneName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9+/_-]+\Z")]
Phone = Annotated[
    str, msgspec.Meta(pattern=r"^\+[1-9][0-9]{6,14}\Z", description="E.164.", examples=["+4915550000001"])
]
SlackId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Z0-9]+\Z")]
ExternalId = Annotated[str, msgspec.Meta(min_length=1, max_length=512, pattern=r"^[^\x00-\x1f]+\Z")]
Description = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f]*\Z")]
Preferences = dict[str, object]

MAX_PREFERENCES_BYTES = 16 * 1024
ADMIN_ONLY = ("email", "role", "external_id")
"""What decides who somebody is and what they may."""


class EmailTakenError(ConflictError):
    """Another person has this address."""

    code = "email_taken"


class ExternalIdTakenError(ConflictError):
    """Another person has this external id."""

    code = "external_id_taken"


class LastAdminError(ConflictError):
    """Nobody else is an active admin; make another one first."""

    code = "last_admin"


class AdminOnlyError(ForbiddenError):
    """Only an admin may change this."""

    code = "admin_only"


class AboveYouError(ForbiddenError):
    """This has a higher role than yours."""

    code = "above_you"


class PersonNeededError(ForbiddenError):
    """This is a person's, and the caller is none."""

    code = "person_needed"


class UserDetail(User, frozen=True, kw_only=True):
    """A person, with what the front end remembers for them. `revision` is the ETag."""

    preferences: Preferences


class UserNew(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who joins. `external_id` is `<issuer>#<subject>` of OpenID Connect, or a SCIM id."""

    email: Email
    display_name: Name
    timezone: ZoneName = "UTC"
    phone: Phone | None = None
    slack_user_id: SlackId | None = None
    role: Role = "engineer"
    external_id: ExternalId | None = None
    preferences: Preferences = {}


class UserChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; a field that is left out stays. `preferences` are replaced as a whole."""

    email: Email | msgspec.UnsetType = msgspec.UNSET
    display_name: Name | msgspec.UnsetType = msgspec.UNSET
    timezone: ZoneName | msgspec.UnsetType = msgspec.UNSET
    phone: Phone | msgspec.UnsetType | None = msgspec.UNSET
    slack_user_id: SlackId | msgspec.UnsetType | None = msgspec.UNSET
    role: Role | msgspec.UnsetType = msgspec.UNSET
    external_id: ExternalId | msgspec.UnsetType | None = msgspec.UNSET
    preferences: Preferences | msgspec.UnsetType = msgspec.UNSET


class UsedBy(msgspec.Struct, frozen=True, kw_only=True):
    """What still counts on a person: `member`, `override` and `pin` of a roster, or `policy` that names them."""

    kind: Literal["member", "override", "pin", "policy"]
    id: UUID
    name: str


class Deactivation(msgspec.Struct, frozen=True, kw_only=True):
    """The person is asked for nothing any more. `used_by` goes on without them: look whether others are left."""

    user: UserDetail
    revoked_keys: int
    revoked_feeds: int
    ended_sessions: int
    used_by: list[UsedBy]


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made. `scope` `ingest`: it may post webhooks and beats and nothing else, and needs no role.

    With `user_id` it is that person's: what is done with it is told as theirs, and it dies with their account.
    """

    description: Description
    role: Role | None = None
    scope: Scope = "full"
    user_id: UUID | None = None
    expires_at: datetime | None = None


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A personal token to be made; without a role it may all that its person may."""

    description: Description
    role: Role | None = None
    expires_at: datetime | None = None


class CreatedKey(ApiKey, frozen=True, kw_only=True):
    """A new key. `key` is shown this once."""

    key: str

    def __repr__(self) -> str:
        return f"CreatedKey({self.prefix}…)"
