"""Payloads to alerts, and alerts to messages. Pure: bytes, limits, ids and times come in, values go out.

Invariant: whatever the bytes are, a reader gives a `Reading` or raises a `NightOwlError` with a 4xx status,
and one bad alert never takes its neighbours with it.
"""

from collections.abc import Callable, Mapping

from nightowl_auth import compile_mapping
from nightowl_ingest.engine import alertmanager, generic, grafana, keep, mapped
from nightowl_ingest.engine.beats import read_beat
from nightowl_ingest.engine.decoding import rejected_body
from nightowl_ingest.engine.messages import Call, cut_messages
from nightowl_ingest.engine.trial import try_payload
from nightowl_ingest.model import Limits, Reading

Reader = Callable[[bytes, Limits], Reading]

READERS: dict[str, Reader] = {
    "alertmanager": alertmanager.read,
    "generic": generic.read,
    "grafana": grafana.read,
    "keep": keep.read,
}
"""By the last part of the webhook's path."""


def read_payload(source: str, body: bytes, limits: Limits, mapping: Mapping[str, str]) -> Reading:
    """The alerts of a call; generic ones as the key's mapping says, if it has one.

    Raises:
        NightOwlError: with a 4xx status.
    """
    if mapping and source == "generic":
        return mapped.read(body, limits, compile_mapping(mapping))
    return READERS[source](body, limits)


__all__ = ["READERS", "Call", "Reader", "cut_messages", "read_beat", "read_payload", "rejected_body", "try_payload"]
