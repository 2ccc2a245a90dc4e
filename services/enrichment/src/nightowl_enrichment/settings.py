"""What enrichment reads from the environment."""

from typing import Annotated

import msgspec

from nightowl_common.settings import BaseSettings


class Settings(BaseSettings, frozen=True, kw_only=True):
    """Settings of the enrichment service."""

    batch_size: Annotated[int, msgspec.Meta(ge=1, le=1_000, description="Messages fetched at once, at most.")] = 250
    batch_alerts: Annotated[int, msgspec.Meta(ge=1, description="Alerts written in one transaction, about.")] = 500
    max_attempts: Annotated[
        int, msgspec.Meta(ge=1, description="Deliveries of a message before it goes to the dead letters.")
    ] = 8
    match_threshold: Annotated[
        float,
        msgspec.Meta(ge=0, le=1, description="The rank (0 to 1) from which a full-text match is shown on an alert."),
    ] = 0.3
    match_searches: Annotated[
        int, msgspec.Meta(ge=0, description="New title classes searched for in one transaction, at most.")
    ] = 32
    spool_seconds: Annotated[float, msgspec.Meta(gt=0, le=5, description="Seconds between two looks at the spool.")] = (
        0.25
    )
    heartbeat_poll_seconds: Annotated[
        float, msgspec.Meta(gt=0, le=5, description="Longest sleep in seconds between two looks at heartbeats.")
    ] = 1.0
    heartbeat_hold_seconds: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            le=600,
            description="Seconds for which no heartbeat counts as missed while received calls are not handled yet.",
        ),
    ] = 60.0
