"""Requests that are made up from the description of the REST API, right and wrong ones: none gets the better of it.

`FUZZ_CASES=10000 python -m pytest -s tests/bot/web/test_web_fuzz.py` makes more of them and prints what came back.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from bot.app import App
from bot.web.front import Front
from tests.support.api import calling, with_settings

OPERATIONS = 7
CASES = int(os.environ.get("FUZZ_CASES", "300"))
_PATIENCE = 60.0  # seconds
_REFUSED = {400, 401, 403, 404, 405, 413, 415, 422}


async def attack(app: App, cases: int) -> Counter[int]:
    """How often each status came back; half of the cases fit the description, the other half do not."""
    front = Front(with_settings(app, api_rate=100_000))
    statuses: Counter[int] = Counter()
    loop = asyncio.get_running_loop()
    async with calling(front, await app.keys.create("shop", admin=True)) as client:

        def send(case: Any) -> None:
            response = asyncio.run_coroutine_threadsafe(_send(client, case), loop).result(_PATIENCE)
            statuses[response.status_code] += 1
            _check(response)

        schema = schemathesis.openapi.from_dict((await client.get("/openapi.json")).json())
        found: Any = list(schema.get_all_operations())
        operations = [result.ok() for result in found]
        assert len(operations) == OPERATIONS
        for operation in operations:
            for mode in _modes(operation):
                share = cases // OPERATIONS // len(_modes(operation))
                await asyncio.to_thread(_try_out, operation, mode, share, send)
    return statuses


def _modes(operation: Any) -> list[GenerationMode]:
    """Nothing can be wrong about a request that takes nothing."""
    takes = operation.body or operation.path_parameters or operation.query
    return list(GenerationMode) if takes else [GenerationMode.POSITIVE]


def _try_out(operation: Any, mode: GenerationMode, examples: int, send: Callable[[Any], None]) -> None:
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def once(case: Any) -> None:
        send(case)

    once()


async def _send(client: httpx.AsyncClient, case: Any) -> httpx.Response:
    """What `requests` would put on the wire, put to the application."""
    wire: Any = requests.Request(**case.as_transport_kwargs(base_url="http://test")).prepare()
    kept = {name: value for name, value in wire.headers.items() if name.lower() != "authorization"}
    body = wire.body.encode() if isinstance(wire.body, str) else wire.body
    return await client.request(case.method, wire.url, headers=kept, content=body)


def _check(response: httpx.Response) -> None:
    """Either what was asked for, or one clear object."""
    if response.is_success:
        return
    assert response.status_code in _REFUSED, (response.status_code, response.text)
    (error,) = response.json().values()
    assert set(error) == {"code", "message"}


async def test_no_request_gets_the_better_of_it(app: App) -> None:
    statuses = await attack(app, CASES)
    print(dict(statuses))  # noqa: T201 - the figures of a long run
    assert sum(statuses.values()) >= CASES * 0.9
    assert statuses[200] > CASES // 10
    assert statuses[422] > CASES // 10
