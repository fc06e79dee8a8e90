"""How well follow-ups are made self-contained, on a set of real conversations with rewrites made by people.

python -m benchmarks.follow_up --data FILE [--half 1]

FILE is JSON Lines: `context`, the utterance before and the reply to it; `question`, the follow-up; `rewrite`, what
it means. The rules were made while looking at the first half of the rows (0, 2, 4, …); the second is held out.
"""

import argparse
import difflib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.follow_up import Exchange, rewrite

_END = "？?"
_PRONOUN = re.compile("[它他她]|这[个本部首]")


@dataclass(frozen=True, slots=True)
class Row:
    """A follow-up with what was said before it and what it means."""

    said: str
    replied: str
    question: str
    meant: str

    @property
    def history(self) -> list[Exchange]:
        """What was said before."""
        return [Exchange(self.said, self.replied)]

    @property
    def missing(self) -> str:
        """The longest stretch that the meaning adds to the follow-up: mostly the noun that it left out."""
        steps = difflib.SequenceMatcher(None, self.question, self.meant, autojunk=False).get_opcodes()
        added = [self.meant[start:end] for kind, _, _, start, end in steps if kind in ("insert", "replace")]
        return max(added, key=len, default="").strip("的")


@dataclass(frozen=True, slots=True)
class Figures:
    """How the rewrites compare with those made by people; all but `rows` are shares in [0, 1].

    `f1` counts characters, `f1_before` is that of the questions as they were. `restored` is how often the missing noun
    came back: over all rows, where a pronoun stands for it, and where a rule applied. `left_alone` is of questions that
    say everything already, `left_alone_new_topic` of the first utterance of the next conversation.
    """

    rows: int
    exact: float
    f1: float
    f1_before: float
    restored: float
    restored_pronouns: float
    restored_touched: float
    left_alone: float
    left_alone_new_topic: float


def read_rows(path: Path, half: int) -> list[Row]:
    """Every second row of the file, from row `half` (0 or 1) on."""
    lines = path.read_text(encoding="utf-8").splitlines()[half::2]
    return [
        Row(row["context"][0], row["context"][1], row["question"], row["rewrite"]) for row in map(json.loads, lines)
    ]


def measure(rows: Sequence[Row]) -> Figures:
    """The figures of some rows."""
    made = [rewrite(row.question, row.history).strip(_END) for row in rows]
    pairs = [(row, text) for row, text in zip(rows, made, strict=True) if row.missing]
    next_topics = [row.said for row in [*rows[1:], rows[0]]]
    return Figures(
        rows=len(rows),
        exact=_share([text == row.meant for row, text in zip(rows, made, strict=True)]),
        f1=_share([f1(text, row.meant) for row, text in zip(rows, made, strict=True)]),
        f1_before=_share([f1(row.question, row.meant) for row in rows]),
        restored=_share([row.missing in text for row, text in pairs]),
        restored_pronouns=_share([row.missing in text for row, text in pairs if _PRONOUN.search(row.question)]),
        restored_touched=_share([row.missing in text for row, text in pairs if text != row.question]),
        left_alone=_share([rewrite(row.meant, row.history) == row.meant for row in rows]),
        left_alone_new_topic=_share(
            [rewrite(said, row.history) == said for row, said in zip(rows, next_topics, strict=True)]
        ),
    )


def f1(made: str, meant: str) -> float:
    """The F1 of two texts over their characters."""
    same = sum((Counter(made) & Counter(meant)).values())
    return 2 * same / (len(made) + len(meant)) if same else 0.0


def _share(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the JSON Lines file")
    parser.add_argument("--half", type=int, choices=(0, 1), default=1, help="which half: 1 is held out")
    options = parser.parse_args()
    found = measure(read_rows(options.data, options.half))
    for name in Figures.__slots__:
        print(f"{name:22} {getattr(found, name):.3f}".rstrip("0").rstrip("."))


if __name__ == "__main__":
    main()
