"""Short questions on the manual, on the papers of an office and on those of a clinic, a café and a bicycle shop, and on
what none of them says, asked of the whole bot.

The papers in `office/` and `counter/` and all questions were written for this. At the counters people ask in words of
their own ("flat tyre" for "puncture"), with one business's papers beside the manual at a time.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from bot.app import App
from bot.dialogue import Incoming, Person, Place, Reply
from bot.knowledge import Source
from storage.records import AnswerKind

MANUAL, OFFICE, COUNTER = (Path(__file__).with_name(f"{name}.jsonl") for name in ("manual", "office", "counter"))
PAPERS, COUNTERS = (Path(__file__).with_name(name) for name in ("office", "counter"))
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question of the set and what the bot made of it."""

    language: str
    question: str
    wanted: str | None  # a pattern
    reply: Reply

    @property
    def answered(self) -> bool:
        """True when the bot answered from its documents."""
        return self.reply.kind is AnswerKind.ANSWER

    @property
    def right(self) -> bool:
        """True when the shown text holds what answers the question, or when there is nothing to say and it said so."""
        if self.wanted is None:
            return not self.answered
        return self.answered and re.search(self.wanted, self.reply.plain) is not None

    @property
    def shown(self) -> bool:
        """True when the reply holds the answer, be it given or quoted as what may be meant."""
        return self.wanted is not None and re.search(self.wanted, self.reply.plain) is not None


async def add_papers(app: App) -> None:
    """Put the office's papers into the knowledge."""
    for path in sorted(PAPERS.iterdir()):
        await app.knowledge.add(Source(path, path.resolve().as_uri()))


async def ask_at_counters(app: App) -> list[Asked]:
    """Ask every business's questions with its own papers, which are removed again."""
    asked = []
    for business, rows in groupby(_rows(COUNTER), itemgetter("paper")):
        papers = sorted(COUNTERS.glob(f"{business}.*"))
        for path in papers:
            await app.knowledge.add(Source(path, path.resolve().as_uri()))
        asked += await _ask(app, list(rows))
        for path in papers:
            await app.knowledge.remove(path.resolve().as_uri())
    return asked


async def ask_all(app: App, file: Path) -> list[Asked]:
    """Ask every question as a message in a private chat."""
    return await _ask(app, _rows(file))


def _rows(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


async def _ask(app: App, rows: Sequence[Row]) -> list[Asked]:
    asked = []
    for number, row in enumerate(rows, 1):
        incoming = Incoming(Person(number, "Bench"), Place(number, "private"), row["question"])
        reply = await app.conversation.respond(incoming)
        asked.append(Asked(row["language"], row["question"], row["answer"], reply))
    return asked


def figures(asked: list[Asked], language: str) -> tuple[int, int, int, int, int, float]:
    """Of one language: answered rightly, shown the answer, answerable, refused rightly, absent, median milliseconds."""
    here = [item for item in asked if item.language == language]
    there, absent = [i for i in here if i.wanted], [i for i in here if not i.wanted]
    times = [sum(item.reply.timings.values()) for item in here]
    right, shown = (sum(getattr(item, name) for item in there) for name in ("right", "shown"))
    return right, shown, len(there), sum(item.right for item in absent), len(absent), float(np.median(times))
