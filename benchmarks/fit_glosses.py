"""Choose which sense of a Chinese word `nlp/glosses.tsv` holds, from sentences and their translations.

python -m benchmarks.fit_glosses --chinese massive/zh-CN.train.jsonl --english massive/en-US.train.jsonl

Rows of the two files belong together line by line. The sense that occurs most often in the translations wins; where
the dictionary's senses do not occur, the English word or pair of words with the highest Dice coefficient does (Dice
1945; Melamed 2000 for its use on translations). The words chosen by hand at the head of the file stay.
"""

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from nlp.gloss import CHOICES, HAND_CHOSEN_END, glossary, hand_chosen, senses
from nlp.text import FUNCTION_WORDS, fold, han_runs
from nlp.training.data import read_examples

_SENSE_AT_LEAST = 0.2  # the share of a word's sentences whose translation holds the sense
_DICE_AT_LEAST = 0.4
_SEEN_AT_LEAST = 2


class Alignment:
    """How often Chinese words and English word stems, alone and in pairs, occur in sentences that belong together."""

    def __init__(self, chinese: Sequence[str], english: Sequence[str]) -> None:
        self.words: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()
        self._together: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._spelled: defaultdict[str, Counter[str]] = defaultdict(Counter)
        cut = glossary().segment
        for ours, theirs in zip(chinese, english, strict=True):
            grams = self._grams(theirs)
            self._stems.update(grams)
            for word in {word for run in han_runs(fold(ours)) for word in cut(run)}:
                self.words[word] += 1
                self._together[word].update(grams)

    def _grams(self, text: str) -> set[str]:
        spelled = re.findall(r"[a-z0-9']+", text.lower())
        for gram in [*spelled, *(f"{a} {b}" for a, b in pairwise(spelled))]:
            self._spelled[_stems(gram)][gram] += 1
        stems = [_stem(word) for word in spelled]
        return {*stems, *(f"{a} {b}" for a, b in pairwise(stems))}

    def choose(self, word: str, known: Sequence[str]) -> str | None:
        """The gloss of `word` that its translations speak for, if any does."""
        best = max(known, key=lambda sense: self._share(word, sense), default=None)
        if best is not None and self._share(word, best) >= _SENSE_AT_LEAST:
            return best
        aligned = [
            (2 * count / (self.words[word] + self._stems[gram]), gram)
            for gram, count in self._together[word].items()
            if count >= _SEEN_AT_LEAST and not FUNCTION_WORDS.issuperset(gram.split())
        ]
        dice, gram = max(aligned, default=(0.0, ""))
        if dice < _DICE_AT_LEAST or self.words[word] <= _SEEN_AT_LEAST:
            return None
        return self._spelled[gram].most_common(1)[0][0]

    def _share(self, word: str, sense: str) -> float:
        stems = _stems(sense.lower()).split()
        if not stems:
            return 0.0
        together = self._together[word]
        joined = " ".join(stems)
        count = together[joined] if len(stems) <= 2 else min(together[stem] for stem in stems)
        weight = 0.2 if FUNCTION_WORDS.issuperset(stems) else 1.0
        return weight * count / self.words[word]


def _stems(text: str) -> str:
    return " ".join(_stem(word) for word in re.findall(r"[a-z0-9']+", text))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)]
    return word


def main() -> None:
    """Align, choose, and write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chinese", type=Path, required=True)
    parser.add_argument("--english", type=Path, required=True)
    options = parser.parse_args()
    chinese, english = ([e.text for e in read_examples(path)] for path in (options.chinese, options.english))
    alignment, known, kept = Alignment(chinese, english), senses(), hand_chosen()
    lines = []
    for word, seen in sorted(alignment.words.items()):
        gloss = alignment.choose(word, known.get(word, [])) if seen >= _SEEN_AT_LEAST and word not in kept else None
        lines += [f"{word}\t{gloss}"] if gloss else []
    head, _, _ = CHOICES.read_text(encoding="utf-8").partition(HAND_CHOSEN_END)
    CHOICES.write_text(f"{head}{HAND_CHOSEN_END}\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} words chosen, {len(kept)} kept")


if __name__ == "__main__":
    main()
