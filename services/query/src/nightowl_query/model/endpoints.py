"""Endpoints: addresses outside that pages are posted to. An address and a secret go in, and never come out again."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_common.errors import ConflictError, NotFoundError
from nightowl_query.model.base import Page

EndpointKind = Literal["webhook", "mattermost", "teams"]
EndpointName = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*\Z")]
EndpointUrl = Annotated[str, msgspec.Meta(max_length=2_000, pattern=r"^https?://[^\s\x00@/?#]+([/?#][^\s\x00]*)?\Z")]


class EndpointNotFoundError(NotFoundError):
    """There is no such endpoint."""

    code = "endpoint_not_found"


class EndpointNameTakenError(ConflictError):
    """Another endpoint has this name."""

    code = "endpoint_name_taken"


class EndpointInUseError(ConflictError):
    """An escalation policy pages it, or a webhook subscription posts to it; take it out of there first."""

    code = "endpoint_in_use"


class NewEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`url` is `https` and public, unless the operator has listed its host; that is checked when a page goes out."""

    name: EndpointName
    kind: EndpointKind
    url: EndpointUrl


class EndpointChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `url`, the stored one stays: nobody can read it to send it back."""

    name: EndpointName
    url: EndpointUrl | None = None


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`origin` is the address without its path, which is often a password. A tier names it as `endpoint:<id>`."""

    id: UUID
    name: str
    kind: str
    origin: str
    revision: int
    created_at: datetime
    updated_at: datetime


class EndpointPage(Page, frozen=True, kw_only=True):
    """Endpoints, newest first."""

    items: list[Endpoint]


class MadeEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` signs what goes to a webhook, and is shown this once; null for the other kinds."""

    endpoint: Endpoint
    secret: str | None


class EndpointSecret(msgspec.Struct, frozen=True, kw_only=True):
    """The new secret, shown this once. The old one signs nothing any more."""

    secret: str


class EndpointRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """It is gone."""

    outcome: Literal["deleted"] = "deleted"
