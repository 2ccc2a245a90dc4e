"""The API keys of demo tenants. Anybody can know them, and so a tenant that has one is a demo tenant."""

from nightowl_cli.seed import DEV_KEY, TENANT

ADMIN = "admin"


def demo_key(tenant: str, handle: str) -> str:
    """The key of a person of the play, by their handle; `ADMIN` is nobody's and may everything."""
    if (tenant, handle) == (TENANT, ADMIN):
        return DEV_KEY
    return f"ow_{handle}_of_{tenant}_demo_key_do_not_use_in_production"
