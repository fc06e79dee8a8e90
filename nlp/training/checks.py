"""What is wrong with training data: too little of it, repeats, contradictions, and vectors that are no numbers.

Only what cannot teach at all is refused; the rest is trained on as it is, counted, and told to whoever trains.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.encoder import Encoded
from nlp.errors import DataError, EncoderError
from nlp.router import OUT_OF_SCOPE
from nlp.text import TOKEN, detect_language
from nlp.training.data import Example

STRANGE_LABELS = frozenset({"oos", OUT_OF_SCOPE})  # rows with these labels teach what the bot was not made for
_SHOWN = 3
_BEARABLE = 0.01  # share of rows without words that nobody need hear of: "?" and "👍" are messages too


@dataclass(frozen=True)
class Contradiction:
    """One text with several labels, and where the first row with each label stands."""

    text: str
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Findings:
    """What a training set holds.

    `duplicates` counts the rows that repeat an earlier row; `contradicted` the texts with several labels, of which
    `contradictions` shows the first; `wordless` the rows without a letter or digit; `lone` names the labels with a
    single row. `labels`, `topics` and `languages` count rows.
    """

    rows: int
    labels: dict[str, int]
    topics: dict[str, int]
    languages: dict[str, int]
    duplicates: int = 0
    wordless: int = 0
    lone: tuple[str, ...] = ()
    contradicted: int = 0
    contradictions: tuple[Contradiction, ...] = field(default=())

    def notices(self) -> list["Notice"]:
        """What the owner of the data should know. Rows are named by where they stand, and no text is quoted."""
        found = []
        if self.contradictions:
            first = [f"{label!r} ({origin})" for label, origin in self.contradictions[0].labels]
            found.append(
                Notice(
                    f"texts with more than one label: {self.contradicted}, such as {' and '.join(first)}",
                    f"带有多个不同标签的文本：{self.contradicted} 条，例如 {'、'.join(first)}",
                )
            )
        if self.lone:
            found.append(
                Notice(
                    f"labels with a single example: {len(self.lone)}, such as {self.lone[0]!r}; add rows",
                    f"只有一条样本的标签：{len(self.lone)} 个，例如 {self.lone[0]!r}；请补充样本",
                )
            )
        if self.wordless > _BEARABLE * self.rows:
            found.append(
                Notice(
                    f"rows without a letter or digit: {self.wordless}; they teach next to nothing",
                    f"不含任何文字或数字的样本：{self.wordless} 行，几乎不起作用",
                )
            )
        return found


@dataclass(frozen=True)
class Notice:
    """One sentence in two languages."""

    english: str
    chinese: str


def teaching(examples: Sequence[Example]) -> list[Example]:
    """The examples that teach: those of a weight above 0.

    Raises:
        DataError: a weight is below 0 or not a finite number.
    """
    for example in examples:
        if not 0 <= example.weight < float("inf"):
            raise DataError(f"{example.origin or 'a row'} has weight {example.weight}: give 0 or a number above it")
    return [example for example in examples if example.weight > 0]


def check_examples(examples: Sequence[Example]) -> None:
    """Refuse examples from which no router can be made.

    Raises:
        DataError: there are fewer than two intents, or no intent of which one row can teach and another calibrate.
    """
    counts = Counter(example.intent for example in examples)
    if len(counts) < 2:
        raise DataError(f"a router needs at least two different labels, {len(counts)} found: add rows of other labels")
    if all(count < 2 for label, count in counts.items() if label not in STRANGE_LABELS):
        raise DataError(
            f"each of the {len(counts)} labels has a single example, such as {min(counts)!r}: add rows, two at least "
            "of one label"
        )


def inspect(examples: Sequence[Example]) -> Findings:
    """What a training set holds, and what its owner should know about it."""
    labels = Counter(example.intent for example in examples)
    contradictions = _contradictions(examples)
    return Findings(
        rows=len(examples),
        labels=dict(labels.most_common()),
        topics=dict(Counter(example.topic for example in examples if example.topic).most_common()),
        languages=dict(Counter(detect_language(example.text) for example in examples).most_common()),
        duplicates=len(examples) - len({(example.text, example.intent, example.topic) for example in examples}),
        wordless=sum(TOKEN.search(example.text) is None for example in examples),
        lone=tuple(label for label, count in labels.items() if count == 1),
        contradicted=len(contradictions),
        contradictions=tuple(contradictions[:_SHOWN]),
    )


def _contradictions(examples: Sequence[Example]) -> list[Contradiction]:
    """Texts with several intents; letter case and white space make no difference."""
    found: dict[str, dict[str, Example]] = defaultdict(dict)
    for example in examples:
        found[" ".join(example.text.casefold().split())].setdefault(example.intent, example)
    return [
        Contradiction(next(iter(rows.values())).text, tuple((label, row.origin) for label, row in rows.items()))
        for rows in found.values()
        if len(rows) > 1
    ]


def check_encoded(encoded: Encoded, examples: Sequence[Example], width: int | None = None) -> Encoded:
    """The vectors of `examples` (n, d) as they are, if they are fit to train on; `width` is the d to be expected.

    Raises:
        EncoderError: they are not one for each example, have another width, or hold NaN or infinity.
    """
    vectors, coverage = encoded.vectors, encoded.coverage
    if vectors.ndim != 2 or len(vectors) != len(examples) or coverage.shape != (len(examples),):
        raise EncoderError(
            f"the encoder gives vectors of shape {vectors.shape} and coverage of shape {coverage.shape} for "
            f"{len(examples)} texts, not one of each for each: use another encoder"
        )
    if width is not None and vectors.shape[1] != width:
        raise EncoderError(f"the encoder gives {vectors.shape[1]} numbers a text after {width}: use another encoder")
    bad = np.flatnonzero(~(np.isfinite(vectors).all(axis=1) & np.isfinite(coverage)))
    if len(bad):
        row = examples[int(bad[0])]
        raise EncoderError(
            f"the encoder gives no finite numbers for {row.origin or repr(row.text[:60])} and {len(bad) - 1} other "
            "texts: remove them or use another encoder"
        )
    return encoded
