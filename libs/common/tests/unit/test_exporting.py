"""Spans on their way to a collector: of which traces they are made, and what is never in them."""

import threading

import pytest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind

from nightowl_common.telemetry import current_trace, span, spans
from nightowl_common.telemetry.exporting import Collecting

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = SAMPLED[:-2] + "00"


class Kept(SpanExporter):
    """A collector that keeps what it gets."""

    def __init__(self):
        self.spans = []

    def export(self, spans):
        """Keeps them."""
        self.spans += spans
        return SpanExportResult.SUCCESS


@pytest.fixture
def collected():
    """Records what a function does, and gives the spans that were exported of it."""

    def run(work, *, ratio=1.0):
        exporter = Kept()
        collecting = Collecting(exporter, service="test", version="1", ratio=ratio)
        collecting.start()
        try:
            work(collecting)
        finally:
            collecting.stop()
        return exporter.spans

    return run


def test_a_request_is_a_span_and_what_it_does_are_its_children(collected):
    """Down to statements, which OpenTelemetry itself records."""

    def work(collecting):
        with span("request", kind="server"), span("inner"):
            collecting._tracer.start_span("SELECT", kind=SpanKind.CLIENT).end()

    statement, inner, request = collected(work)

    assert (statement.parent.span_id, inner.parent.span_id) == (inner.context.span_id, request.context.span_id)
    assert request.parent is None


def test_a_trace_of_another_process_goes_on(collected):
    """Under its span, and what follows belongs to ours."""
    seen = []

    def work(_collecting):
        with span("enrich", SAMPLED, kind="consumer"):
            seen.append(current_trace())

    [found] = collected(work)

    assert f"{found.parent.span_id:016x}" == SAMPLED.split("-")[2]
    assert seen == [f"00-{SAMPLED.split('-')[1]}-{found.context.span_id:016x}-01"]


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_what_is_not_sampled_has_no_spans(collected, ratio):
    """By the caller's word, or by the ratio where a trace begins; a polling loop's statement begins none."""

    def work(collecting):
        with span("enrich", UNSAMPLED, kind="consumer"), span("inner"):
            collecting._tracer.start_span("SELECT", kind=SpanKind.CLIENT).end()
        collecting._tracer.start_span("SELECT", kind=SpanKind.CLIENT).end()
        with span("loop"):
            pass
        with span("request", kind="server"):
            pass

    assert [each.name for each in collected(work, ratio=ratio)] == ["request"][: int(ratio)]


def test_a_batch_has_a_span_in_each_trace(collected):
    """And its statements in that of the first."""
    other = SAMPLED.replace("0af", "1af")

    def work(collecting):
        with spans("enrich", [SAMPLED, other], kind="consumer"):
            collecting._tracer.start_span("SELECT", kind=SpanKind.CLIENT).end()

    found = collected(work)

    traces = {
        name: [f"{each.context.trace_id:032x}" for each in found if each.name == name] for name in ("enrich", "SELECT")
    }
    assert sorted(traces["enrich"]) == sorted([SAMPLED.split("-")[1], other.split("-")[1]])
    assert traces["SELECT"] == [SAMPLED.split("-")[1]]


def test_words_of_exceptions_stay_here(collected):
    """Postgres tells the values that it refused; a span says which kind of error it was."""

    def work(collecting):
        insert = collecting._tracer.start_as_current_span
        with pytest.raises(ValueError, match="ada@example"), span("outer", SAMPLED), insert("INSERT"):
            raise ValueError("Key (email)=(ada@example.com) already exists")

    found = collected(work)

    assert [each.status.description for each in found] == ["ValueError", "ValueError"]
    assert "ada@example" not in "".join(each.to_json() for each in found)


def test_a_collector_that_never_answers_holds_nobody_up():
    """Spans go on being made and dropped; the process ends all the same."""
    release = threading.Event()

    class Stuck(SpanExporter):
        def export(self, _spans):
            release.wait(30)
            return SpanExportResult.FAILURE

    collecting = Collecting(Stuck(), service="test", version="1", ratio=1.0)
    collecting.start()
    for _ in range(5_000):
        with span("request", kind="server"):
            pass
    collecting.stop()

    assert not release.is_set()
    release.set()
