"""Text: normal forms, language, terms, sentences. Everything here treats mixed English and Chinese as normal input."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from nlp.types import Language, Span

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_CHAR = re.compile(f"[{HAN}]")
_HAN_RUN = re.compile(f"[{HAN}]+")
_A_WORD = rf"[^\W_{HAN}]+(?:['’][^\W_{HAN}]+)?"
_WORD = re.compile(_A_WORD)
TOKEN = re.compile(rf"[{HAN}]+|{_A_WORD}")
UNIT = re.compile(rf"[{HAN}]|{_A_WORD}")  # what `length` counts
_ZH_FUNCTION = re.compile("[的是吗呢吧啊么什怎哪谁几多少请我你他她它们了在有没不和与这那把被让给为會麼嗎請們這個沒為]")
FUNCTION_WORDS = frozenset(
    (
        "a an and are at be by can could do does did for from has have how i in is it me my not of on or "
        "please say that the this to translate was we what when where which who why will with would you your"
    ).split()
)
_HAN_STOP = re.compile("[。！？…]+[”’」』）》]*")
_OPENING = re.compile(r"(?<=\s)[\"“‘'(\[]$")
# Lone surrogates cannot be stored or sent; zero-width and control characters only hide differences.
_INVISIBLE = re.compile(
    "[\ud800-\udfff\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060\ufeff]"
)


def clean(text: str) -> str:
    """`text` without control, zero-width and lone surrogate characters, with plain line ends."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@cache
def _to_simplified() -> object:
    from opencc import OpenCC

    return OpenCC("tw2sp")


def simplify(text: str) -> str:
    """`text` with traditional Chinese characters, and words used in Taiwan, turned into those of the mainland."""
    if not _HAN_CHAR.search(text):
        return text
    converted: str = _to_simplified().convert(text)  # type: ignore[attr-defined]
    return converted


def fold(text: str) -> str:
    """The form that is compared: compatibility characters, letter case and Chinese variants folded together."""
    return simplify(unicodedata.normalize("NFKC", clean(text)).casefold())


def detect_language(text: str) -> Language:
    """The language a person who wrote `text` expects to read: Chinese or English.

    A Chinese sentence with English terms in it is Chinese, and the reverse; function words weigh most, because
    names and quoted words are what gets mixed in.
    """
    han = len(_HAN_CHAR.findall(text))
    if not han:
        return "en"
    words = _WORD.findall(text.casefold())
    chinese = 0.5 * han + 1.5 * len(_ZH_FUNCTION.findall(text))
    english = 0.7 * len(words) + 1.5 * sum(word in FUNCTION_WORDS for word in words)
    return "zh" if chinese >= english else "en"


def han_share(text: str) -> float:
    """The share of Chinese characters among the letters of `text`, in [0, 1]."""
    han = len(_HAN_CHAR.findall(text))
    letters = han + sum(len(word) for word in _WORD.findall(text))
    return han / letters if letters else 0.0


def has_han(text: str) -> bool:
    """True when `text` holds a Chinese character."""
    return _HAN_CHAR.search(text) is not None


def is_han(text: str) -> bool:
    """True when `text` starts with a Chinese character."""
    return _HAN_CHAR.match(text) is not None


def words(folded: str) -> list[str]:
    """The words of a folded text; a run of Chinese characters is not a word and is left out."""
    return _WORD.findall(folded)


def han_runs(folded: str) -> list[str]:
    """The unbroken runs of Chinese characters of a folded text."""
    return _HAN_RUN.findall(folded)


def length(text: str) -> int:
    """Reading length: words plus Chinese characters."""
    return len(_HAN_CHAR.findall(text)) + len(_WORD.findall(text))


@lru_cache(maxsize=2)
def _sentencizer(language: Language) -> "Pipeline":
    import spacy

    pipeline = spacy.blank(language)
    pipeline.max_length = 10_000_000
    marks = [".", "!", "?", "。", "！", "？", "!?", "?!", "？！", "！？", "…", "……"]
    pipeline.add_pipe("sentencizer", config={"punct_chars": marks})
    return pipeline


def sentences(text: str, language: Language | None = None) -> list[Span]:
    """The sentences of `text` as spans, without surrounding white space; a line end always ends a sentence."""
    found: list[Span] = []
    for start, line in _lines(text):
        kind = language or detect_language(line)
        ends = {sentence.end_char for sentence in _sentencizer(kind)(line).sents}
        ends.update(stop.end() for stop in _HAN_STOP.finditer(line))  # the English tokenizer sees these as letters
        found += _split_line(text, start, sorted(ends))
    return found


def _split_line(text: str, start: int, ends: list[int]) -> Iterator[Span]:
    begin = start
    for end in ends:
        if _is_inside(text, start + end):
            continue
        # spaCy leaves an opening quote with the sentence before it; it belongs to the one that it opens.
        opening = _OPENING.search(text, begin, start + end)
        stop = opening.start() if opening and end != ends[-1] else start + end
        span = _trim(text, begin, stop)
        if span.start < span.end:
            yield span
        begin = stop


def _is_inside(text: str, end: int) -> bool:
    """True for a full stop that ends no sentence: that of "3.11", which spaCy's Chinese tokenizer takes apart."""
    return text[end - 1] == "." and text[end : end + 1].isalnum() and not is_han(text[end : end + 1])


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            yield start, line
        start += len(line)


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
