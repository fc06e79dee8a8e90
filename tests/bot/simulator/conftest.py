"""A simulation whose clock stands still until a test moves it, and clients of its Bot API."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Protocol

import httpx
import pytest

from bot.simulator.errors import ApiError
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, TOKEN
from bot.simulator.server import SimulatorServer, create_app
from bot.simulator.simulation import Simulation
from bot.simulator.updates import take

Advance = Callable[[float], None]


class Api(Protocol):
    """Calls a method and gives its result; a refusal is raised as an ApiError."""

    async def __call__(self, method: str, **parameters: Any) -> Any: ...


@pytest.fixture
def moment() -> list[float]:
    """The time on the simulation's clock."""
    return [1_800_000_000.0]


@pytest.fixture
def advance(moment: list[float]) -> Advance:
    """Let seconds pass."""

    def move(seconds: float) -> None:
        moment[0] += seconds

    return move


@pytest.fixture
def fresh(moment: list[float]) -> Simulation:
    """Nobody has ever said anything."""
    return Simulation(clock=lambda: moment[0])


@pytest.fixture
def simulation(fresh: Simulation) -> Simulation:
    """Ada and Bo have both said hello to the bot, and it has heard them."""
    fresh.say(ADA, ADA_CHAT, "hello")
    fresh.say(BO, BO_CHAT, "hello")
    take(fresh.world, list(fresh.world.state.updates))
    return fresh


@pytest.fixture
async def client(fresh: Simulation) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the application, without a network."""
    transport = httpx.ASGITransport(create_app(fresh))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def api(client: httpx.AsyncClient) -> Api:
    """The Bot API by JSON."""

    async def call(method: str, **parameters: Any) -> Any:
        response = await client.post(f"/bot{TOKEN}/{method}", json=parameters)
        body = response.json()
        if body["ok"]:
            assert response.status_code == 200
            return body["result"]
        assert response.status_code == body["error_code"]
        raise ApiError(body["error_code"], body["description"], body.get("parameters"))

    return call


@pytest.fixture
def server(simulation: Simulation) -> Iterator[SimulatorServer]:
    """A real server on a free port."""
    with SimulatorServer(simulation) as server:
        yield server
