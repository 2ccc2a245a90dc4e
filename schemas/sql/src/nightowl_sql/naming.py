"""The one place where a tenant's slug becomes a schema name."""

import re

_SLUG = re.compile(r"^[a-z][a-z0-9_]{0,40}$")


class TenantError(ValueError):
    """A slug is a lower-case letter followed by at most 40 lower-case letters, digits and underscores."""


def schema_of(slug: str) -> str:
    """The schema of a tenant, safe to be put between double quotes.

    Raises:
        TenantError: not a slug. No other name ever reaches an SQL text.
    """
    if not _SLUG.fullmatch(slug):
        raise TenantError(TenantError.__doc__)
    return f"tenant_{slug}"
