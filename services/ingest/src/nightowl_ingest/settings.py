"""Ingest's settings."""

from typing import Annotated

import msgspec

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
    generic_wait_seconds: Annotated[
        float, msgspec.Meta(ge=0, le=10, description="Seconds a generic webhook waits for its alerts' dispositions.")
    ] = 1.0
    spool_seconds: Annotated[float, msgspec.Meta(gt=0, description="Seconds between two looks at the spool.")] = 1.0

    @property
    def limits(self) -> Limits:
        """The bounds of a payload."""
        return Limits(max_alerts=self.max_alerts, max_labels=self.max_labels, max_value_length=self.max_value_length)
