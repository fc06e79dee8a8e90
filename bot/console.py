"""The terminal: results on stdout, everything else on stderr, and one clear sentence for what went wrong."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.errors import BotError
from nlp.errors import NlpError
from storage.errors import StorageError

out = Console(highlight=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
FAILED = 1
INTERRUPTED = 130


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's coroutine, on the quicker loop where there is one."""
    with clear_errors(), _signals_restored(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(work)


@contextmanager
def _signals_restored() -> Iterator[None]:
    """uvloop leaves its handlers behind, in which a signal comes to nothing."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop


@contextmanager
def clear_errors() -> Iterator[None]:
    """End the program with one sentence on stderr when something expected goes wrong."""
    try:
        yield
    except (BotError, NlpError, StorageError) as error:
        fail(str(error))
    except UnicodeError:
        fail("what was given is not text in the encoding of this terminal: use UTF-8")
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        sys.stderr.close()
        raise typer.Exit(FAILED) from None


def fail(message: str) -> NoReturn:
    """Say what went wrong and end with exit code 1."""
    err.print(f"dawen: {message}", markup=False)
    raise typer.Exit(FAILED)


def is_sure(question: str) -> bool:
    """Whether the answer is yes; ends the program where nobody is there to answer. Standard output stays clean."""
    err.print(f"{question} [y/N] ", end="", markup=False)
    try:
        return input().strip().lower() in ("y", "yes")
    except EOFError:
        err.print()
        fail("nobody is there to answer: use --yes to do it without a question")


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def print_table(rows: list[tuple[object, ...]], *headers: str) -> None:
    """A plain table on stdout."""
    table = Table(box=None, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    out.print(table)
