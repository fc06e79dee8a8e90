"""The connection of this process to a Ray cluster, or in one sentence why there is none."""

import logging
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import ray
from ray.exceptions import AuthenticationError, RayError

from bot.errors import StartError

_log = logging.getLogger(__name__)
AUTO = "ray://auto"  # the cluster that this machine is a node of
_KNOCK_SECONDS, _HELLO_SECONDS = 5.0, 10.0
_FRAME, _SETTINGS = 9, b"\x04"  # bytes in the head of a frame of HTTP/2, and the fourth of them where it holds settings
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + _SETTINGS + bytes(5)  # to be answered in kind
_VERSIONS = re.compile(r"Ray: (\S+)\s+Python: (\S+)")  # how Ray tells of the cluster's versions, then of ours


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Connected to a cluster meanwhile.

    Raises:
        StartError: as `connect` does.
    """
    connect(address)
    try:
        yield
    finally:
        disconnect()


def connect(address: str) -> None:
    """Connect to the cluster at `ray://host:port`, or to the one that this machine is a node of.

    Raises:
        StartError: there is none, or it lets this process not in.
    """
    for name in ("ray", "ray.serve"):  # of a cluster that is lost they would tell several times a second
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        if address != AUTO:
            _knock(address)
        _join("auto" if address == AUTO else address)
    except (OSError, RuntimeError, ValueError, RayError) as error:  # ValueError: a port that cannot be
        raise StartError(_why(address, error)) from error


def disconnect() -> None:
    """Leave the cluster, and the models where they are."""
    ray.shutdown()


def _knock(address: str) -> None:
    """Make sure that a server for gRPC is there: Ray itself would try for half a minute.

    Raises:
        OSError: there is none.
    """
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), _KNOCK_SECONDS) as door:
        if os.environ.get("RAY_USE_TLS", "0") == "0":
            door.settimeout(_HELLO_SECONDS)
            door.sendall(_HELLO)
            if door.recv(_FRAME, socket.MSG_WAITALL)[3:4] != _SETTINGS:
                raise ConnectionRefusedError("no gRPC")


def _join(where: str) -> None:
    """A head that starts a process for a caller loses it now and then, in gRPC's fork; the next one lives."""
    for left in (1, 0):
        try:
            ray.init(where, namespace="dawen", log_to_driver=False, logging_level=logging.ERROR)
        except ConnectionAbortedError:
            if not left:
                raise
            _log.warning("the cluster answers, but did not let this process in; it is asked once more")
        else:
            return


def _why(address: str, error: Exception) -> str:
    """What keeps this process from the cluster, and what to do."""
    versions = _VERSIONS.findall(str(error))
    if len(versions) == 2:
        (their_ray, their_python), (ray_here, python_here) = versions
        return (
            f"the cluster at {address!r} runs Ray {their_ray} on Python {their_python}, but here is Ray {ray_here} on "
            f"Python {python_here}: install the same versions on both"
        )
    if isinstance(error, AuthenticationError):
        return f"the cluster at {address!r} refuses this process: copy ~/.ray/auth_token from one of its nodes to here"
    if isinstance(error, ConnectionAbortedError):
        return (
            f"the cluster at {address!r} answers, but does not start a process for this bot: try again, and look at "
            "ray_client_server.err in /tmp/ray/session_latest/logs on its head"
        )
    return (
        f"no cluster answers at {address!r}: start Ray there with 'ray start --head', of the same version as here, "
        "or leave DAWEN_INFERENCE empty"
    )
