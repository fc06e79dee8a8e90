"""Reports on routers: numbers worked out by hand, pictures of any labels, a page that is whole and escaped."""

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from nlp.errors import ReportError
from nlp.evaluation.remembering import RememberingEncoder
from nlp.evaluation.report import RouterStudy, check_report_folder, write_report
from nlp.evaluation.report import canvas as canvas_module
from nlp.evaluation.report.canvas import LIGHT, choose_lettering, shorten
from nlp.evaluation.report.figures import confusion_matrix, most_confused
from nlp.evaluation.report.learning_curve import subset
from nlp.evaluation.report.outcome import BINS, ClassScore, Confusion, judge
from nlp.evaluation.report.scope import judge_scope
from nlp.evaluation.study import study_router
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.types import Language, Prediction, Route
from tests.support.models import EXAMPLES, BagEncoder

QUICK = FusedConfig(iterations=10)


def route(label: str, confidence: float, scope: float = 0.9, language: Language = "en") -> Route:
    return Route(
        language=language,
        intents=(Prediction(label, confidence), Prediction("b" if label == "a" else "a", 1 - confidence)),
        topics=(),
        scope_score=scope,
        in_scope=scope >= 0.5,
        confident=True,
        coverage=1.0,
    )


TEST = [Example("one", "a"), Example("two", "a"), Example("three", "b"), Example("四", "c")]
ROUTES = [route("a", 0.95), route("b", 0.55), route("b", 0.75), route("a", 0.65, language="zh")]


def test_classes_are_scored_the_worst_first() -> None:
    (head,) = judge(TEST, ROUTES, [("a", "b")])
    assert head.classes == (
        ClassScore("c", 0.0, 0.0, 0.0, support=1, predicted=0),
        ClassScore("a", 0.5, 0.5, 0.5, support=2, predicted=2),
        ClassScore("b", 0.5, 1.0, 2 / 3, support=1, predicted=2),
    )
    assert head.matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert (head.accuracy, head.accuracy_at_3, head.unknown) == (0.5, 0.75, ("c",))
    assert [row.example.text for row in head.wrong] == ["四", "two"]
    assert [(score.language, score.rows, score.accuracy) for score in head.languages] == [
        ("en", 3, pytest.approx(2 / 3)),
        ("zh", 1, 0.0),
    ]


def test_confusions_are_sorted_with_the_surest_texts_first() -> None:
    routes = [route("b", 0.6), route("b", 0.9), route("a", 0.9), route("a", 0.5)]
    (head,) = judge(TEST, routes, [("a", "b", "c")])
    assert head.confusions[0] == Confusion("a", "b", 2, 2, ("two", "one"))
    assert {(c.expected, c.predicted, c.count) for c in head.confusions[1:]} == {("b", "a", 1), ("c", "a", 1)}


def test_every_answer_is_in_one_bin() -> None:
    (head,) = judge(TEST, [route("a", 1.0), route("a", 0.5), route("b", 0.5), route("a", 0.0)], [("a", "b")])
    filled = {b.low: (b.rows, b.right) for b in head.bins if b.rows}
    assert len(head.bins) == BINS
    assert filled == {0.95: (1, 1), 0.5: (2, 2), 0.0: (1, 0)}


def test_the_scope_curve_trades_known_texts_for_strange_ones() -> None:
    known, strange = [route("a", 1, s) for s in (0.9, 0.8, 0.4)], [route("a", 1, s) for s in (0.1, 0.6)]
    outcome = judge_scope(known, strange)
    assert outcome is not None
    assert outcome.auroc == pytest.approx(5 / 6)
    assert outcome.kept_now == pytest.approx(2 / 3)
    assert outcome.refused_now == 0.5
    assert (outcome.kept[0], outcome.refused[0]) == (1.0, 0.0)
    assert list(outcome.kept) == sorted(outcome.kept, reverse=True)
    assert list(outcome.refused) == sorted(outcome.refused)
    assert judge_scope(known, []) is None


def test_the_most_confused_classes_stand_side_by_side() -> None:
    pairs = [("a", "b"), ("c", "d"), ("a", "e"), ("f", "g")]
    confusions = [Confusion(*pair, 9 - n, 10, ()) for n, pair in enumerate(pairs)]
    assert most_confused(confusions, 5) == ["a", "e", "b", "c", "d"]
    assert most_confused([]) == []


def test_a_smaller_share_is_part_of_a_larger() -> None:
    parts = [subset(EXAMPLES, share, 0) for share in (0.1, 0.5, 1.0)]
    assert [len(part) for part in parts] == [8, 16, 32]
    assert {e.text for e in parts[0]} < {e.text for e in parts[1]} < {e.text for e in parts[2]}
    assert subset(EXAMPLES, 0.5, 0) != subset(EXAMPLES, 0.5, 1)


def test_an_encoder_remembers_only_when_asked() -> None:
    inner = BagEncoder()
    encoder = RememberingEncoder(inner, recalling=False)
    first = encoder.features(["one", "two"])
    encoder.features(["one"])
    assert inner.calls == [["one", "two"], ["one"]]
    encoder.recall()
    again = encoder.features(["two", "three", "one", "two"])
    assert inner.calls[2:] == [["three"]]
    np.testing.assert_array_equal(again.vectors[[2, 0, 3]], first.vectors[[0, 1, 1]])
    np.testing.assert_array_equal(again.coverage[[2, 0]], first.coverage)
    assert encoder.features([]).vectors.shape == (0, inner.dimension)
    assert (encoder.fingerprint, encoder.dimension) == (inner.fingerprint, inner.dimension)


