"""What escalation reads from the environment."""

from typing import Annotated

import msgspec

from nightowl_common.settings import BaseSettings


class Settings(BaseSettings, frozen=True, kw_only=True):
    """Settings of the escalation service."""

    timer_batch: Annotated[
        int, msgspec.Meta(ge=1, le=1_000, description="Due timers paid in one transaction, at most.")
    ] = 100
    timer_poll_seconds: Annotated[
        float, msgspec.Meta(gt=0, le=5, description="Longest sleep between two looks at the timers.")
    ] = 0.25
    backlog_seconds: Annotated[
        float, msgspec.Meta(gt=0, le=300, description="Seconds between two looks at how much waits, for metrics.")
    ] = 10.0
    ledger_seconds: Annotated[
        float, msgspec.Meta(gt=0, le=3_600, description="Seconds between looks at the ledgers of two tenants.")
    ] = 5.0
    handoff_seconds: Annotated[
        float, msgspec.Meta(gt=0, le=3_600, description="Seconds between two looks at shifts that changed hands.")
    ] = 15.0
    gap_seconds: Annotated[
        float, msgspec.Meta(gt=0, le=86_400, description="Seconds between two looks for gaps in the rosters ahead.")
    ] = 3_600.0
