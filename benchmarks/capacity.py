"""What a message costs, and how many machines a number of people need; the figures of docs/scaling.md.

    python -m benchmarks.capacity [--messages N] [--ray] [--json FILE]

Each message is a question about the manual on its way through the whole bot but Telegram: taken into the inbox, routed,
answered from the index, stored with its route and sources, marked as sent and done. A new home folder, SQLite. CPU
seconds are those of all threads of this process; `--ray` starts a Ray cluster on this machine and measures what is left
of them when encoder, router and close reader are on it, and what a call costs that computes nothing.
"""

import argparse
import asyncio
import importlib
import json
import math
import multiprocessing
import os
import socket
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine, resident_mb
from benchmarks.questions import MANUAL
from bot.app import App, open_app
from bot.commands.talk import log
from bot.dialogue import Incoming, Person, Place
from bot.progress import Silence
from bot.settings import load_settings
from storage.records import NewUpdate

PEOPLE = (1_000, 100_000, 10_000_000)
MESSAGES_A_DAY, PEAK = 5.0, 4.0  # of a person; of the busiest hour over the mean
BUSY = 0.6  # of its cores that a machine may use in that hour, so that waiting stays short
_AT_ONCE = 16
_CALLS = 300
_UPDATE = {"update_id": 1, "message": {"message_id": 1, "date": 1767225600, "chat": {"id": 1, "type": "private"}}}


@dataclass(frozen=True)
class Cost:
    """A message: CPU seconds of this process by stage and in all, seconds in all; with `_AT_ONCE` chats at once."""

    cpu_seconds: float
    messages_per_second: float
    memory_mb: float
    stages_ms: dict[str, float]


@dataclass(frozen=True)
class Stored:
    """What a message leaves in the database: rows and bytes, indexes of the tables included."""

    rows: float
    bytes: float


@dataclass(frozen=True)
class Call:
    """Milliseconds of a call to a cluster that computes nothing, and calls a second from so many threads at once."""

    p50_ms: float
    p95_ms: float
    per_second: float


@dataclass(frozen=True)
class Need:
    """What a number of people a day needs in the busiest hour; memory of the bot's processes in 10^9 bytes."""

    people: int
    messages_per_second: float
    cores: int
    memory_gb: float
    rows_a_day: float
    gb_a_year: float


def need(people: int, cost: Cost, stored: Stored) -> Need:
    """The machines for so many people a day, from what a message costs: one process for each core."""
    a_day = people * MESSAGES_A_DAY
    peak = a_day * PEAK / 86_400
    cores = max(1, math.ceil(peak * cost.cpu_seconds / BUSY))
    memory = cores * cost.memory_mb / 1000
    return Need(people, peak, cores, memory, a_day * stored.rows, a_day * stored.bytes * 365 / 1e9)


def main() -> None:
    """Measure, print as JSON, and keep it in a file where one is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--ray", action="store_true", help="also with the models on a Ray cluster on this machine")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    text = json.dumps(measure(options.messages, ray=options.ray), indent=1)
    print(text)
    if options.json is not None:
        options.json.write_text(text + "\n", encoding="utf-8")


def measure(messages: int, *, ray: bool) -> dict[str, Any]:
    """All figures, by name."""
    with tempfile.TemporaryDirectory(prefix="dawen-capacity-") as folder:
        home = Path(folder)
        _apart(home, _AT_ONCE)  # the first start, which trains the router
        cost, stored = _apart(home, messages, one_core=True)
        found: dict[str, Any] = {
            "machine": asdict(describe_machine()),
            "one_core": asdict(cost),
            "stored": asdict(stored),
            "needs": [asdict(need(people, cost, stored)) for people in PEOPLE],
        }
        if ray:
            found |= _on_ray(home, messages)
    return found


def _apart(home: Path, messages: int, inference: str = "", *, one_core: bool = False) -> tuple[Cost, Stored]:
    """The cost in a process of its own, of which nothing else is in memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, home, messages, inference, one_core).result()


def _measured(home: Path, messages: int, inference: str, one_core: bool) -> tuple[Cost, Stored]:
    if one_core:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return asyncio.run(_converse(home, messages, inference))


