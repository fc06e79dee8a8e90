"""Generators off the event loop, on threads of their own: one that is slow holds up its own chat and nobody else's.

Pieces come to the event loop as they are written. Each whole sentence is checked against its sources on the worker
thread of the models, between other people's messages, and only then handed on. Whatever goes wrong, the answer is the
quotation that was there before, no later than the time that a generator is given.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from bot import tracing
from bot.windows import DAY, Window
from nlp.errors import GeneratorError
from nlp.generator import Answerer, Budget, Draft, Generator, Kept, Task
from nlp.generators.base import SECONDS, TOKENS
from nlp.generators.claims import ClaimStream
from nlp.types import Answer, Statement

_log = logging.getLogger(__name__)
payer: ContextVar[int | None] = ContextVar("payer", default=None)
"""The person whose message is being answered, who pays for what generators write; None where nobody does."""
TOKENS_A_DAY = 100_000
_AT_ONCE = 32  # threads that wait for generators; they cost memory, no computing
Hear = Callable[[Statement], None]
Show = Callable[[str], None]  # takes the whole text so far; may be called from any thread, as often as one likes
Run = Callable[..., Awaitable[Any]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one answer of a generator may cost: new tokens, and seconds until the whole answer is there; and how many
    tokens one person may have a day, where each answer counts as if it took all that it may."""

    tokens: int = TOKENS
    seconds: float = SECONDS
    tokens_a_day: int = TOKENS_A_DAY


class Phraser:
    """Lets generators word answers. `run` runs a function of `nlp` on the worker thread of the models."""

    def __init__(self, run: Run, allowance: Allowance) -> None:
        self._run, self._allowance = run, allowance
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="generator")
        self._budgets: set[Budget] = set()
        self._days = Window(max(1, allowance.tokens_a_day // allowance.tokens), DAY)
        self.failures = 0  # how often nothing came of a generator's work

    async def phrase(self, answerer: Answerer, draft: Draft, hear: Hear | None) -> Answer:
        """The answer in the words of the generator, as far as its sources support them; else the draft's."""
        if draft.task is None:
            return draft.answer
        task = draft.task

        async def word(budget: Budget) -> Answer:
            kept = [kept async for kept in self._kept(answerer, task, budget, hear)]
            answer: Answer = await self._run(answerer.finish, draft, kept)
            return answer

        return await self._spend(answerer.generator, word, "the answer is quoted instead") or draft.answer

    async def compose(self, generator: Generator, task: Task, show: Show) -> str:
        """What a generator writes freely: a translation or a text; empty where it fails or takes too long.

        `show` is called with the whole text so far, as it grows.
        """

        async def write(budget: Budget) -> str:
            text = ""
            async for piece in self._pieces(generator, task, budget):
                text += piece or ""
                show(text)
            return text.strip()

        return await self._spend(generator, write, "nothing is written") or ""

    async def _spend(self, generator: Generator, work: Callable[[Budget], Awaitable[T]], otherwise: str) -> T | None:
        """What `work` makes of a budget; None where the person has used up a day's, or where the generator fails or
        takes too long, and the log says why."""
        person = payer.get()
        if person is not None and self._days.take(person, time.time()) > 0:
            return None
        budget = Budget.start(self._allowance.tokens, self._allowance.seconds)
        self._budgets.add(budget)
        try:
            with tracing.part("generate"):
                async with asyncio.timeout(self._allowance.seconds):
                    return await work(budget)
        except GeneratorError as error:
            _log.warning("%s; %s", error, otherwise)
        except TimeoutError:
            _log.warning("generator %r took too long; %s", generator.name, otherwise)
        finally:
            budget.cancel.set()
            self._budgets.discard(budget)
        self.failures += 1
        return None

    def close(self) -> None:
        """End everything that is being generated."""
        for budget in tuple(self._budgets):
            budget.cancel.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _kept(self, answerer: Answerer, task: Task, budget: Budget, hear: Hear | None) -> AsyncIterator[Kept]:
        """The sentences that their sources support, as they come."""
        stream = ClaimStream()
        async for piece in self._pieces(answerer.generator, task, budget):
            for claim in stream.close() if piece is None else stream.feed(piece):
                kept: Kept | None = await self._run(answerer.check, claim, task)
                if kept is not None:
                    if hear is not None:
                        hear(kept[0])
                    yield kept

    async def _pieces(self, generator: Generator, task: Task, budget: Budget) -> AsyncIterator[str | None]:
        """The pieces from the generator's thread, and None at the end."""
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[str | Exception | None] = asyncio.Queue()

        def read() -> None:
            end: Exception | None = None
            try:
                for piece in generator.stream(task, budget):
                    loop.call_soon_threadsafe(arrived.put_nowait, piece)
            except Exception as error:  # it belongs to the one who waits
                end = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(arrived.put_nowait, end)

        self._threads.submit(read)
        while (piece := await arrived.get()) is not None:
            if isinstance(piece, Exception):
                raise _as_generator_error(piece, generator)
            yield piece
        yield None


def _as_generator_error(error: Exception, generator: Generator) -> GeneratorError:
    if isinstance(error, GeneratorError):
        return error
    return GeneratorError(f"generator {generator.name!r} failed ({type(error).__name__})")
