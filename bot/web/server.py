"""The web application, and serving it in the event loop of the bot until the block ends."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI

from bot.app import App
from bot.errors import StartError
from bot.settings import Settings
from bot.web.api import api_router
from bot.web.door import Door
from bot.web.errors import add_error_handlers
from bot.web.front import Entrance, Front, Porch
from bot.web.health import health_router
from bot.web.limits import BodyLimit
from bot.web.metrics import metrics_router
from bot.web.webhook import webhook_router
from storage.database import Database

_FINISH_WITHIN = 20  # seconds for requests that run when everything ends
_ABOUT = "The documents and the answers of the bot, for other front ends. Errors are one object in English."


def create_web(front: Front) -> FastAPI:
    """The application: the webhook, health and metrics, and the REST API."""
    web = FastAPI(title="Dawen 答问", version=version("dawen"), description=_ABOUT, redirect_slashes=False)
    web.add_middleware(BodyLimit)
    web.add_middleware(Door, front=front)
    add_error_handlers(web)
    if front.app.settings.webhook_url:
        web.include_router(webhook_router(front))
    web.include_router(health_router(front))
    web.include_router(metrics_router(front))
    web.include_router(api_router(front))
    return web


class _Server(uvicorn.Server):
    """Leaves signals to the program around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def create_porch(porch: Porch) -> FastAPI:
    """The application of a process that only receives: the webhook and health."""
    web = FastAPI(title="Dawen 答问", version=version("dawen"), openapi_url=None, redirect_slashes=False)
    web.add_middleware(BodyLimit)
    add_error_handlers(web)
    if porch.settings.webhook_url:
        web.include_router(webhook_router(porch))
    web.include_router(health_router(porch))
    return web


@asynccontextmanager
async def open_web(app: App) -> AsyncIterator[Front]:
    """The web server, where the settings ask for one; requests that run when the block ends are finished.

    Raises:
        StartError: the address or port cannot be used.
    """
    front = Front(app)
    async with _serving(front, lambda: create_web(front)):
        yield front


@asynccontextmanager
async def open_porch(settings: Settings, database: Database) -> AsyncIterator[Porch]:
    """As `open_web`, for a process that only receives.

    Raises:
        StartError: the address or port cannot be used.
    """
    porch = Porch(settings, database)
    async with _serving(porch, lambda: create_porch(porch)):
        yield porch


@asynccontextmanager
async def _serving(front: Entrance, create: Callable[[], FastAPI]) -> AsyncIterator[None]:
    if front.settings.web_port is None:
        yield
        return
    listener = _listen(front.settings.web_host, front.settings.web_port)
    front.port = listener.getsockname()[1]
    config = uvicorn.Config(
        create(),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_FINISH_WITHIN,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]), name="web")
    try:
        yield
    finally:
        front.stopping = True
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else "no such address"
        raise StartError(
            f"port {port} of {host!r} cannot be used for the web server ({reason}): "
            "set DAWEN_WEB_PORT or DAWEN_WEB_HOST to another"
        ) from error
