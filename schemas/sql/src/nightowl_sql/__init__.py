"""The database's schemas, and the only code that changes them.

`global/` builds `public`, `tenant/` builds one tenant's schema. Migrations go forward only and are
named `NNNN_<pre|post>_<what>.sql`: `pre` runs before new code rolls out and must leave old code
working, `post` runs when the old code is gone.
"""

from nightowl_sql.migrations import Migration, MigrationError, Phase, load_migrations
from nightowl_sql.naming import TenantError, schema_of
from nightowl_sql.runner import Report, Step, migrate, missing_migrations, outgrown_by, pending
from nightowl_sql.shadow import is_shadow, make_shadow, set_clock
from nightowl_sql.tenants import TenantExistsError, TenantNotSuspendedError, create_tenant, drop_tenant, list_tenants

__all__ = [
    "Migration",
    "MigrationError",
    "Phase",
    "Report",
    "Step",
    "TenantError",
    "TenantExistsError",
    "TenantNotSuspendedError",
    "create_tenant",
    "drop_tenant",
    "is_shadow",
    "list_tenants",
    "load_migrations",
    "make_shadow",
    "migrate",
    "missing_migrations",
    "outgrown_by",
    "pending",
    "schema_of",
    "set_clock",
]
