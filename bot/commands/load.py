"""`dawen bench load`: the whole bot, as a process of its own with the real models, before a crowd.

Three things are measured: how long people wait at a steady rate, and whether memory grows; whether one who floods the
bot slows down the others; how fast a backlog is worked off. The bot routes, retrieves, answers from its manual, logs
and sends, with SQLite in a scratch folder.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bot import console
from bot.crowd import TOKEN, Crowd, Wait, serving
from bot.errors import StartError
from bot.own_manual import manual_questions
from bot.settings import Settings

_FLOODER = 1_000_000  # a person who is none of the crowd
_READY = b"Dawen is ready"
_LOADS_FOR = 10.0  # seconds, beside answers, once it is ready: `bot.warming`
_SETTLED_WITHIN = 120.0  # seconds for what is still unanswered at the end
_LEAST = 10.0  # messages a second from a backlog, below which it is given up
_WARM = 60.0  # seconds after which memory must not grow


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done: `rate` messages a second from `people` for `seconds`; then as long with a flood of `flood` messages
    a second; then `backlog` messages at once."""

    people: int = 1_000
    rate: float = 30.0
    seconds: float = 600.0
    flood: float = 1_000.0
    backlog: int = 50_000

    def shorter(self) -> "Plan":
        """A plan for a few minutes, which shows that everything works rather than how well."""
        return Plan(min(self.people, 100), self.rate, min(self.seconds, 20.0), self.flood, min(self.backlog, 500))


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """Waits are in milliseconds, memory in 10^6 bytes: growth after the first minute, and over the whole backlog.

    `processor_ms` is the processor time that the bot takes for a message, which no other program on the machine changes
    much: the cores' milliseconds in a second over it are the most messages a second that can be.
    """

    messages: int
    unanswered: int
    per_second: float
    wait_ms_p50: float
    wait_ms_p95: float
    wait_ms_max: float
    processor_ms: float
    memory_mb: float
    memory_growth_mb: float
    flood_wait_ms_p95: float
    flood_factor: float
    backlog_per_second: float
    backlog_growth_mb: float


async def bench_load(settings: Settings, plan: Plan, *, as_json: bool) -> None:
    """Measure, and print the figures.

    Raises:
        StartError: the bot did not start.
    """
    figures = {name: round(value, 2) for name, value in asdict(await measure(settings, plan)).items()}
    if as_json:
        console.print_json(figures)
        return
    console.print_table([(name.replace("_", " "), f"{value:g}") for name, value in figures.items()], "", "")


async def measure(settings: Settings, plan: Plan) -> LoadFigures:
    """The figures of a plan, from a bot with the models of the settings."""
    lines = manual_questions().read_text(encoding="utf-8").splitlines()
    crowd = Crowd([json.loads(line)["question"] for line in lines])
    async with serving(crowd) as address, _bot(settings, address) as process:
        steady = await _steady(crowd, process, plan)
        flooded = await _flooded(crowd, plan)
        drained = await _drained(crowd, process, plan)
    calm, p95 = [wait.seconds for wait in steady.waits], _share([wait.seconds for wait in flooded], 0.95)
    return LoadFigures(
        messages=len(calm),
        unanswered=steady.unanswered,
        per_second=len(calm) / plan.seconds,
        wait_ms_p50=1000 * _share(calm, 0.5),
        wait_ms_p95=1000 * _share(calm, 0.95),
        wait_ms_max=1000 * max(calm, default=0.0),
        processor_ms=1000 * steady.processor / max(1, len(calm)),
        memory_mb=steady.memory,
        memory_growth_mb=steady.growth,
        flood_wait_ms_p95=1000 * p95,
        flood_factor=p95 / max(_share(calm, 0.95), 1e-9),
        backlog_per_second=drained[0],
        backlog_growth_mb=drained[1],
    )


@dataclass(frozen=True, slots=True)
class _Steady:
    waits: Sequence[Wait]
    unanswered: int
    processor: float  # seconds
    memory: float
    growth: float


