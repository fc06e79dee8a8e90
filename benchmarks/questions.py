"""Short questions on the manual and on the papers of an office, and on what neither says, asked of the whole bot.

The papers in `office/` and all questions were written for this.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.app import App
from bot.dialogue import Incoming, Person, Place, Reply
from bot.knowledge import Source
from storage.records import AnswerKind

MANUAL, OFFICE = (Path(__file__).with_name(f"{name}.jsonl") for name in ("manual", "office"))
PAPERS = Path(__file__).with_name("office")


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


async def add_papers(app: App) -> None:
    """Put the office's papers into the knowledge."""
    for path in sorted(PAPERS.iterdir()):
        await app.knowledge.add(Source(path, path.resolve().as_uri()))


async def ask_all(app: App, file: Path) -> list[Asked]:
    """Ask every question as a message in a private chat."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    asked = []
    for number, row in enumerate(rows, 1):
        incoming = Incoming(Person(number, "Bench"), Place(number, "private"), row["question"])
        reply = await app.conversation.respond(incoming)
        asked.append(Asked(row["language"], row["question"], row["answer"], reply))
    return asked


def figures(asked: list[Asked], language: str) -> tuple[int, int, int, int, float]:
    """Of one language: answered rightly, answerable, refused rightly, absent, median milliseconds."""
    here = [item for item in asked if item.language == language]
    there, absent = [i for i in here if i.wanted], [i for i in here if not i.wanted]
    times = [sum(item.reply.timings.values()) for item in here]
    return sum(i.right for i in there), len(there), sum(i.right for i in absent), len(absent), float(np.median(times))
