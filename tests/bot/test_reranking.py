"""The reranker of the settings: tried on the manual, remembered, and used by the search."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.app import App
from bot.own_manual import manual_folder, manual_questions
from bot.reranking import make_trials, try_reranker
from nlp.reranker import ENOUGH, Reranker
from nlp.types import LANGUAGES
from tests.support.models import BagEncoder


class Counting:
    """A reranker that leaves everything as it is, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def score(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        self.asked += 1
        return [0.0] * len(pairs)


def test_the_manual_has_enough_questions_in_both_languages() -> None:
    trials = make_trials(BagEncoder(), sorted(manual_folder().glob("*/*.md")), manual_questions())
    for language in LANGUAGES:
        assert sum(trial.language == language and bool(trial.right) for trial in trials) >= ENOUGH


@pytest.fixture
def small_manual(tmp_path: Path) -> tuple[Path, Path]:
    """A page in English with a question for each of its rules, and a file of these questions."""
    page = tmp_path / "manual" / "en" / "rules.md"
    page.parent.mkdir(parents=True)
    names = "amber basil cedar daisy ember fjord grape hazel ivory jewel".split()
    page.write_text(
        "# Rules\n\n" + "\n\n".join(f"## The {name}\n\nThe {name} costs {n} coins." for n, name in enumerate(names))
    )
    rows: list[dict[str, str | None]] = [
        {"language": "en", "question": f"what does the {name} cost", "page": "rules", "answer": f"{name} costs"}
        for name in names
    ]
    rows.append({"language": "en", "question": "who won", "page": None, "answer": None})
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return tmp_path / "manual", questions


def test_the_trial_is_made_once_per_reranker_encoder_and_manual(
    small_manual: tuple[Path, Path], tmp_path: Path
) -> None:
    counting, kept = Counting(), tmp_path / "models" / "reranker.json"
    reranker = Reranker(counting.score, "one")
    assert try_reranker(reranker, BagEncoder(), *small_manual, kept).languages == {"en"}
    asked = counting.asked
    assert asked == 10
    assert try_reranker(reranker, BagEncoder(), *small_manual, kept).languages == {"en"}
    assert counting.asked == asked
    for other, encoder in ((Reranker(counting.score, "two"), "bag"), (reranker, "other")):
        try_reranker(other, BagEncoder(encoder), *small_manual, kept)
        asked += 10
        assert counting.asked == asked
    kept.write_text("damaged")
    assert try_reranker(reranker, BagEncoder(), *small_manual, kept).languages == {"en"}


async def test_the_search_takes_the_order_of_the_reranker(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    from nlp.reranker import Reranking

    last = Reranker(lambda pairs: ["office" in text.lower() for _, text in pairs], "likes offices")
    question = "When are refunds paid?"
    encoded = app.inference.models.encoder.encode([question], "query")
    (plain, _), *_ = await app.knowledge.search(question, encoded, {"shared"}, 1)
    monkeypatch.setattr(app.knowledge, "_reranking", Reranking(last, frozenset({"en"})))
    (reranked, _), *_ = await app.knowledge.search(question, encoded, {"shared"}, 1)
    assert (plain.label, reranked.label) == ("Refunds", "Office hours")
