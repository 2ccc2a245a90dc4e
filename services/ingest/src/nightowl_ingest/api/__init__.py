"""The HTTP edge of ingest: the webhooks, and their part of the system's OpenAPI document.

The webhooks are plain ASGI: routing, dependency injection and middlewares of a framework would cost a fifth of
the throughput. They keep the system's manners (problem+json, request ids, the request histogram) by themselves.
"""

from nightowl_ingest.api.intake import Intake
from nightowl_ingest.api.openapi import webhook_paths
from nightowl_ingest.api.overload import Overload
from nightowl_ingest.api.rejections import Rejections
from nightowl_ingest.api.replies import Replies
from nightowl_ingest.api.webhooks import HEARTBEATS_PREFIX, WEBHOOKS_PREFIX, WebhookEndpoint

__all__ = [
    "HEARTBEATS_PREFIX",
    "WEBHOOKS_PREFIX",
    "Intake",
    "Overload",
    "Rejections",
    "Replies",
    "WebhookEndpoint",
    "webhook_paths",
]
