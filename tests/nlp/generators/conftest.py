"""Generators of every kind: without weights where that is enough, and the real ones for slow tests."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from nlp.generators import GeneratorConfig, open_generator
from nlp.generators.base import Generator
from tests.support.servers import copyist, serving

SLOW = pytest.mark.slow
KINDS = [
    "extractive",
    "openai",
    pytest.param("transformers", marks=SLOW),
    pytest.param("transformers serve", marks=SLOW),
]


@pytest.fixture(scope="session")
def serve_url(chat_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `transformers serve`, which serves that model in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    command = [
        sys.executable,
        "-c",
        "from transformers.cli.transformers import main; main()",
        "serve",
        str(chat_folder),
    ]
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    with log.open("w") as output:
        process = subprocess.Popen([*command, *options], stdout=output, stderr=output)
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - a fixed address of this machine
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)


@pytest.fixture(params=KINDS)
def generator(request: pytest.FixtureRequest) -> Iterator[Generator]:
    """Every implementation; "openai" is asked over HTTP, of a copyist and of the library's own server."""
    with ExitStack() as stack:
        found = open_generator(_configs(request, stack)[request.param]())
        stack.callback(found.close)
        yield found


def _configs(request: pytest.FixtureRequest, stack: ExitStack) -> dict[str, Callable[[], GeneratorConfig]]:
    def folder() -> str:
        return str(request.getfixturevalue("chat_folder"))

    return {
        "extractive": GeneratorConfig,
        "openai": lambda: GeneratorConfig("openai", "copyist", stack.enter_context(serving(copyist)).url),
        "transformers": lambda: GeneratorConfig("transformers", folder(), device="cpu"),
        "transformers serve": lambda: GeneratorConfig("openai", folder(), request.getfixturevalue("serve_url")),
    }
