"""Training runs of what learns from judged answers: retriever, thresholds and generator."""

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot import judgements
from bot.answer_teachers import BASE
from bot.judgements import FILE, freeze_judgements, unlearn_judgements
from bot.retrain_replies import end_text, is_idle
from bot.retraining import kinds_of
from bot.richtext import to_plain
from bot.rollout import Rollouts
from bot.versions import list_versions
from nlp.adapter import KIND as RETRIEVER
from nlp.generators.lora import KIND as GENERATOR
from nlp.router import KIND
from nlp.thresholds import KIND as THRESHOLDS
from nlp.training.lora_loop import LoraConfig
from storage.database import Database
from storage.records import AnswerKind, NewRun, Run, RunStatus
from tests.bot.test_retraining import House, open_house
from tests.nlp.test_training_retriever import QUICK, pairs
from tests.support.chat_models import DAYS, THINGS, fact, question, random_chat_model
from tests.support.judged import Asked, add_chunks, judge

LIKED = pairs(200)
TAUGHT = LoraConfig(rank=8, alpha=16, epochs=2, batch_size=8, at_once=8, learning_rate=5e-3, preference_rate=2e-3)


@pytest.fixture(autouse=True)
def quick_training(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Quick configurations, and two questions about the manual, which speak for nothing."""
    monkeypatch.setattr("bot.answer_teachers.ADAPTER", QUICK)
    monkeypatch.setattr("bot.answer_teachers.LORA", TAUGHT)
    pages, questions = tmp_path / "manual", tmp_path / "questions.jsonl"
    (pages / "en").mkdir(parents=True)
    (pages / "en" / "access.md").write_text("# Access\n\nSend /start to begin.\n", encoding="utf-8")
    rows = ({"question": "how do i begin?", "answer": "/start"}, {"question": "who won the cup?", "answer": None})
    lines = (json.dumps({"language": "en", "page": "access", **row}) for row in rows)
    questions.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr("bot.training_run.manual_folder", lambda: pages)
    monkeypatch.setattr("bot.training_run.manual_questions", lambda: questions)


@pytest.fixture
async def house(sqlite: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite, tmp_path / "home") as found:
        yield found


async def like_passages(database: Database) -> None:
    """People ask in their own words and like what the documents say in others."""
    keys = await add_chunks(database, [pair.positive for pair in LIKED])
    asked = [Asked(pair.question, pair.positive, place, 1) for place, pair in enumerate(LIKED)]
    await judge(database, asked, keys)


async def vote_on_confidence(database: Database, user: int = 7) -> None:
    """The reader is too sure of itself: below 0.68 it is wrong."""
    chance = random.Random(0)  # noqa: S311
    keys = await add_chunks(database, ["Refunds are paid within thirty days."])
    sure = [chance.uniform(0.5, 0.9) for _ in range(400)]
    asked = [
        Asked(f"question {n}", "Yes.", 0, 1 if value > 0.68 else -1, value, user=user) for n, value in enumerate(sure)
    ]
    await judge(database, asked, keys)


async def train(house: House, kind: str, reason: str = "command") -> Run:
    """The run of a kind once it is over."""
    retraining = house.retraining()
    (run,) = await retraining.request([kind], NewRun(kind, reason))
    await retraining.work_off()
    return await house.run(run.id)


def told(run: Run) -> tuple[str, str]:
    """How a run is said to have ended, in both languages."""
    return to_plain(end_text(run, None, "en", hot=True)), to_plain(end_text(run, None, "zh", hot=True))


async def test_a_retriever_that_learns_peoples_words_serves_at_once_and_goes_back(
    database: Database, tmp_path: Path
) -> None:
    async with open_house(database, tmp_path / "home") as house:
        await like_passages(database)
        run = await train(house, RETRIEVER)
        assert (run.status, run.error) == (RunStatus.DONE, None)
        assert run.verdict is not None
        assert run.verdict["promote"], run.verdict
        adapter = house.inference.models.adapter
        assert adapter is not None
        assert adapter.version == run.version == house.store.current(RETRIEVER)
        english, chinese = told(run)
        assert english.startswith("The new version is better and worse nowhere: it can serve.")
        assert "the order by meaning, held-out questions, English: " in english
        assert chinese.startswith("新版本更好，且没有变差的地方：可以上线。")
        async with database.read() as tx:
            assert 100 < await tx.models.count_examples(run.version or "") < len(LIKED)
        assert not list(
            (tmp_path / "home" / "runs").rglob(FILE)
        )  # what people said is kept no longer than it is needed

        rollouts = Rollouts(house.settings, database, house.inference)
        assert await rollouts.roll_back(RETRIEVER, "command") == BASE
        back = house.inference.models.adapter
        assert back is not None
        assert not back.down.any()
        newest, base = await list_versions(database, rollouts, RETRIEVER)
        assert (newest.name, newest.verdict) == (run.version, run.verdict)
        assert base.marks == ("serves", "base")


async def test_thresholds_move_to_where_votes_are_even(house: House) -> None:
    await vote_on_confidence(house.database)
    run = await train(house, THRESHOLDS)
    assert run.verdict is not None
    assert run.verdict["promote"], run.verdict
    assert 0.6 < house.inference.models.thresholds.of("en") <= 0.7
    assert house.inference.models.versions["thresholds"] == run.version
    assert "该答则答、该拒则拒" in told(run)[1]
    async with house.database.write() as tx:
        await tx.feedback.vote(1, 7, "reaction", 1)
    again = await train(house, THRESHOLDS)
    assert again.parent == run.version
    assert told(again)[0].startswith("The new version is kept out: it is nowhere better by more than chance.")
    assert house.inference.models.thresholds.version == run.version


async def test_too_little_is_said_in_words_and_asked_again_later(house: House) -> None:
    keys = await add_chunks(house.database, ["Refunds are paid within thirty days."])
    await judge(house.database, [Asked("refunds?", "Refunds are paid within thirty days.", 0, 1)], keys)
    for kind in (RETRIEVER, THRESHOLDS):
        run = await train(house, kind)
        assert is_idle(run)
        assert "at least 20" in (run.error or "")
        assert told(run)[0].startswith("There is nothing to learn for the "), told(run)
        assert "暂时没有可学的内容" in told(run)[1]
        assert house.store.versions(kind) == []
    assert await house.retraining().news(RETRIEVER) == 1


async def test_who_does_not_agree_teaches_nothing(house: House) -> None:
    await vote_on_confidence(house.database, user=8)
    async with house.database.write() as tx:
        await tx.people.set_consent(8, False)
    assert is_idle(await train(house, THRESHOLDS))


async def test_what_is_frozen_is_scrubbed_and_of_shared_documents_alone(house: House, tmp_path: Path) -> None:
    keys = await add_chunks(house.database, ["Refunds are paid within thirty days.", "Wages are paid monthly."])
    mine = await add_chunks(house.database, ["My secret letter."], scope="chat:7")
    asked = [
        Asked("I am ada@example.org, refunds?", "Refunds are paid within thirty days.", 0, 1),
        Asked("my letter?", "My secret letter.", 2, 1),
        Asked("the moon?", "I do not know.", None, -1, kind=AnswerKind.REFUSAL),
    ]
    await judge(house.database, asked, [*keys, *mine])
    frozen = await freeze_judgements(house.database, house.settings, tmp_path / "runs" / "1")
    content = (tmp_path / "runs" / "1" / FILE).read_text(encoding="utf-8")
    assert "ada@example.org" not in content
    assert [passage.key for passage in frozen.passages] == keys
    assert [(row.cited, row.answered, row.opinion) for row in frozen.answers] == [
        ((keys[0],), True, 1.0),
        ((), True, 1.0),
        ((), False, -1.0),
    ]
    unlearn_judgements(tmp_path / "runs", [frozen.answers[0].message], [frozen.passages[0].document])
    left = judgements.read_judgements(tmp_path / "runs" / "1" / FILE)
    assert (left.answers, left.passages) == (frozen.answers[1:], ())


async def test_a_version_that_was_taught_by_the_forgotten_gives_way_to_one_that_knows_nothing(house: House) -> None:
    await vote_on_confidence(house.database)
    taught = await train(house, THRESHOLDS)
    async with house.database.write() as tx:
        forgotten = await tx.privacy.forget(7, keep_shared=True)
    assert forgotten.versions == (taught.version,)
    retraining = house.retraining()
    await retraining.forget(forgotten.versions)
    await retraining.work_off()
    run = await house.run(taught.id + 1)
    assert (run.kind, run.status, run.error) == (THRESHOLDS, RunStatus.DONE, None)
    assert house.inference.models.thresholds.version == run.version
    assert house.inference.models.thresholds.of("en") == 0.5
    assert told(run)[0].startswith("The new version holds nothing of what was to be forgotten")


async def test_only_a_generator_in_this_process_is_taught(house: House) -> None:
    await like_passages(house.database)
    retraining = house.retraining()
    assert not retraining.can_teach(GENERATOR)
    assert [run.kind for run in await retraining.request(kinds_of("all"), NewRun("all"))] == [RETRIEVER, THRESHOLDS]


def test_a_wish_names_kinds() -> None:
    assert kinds_of("all") == (KIND, RETRIEVER, THRESHOLDS, GENERATOR)
    assert kinds_of("retriever") == (RETRIEVER, THRESHOLDS)
    assert (kinds_of("generator"), kinds_of("everything")) == ((GENERATOR,), ())


async def test_a_generator_learns_and_serves_from_the_next_start(sqlite: Database, tmp_path: Path) -> None:
    folder = random_chat_model(tmp_path / "model", max_position_embeddings=4096)
    async with open_house(sqlite, tmp_path / "home") as house:
        chosen: dict[str, Any] = {"generator": "transformers", "generator_model": str(folder)}
        house.settings = house.settings.model_copy(update=chosen)
        facts = [(thing, fact("en", thing, days)) for thing in THINGS["en"] for days in DAYS["en"][:8]]
        keys = await add_chunks(sqlite, [text for _, text in facts])
        asked = [Asked(f"{question('en', thing)} {n}", text, n, 1) for n, (thing, text) in enumerate(facts)]
        await judge(sqlite, asked, keys)
        run = await train(house, GENERATOR)
        assert (run.status, run.error) == (RunStatus.DONE, None)
        assert run.verdict is not None
        assert run.verdict["promote"], run.verdict
        assert house.store.current(GENERATOR) == run.version
        assert to_plain(end_text(run, None, "en", hot=False)).endswith("serves from the next start on.")
        rollouts = Rollouts(house.settings, sqlite, house.inference)
        assert await rollouts.roll_back(GENERATOR, "command") == BASE
