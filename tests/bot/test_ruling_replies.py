"""Verdicts on retriever, thresholds and generator, in the words of both languages."""

import pytest

from bot import ruling_texts
from bot.retrain_replies import stored_verdict
from bot.richtext import to_plain
from bot.ruling_replies import Decision, decision_text
from nlp.errors import DataError
from nlp.learning.retrieval import MEASURES
from nlp.learning.ruling import Figure, Ruling, rule

LOSS = Figure("dense mrr@10", "fixed, zh", 26, 0.9, 0.8, 1.0, "worse")
GAIN = Figure("likelihood", "held out, en", 40, -1.25, -1.0, 0.0, "better")
FEW = Figure("preferred", "held out, zh", 0, 0.0, 0.0, 1.0, "unknown")
WORSE, BETTER = rule([GAIN, LOSS], [GAIN]), rule([GAIN, FEW], [GAIN])


def test_what_is_better_can_serve() -> None:
    text = to_plain(decision_text(Decision(True, BETTER), "en"))
    assert text.startswith("The new version is better and worse nowhere: it can serve.")
    assert "• likelihood of liked answers (nats), held-out questions, English: -1.250 → -1.000" in text
    assert "preferring" not in text  # where there was nothing to measure
    assert "新版本更好" in to_plain(decision_text(Decision(True, BETTER), "zh"))


def test_what_is_worse_is_named() -> None:
    english, chinese = (to_plain(decision_text(Decision(False, WORSE), language)) for language in ("en", "zh"))
    assert english.startswith(
        "The new version is kept out: it is worse at the order by meaning (questions about the manual, Chinese)."
    )
    assert chinese.startswith("新版本不予上线：中文关于手册的问题的按语义检索的排序变差。")
    assert "90.0% → 80.0%" in english


def test_what_is_known_by_heart_keeps_a_better_one_out() -> None:
    assert "says 2 phrases by heart" in to_plain(decision_text(Decision(False, BETTER, leaked=2), "en"))
    assert "2 句" in to_plain(decision_text(Decision(False, BETTER, leaked=2), "zh"))


def test_a_stored_verdict_is_told_as_it_was_and_another_is_none() -> None:
    decision = Decision(False, WORSE)
    assert Decision.from_dict(decision.to_dict()) == decision
    assert stored_verdict(decision.to_dict(), "en") == decision_text(decision, "en")
    assert to_plain(stored_verdict({"ruling": {}}, "en")) == "not judged by the gate"
    with pytest.raises(DataError, match="is not what a gate said"):
        Ruling.from_dict({"serves": True})


def test_every_measure_of_the_search_has_a_name() -> None:
    assert {f"{view} {measure}" for view in ("dense", "fused") for measure in MEASURES} <= set(ruling_texts.MEASURES)
