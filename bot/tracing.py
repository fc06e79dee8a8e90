"""Traces for OpenTelemetry: one for each update, request and training run, with a span for each stage. Off by default.

In them are numbers, stages, labels, versions, and of an exception its class; nothing that people wrote, nobody's id.
This is the only place that knows OpenTelemetry, which it imports where the settings name a collector. Spans are handed
over in batches by a thread of their own: a collector that is slow or away costs spans, and no reply a moment.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.errors import StartError

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

_log = logging.getLogger(__name__)
_PATH = "/v1/traces"
_FLUSH_WITHIN = 2.0  # seconds for the last spans when the program ends
_TELL_EVERY = 600.0  # seconds between two lines about a collector that takes nothing
_NOTHING = nullcontext()
Fact = str | int | float


class _Trace:
    """Who makes spans; None while tracing is off."""

    tracer: "Tracer | None" = None


@contextmanager
def tracing(endpoint: str) -> Iterator[None]:
    """Trace until the block ends, to the OTLP collector at an address such as http://127.0.0.1:4318; empty is off.

    Raises:
        StartError: OpenTelemetry is not installed here.
    """
    if not endpoint:
        yield
        return
    provider, exporter = _open(endpoint)
    _Trace.tracer = provider.get_tracer("dawen")
    try:
        yield
    finally:
        _Trace.tracer = None
        _close(provider, exporter)


def root(name: str, **facts: Fact) -> AbstractContextManager[None]:
    """A trace of what the block does, whatever is traced around it; `facts` are attributes without names or texts."""
    if _Trace.tracer is None:
        return _NOTHING
    from opentelemetry.context import Context

    return _span(_Trace.tracer, name, facts, Context())


def part(name: str, **facts: Fact) -> AbstractContextManager[None]:
    """A span of what the block does, below the one that is open here; none where none is open."""
    if _Trace.tracer is None or _open_span() is None:
        return _NOTHING
    return _span(_Trace.tracer, name, facts, None)


def lap(name: str, seconds: float) -> None:
    """A span, below the one that is open here, of what ended now and took so many seconds; none where none is open."""
    if _Trace.tracer is None or _open_span() is None:
        return
    now = time.time_ns()
    _Trace.tracer.start_span(name, start_time=now - round(seconds * 1e9)).end(now)


def note(**facts: Fact) -> None:
    """Write facts, without names or texts, on the span that is open here, if one is."""
    if (span := _open_span()) is not None:
        span.set_attributes(_named(facts))


def failed(error: BaseException) -> None:
    """Mark the span that is open here, if one is, as failed by an exception that does not leave its block."""
    if (span := _open_span()) is not None:
        _mark(span, error)


def succeeded() -> None:
    """Mark the span that is open here, if one is, as good in the end, whatever failed in it before."""
    if (span := _open_span()) is not None:
        from opentelemetry.trace import StatusCode

        span.set_status(StatusCode.OK)


def trace_id() -> str | None:
    """The number of the trace that is open here, as collectors show it: 32 hexadecimal digits; None where none is."""
    span = _open_span()
    return None if span is None else f"{span.get_span_context().trace_id:032x}"


def _open_span() -> "Span | None":
    """The span that is open here and will be handed over."""
    if _Trace.tracer is None:
        return None
    from opentelemetry.trace import get_current_span

    span = get_current_span()
    return span if span.is_recording() else None


@contextmanager
def _span(tracer: "Tracer", name: str, facts: dict[str, Fact], context: "Context | None") -> Iterator[None]:
    with tracer.start_as_current_span(
        name,
        context,
        attributes=_named(facts),
        record_exception=False,  # it would hand over the message, and where it was raised
        set_status_on_exception=False,  # so would this
    ) as span:
        try:
            yield
        except BaseException as error:
            _mark(span, error)
            raise


def _mark(span: "Span", error: BaseException) -> None:
    from opentelemetry.trace import StatusCode

    span.set_status(StatusCode.ERROR, type(error).__qualname__)


def _named(facts: dict[str, Fact]) -> dict[str, Fact]:
    return {f"dawen.{name}": fact for name, fact in facts.items()}


def _open(endpoint: str) -> "tuple[TracerProvider, SpanExporter]":
    """What makes spans and what hands them over. Other settings of OpenTelemetry are read from its own variables."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise StartError(
            "DAWEN_OTLP_ENDPOINT names a collector, but OpenTelemetry is not installed: pip install 'dawen[otel]'"
        ) from error
    _hush()
    exporter = OTLPSpanExporter(endpoint.rstrip("/").removesuffix(_PATH) + _PATH)
    resource = Resource.create({"service.name": "dawen", "service.version": version("dawen")})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider, exporter


def _close(provider: "TracerProvider", exporter: "SpanExporter") -> None:
    """Hand over what is left, for a moment at most: the library itself would wait for half a minute."""
    ending = threading.Thread(target=provider.shutdown, name="traces", daemon=True)
    ending.start()
    ending.join(_FLUSH_WITHIN)
    if ending.is_alive():
        exporter.shutdown()  # which gives up a collector that does not answer


def _hush() -> None:
    """Let one line stand for all that OpenTelemetry logs of failures: it would tell of each batch, with addresses."""
    logger = logging.getLogger("opentelemetry")
    logger.handlers, logger.propagate = [_Rarely(logging.ERROR)], False


class _Rarely(logging.Handler):
    """Says in a sentence of ours that something failed, and then nothing for a while."""

    _silent_until = 0.0

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - it may quote what was exported
        """See `logging.Handler`."""
        now = time.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + _TELL_EVERY
            _log.warning("the collector at DAWEN_OTLP_ENDPOINT takes no traces: they are lost, and the bot goes on")
