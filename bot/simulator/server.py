"""The server: an ASGI application, and a thread with an event loop of its own that serves it.

with SimulatorServer(Simulation()) as server:
    bot = telegram.Bot(TOKEN, base_url=f"{server.api_url}/bot", base_file_url=f"{server.api_url}/file/bot")
    server.call(server.simulation.say, ADA, ADA_CHAT, "hello")
"""

import asyncio
import contextlib
import inspect
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from http import HTTPStatus
from typing import Any, ParamSpec, Self, TypeVar, overload

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.simulator.actions import actions_router
from bot.simulator.api import api_router
from bot.simulator.errors import ApiError, bad_request
from bot.simulator.guard import Guard
from bot.simulator.page import STATIC, page_router
from bot.simulator.simulation import Simulation
from bot.simulator.webhook import WebhookDelivery

LOOPBACK = ("127.0.0.1", "localhost")
_GRACE_SECONDS = 2

P = ParamSpec("P")
T = TypeVar("T")


def create_app(simulation: Simulation) -> FastAPI:
    """The application. Setting `app.state.stopping` ends the requests that wait."""
    stopping = asyncio.Event()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        delivery = asyncio.create_task(WebhookDelivery(simulation.world).run())
        yield
        delivery.cancel()
        await asyncio.gather(delivery, return_exceptions=True)

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.state.stopping = stopping
    app.add_middleware(Guard)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)
    app.add_exception_handler(ApiError, _refuse)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse)
    app.add_exception_handler(Exception, _refuse)
    app.include_router(api_router(simulation, stopping))
    app.include_router(page_router(simulation, stopping))
    app.include_router(actions_router(simulation))
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


async def _refuse(_: Request, error: Exception) -> Response:
    match error:
        case HTTPException(status_code=status):
            error = ApiError(status, HTTPStatus(status).phrase)
        case RequestValidationError():
            error = bad_request("wrong parameters in request")
        case ApiError():
            pass
        case _:
            error = ApiError(500, "Internal Server Error")
    return JSONResponse(error.payload(), error.code)


class _Protocol(H11Protocol):
    """HTTP over a connection that a request can cut, by which `faults` act like a broken network."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "abort": transport.abort}


class SimulatorServer:
    """Serves a simulation on this machine until it is stopped. `port` 0 takes any free port."""

    def __init__(self, simulation: Simulation, host: str = "127.0.0.1", port: int = 0) -> None:
        if host not in LOOPBACK:
            raise ValueError(f"the simulator serves this machine only: use one of {LOOPBACK}, not {host!r}")
        self.simulation = simulation
        self.host = host
        self.port = port
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """The base for clients of the Bot API, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The chat page."""
        return f"{self.api_url}/"

    def start(self) -> None:
        """Begin to serve; `port` is known afterwards.

        Raises:
            OSError: the port is taken.
        """
        if self._running:
            raise RuntimeError("the simulator is running already")
        app = create_app(self.simulation)
        listener = socket.create_server((self.host, self.port))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every answer waits about 40 ms
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        self._running = _Running(uvicorn.Server(config), app.state.stopping, listener)

    def stop(self) -> None:
        """End what waits, close all connections and the thread. Does nothing when it is not running."""
        if self._running:
            self._running.stop()
            self._running = None

    @overload
    def call(self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...
    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What `function` gives, called (and awaited) on the server's loop. Not for use on that loop."""
        if self._running is None:
            raise RuntimeError("the simulator is not running")
        result: Any = self._running.submit(function, *args, **kwargs).result()
        return result

    def wait_for(self, predicate: Callable[[], T | None], timeout: float = 5) -> T:
        """The first true value of `predicate`, asked at every event. In a coroutine use `asyncio.to_thread`.

        Raises:
            TimeoutError: there was none in that time.
        """

        async def wait() -> T:
            return await self.simulation.wait_for(predicate, timeout)

        return self.call(wait)


class _Running:
    """A thread that serves, and the way into its event loop."""

    def __init__(self, server: uvicorn.Server, stopping: asyncio.Event, listener: socket.socket) -> None:
        self._server = server
        self._stopping = stopping
        started: Future[asyncio.AbstractEventLoop] = Future()
        serving = self._serve(listener, started)
        self._thread = threading.Thread(target=asyncio.run, args=(serving,), name="simulator", daemon=True)
        self._thread.start()
        self._loop = started.result()

    def submit(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        async def invoke() -> Any:
            result = function(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        return asyncio.run_coroutine_threadsafe(invoke(), self._loop)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    async def _serve(self, listener: socket.socket, started: Future[asyncio.AbstractEventLoop]) -> None:
        started.set_result(asyncio.get_running_loop())
        await self._server.serve(sockets=[listener])

    def _end(self) -> None:
        self._stopping.set()
        self._server.should_exit = True
