"""The seeds: enough of every class in each language, no row twice, and the test rows apart from the rest."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest

from nlp.text import detect_language
from nlp.training.data import SEEDS, Example, read_examples, seed_files

INTENTS = (
    "question follow_up summarize translate write greeting thanks goodbye help about_bot praise complaint "
    "correction human chitchat out_of_scope"
).split()
TOPICS = [
    "technology",
    "business",
    "finance",
    "sports",
    "science",
    "health",
    "education",
    "entertainment",
    "politics",
    "society",
    "travel",
    "games",
    "other",
]


def rows(language: str, split: str = "") -> list[Example]:
    return read_examples(SEEDS / f"{language}{split}.jsonl")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_class_has_sixty_different_utterances(language: str) -> None:
    texts: dict[str, set[str]] = defaultdict(set)
    for row in rows(language):
        texts[f"intent {row.intent}"].add(normal(row.text))
        texts[f"topic {row.topic}"].add(normal(row.text))
    wanted = {f"intent {name}" for name in INTENTS} | {f"topic {name}" for name in TOPICS}
    assert set(texts) == wanted
    assert {name: len(found) for name, found in texts.items() if len(found) < 60} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_class_is_tested(language: str) -> None:
    held_out = rows(language, ".test")
    assert Counter(row.intent for row in held_out).keys() == set(INTENTS)
    assert min(Counter(row.topic for row in held_out).values()) >= 10


@pytest.mark.parametrize("language", ["en", "zh"])
def test_utterances_are_short_and_long_and_mostly_of_their_language(language: str) -> None:
    lengths = sorted(len(row.text) for row in rows(language))
    assert lengths[len(lengths) // 10] <= 20
    assert lengths[-len(lengths) // 10] >= 30
    own = [detect_language(row.text) == language for row in rows(language)]
    assert sum(own) / len(own) > 0.95


def test_no_row_comes_again_in_train_or_test() -> None:
    everything = [row for path in SEEDS.glob("*.jsonl") for row in read_examples(path)]
    again = [text for text, count in Counter(normal(row.text) for row in everything).items() if count > 1]
    assert again == []


def test_no_test_row_is_nearly_a_training_row() -> None:
    training = read_examples(*seed_files())
    held_out = rows("en", ".test") + rows("zh", ".test")
    assert list(near_duplicates(training, held_out)) == []


def test_test_rows_are_not_trained_on() -> None:
    assert [path.name for path in seed_files()] == ["en.jsonl", "zh.jsonl"]


def normal(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip() or text


def grams(text: str) -> frozenset[str]:
    padded = f" {normal(text)} "
    size = 2 if re.search("[\u4e00-\u9fff]", padded) else 3
    return frozenset(padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))


def near_duplicates(
    training: Iterable[Example], held_out: Iterable[Example], limit: float = 0.6
) -> Iterable[tuple[str, str]]:
    """Pairs whose sets of character n-grams overlap by `limit` or more (Jaccard)."""
    by_gram: dict[str, list[int]] = defaultdict(list)
    known = [(row.text, grams(row.text)) for row in training]
    for number, (_, found) in enumerate(known):
        for gram in found:
            by_gram[gram].append(number)
    for row in held_out:
        mine = grams(row.text)
        shared = Counter(number for gram in mine for number in by_gram[gram])
        for number, count in shared.items():
            text, theirs = known[number]
            if count / len(mine | theirs) >= limit:
                yield row.text, text
