"""Why there is no connection to a cluster: each reason in a sentence of its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import ray
from ray._private.utils import check_version_info
from ray.exceptions import AuthenticationError

from bot.errors import StartError
from bot.remote.connection import AUTO, connect

ABORTED = ConnectionAbortedError("Initialization failure from server: Starting Ray client server failed.")


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[Exception | None]:
    """What the attempts to join meet, one after the other: those that are left are those that were not made."""
    left: list[Exception | None] = []

    def join(*_: Any, **__: Any) -> None:
        if error := left.pop(0):
            raise error

    monkeypatch.setattr(ray, "init", join)
    return left


@contextmanager
def listening(says: bytes) -> Iterator[int]:
    """The port of somebody who says something to whoever comes."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = found.accept()
                with caller:
                    caller.sendall(says)
                    caller.recv(64)

    with socket.create_server(("127.0.0.1", 0)) as found:
        server = threading.Thread(target=serve)
        server.start()
        yield found.getsockname()[1]
        found.shutdown(socket.SHUT_RDWR)
        server.join()


@pytest.fixture
def open_port() -> Iterator[int]:
    """A port where gRPC is spoken, as far as that can be told from the first frame."""
    with listening(b"\0\0\0\4\0\0\0\0\0") as port:
        yield port


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def test_no_cluster_is_told_with_what_to_do_and_not_tried(attempts: list[Exception | None], closed_port: int) -> None:
    attempts.append(None)
    for port in (closed_port, 99999):
        with pytest.raises(StartError, match=f"no cluster answers at .*:{port}.*ray start --head.*DAWEN_INFERENCE"):
            connect(f"ray://127.0.0.1:{port}")
    assert attempts == [None]


@pytest.mark.parametrize("says", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0", b""], ids=["web", "little", "nothing"])
def test_what_is_no_cluster_is_told_from_one_at_once(
    attempts: list[Exception | None], says: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.remote.connection._HELLO_SECONDS", 0.2)
    attempts.append(None)
    with listening(says) as port, pytest.raises(StartError, match="no cluster answers at"):
        connect(f"ray://127.0.0.1:{port}")
    assert attempts == [None]


def test_a_head_that_loses_the_process_for_a_caller_is_asked_once_more(
    attempts: list[Exception | None], open_port: int
) -> None:
    attempts += [ABORTED, None]
    connect(f"ray://127.0.0.1:{open_port}")
    assert attempts == []


def test_a_head_that_loses_it_again_is_not_said_to_be_away(attempts: list[Exception | None], open_port: int) -> None:
    attempts += [ABORTED, ABORTED, None]
    with pytest.raises(StartError, match=f"the cluster at .*{open_port}' answers, but does not start a process"):
        connect(f"ray://127.0.0.1:{open_port}")
    assert attempts == [None]


@pytest.mark.parametrize("theirs", [{"ray_version": "2.1.0"}, {"python_version": "3.8.1"}], ids=["ray", "python"])
def test_other_versions_are_named(attempts: list[Exception | None], theirs: dict[str, str]) -> None:
    cluster = {"ray_version": ray.__version__, "python_version": "3.11.1"} | theirs
    with pytest.raises(RuntimeError) as told:
        check_version_info(cluster, "Ray Client", python_version_match_level="minor")
    attempts.append(told.value)
    with pytest.raises(StartError) as said:
        connect(AUTO)
    sentence = str(said.value)
    assert f"runs Ray {cluster['ray_version']} on Python {cluster['python_version']}, but here is" in sentence
    assert f"Ray {ray.__version__} on" in sentence.partition("but here is")[2]
    assert "answers" not in sentence


def test_a_wrong_token_is_told_as_such(attempts: list[Exception | None]) -> None:
    attempts.append(AuthenticationError("wrong token"))
    with pytest.raises(StartError, match=r"refuses this process: copy ~/.ray/auth_token"):
        connect(AUTO)
