"""Tenants as those see them who run the installation: that they are there, and what they may. Nothing inside."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from nightowl_auth import TenantLimits
from nightowl_common.errors import ConflictError
from nightowl_query.model.base import Page

Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,40}\Z")]
PerMinute = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]


class SlugTakenError(ConflictError):
    """There is a tenant of that slug already."""

    code = "slug_taken"


class NewTenant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant to make. The slug stays for ever; the name is for people, and the slug where it is left out."""

    slug: Slug
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]+\Z")] | None = None


class LimitsContent(TenantLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tenant may per minute, and a key of it. Null: as the installation says; 0: as often as it likes."""

    alerts_per_minute: PerMinute | None = None
    key_alerts_per_minute: PerMinute | None = None
    calls_per_minute: PerMinute | None = None
    key_calls_per_minute: PerMinute | None = None


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant. `limits` are its own, where they differ from the installation's."""

    slug: str
    name: str
    status: Literal["active", "suspended"]
    created_at: datetime
    limits: TenantLimits


class TenantPage(Page, frozen=True, kw_only=True):
    """Tenants, by slug."""

    items: list[Tenant]


class CreatedTenant(msgspec.Struct, frozen=True, kw_only=True):
    """A new tenant with its first key and its first local admin. Key and password are shown this once.

    The password opens nothing but its own change.
    """

    tenant: Tenant
    key: str
    username: str
    password: str
