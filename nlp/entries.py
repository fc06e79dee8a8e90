"""Question-answer entries: lists of frequent questions, as tables, records or text.

A question becomes the heading of its answer, and the answer a whole block: it is found by both, and shown uncut.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nlp.blocks import QUESTION, Block, join_lines
from nlp.text import clean, fold

_QUESTIONS = frozenset("question questions q query 问题 问 提问 标准问题 标准问".split())
_ANSWERS = frozenset("answer answers a response reply 答案 答 回答 回复 答复 解答 标准答案".split())

_COLON = r"[ \t]*\d{0,4}(?:\*\*|__)?[ \t]*[:：]"
_ASKS = rf"(?:[qｑ]|question|问题?|提问|問題?|提問){_COLON}"
_ANSWERS_IT = rf"(?:[aａ]|answer|答案?|回答){_COLON}"
_BULLET = r"[ \t]*(?:[-*•#>]+[ \t]+|\d+[.)、][ \t]*)?(?:\*\*|__)?"
_LINE = re.compile(rf"^{_BULLET}(?:{_ASKS}|{_ANSWERS_IT})", re.IGNORECASE | re.MULTILINE)
_ANSWER_IN_LINE = re.compile(rf"^({_BULLET}{_ASKS}.*?[\s?？。！])({_ANSWERS_IT})", re.IGNORECASE | re.MULTILINE)
_QUESTION_BLOCK = re.compile(rf"{_BULLET}{_ASKS}(?:\*\*|__)?\s*", re.IGNORECASE)
_ANSWER_BLOCK = re.compile(rf"{_BULLET}{_ANSWERS_IT}(?:\*\*|__)?\s*", re.IGNORECASE)
_FEWEST = 2  # pairs that make a list of them; one alone may be a quotation
_LEAST_SHARE = 0.5  # of a document's characters that belong to its pairs


def entry_columns(names: Sequence[str]) -> tuple[int, int] | None:
    """The places of the question and of the answer among the names of columns or keys, if both are there."""
    folded = [fold(name).strip(" :_*") for name in names]
    question = next((place for place, name in enumerate(folded) if name in _QUESTIONS), None)
    answer = next((place for place, name in enumerate(folded) if name in _ANSWERS), None)
    return None if question is None or answer is None else (question, answer)


def entry(question: str, answer: str, page: int | None = None) -> list[Block]:
    """An entry as blocks. The answer keeps its lines; the question becomes one line."""
    text = re.sub(r"\s*\n(?:\s*\n)+", "\n\n", clean(answer)).strip()
    return [Block(join_lines(clean(question).split("\n")), QUESTION, page), Block(text, 0, page, whole=True)]


def blocks_with_entries(text: str, cut: Callable[[str], list[Block]]) -> list[Block]:
    """`cut(text)`, with entries where the text is a list of pairs such as "Q: … A: …" or "问：… 答：…"."""
    text = clean(text)
    if len(_LINE.findall(text)) < _FEWEST:
        return cut(text)
    parted = _LINE.sub(r"\n\g<0>", _ANSWER_IN_LINE.sub(r"\1\n\2", text))
    return _paired(cut(parted)) or cut(text)


@dataclass
class _Pair:
    page: int | None
    question: list[str] = field(default_factory=list)
    answer: list[str] | None = None

    def take(self, text: str) -> None:
        """A further paragraph of what the pair has come to."""
        (self.question if self.answer is None else self.answer).append(text)

    def blocks(self) -> list[Block]:
        """The pair as an entry."""
        return entry("\n".join(self.question), "\n".join(self.answer or ()), self.page)


def _paired(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with their pairs as entries; nothing where they do not clearly consist of pairs."""
    found: list[Block | _Pair] = []
    for block in blocks:
        last = found[-1] if found else None
        if asks := _QUESTION_BLOCK.match(block.text):
            found.append(_Pair(block.page, [block.text[asks.end() :]]))
        elif not isinstance(last, _Pair) or block.level:
            found.append(block)
        elif (answers := _ANSWER_BLOCK.match(block.text)) and last.answer is None:
            last.answer = [block.text[answers.end() :]]
        else:
            last.take(block.text)
    return _flat(found) if _consists_of_pairs(found) else []


def _consists_of_pairs(found: Sequence[Block | _Pair]) -> bool:
    pairs = [item for item in found if isinstance(item, _Pair)]
    if len(pairs) < _FEWEST or not all(any(pair.question) and any(pair.answer or ()) for pair in pairs):
        return False
    inside = sum(len(text) for pair in pairs for text in (*pair.question, *(pair.answer or ())))
    outside = sum(len(item.text) for item in found if isinstance(item, Block) and not item.level)
    return inside >= _LEAST_SHARE * (inside + outside)


def _flat(found: Sequence[Block | _Pair]) -> list[Block]:
    return [block for item in found for block in (item.blocks() if isinstance(item, _Pair) else [item])]
