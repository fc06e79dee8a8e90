"""Pictures of verdicts and statistics: of any data, in both languages, with and without a Chinese font."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread

from nlp.evaluation.report import canvas
from nlp.evaluation.report.canvas import DARK
from nlp.learning.charts import Statistics, draw_statistics
from nlp.learning.drift import Level, Shift
from nlp.learning.picture import draw_verdict
from nlp.learning.verdict import Latency, Line, NewLabels, Verdict
from nlp.types import LANGUAGES, Language

_PHONE = 700  # pixels across, at least, that a phone can enlarge
LINES = (
    Line("fixed", "all", "intent", 860, 0.95, 0.94, 12, 4, 0, 0.08, -0.001, 0.02, 0.93, 860, 20, 3),
    Line("fixed", "zh", "intent", 430, 1.0, 0.94, 12, 4, 0, 0.08, -0.001, 0.02),
    Line("客服", "zh", "topic", 4, 0.0, 0.25, 0, 1, 0, 1.0, -0.5, 0.0),
)
VERDICT = Verdict(True, (), "new", "old", "base", LINES, (), NewLabels(), Latency(1, 1, 1), ())
FULL = Statistics(
    days=[f"2026-11-{day:02}" for day in range(1, 15)],
    messages=[day * 3 for day in range(14)],
    votes=[(day, 14 - day) for day in range(14)],
    latency=[None, *[(80.0 + day, 300.0 + day) for day in range(13)]],
    languages={"en": 120, "zh": 80},
    intents={f"意图 {n}": 30 - n for n in range(12)},
    topics={"business": 3, "$x_1": 0},
    accuracy=[("20261101-101010-abcdef", 0.9), ("20261108-101010-abcdef", 0.93)],
    drift=[Shift("intents", 0.3, 0.1, Level.ALARM, 900, 90), Shift("topics", 0, 0, Level.TOO_FEW, 3, 4)],
)


def size(picture: bytes) -> tuple[int, int]:
    pixels = imread(BytesIO(picture))
    assert np.ptp(pixels[..., 0]) > 0.5, "the picture is not blank"
    return pixels.shape[1], pixels.shape[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_is_drawn(language: Language) -> None:
    width, height = size(draw_verdict(VERDICT, language))
    assert min(width, height) >= _PHONE


def test_both_languages_and_decisions_look_different() -> None:
    kept = Verdict(False, (), "new", "old", None, LINES[:2], (), NewLabels(), Latency(1, 1, 1), ())
    assert draw_verdict(kept) != draw_verdict(
        Verdict(True, (), "n", "o", None, LINES[:2], (), kept.new, kept.latency, ())
    )
    assert size(draw_verdict(kept, theme=DARK))


def test_a_verdict_on_nothing_is_drawn() -> None:
    assert size(draw_verdict(Verdict(False, (), "n", "o", None, (), (), NewLabels(), Latency(1, 1, 1), ())))


@pytest.mark.parametrize("language", LANGUAGES)
def test_statistics_are_drawn(language: Language) -> None:
    width, height = size(draw_statistics(FULL, language))
    assert _PHONE <= width < height


def test_panels_without_data_are_left_out() -> None:
    whole, one = size(draw_statistics(FULL)), size(draw_statistics(Statistics(languages={"zh": 1})))
    assert one[1] < whole[1] / 3
    assert size(draw_statistics(Statistics()))[1] <= one[1]


def test_without_a_chinese_font_english_stands_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No glyph is missing, which matplotlib would warn of, and warnings are errors here."""
    monkeypatch.setattr(canvas, "_CHINESE", ())
    assert draw_verdict(VERDICT, "zh") == draw_verdict(VERDICT, "en")
    assert draw_statistics(FULL, "zh") == draw_statistics(FULL, "en")
