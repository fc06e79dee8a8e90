"""The reader learns from questions with known answers, in both languages, and comes back from disk as it was."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp.errors import DataError, ModelError
from nlp.evaluation.qa_data import QaData, Question
from nlp.model_store import DataSnapshot, Manifest, write_model
from nlp.reader import EVIDENCE, INPUTS
from nlp.reader_weights import ARCHITECTURE, KIND, ReaderWeights, Trust, bundled_weights, load_reader_weights
from nlp.span_reader import load_span_reader
from nlp.training import Step, run
from nlp.training.reader import train_reader
from nlp.training.reader_cases import ReaderConfig, cases_of
from nlp.training.spans import SpanConfig
from tests.support.berts import small_bert
from tests.support.models import BagEncoder

QUICK = ReaderConfig(hidden=8, epochs=60, small_indexes=30, spans=None)
THINGS = [f"{a} {b}" for a in ("red", "green", "blue", "old", "new", "tall", "quiet", "wide") for b in
          ("tower", "bridge", "museum", "garden", "library", "market", "station", "harbour")]  # fmt: skip
东西 = [f"{a}{b}" for a in "红绿蓝旧新高静宽" for b in ("塔", "桥", "馆", "园", "楼", "市场", "车站", "港口")]


def english() -> QaData:
    passages = [f"The {t} is large. It was built in {1800 + i}. Many people visit." for i, t in enumerate(THINGS)]
    questions = [Question(f"When was the {t} built?", i, (str(1800 + i),)) for i, t in enumerate(THINGS)]
    return QaData(tuple(passages), tuple(f"en{i // 2}" for i in range(len(THINGS))), tuple(questions))


def chinese() -> QaData:
    passages = [f"{t}很大。它建于{1800 + i}年。每天有很多游客。" for i, t in enumerate(东西)]
    questions = [Question(f"{t}建于哪一年？", i, (str(1800 + i),)) for i, t in enumerate(东西)]
    return QaData(tuple(passages), tuple(f"zh{i // 2}" for i in range(len(东西))), tuple(questions))


@pytest.fixture(scope="module")
def trained() -> tuple[ReaderWeights, dict[str, float], list[Step]]:
    steps: list[Step] = []
    weights, scores = run(train_reader([english(), chinese()], BagEncoder(), QUICK), steps.append)
    return weights, scores, steps


def test_what_was_asked_is_learned_in_both_languages(
    trained: tuple[ReaderWeights, dict[str, float], list[Step]],
) -> None:
    scores = trained[1]
    assert scores["trusted_first"] >= 0.9
    assert scores["alone_first"] >= 0.9
    assert scores["trusted_refusal_auroc"] >= 0.9
    assert scores["alone_refusal_auroc"] >= 0.9


def test_losses_fall_and_every_stage_reaches_its_end(
    trained: tuple[ReaderWeights, dict[str, float], list[Step]],
) -> None:
    for stage in ("trusted, trial", "trusted", "alone, trial", "alone"):
        steps = [step for step in trained[2] if step.stage == stage]
        assert [step.done for step in steps] == list(range(1, steps[-1].total + 1))
        losses = [step.loss for step in steps[-QUICK.epochs :]]
        assert losses[-1] is not None
        assert losses[0] is not None
        assert losses[-1] < 0.7 * losses[0]


def test_training_again_gives_the_same_weights(trained: tuple[ReaderWeights, dict[str, float], list[Step]]) -> None:
    again, _ = run(train_reader([english(), chinese()], BagEncoder(), QUICK))
    for name, array in trained[0].to_arrays().items():
        np.testing.assert_array_equal(array, again.to_arrays()[name])


def test_half_of_the_cases_of_an_index_are_to_be_refused_where_each_question_is_asked_twice() -> None:
    cases = list(cases_of(english(), BagEncoder(), ReaderConfig(small_indexes=0, refusals=1, spans=None)))
    refused = [case for case in cases if not case.answerable]
    assert refused
    assert not any(case.right.any() for case in refused)
    assert all(case.article != passage.title for case in refused for passage, _ in case.found)
    assert all(str(1800) not in passage.text for case in refused if case.article == "en0" for passage, _ in case.found)


@pytest.fixture(scope="module")
def read_closely(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReaderWeights, dict[str, float], Path]:
    """Trained with a small encoder that knows the words of the English questions and passages, and no others."""
    data = english()
    texts = [*data.passages, *(question.text for question in data.questions)]
    words = sorted({token for text in texts for token in re.findall(r"\w+|[^\w\s]+", text)})
    folder = small_bert(tmp_path_factory.mktemp("reads") / "bert", spread=0.2, words=words)
    spans = SpanConfig(rank=8, epochs=8, learning_rate=5e-3, base=str(folder))
    weights, scores = run(train_reader([data, chinese()], BagEncoder(), replace(QUICK, compared=1, spans=spans)))
    return weights, scores, folder


def test_a_part_for_what_is_read_closely_is_learned_too(
    read_closely: tuple[ReaderWeights, dict[str, float], Path], tmp_path: Path
) -> None:
    weights, scores, folder = read_closely
    assert scores["read_first"] >= 0.9
    told = {"inputs": list(INPUTS), "evidence": list(EVIDENCE)}
    manifest = Manifest(KIND, ARCHITECTURE, told, DataSnapshot("0", 1), 0)
    write_model(tmp_path / "reader", manifest, weights.to_arrays())
    again = load_reader_weights(tmp_path / "reader", INPUTS, EVIDENCE)
    question, texts = "When was the red tower built?", ["It was built in 1800.", "Many people visit."]
    one, other = (load_span_reader(w.spans, "cpu", base=folder).read(question, texts) for w in (weights, again))
    assert one == other
    rows = np.random.default_rng(0).normal(size=(7, len(INPUTS)))
    assert not np.allclose(again.score(rows, Trust(1.0, 1.0)), again.score(rows, Trust(1.0, 0.0)))
    np.testing.assert_allclose(again.score(rows, Trust(1.0, 1.0)), weights.score(rows, Trust(0.0, 1.0)), atol=1e-4)


def test_how_to_read_closely_can_be_kept(
    read_closely: tuple[ReaderWeights, dict[str, float], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, scores, folder = read_closely
    spans = SpanConfig(rank=8, epochs=8, learning_rate=5e-3, base=str(folder))
    config, steps = replace(QUICK, compared=1, spans=spans), list[Step]()
    again, found = run(train_reader([english(), chinese()], BagEncoder(), config, weights.spans), steps.append)
    assert found == scores
    for name, array in weights.to_arrays().items():
        np.testing.assert_array_equal(array, again.to_arrays()[name])
    assert {step.stage for step in steps} >= {"reread", "read"}
    assert "learn" not in {step.stage for step in steps}


def papers() -> QaData:
    """Two papers with headings, of four passages each, and questions of which every other one has no answer."""
    things = THINGS[:8]
    passages = tuple(f"The {thing} is closed on day {40 + i}." for i, thing in enumerate(things))
    asked = [Question(f"What day is the {thing} closed?", i, (str(40 + i),)) for i, thing in enumerate(things)]
    absent = [Question(f"Who painted the {thing}?", i, ()) for i, thing in enumerate(things)]
    titles = tuple("first" if i < 4 else "second" for i in range(8))
    return QaData(passages, titles, (*asked, *absent), tuple(f"About the {thing}" for thing in things))


def test_papers_are_asked_about_together_and_one_by_one_below_their_headings() -> None:
    cases = list(cases_of(papers(), BagEncoder(), ReaderConfig(refusals=100, compared=1, spans=None)))
    assert all(case.of_papers and case.evaluable for case in cases)
    sizes = [
        len({passage.key for passage, _ in case.found}) for case in cases if case.asked.text == cases[0].asked.text
    ]
    assert max(sizes) == 8
    assert min(sizes) == 4
    assert {passage.label for case in cases for passage, _ in case.found} == {f"About the {t}" for t in THINGS[:8]}
    assert {case.answerable for case in cases if case.asked.text.startswith("Who painted")} == {False}


def test_questions_about_papers_are_measured_by_themselves_and_change_when_is_refused(
    trained: tuple[ReaderWeights, dict[str, float], list[Step]],
) -> None:
    without, plain, _ = trained
    weights, scores = run(train_reader([english(), chinese(), papers()], BagEncoder(), QUICK))
    assert "trusted_papers_first" not in plain
    assert scores["trusted_papers_first"] >= 0.6
    assert scores["trusted_papers_refused"] >= 0.5
    assert not np.allclose(weights.trusted.answerable, without.trusted.answerable)
    np.testing.assert_array_equal(weights.alone.answerable, without.alone.answerable)


def test_both_kinds_of_questions_are_needed() -> None:
    with pytest.raises(DataError, match="does not know: add a file"):
        run(train_reader([english()], BagEncoder(), QUICK))


def test_weights_come_back_from_disk(
    trained: tuple[ReaderWeights, dict[str, float], list[Step]], tmp_path: Path
) -> None:
    told = {"inputs": list(INPUTS), "evidence": list(EVIDENCE)}
    manifest = Manifest(KIND, ARCHITECTURE, told, DataSnapshot("0", 1), 0)
    write_model(tmp_path / "reader", manifest, trained[0].to_arrays())
    again = load_reader_weights(tmp_path / "reader", INPUTS, EVIDENCE)
    rows = np.random.default_rng(0).normal(size=(7, len(INPUTS)))
    for known in (0.0, 0.3, 1.0):
        np.testing.assert_allclose(again.score(rows, Trust(known)), trained[0].score(rows, Trust(known)), atol=1e-4)
    with pytest.raises(ModelError, match="not for this reader: make one with 'dawen train reader'"):
        load_reader_weights(tmp_path / "reader", INPUTS[1:], EVIDENCE)


def test_a_blend_lies_between_both_halves() -> None:
    weights = bundled_weights(INPUTS, EVIDENCE)
    rows = np.random.default_rng(1).normal(size=(5, len(INPUTS)))
    middle = 0.5 * (weights.score(rows, Trust(1.0)) + weights.score(rows, Trust(0.0)))
    np.testing.assert_allclose(weights.score(rows, Trust(0.5)), middle)
