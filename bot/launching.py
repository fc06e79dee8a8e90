"""Starting the trainer as a process of its own, hearing how far it is, and ending it."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.errors import RunError

_log = logging.getLogger(__name__)
# Few threads, which let others work while they wait.
_ENVIRONMENT = {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
_STOP_WITHIN = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Told:
    """How far a trainer is: `done` of `total` of a `phase`, which is train, judge or another word of its own."""

    phase: str
    done: int
    total: int


Tell = Callable[[Told], None]


class Launch(Protocol):
    """Does what the plan in a folder says, and leaves the result there."""

    async def __call__(self, folder: Path, tell: Tell) -> None:
        """Work until the result is written; cancelled, it stops at once.

        Raises:
            RunError: it ended without a result.
        """
        ...


async def launch_trainer(folder: Path, tell: Tell) -> None:
    """The trainer in a process of its own, at low priority, with few threads; it ends when this process does."""
    environment = {**os.environ, **_ENVIRONMENT}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.trainer",
        str(folder.resolve()),
        stdin=asyncio.subprocess.PIPE,  # never written to: its end tells the trainer that nobody waits any more
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        async for line in process.stdout or asyncio.StreamReader():
            if (told := heard(line)) is not None:
                tell(told)
        if await process.wait():
            raise RunError(f"the trainer ended with code {process.returncode}: see the log of the bot", "trainer")
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.kill()  # all that it writes appears whole, so nothing is half done
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _STOP_WITHIN)


def line(told: Told) -> str:
    """The line in which a trainer says how far it is."""
    return json.dumps({"phase": told.phase, "done": told.done, "total": told.total})


def heard(raw: bytes) -> Told | None:
    """What a line says; None for one that is none of the trainer's own."""
    try:
        said: dict[str, Any] = json.loads(raw)
        return Told(str(said["phase"]), int(said["done"]), int(said["total"]))
    except (ValueError, TypeError, KeyError):
        _log.info("the trainer printed something else than how far it is")
        return None
