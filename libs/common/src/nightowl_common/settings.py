"""Settings come from the environment, once, into one frozen Struct per service.

A field is read from `NIGHTOWL_<FIELD>`, or from the name that its `msgspec.field(name=…)` gives.
Nobody else reads the environment. `docs/reference/settings.md` is generated from the Structs.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec

from nightowl_common.errors import PermanentError


class SettingsError(PermanentError):
    """A setting is missing or wrong."""

    code = "settings"


def environment_name(field: str) -> str:
    """`log_level` → `NIGHTOWL_LOG_LEVEL`."""
    return f"NIGHTOWL_{field.upper()}"


def documented(description: str) -> msgspec.Meta:
    """A setting's line in the reference; say the unit."""
    return msgspec.Meta(description=description)


class Secret:
    """A value that cannot be printed by accident; `reveal()` where it is handed to its user.

    A plain class: msgspec would read a Struct from an object, never from the environment's string.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def reveal(self) -> str:
        """The value itself."""
        return self._value


class BaseSettings(msgspec.Struct, frozen=True, kw_only=True, rename=environment_name):
    """What every service needs."""

    database_url: Annotated[str, documented("Postgres, `postgresql://user@host:port/name`.")] = msgspec.field(
        name="DATABASE_URL"
    )
    nats_url: Annotated[str, documented("NATS with JetStream; several servers are separated by commas.")] = (
        msgspec.field(name="NATS_URL")
    )
    redis_url: Annotated[str, documented("Redis, a cache that may vanish.")] = msgspec.field(name="REDIS_URL")
    mode: Annotated[
        Literal["dev", "production"], documented("`dev` allows the local outbox; `production` refuses it.")
    ] = "production"
    host: Annotated[str, documented("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, documented("TCP port to listen on.")] = 8080
    trusted_proxies: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=10,
            description="Proxies in front of the service, each of which appends to `X-Forwarded-For`. A caller's "
            "address is so many places from its right; 0: the header counts for nothing.",
        ),
    ] = 0
    log_level: Annotated[Literal["debug", "info", "warning", "error"], documented("Lowest level that is logged.")] = (
        "info"
    )
    log_format: Annotated[Literal["json", "text"], documented("`text` is for reading in a terminal.")] = "json"
    otlp_endpoint: Annotated[
        str, documented("Base address of an OpenTelemetry collector (OTLP/HTTP); unset: no spans are made.")
    ] = msgspec.field(name="OTEL_EXPORTER_OTLP_ENDPOINT", default="")
    trace_ratio: Annotated[
        float,
        msgspec.Meta(ge=0, le=1, description="Share of the traces that begin here of which spans are made."),
    ] = 1.0
    tenant_series: Annotated[
        int,
        msgspec.Meta(
            ge=0, le=1_000, description="Tenants with metrics of their own; all others share one series. 0: none."
        ),
    ] = 100
    database_pool_size: Annotated[
        int, msgspec.Meta(ge=2, le=50, description="Connections to Postgres per process.")
    ] = 8
    sweep_seconds: Annotated[float, msgspec.Meta(gt=0, description="Seconds between two runs of the sweepers.")] = 5.0


SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


def load_settings(kind: type[SettingsT], environ: Mapping[str, str] | None = None) -> SettingsT:
    """The settings of `kind` from the environment (or from `environ`). Empty values count as not set.

    Raises:
        SettingsError: names the variable and what is wrong with it.
    """
    values = {name: value for name, value in (os.environ if environ is None else environ).items() if value != ""}
    names = {field.encode_name for field in msgspec.structs.fields(kind)}
    try:
        return msgspec.convert(
            {name: values[name] for name in names & values.keys()}, kind, strict=False, dec_hook=_decode
        )
    except msgspec.ValidationError as error:
        raise SettingsError(f"settings: {error}") from error


def _decode(kind: type, value: object) -> object:
    if kind is Secret:
        return Secret(str(value))
    message = f"cannot read a {kind}"
    raise NotImplementedError(message)