async def _steady(crowd: Crowd, process: Process, plan: Plan) -> _Steady:
    first, memory, before = len(crowd.waits), [], _processor(process.pid)

    def look(passed: float) -> None:
        if passed >= min(_WARM, plan.seconds / 2):
            memory.append(_resident(process.pid))

    await _talk(crowd, plan, look)
    await _settle(crowd)
    growth = memory[-1] - memory[0] if memory else 0.0
    used = _processor(process.pid) - before
    return _Steady(crowd.waits[first:], crowd.unanswered, used, _resident(process.pid), growth)


async def _flooded(crowd: Crowd, plan: Plan) -> list[Wait]:
    """The waits of everybody else while one person floods the bot for a minute, or as long as the plan lasts."""
    first, seconds = len(crowd.waits), min(plan.seconds, 60.0)
    short = Plan(plan.people, plan.rate, seconds)
    crowd.forget(_FLOODER)
    flood = asyncio.create_task(_flood(crowd, plan.flood, seconds))
    await _talk(crowd, short, lambda _: None)
    await flood
    await _settle(crowd)
    return [wait for wait in crowd.waits[first:] if wait.person != _FLOODER]


async def _drained(crowd: Crowd, process: Process, plan: Plan) -> tuple[float, float]:
    """Messages a second while a backlog is worked off, and by how much memory grew meanwhile at most."""
    day, before, first = 86_400.0, _resident(process.pid), len(crowd.waits)
    for number in range(plan.backlog):
        crowd.say(number % plan.people, ago=day * (1 - number / plan.backlog))
    began, most = time.monotonic(), before
    while crowd.unanswered:
        await asyncio.sleep(0.5)
        most = max(most, _resident(process.pid))
        if time.monotonic() - began > plan.backlog / _LEAST + _SETTLED_WITHIN:
            break
    return (len(crowd.waits) - first) / (time.monotonic() - began), most - before


async def _talk(crowd: Crowd, plan: Plan, look: Callable[[float], None]) -> None:
    """People write in turn at a steady rate; `look` is called every second with the seconds that have passed."""
    began, looked = time.monotonic(), 0.0
    for number in range(int(plan.rate * plan.seconds)):
        passed = time.monotonic() - began
        if passed - looked >= 1.0:
            looked = passed
            look(passed)
        await asyncio.sleep(max(0.0, number / plan.rate - passed))
        crowd.say(number % plan.people)


async def _flood(crowd: Crowd, rate: float, seconds: float) -> None:
    began, said = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while said < rate * passed:
            crowd.say(_FLOODER)
            said += 1
        await asyncio.sleep(0.01)


async def _settle(crowd: Crowd) -> None:
    """Wait until everybody who is waited for has an answer and every update is fetched."""
    give_up = time.monotonic() + _SETTLED_WITHIN
    while (crowd.unanswered or crowd.unfetched) and time.monotonic() < give_up:  # noqa: ASYNC110 - nobody rings
        await asyncio.sleep(0.1)


@asynccontextmanager
async def _bot(settings: Settings, address: str) -> AsyncIterator[Process]:
    """`dawen run` with the models of the settings in a scratch folder; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="dawen-load-") as folder:
        if settings.models_folder.is_dir():  # else they are made first, which takes a minute or more
            shutil.copytree(settings.models_folder, Path(folder) / "models")
        chosen = {
            "DAWEN_HOME": folder,
            "DAWEN_DATABASE": "",
            "DAWEN_TELEGRAM_API": address,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "DAWEN_OPEN": "1",
            "DAWEN_CONSENT": "assumed",
            "DAWEN_ENCODER": settings.encoder,
            "DAWEN_DEVICE": settings.device,
            "DAWEN_LOG_LEVEL": "error",
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "bot", "run"]
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **chosen}, stdout=PIPE)
        try:
            await _ready(process)
            await asyncio.sleep(_LOADS_FOR)
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _ready(process: Process) -> None:
    async for line in process.stdout or asyncio.StreamReader():
        if _READY in line:
            return
    raise StartError("the bot that was to be measured did not start: see what it said above")


def _share(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies; 0 where there are none."""
    return sorted(values)[int(share * (len(values) - 1))] if values else 0.0


def _resident(pid: int) -> float:
    """What a process holds in memory, in 10^6 bytes; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return 0.0
    fields = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
    return int(fields["VmRSS"].split()[0]) * 1024 / 1e6


def _processor(pid: int) -> float:
    """The seconds that a process has computed so far; 0 where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.is_file():
        return 0.0
    fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
