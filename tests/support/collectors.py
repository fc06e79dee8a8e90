"""An OpenTelemetry collector on this machine, and what it was given."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """What was posted to it. It answers with `status`."""

    url: str = ""
    status: int = 200
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        """Every span, in the order of their beginnings."""
        requests = map(ExportTraceServiceRequest.FromString, self.bodies)
        scopes = [scope for request in requests for found in request.resource_spans for scope in found.scope_spans]
        return sorted((span for scope in scopes for span in scope.spans), key=lambda span: span.start_time_unix_nano)

    def named(self, name: str) -> list[Span]:
        """The spans of one name."""
        return [span for span in self.spans if span.name == name]

    def below(self, root: Span) -> list[Span]:
        """The spans right below another, of the same trace."""
        return [s for s in self.spans if (s.trace_id, s.parent_span_id) == (root.trace_id, root.span_id)]

    def wait(self, posts: int) -> None:
        """Until something was posted so often."""
        deadline = time.monotonic() + 10
        while len(self.bodies) < posts:
            assert time.monotonic() < deadline, f"{len(self.bodies)} posts"
            time.sleep(0.01)


def facts(span: Span) -> dict[str, object]:
    """The attributes of a span."""
    return {fact.key: getattr(fact.value, str(fact.value.WhichOneof("value"))) for fact in span.attributes}


@contextmanager
def collecting(status: int = 200) -> Iterator[Collector]:
    """A collector for as long as the block runs."""
    collector = Collector(status=status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.paths.append(self.path)
            collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(collector.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its parent names it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
