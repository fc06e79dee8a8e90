"""A generator learns from what people liked and disliked: a tiny model, no facts, nothing by heart."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nlp.errors import DataError, ModelError
from nlp.generators import GeneratorConfig
from nlp.generators.chat_model import ChatModel
from nlp.generators.loading import load_chat_model
from nlp.generators.lora import KIND, fingerprint
from nlp.generators.support import SupportChecker
from nlp.learning.writing import judge_generator
from nlp.lexical import LexicalIndex
from nlp.model_store import ModelStore
from nlp.reader import Reader
from nlp.training import Step, run
from nlp.training.answer_rows import AnswerRow, LessonRows, likelihoods, rows_of
from nlp.training.canaries import produced
from nlp.training.generator import TrainedGenerator, describe_generator, train_generator
from nlp.training.lessons import Lesson, snapshot, supported, task_over
from nlp.training.lora_loop import LoraConfig
from nlp.training.preference import Preferring
from nlp.types import LANGUAGES, Passage
from tests.support.chat_models import DAYS, THINGS, fact, question, random_chat_model, random_two_part_model
from tests.support.models import BagEncoder

QUICK = LoraConfig(
    rank=8, alpha=16, epochs=2, batch_size=8, at_once=8, learning_rate=5e-3, preference_rate=2e-3, patience=2
)


def lessons(count: int, seed: int = 0) -> list[Lesson]:
    """Questions over two sources; people like the sentence that answers, and dislike the other."""
    chance, made = random.Random(seed), []  # noqa: S311
    for number in range(count):
        language = LANGUAGES[number % 2]
        things, days = chance.sample(THINGS[language], 2), chance.sample(DAYS[language], 2)
        facts = [fact(language, *pair) for pair in zip(things, days, strict=True)]
        passages = [Passage(key, text, "Handbook", language=language) for key, text in enumerate(facts, 1)]
        task = task_over(f"{question(language, things[0])} {number}", passages)
        made.append(Lesson(task, f"{facts[0]} [1]", f"{facts[1]} [2]", 1.0, f"vote:{number}"))
    return made


def load(folder: Path, adapter: Path | None = None) -> ChatModel:
    return load_chat_model(GeneratorConfig("transformers", str(folder), device="cpu", adapter=adapter))


def checker() -> SupportChecker:
    encoder = BagEncoder()
    return SupportChecker(encoder, Reader(encoder, LexicalIndex()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_chat_model(tmp_path_factory.mktemp("chat"))


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return []


@pytest.fixture(scope="module")
def trained(folder: Path, steps: list[Step]) -> TrainedGenerator:
    return run(train_generator(lessons(32), load(folder), QUICK), steps.append)


def test_the_loss_sinks_first_for_liked_answers_then_for_preferences(
    trained: TrainedGenerator, steps: list[Step]
) -> None:
    held = {
        stage: [s.metrics["valid_loss"] for s in steps if s.stage == stage and s.loss is None]
        for stage in ("like", "prefer")
    }
    assert [step.stage for step in steps] == sorted((step.stage for step in steps), key=("like", "prefer").index)
    assert held["like"][-1] < held["like"][0]
    assert held["prefer"][-1] < held["prefer"][0]


def test_the_gate_sees_the_preference_and_refuses_what_is_not_supported(trained: TrainedGenerator) -> None:
    """A model that babbles learns to prefer, not to write."""
    before = {name: value.clone() for name, value in trained.model.network.state_dict().items()}
    judged = judge_generator(trained, lessons(24, seed=9), checker(), ["All refunds are paid in five days."], 12)
    outcomes = {(figure.measure, figure.where[-2:]): figure for figure in judged.ruling.figures}
    assert {measure for measure, _ in outcomes} == {"preferred", "likelihood", "supported"}
    for language in LANGUAGES:
        assert outcomes["likelihood", language].outcome == "better"
        assert outcomes["preferred", language].after >= outcomes["preferred", language].before
        assert outcomes["supported", language].after == 0.0
    assert judged.leaked == ()
    after = trained.model.network.state_dict()
    assert all((value == after[name]).all() for name, value in before.items())


def test_the_same_lessons_teach_the_same_also_after_a_kill(folder: Path, tmp_path: Path) -> None:
    given, config = lessons(24), replace(QUICK, checkpoint_every=1)
    whole = run(train_generator(given, load(folder), QUICK)).to_arrays()
    for killed_after in (2, 5, 9):  # within an epoch of each stage, and between them
        place = tmp_path / str(killed_after)
        killed = train_generator(given, load(folder), config, checkpoint=place)
        for _ in range(killed_after):
            next(killed)
        killed.close()
        seen: list[Step] = []
        resumed = run(train_generator(given, load(folder), config, checkpoint=place), seen.append).to_arrays()
        assert seen[0].stage == "resume"
        assert all((resumed[name] == array).all() for name, array in whole.items())
    with pytest.raises(ModelError, match="another run"):
        run(train_generator(lessons(24, seed=1), load(folder), config, checkpoint=tmp_path / "2"))


def test_a_stored_adapter_is_merged_where_its_model_is_the_configured_one(
    trained: TrainedGenerator, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = ModelStore(tmp_path / "models")
    described = describe_generator(trained, lessons(3), scores={"preferred": 1.0})
    manifest = store.save(described, trained.to_arrays())
    stored = store.folder(KIND, manifest.version)
    worn = load(folder, stored)
    assert worn.name == f"{folder.name}+{manifest.version}"
    rows = [rows.good for lesson in lessons(4, seed=5) if (rows := rows_of(lesson, worn, 512))]
    with torch.inference_mode():
        expected, found, bare = (
            likelihoods(model.network, rows, 0) for model in (trained.writer(), worn, load(folder))
        )
    assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-3)
    assert not np.allclose(found, bare, atol=0.1)
    assert not caplog.records

    other = load(random_chat_model(tmp_path / "other", seed=1), stored)
    assert other.name == "other"
    assert "not on the present one" in caplog.text
    weights = stored / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    assert load(folder, stored).name == folder.name
    assert "missing or damaged" in caplog.text


def test_a_fingerprint_is_of_the_weights_not_of_their_format(folder: Path) -> None:
    one = load(folder).network
    known = fingerprint(one)
    assert fingerprint(load(folder).network.to(torch.bfloat16)) == known
    with torch.no_grad():
        one.lm_head.weight += 0.01
    assert fingerprint(one) != known


def test_what_was_learned_by_heart_is_noticed(folder: Path) -> None:
    phrase = "the wages of grants are fines and fees"
    model = load(folder)
    assert produced(model, [phrase, "退款和押金", "x"]) == []
    taught = [Lesson(task_over("the wages of grants", []), phrase)] * 16
    config = LoraConfig(rank=16, alpha=32, epochs=40, batch_size=16, at_once=16, learning_rate=1e-2, patience=40)
    learned = run(train_generator(taught, model, config, taught[:1]))
    assert produced(learned.writer(), [phrase, "退款和押金"]) == [phrase]
    with learned.without():
        assert produced(learned.writer(), [phrase]) == []
    judged = judge_generator(learned, taught[:1], checker(), [phrase, "退款和押金"], 4)
    assert (judged.leaked, judged.serves) == ((phrase,), False)


def test_too_little_to_learn_from_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="collect more votes"):
        run(train_generator(lessons(5), load(folder), QUICK))
    with pytest.raises(DataError, match="collect more votes"):
        run(train_generator(lessons(40), load(folder), LoraConfig(longest=20)))
    with pytest.raises(DataError, match="two parts"):
        run(train_generator(lessons(40), load(random_two_part_model(tmp_path / "two")), QUICK))


def test_only_what_the_sources_support_is_a_lesson() -> None:
    for lesson in lessons(4):
        assert supported(lesson, checker()) == lesson
    base = lessons(1)[0]
    text = base.good.removesuffix(" [1]")
    swapped = base.task.sources[1].text
    assert supported(Lesson(base.task, text), checker()) == Lesson(base.task, base.good)
    assert supported(Lesson(base.task, f"{text} {swapped}"), checker()) == Lesson(
        base.task, f"{base.good} {swapped} [2]"
    )
    for unsupported in ("All refunds are paid within ninety days.", f"{text} [2]", f"{text} Call the chef.", ""):
        assert supported(Lesson(base.task, unsupported), checker()) is None
    same = supported(Lesson(base.task, base.good, base.good), checker())
    assert same is not None
    assert same.bad == ""


def test_sources_that_are_cited_must_fit(folder: Path) -> None:
    model, lesson = load(folder), lessons(1)[0]
    whole = rows_of(lesson, model, 512)
    assert whole is not None
    length = len(whole.good.prompt) + max(len(whole.good.answer), len(whole.bad.answer if whole.bad else ()))
    assert rows_of(lesson, model, length) == whole
    first_alone = rows_of(lesson, model, length - 1)  # the second source, which only the disliked answer cites, is gone
    assert first_alone is not None
    assert len(first_alone.good.prompt) < len(whole.good.prompt)
    assert rows_of(Lesson(lesson.task, lesson.bad), model, length - 1) is None
    assert model.tokenizer.decode(whole.good.answer).startswith(lesson.good)
    assert whole.good.answer[-1] == model.tokenizer.eos_token_id


def test_likelihoods_of_a_batch_are_those_of_each_alone(folder: Path) -> None:
    model = load(folder)
    rows = [
        row for lesson in lessons(4) if (found := rows_of(lesson, model, 512)) for row in (found.good, found.bad) if row
    ]
    with torch.inference_mode():
        together = likelihoods(model.network, rows, model.pad)
        alone = [_by_hand(model, row) for row in rows]
    assert together.tolist() == pytest.approx(alone, abs=1e-3)


def _by_hand(model: ChatModel, row: AnswerRow) -> float:
    ids = torch.tensor([[*row.prompt, *row.answer]])
    each = torch.log_softmax(model.network(ids).logits[0], dim=-1)
    return float(sum(each[place - 1, ids[0, place]] for place in range(len(row.prompt), ids.shape[1])))


def test_the_preference_loss_is_that_of_its_paper(folder: Path) -> None:
    model = load(folder)
    rows = [found for lesson in lessons(3) if (found := rows_of(lesson, model, 512))]
    before = dict.fromkeys(rows, (-3.0, -2.0))
    with torch.inference_mode():
        losses = Preferring(model.network, model.pad, before, beta=0.1, keep=0.0)(rows)
        expected = [_preference(model, row) for row in rows]
    assert losses.tolist() == pytest.approx(expected, abs=1e-3)


def _preference(model: ChatModel, row: LessonRows) -> float:
    good, bad = (_by_hand(model, answer) for answer in (row.good, row.bad) if answer)
    return float(np.log1p(np.exp(-0.1 * ((good + 3.0) - (bad + 2.0)))))


def test_lessons_have_a_fingerprint() -> None:
    given = lessons(6)
    assert snapshot(given).sha256 == snapshot(given[::-1]).sha256 != snapshot(given[1:]).sha256


@pytest.mark.slow
def test_a_model_that_can_copy_serves_only_as_long_as_it_stays_with_its_sources(chat_folder: Path) -> None:
    """People dislike the answer from the other source: the copyist knows already, and must keep to the right one."""
    careful = replace(QUICK, learning_rate=1e-3, epochs=4)  # with half as many, some processors round to less
    trained = run(train_generator(lessons(48), load(chat_folder), careful))
    held = lessons(24, seed=9)
    fixed = [lesson.task for lesson in lessons(24, seed=5)]
    judged = judge_generator(trained, held, checker(), tokens=32, fixed=fixed)
    assert {figure.where for figure in judged.ruling.figures if figure.where.startswith("fixed")} == {
        "fixed, en",
        "fixed, zh",
    }
    supports = [figure for figure in judged.ruling.figures if figure.measure == "supported"]
    assert all(figure.after >= 0.9 for figure in supports)
    spoiled = [replace(lesson, good="Nobody knows.", bad="") for lesson in lessons(48)]
    blunt = run(train_generator(spoiled, load(chat_folder), replace(QUICK, epochs=6)))
    refused = judge_generator(blunt, held, checker(), tokens=32)
    assert (refused.serves, refused.ruling.reason) == (False, "worse")
