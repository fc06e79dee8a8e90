"""A server that speaks the OpenAI protocol, or breaks it in every way that a test asks for."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One request and the means to answer it."""

    handler: BaseHTTPRequestHandler
    body: dict[str, Any]
    number: int

    def status(self, code: int, text: str = "{}") -> None:
        """A whole response."""
        self.handler.send_response(code)
        self.handler.send_header("Content-Type", "application/json")
        self.handler.send_header("Content-Length", str(len(text.encode())))
        self.handler.end_headers()
        self.handler.wfile.write(text.encode())

    def begin(self) -> None:
        """The head of a stream, whose end is the end of the connection."""
        self.handler.send_response(200)
        self.handler.send_header("Content-Type", "text/event-stream")
        self.handler.send_header("Connection", "close")
        self.handler.end_headers()

    def piece(self, text: str, finish: str | None = None) -> None:
        """One event of a stream."""
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        self.raw(f"data: {json.dumps({**head, 'choices': [choice]})}\n\n")

    def raw(self, text: str) -> None:
        """Bytes as they are."""
        self.handler.wfile.write(text.encode())
        self.handler.wfile.flush()

    def say(self, text: str, finish: str | None = "stop", done: bool = True) -> None:
        """A whole stream, word by word."""
        self.begin()
        for word in re.findall(r"\s*\S{1,8}", text):
            self.piece(word)
        if finish:
            self.piece("", finish)
        if done:
            self.raw("data: [DONE]\n\n")


@dataclass
class Server:
    """A running server: its address, and what it was asked."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(behave: Behaviour) -> Iterator[Server]:
    """A server on a free port that answers every request by `behave`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.bodies.append(body)
            server.keys.append(self.headers["Authorization"])
            try:
                behave(Exchange(self, body, len(server.bodies)))
            except (BrokenPipeError, ConnectionResetError):
                server.hung_up.set()

        def log_message(self, *_: object) -> None:
            """Nothing: a test looks at `bodies`."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server = Server(f"http://127.0.0.1:{listener.server_address[1]}/v1")
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()


def copyist(exchange: Exchange) -> None:
    """A faithful server: the sentence of the first source that shares most words with the question, and its number."""
    asked = exchange.body["messages"][-1]["content"]
    sources: Sequence[str] = re.findall(r"<source number=.*?>\n(.*?)\n</source>", asked, re.DOTALL)
    question = set(re.findall(r"[a-z]+|[一-鿿]", re.search(r"<question>\n(.*?)\n<", asked, re.DOTALL)[1].lower()))  # type: ignore[index]
    texts = [source.splitlines()[-1].rpartition(" [")[0] for source in sources]
    best = max(range(len(texts)), key=lambda n: len(question & set(re.findall(r"[a-z]+|[一-鿿]", texts[n].lower()))))
    exchange.say(" ".join(f"{texts[best]} [{best + 1}]".split()[: exchange.body["max_tokens"]]))


def drip(exchange: Exchange) -> None:
    """Comments for ever, which keep a connection alive and say nothing."""
    exchange.begin()
    while True:
        exchange.raw(":")
        time.sleep(0.02)


def endless(exchange: Exchange) -> None:
    """Words for ever."""
    exchange.begin()
    while True:
        exchange.piece("more and more ")
