"""Ingest's settings."""

from typing import Annotated

import msgspec

from nightowl_auth import Rates
from nightowl_common.settings import BaseSettings
from nightowl_ingest.model import Limits


class Settings(BaseSettings, frozen=True, kw_only=True):
    """What ingest needs beyond the rest."""

    max_body_bytes: Annotated[int, msgspec.Meta(gt=0, le=1024**2, description="Largest webhook body in bytes.")] = (
        1024**2
    )
    max_alerts: Annotated[int, msgspec.Meta(gt=0, description="Most alerts in one webhook call.")] = 2_000
    max_labels: Annotated[
        int, msgspec.Meta(gt=0, description="Most labels of one alert; annotations have the same bound.")
    ] = 200
    max_value_length: Annotated[
        int, msgspec.Meta(gt=0, description="Longest label value, annotation or description in characters.")
    ] = 64 * 1024
    key_alerts_per_minute: Annotated[
        int,
        msgspec.Meta(ge=0, description="Alerts and calls a minute that a key may send; more are answered 503. 0: any."),
    ] = 60_000
    tenant_alerts_per_minute: Annotated[
        int, msgspec.Meta(ge=0, description="The same for all keys of a tenant together. Tenants may have their own.")
    ] = 120_000
    generic_wait_seconds: Annotated[
        float, msgspec.Meta(ge=0, le=10, description="Seconds a generic webhook waits for its alerts' dispositions.")
    ] = 1.0

    @property
    def rates(self) -> Rates:
        """What is allowed where a tenant has no limits of its own."""
        return Rates(per_key=self.key_alerts_per_minute, per_tenant=self.tenant_alerts_per_minute)

    @property
    def limits(self) -> Limits:
        """The bounds of a payload."""
        return Limits(max_alerts=self.max_alerts, max_labels=self.max_labels, max_value_length=self.max_value_length)
