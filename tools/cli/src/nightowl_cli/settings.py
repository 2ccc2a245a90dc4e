"""What the operator's commands read from the environment."""

from typing import Annotated

import msgspec

from nightowl_common.settings import Secret, documented, environment_name


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=environment_name):
    """Where the database and the broker are."""

    database_url: Annotated[str, documented("Postgres.")] = msgspec.field(name="DATABASE_URL")
    nats_url: Annotated[str, documented("NATS with JetStream.")] = msgspec.field(name="NATS_URL")


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True, rename=environment_name):
    """Where the database is."""

    database_url: Annotated[str, documented("Postgres.")] = msgspec.field(name="DATABASE_URL")


class ExternalServers(msgspec.Struct, frozen=True, kw_only=True, rename=environment_name):
    """Servers that `up` uses instead of embedded ones: all three or none."""

    database_url: Annotated[str, documented("Postgres.")] = msgspec.field(name="DATABASE_URL", default="")
    nats_url: Annotated[str, documented("NATS with JetStream.")] = msgspec.field(name="NATS_URL", default="")
    redis_url: Annotated[str, documented("Redis.")] = msgspec.field(name="REDIS_URL", default="")


class FrontSettings(msgspec.Struct, frozen=True, kw_only=True, rename=environment_name):
    """What stands before the front door of `up`, and what is shown behind it."""

    trusted_proxies: Annotated[int, msgspec.Meta(ge=0, le=9, description="Proxies before the front door.")] = 0
    web_dir: Annotated[str, documented("A built front end; without it `up` builds the one of this checkout.")] = ""


class MasterKeySettings(msgspec.Struct, frozen=True, kw_only=True, rename=environment_name):
    """What tenants' credentials are sealed under."""

    master_keys: Annotated[Secret, documented("`id:key,id:key`; the first seals, all open.")]


class CanarySettings(msgspec.Struct, frozen=True, kw_only=True, rename=environment_name):
    """What the canary sends with."""

    canary_key: Annotated[Secret, documented("An API key of your own choice; the notifier has the same.")]


class ExportSettings(msgspec.Struct, frozen=True, kw_only=True, rename=environment_name):
    """What exported tenants are signed with."""

    export_key: Annotated[Secret, documented("32 characters or more; the same where it is imported.")]