async def _converse(home: Path, messages: int, inference: str) -> tuple[Cost, Stored]:
    async with open_app(load_settings(home=home, inference=inference), Silence()) as app:
        await _answer(app, _AT_ONCE * 2)  # what is loaded when it is first needed
        size = _size(home / "dawen.db")
        spent, begun = time.process_time(), time.perf_counter()
        stages = await _answer(app, messages)
        spent, seconds = time.process_time() - spent, time.perf_counter() - begun
        grown = _size(home / "dawen.db")
        held = resident_mb()
    means = {name: float(np.mean(values)) for name, values in stages.items()}
    cost = Cost(spent / messages, messages / seconds, held[0] if held else 0.0, means)
    return cost, Stored((grown[0] - size[0]) / messages, (grown[1] - size[1]) / messages)


async def _answer(app: App, messages: int) -> dict[str, list[float]]:
    """So many questions, each in a chat of its own, some at once; milliseconds by stage."""
    rows = [json.loads(line)["question"] for line in MANUAL.read_text(encoding="utf-8").splitlines()]
    waiting = iter(enumerate(islice(cycle(rows), messages), time.time_ns() // 1000))
    stages: dict[str, list[float]] = {}

    async def chat() -> None:
        for number, question in waiting:
            for name, value in (await _one(app, number, question)).items():
                stages.setdefault(name, []).append(value)

    await asyncio.gather(*(chat() for _ in range(_AT_ONCE)))
    return stages


async def _one(app: App, number: int, question: str) -> dict[str, float]:
    incoming = Incoming(Person(number, "Bench"), Place(number, "private"), question, telegram_id=1, update_id=number)
    async with app.database.write() as tx:
        update = await tx.inbox.add(NewUpdate(1, number, str(number), {**_UPDATE, "text": question}))
    reply = await app.conversation.respond(incoming)
    await log(app, incoming, reply)
    async with app.database.write() as tx:
        if update is not None:
            await tx.inbox.finish(update.id, "done")
    return dict(reply.timings)


def _size(file: Path) -> tuple[int, int]:
    """Rows of all tables, and bytes in use."""
    with closing(sqlite3.connect(file)) as connection:

        def number(query: str) -> int:
            return int(connection.execute(query).fetchone()[0])

        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = sum(number(f'SELECT count(*) FROM "{name}"') for name in tables)  # noqa: S608 - names of our own tables
        pages = number("PRAGMA page_count") - number("PRAGMA freelist_count")
        return rows, pages * number("PRAGMA page_size")


def _on_ray(home: Path, messages: int) -> dict[str, Any]:
    """What is left for this process, and what calls cost from a node and from outside."""
    importlib.import_module("bot.remote")  # says how Ray is to be imported
    from ray.cluster_utils import Cluster

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nodes = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 8, "include_dashboard": False, "ray_client_server_port": port},
    )
    os.environ["RAY_ADDRESS"] = nodes.address
    try:
        cost, _ = _apart(home, messages, "ray://auto")
        calls = {
            name: asdict(_calls(address))
            for name, address in (("node", "ray://auto"), ("outside", f"ray://127.0.0.1:{port}"))
        }
        return {"on_ray": asdict(cost), "calls": calls}
    finally:
        del os.environ["RAY_ADDRESS"]
        nodes.shutdown()


def _calls(address: str) -> Call:
    from bot.remote.cluster import LANES, open_models
    from bot.remote.connection import connected
    from bot.remote.recipes import recipe_of
    from nlp.generator import GeneratorConfig

    with connected(address):
        cluster = open_models(address, recipe_of(load_settings(), GeneratorConfig()))
        ask = partial(cluster.ask, "encoder", "about")
        _timed(ask, 20)
        alone = _timed(ask, _CALLS)
        begun = time.perf_counter()
        with ThreadPoolExecutor(LANES) as pool:
            list(pool.map(lambda _: ask(), range(_CALLS)))
        rate = _CALLS / (time.perf_counter() - begun)
        cluster.close()
        return Call(float(np.percentile(alone, 50)), float(np.percentile(alone, 95)), rate)


def _timed(ask: Callable[[], Any], times: int) -> Sequence[float]:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        found.append((time.perf_counter() - begun) * 1e3)
    return found


if __name__ == "__main__":
    main()
