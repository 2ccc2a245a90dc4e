"""An OpenTelemetry collector as far as spans are posted to one: OTLP over HTTP, protobuf."""

import asyncio
import gzip
from collections.abc import Callable, Sequence

import msgspec
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from nightowl_embedded import free_port
from nightowl_testkit.fakes.served import Served

MEDIA_TYPE = "application/x-protobuf"


class CollectedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A span as it came, ids in hex; `parent_id` is empty for the first of a trace."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    failed: bool
    attributes: dict[str, str]


class FakeCollector(Served):
    """`async with` starts it on its port and stops it at the end."""

    def __init__(self) -> None:
        self.port = free_port()
        self.spans: list[CollectedSpan] = []
        self._changed = asyncio.Condition()

    @property
    def environment(self) -> dict[str, str]:
        """The setting that makes services send their spans here."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}"}

    async def wait_for(
        self, trace_id: str, is_whole: Callable[[Sequence[CollectedSpan]], bool], *, seconds: float = 15.0
    ) -> list[CollectedSpan]:
        """Waits until the spans of a trace are all there, and returns them.

        Raises:
            AssertionError: not within the time; says which are there.
        """

        def of_trace() -> list[CollectedSpan]:
            return [each for each in self.spans if each.trace_id == trace_id]

        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: is_whole(of_trace()))
        except TimeoutError:
            there = "".join(f"\n  {each.service}: {each.name}" for each in of_trace()) or " nothing"
            raise AssertionError(f"the trace {trace_id} is not whole within {seconds} s:{there}") from None
        return of_trace()

    def _routes(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/v1/traces", self._take)
        return application

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body.startswith(b"\x1f\x8b"):
            body = gzip.decompress(body)
        found = ExportTraceServiceRequest.FromString(body)
        async with self._changed:
            for resource in found.resource_spans:
                service = _attributes(resource.resource.attributes)["service.name"]
                self.spans += [_span(service, each) for scope in resource.scope_spans for each in scope.spans]
            self._changed.notify_all()
        return web.Response(body=ExportTraceServiceResponse().SerializeToString(), content_type=MEDIA_TYPE)


def _span(service: str, span: ProtoSpan) -> CollectedSpan:
    return CollectedSpan(
        service=service,
        name=span.name,
        kind=ProtoSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=_attributes(span.attributes),
    )


def _attributes(pairs: Sequence[KeyValue]) -> dict[str, str]:
    return {each.key: _text(each.value) for each in pairs}


def _text(value: AnyValue) -> str:
    return str(getattr(value, str(value.WhichOneof("value"))))