@pytest.fixture(scope="module")
def study() -> RouterStudy:
    """A router with topics and out-of-scope texts, measured on rows of both languages and on one unknown label."""
    test = [*EXAMPLES, Example("<b>bold</b> & 'so'", "<i>unknown</i>", "other", "t:99")]
    return study_router(EXAMPLES, test, ["zzz qqq", "千山鸟"], BagEncoder(), QUICK, names=("<train>", "test"))


def test_no_text_is_embedded_again_for_the_learning_curve() -> None:
    encoder = BagEncoder()
    study_router(EXAMPLES, EXAMPLES, [], encoder, QUICK, with_curve=False)
    without = len(encoder.calls)
    curve = study_router(EXAMPLES, EXAMPLES, [], encoder, QUICK).curve
    assert len(encoder.calls) == 2 * without
    assert [point.share for point in curve] == [0.1, 0.5, 1.0]  # a quarter is the same eight rows as a tenth


def test_a_report_is_a_page_with_its_pictures_numbers_and_errors(study: RouterStudy, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(folder, study)
    page = (folder / "index.html").read_text(encoding="utf-8")
    shown = set(re.findall(r'(?:src|srcset)="([^"]+)"', page))
    assert shown == {path.name for path in folder.glob("*.png")}
    assert {"intent_confusion_matrix.png", "topic_reliability.dark.png", "scope_curve.png"} <= shown
    for path in folder.glob("*.png"):
        assert imread(path).std() > 0.01, f"{path.name} is blank"
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert report["figures"] == study.figures.as_dict()
    assert report["heads"]["intent"]["unknown_labels"] == ["<i>unknown</i>"]
    assert set(report["heads"]["topic"]["languages"]) == {"en", "zh"}
    errors = [json.loads(line) for line in (folder / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = next(row for row in errors if row["expected"] == "<i>unknown</i>")
    assert (wrong["head"], wrong["text"], wrong["origin"]) == ("intent", "<b>bold</b> & 'so'", "t:99")
    assert len(errors) == sum(len(head.wrong) for head in study.heads)


class Tags(HTMLParser):
    """Collects the tags of a page, and what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Note the tag."""
        self.seen.add(tag)
        if tag not in ("meta", "img", "source", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag, which must be the innermost open one."""
        assert self.open.pop() == tag


def test_the_page_is_well_formed_escaped_and_needs_nothing_else(study: RouterStudy, tmp_path: Path) -> None:
    write_report(tmp_path / "report", study)
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not {"b", "script", "link", "iframe", "train"} & tags.seen
    assert "&lt;i&gt;unknown&lt;/i&gt;" in page
    assert "http" not in page
    assert "准确率" in page


def test_a_folder_in_use_is_refused(study: RouterStudy, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(ReportError, match="is not empty: choose a new folder for the report"):
        check_report_folder(tmp_path)
    with pytest.raises(ReportError, match="is not empty"):
        write_report(tmp_path, study)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_many_classes_with_any_names_are_drawn(tmp_path: Path) -> None:
    names = ["$x_1$", "مرحبا", "💥", "a\nb", "x" * 200, *(f"class_{n}" for n in range(40))]
    test = [Example(name, name) for name in names]
    routes = [route(names[(n * 7) % len(names)], 0.5) for n in range(len(names))]
    heads = judge(test, routes, [tuple(names)])
    base = study_router(EXAMPLES, EXAMPLES, [], BagEncoder(), QUICK, with_curve=False)
    write_report(
        tmp_path / "r",
        RouterStudy("fused", "a", "b", base.figures, heads, None, [], base.findings),
    )
    assert (tmp_path / "r" / "intent_most_confused.png").is_file()
    assert '<th class="n">#</th>' in (tmp_path / "r" / "index.html").read_text(encoding="utf-8")


def test_a_label_is_never_read_as_mathematics(tmp_path: Path) -> None:
    labels = ["$\\frac$", "100%_$^{"]
    (head,) = judge([Example("x", label) for label in labels], [route(label, 0.7) for label in labels], [labels])
    lettering = choose_lettering(labels)
    assert not lettering.numbered
    confusion_matrix(LIGHT, lettering, head).save(tmp_path, "matrix")
    assert imread(tmp_path / "matrix.png").std() > 0.01


def test_numbers_stand_for_labels_that_no_font_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas_module, "_CHINESE", ())
    lettering = choose_lettering(["问题", "greeting"])
    assert lettering.numbered
    assert lettering.names(["问题"], {"greeting": 1, "问题": 2}) == ["#2"]
    assert lettering.words("Right", "正确") == "Right"
    assert choose_lettering(["question", "greeting"]).names(["question"], {}) == ["question"]


def test_long_labels_are_shortened() -> None:
    assert shorten("a\n b") == "a b"
    assert len(shorten("x" * 100)) == 26
