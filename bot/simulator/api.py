"""The Bot API over HTTP: tokens, methods, planned failures, files."""

import asyncio
import inspect
import re
import secrets
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bot.simulator.errors import ApiError, not_found
from bot.simulator.faults import Fault
from bot.simulator.methods import find_method
from bot.simulator.parameters import read_parameters
from bot.simulator.requests import ended, first, gone
from bot.simulator.simulation import Simulation

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


def api_router(simulation: Simulation, stopping: asyncio.Event) -> APIRouter:
    """The routes of the Bot API. Long requests end when `stopping` is set."""
    router = APIRouter()

    @router.api_route("/bot{token}/{name}", methods=["GET", "POST"])
    async def call(token: str, name: str, request: Request) -> Response:
        _check_token(simulation, token)
        fault = simulation.faults.take(name)
        await asyncio.sleep(fault.delay)
        if fault.drop == "before":
            return await _cut(request)
        answer = await _answer(simulation, name, request, stopping, fault)
        return await _cut(request) if fault.drop == "after" else answer

    @router.get("/file/bot{token}/{path:path}")
    async def download(token: str, path: str) -> Response:
        _check_token(simulation, token)
        file = next((file for file in simulation.world.state.files.values() if file.path == path), None)
        data = simulation.world.files.read(file) if file else None
        if data is None:
            raise not_found()
        return Response(data, media_type="application/octet-stream")

    return router


async def _answer(
    simulation: Simulation, name: str, request: Request, stopping: asyncio.Event, fault: Fault
) -> Response:
    method = find_method(name)
    parameters = await read_parameters(request)
    if error := fault.error():
        raise error
    result: Any = method(simulation.world, parameters)
    if inspect.isawaitable(result):
        result = await first(result, ended(request, stopping))
    return JSONResponse({"ok": True, "result": result})


def _check_token(simulation: Simulation, token: str) -> None:
    if not _TOKEN.fullmatch(token):
        raise not_found()
    if not secrets.compare_digest(token, simulation.token):
        raise ApiError(401, "Unauthorized")


async def _cut(request: Request) -> Response:
    """Close the connection without an answer; the response that this gives is never sent."""
    request.scope["state"]["abort"]()
    await gone(request)
    return Response()
