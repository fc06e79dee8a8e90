"""A bot in several processes on one database: who receives, who answers, who trains, and who goes on after whom."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot import leading, sharing
from bot.app import App
from bot.inference import Inference
from bot.limiter import ChatLimiter
from bot.reception import run_reception
from bot.roles import Role, Seat
from bot.settings import load_settings
from bot.simulator.limits import UNLIMITED
from bot.simulator.model import User
from bot.simulator.people import ADA, BO, BOT, CHATS, TOKEN
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from bot.telegram_bot import TelegramBot, run_telegram_bot
from bot.web.front import Front
from bot.web.server import open_porch
from nlp.router import KIND, Router
from storage.database import Database
from storage.records import NewRun
from tests.support.apps import HANDBOOK_EN, add_text, small_app, small_models
from tests.support.telegram import UNHURRIED

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("EXPIRES_AFTER", 5.0), ("RENEW_EVERY", 0.5), ("LOOK_EVERY", 0.1)):
        monkeypatch.setattr(leading, name, seconds)
        monkeypatch.setattr(sharing, name, seconds)


class Process:
    """A part of the bot with everything of its own but the database and the Bot API server."""

    def __init__(self, app: App, bot: TelegramBot, front: Front) -> None:
        self.app = app
        self.bot = bot
        self.front = front


class House:
    """Starts processes of the bot, and looks at what people see of them."""

    def __init__(self, server: SimulatorServer, url: str, folder: Path) -> None:
        self.server = server
        self.url = url
        self.folder = folder

    @asynccontextmanager
    async def process(self, role: Role, name: str) -> AsyncIterator[Process]:
        database = Database(self.url)
        limiter = ChatLimiter(UNHURRIED, UNHURRIED, UNHURRIED)
        try:
            async with small_app(database, self.folder / "home", open=True) as app:
                front = Front(app)
                seat = Seat(role, name, 1)
                async with run_telegram_bot(app, TOKEN, self.server.api_url, limiter, front, seat) as bot:
                    yield Process(app, bot, front)
        finally:
            await database.close()

    def say(self, person: User, text: str) -> None:
        self.server.call(self.server.simulation.say, person, CHATS[person.id], text)

    def replies(self, person: User) -> list[str]:
        said = self.server.call(self.server.simulation.messages, CHATS[person.id])
        return [message.text for message in said if message.sender_id == BOT.id]

    async def answered(self, person: User, messages: int) -> None:
        await until(lambda: len(self.replies(person)) >= messages)


@pytest.fixture
async def house(postgres: Database, postgres_url: str, tmp_path: Path) -> AsyncIterator[House]:
    with SimulatorServer(Simulation(limits=UNLIMITED)) as server:
        yield House(server, postgres_url, tmp_path)


async def until(predicate: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not predicate():  # noqa: ASYNC110 - other processes tell nobody
            await asyncio.sleep(0.02)


async def test_each_message_is_answered_once_by_parts_that_know_each_other_through_the_database(house: House) -> None:
    async with (
        house.process(Role.WORKER, "one") as one,
        house.process(Role.WORKER, "two") as two,
        house.process(Role.RECEIVER, "three") as three,
    ):
        for number in range(5):
            for person in (ADA, BO):
                house.say(person, f"hello there, number {number}")
        await house.answered(ADA, 5)
        await house.answered(BO, 5)
        await asyncio.sleep(0.3)
        assert (len(house.replies(ADA)), len(house.replies(BO))) == (5, 5)
        assert (one.front.receiver, two.front.receiver) == (None, None)
        assert three.front.lanes is None
        done = one.bot.lanes.outcomes["done"] + two.bot.lanes.outcomes["done"]
        assert done == 10


async def test_another_process_receives_when_the_one_that_did_ends(house: House) -> None:
    async with house.process(Role.ALL, "one") as one, house.process(Role.RECEIVER, "two") as two:
        assert one.front.receiver is not None
        assert two.front.receiver is None
        async with house.process(Role.WORKER, "three"):
            await _end_receiving(one)
            await until(lambda: two.front.receiver)
            house.say(ADA, "hello there")
            await house.answered(ADA, 1)


async def _end_receiving(process: Process) -> None:
    duties = process.bot.duties
    for task in duties._leading:
        task.cancel()
    for leader in duties._leaders:
        await leader.end()


async def test_one_process_trains_and_another_goes_on_when_it_ends(house: House, postgres: Database) -> None:
    async with house.process(Role.TRAINER, "two"), house.process(Role.TRAINER, "one"), postgres.read() as tx:
        assert await tx.leases.count("trainer") == 1
        assert await tx.leases.count("receiver") == 0
        assert await tx.leases.count("worker") == 0
    async with house.process(Role.TRAINER, "one"), postgres.read() as tx:
        assert await tx.leases.count("trainer") == 1


async def test_what_one_process_learns_to_know_the_others_find_at_once(house: House, tmp_path: Path) -> None:
    async with house.process(Role.WORKER, "one") as one, house.process(Role.WORKER, "two") as two:
        await add_text(one.app, tmp_path, "handbook.md", HANDBOOK_EN)
        async with one.app.database.read() as tx:
            generation = await tx.documents.generation()
        await until(lambda: two.app.knowledge.index.generation == generation)
        assert two.app.knowledge.index.size > 0


async def test_a_version_on_trial_and_its_end_reach_every_process(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace_version("other")

    async def load(_self: object, _inference: Inference, _version: str) -> object:
        return other

    monkeypatch.setattr("bot.rollout.Rollouts._load", load)
    async with house.process(Role.WORKER, "one") as one, house.process(Role.WORKER, "two") as two:
        before = one.app.inference.models.router.version
        async with one.app.database.write() as tx:
            await tx.rollouts.begin(KIND, "other", before, 0.25)
        await until(lambda: all(p.app.inference.on_trial == ("other", 0.25) for p in (one, two)))
        chats = range(400)
        assert [one.app.inference.of_chat(c).router.version for c in chats] == [
            two.app.inference.of_chat(c).router.version for c in chats
        ]
        await two.app.rollouts.roll_back(KIND, "command")
        await until(lambda: one.app.inference.on_trial is None and two.app.inference.on_trial is None)


async def test_a_training_run_is_called_off_from_another_process(house: House) -> None:
    async with house.process(Role.WORKER, "one") as one, house.process(Role.TRAINER, "two") as two:
        cancelled = asyncio.Event()

        async def job() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        async with one.app.database.write() as tx:
            run = await tx.runs.queue(NewRun(KIND))
            assert await tx.runs.begin(run.id)
        two.app.retraining._job = asyncio.create_task(job())
        await asyncio.sleep(0)
        assert await one.app.retraining.cancel()
        async with asyncio.timeout(PATIENCE):
            await cancelled.wait()


async def test_a_process_that_only_receives_has_no_models_and_is_seen_to_be_well(
    house: House, postgres: Database, tmp_path: Path
) -> None:
    settings = load_settings(home=tmp_path, telegram_api=house.server.api_url, web_port=0)
    async with (
        open_porch(settings, postgres) as porch,
        run_reception(settings, postgres, TOKEN, porch, Seat(Role.RECEIVER, "one", 1)) as username,
        httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{porch.port}") as client,
    ):
        assert username == "dawen_bot"
        assert (await client.get("/healthz")).json()["hears"]
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/v1/documents")).status_code == 404
        house.say(ADA, "hello there")
        await until(lambda: not house.server.simulation.world.state.updates)
        async with postgres.read() as tx:
            assert len(await tx.inbox.pending(BOT.id)) == 1


def replace_version(version: str) -> Router:
    router = small_models().router
    return Router(router.scorer, router.calibration, version)
