"""The command line: in this process over small models, or in a process of its own."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from bot.cli import app
from bot.logs import _TALKATIVE
from tests.support.models import EXAMPLES


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: its exit code and both of its outputs."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    @property
    def complaint(self) -> str:
        """The one sentence that says why the command failed."""
        assert (self.code, self.out) == (1, "")
        assert "Traceback" not in self.err
        (line,) = [line for line in self.err.splitlines() if line.startswith("dawen: ")]
        return line.removeprefix("dawen: ")


@dataclass(frozen=True)
class Terminal:
    """Runs commands in this process. `env` is the environment of each."""

    env: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: object, typed: str = "", **env: str) -> Outcome:
        """Run `dawen WORDS`; only an exception that nobody foresaw is raised."""
        result = CliRunner().invoke(app, [str(word) for word in words], input=typed, env={**self.env, **env})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)


@contextmanager
def logs_as_before() -> Iterator[None]:
    """Undo how commands set up logging."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in _TALKATIVE}
    try:
        yield
    finally:
        for name, quiet in levels.items():
            logging.getLogger(name).setLevel(quiet)
        root.handlers[:] = handlers
        root.setLevel(level)


def run_process(*words: object, env: Mapping[str, str], cwd: Path) -> Outcome:
    """Run `python -m bot WORDS` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **env},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def launch(*words: object, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """What two processes that torchrun starts print."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **(env or {})}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write a JSON Lines file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_seeds(folder: Path) -> Path:
    """A folder with training examples from which a router is made in a moment."""
    write_lines(folder / "seeds.jsonl", ({"text": e.text, "intent": e.intent, "topic": e.topic} for e in EXAMPLES))
    return folder
