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
