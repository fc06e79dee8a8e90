"""Training from the chat: one message that grows into the verdict, and the ways back, in both languages."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.launching import launch_trainer
from bot.settings import Settings
from bot.simulator.model import Message
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, CHATS
from nlp.router import KIND
from nlp.training.configs import FusedConfig
from storage.database import Database
from tests.bot.test_retraining import NEW
from tests.support.telegram import Telegram, buttons, small_bot
from tests.support.training import learning_settings, serve_small_router, teach


@pytest.fixture(autouse=True)
def quick_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps are enough for few examples."""
    monkeypatch.setattr("bot.teachers.DEFAULT", FusedConfig(iterations=15))


@pytest.fixture
async def trainable(sqlite: Database, tmp_path: Path) -> AsyncIterator[Telegram]:
    """A bot whose router is stored, with labels that it has not learned; Ada and 小博 are admins."""
    home = tmp_path / "home"
    settings = learning_settings(home, [ADA.id, BO.id])
    serve_small_router(Settings(home=home, **settings))
    await teach(sqlite, NEW)
    async with small_bot(sqlite, home, **settings) as telegram:
        yield telegram


async def ended(telegram: Telegram, message: Message, words: str) -> Message:
    """The message once it holds these words."""

    def found() -> Message | None:
        current = telegram.simulation.current(message)
        return current if current and words in current.text else None

    return await telegram.until(found)


async def pictured(telegram: Telegram, message: Message, count: int = 1) -> None:
    """Wait until so many pictures were sent behind a message."""

    def found() -> bool:
        sent = telegram.simulation.messages(CHATS[message.chat_id])
        return sum(bool(m.file_id) and m.message_id > message.message_id for m in sent) >= count

    await telegram.until(lambda: found() or None)


async def told(telegram: Telegram) -> None:
    """Wait until the database knows that every end was told, which it learns behind the picture."""
    async with asyncio.timeout(15):
        while True:
            async with telegram.app.database.read() as tx:
                if not await tx.runs.untold():
                    return
            await asyncio.sleep(0.01)


async def test_an_admin_trains_sees_the_verdict_and_takes_it_back(trainable: Telegram) -> None:
    before = trainable.app.rollouts.store.current(KIND)
    shown = (await trainable.replies(trainable.say(ADA, "/retrain")))[0]
    assert shown.text.startswith("Training the router, run 1: ")
    over = await ended(trainable, shown, "serves from now on")
    assert over.text.startswith("The new version is able to tell reminder, which is new")
    assert "0.0 %" not in over.text
    await pictured(trainable, shown)
    assert (await trainable.ask(ADA, "remind me to call")).text
    assert trainable.app.inference.models.router.version != before

    assert buttons(over) == [["↩️ Roll back"]]
    assert await trainable.press(ADA, over, "↩️ Roll back") == ""
    assert trainable.app.inference.models.router.version == before
    assert trainable.app.rollouts.store.current(KIND) == before
    (said, *_) = [m.text for m in trainable.of_bot(ADA_CHAT)][::-1]
    assert said == f"Rolled back: {before} serves again."


async def test_everything_is_said_in_chinese_too(trainable: Telegram) -> None:
    shown = (await trainable.replies(trainable.say(BO, "/retrain router")))[0]
    assert shown.text.startswith("训练路由模型（第 1 次）：")
    over = await ended(trainable, shown, "已开始服务")
    assert over.text.startswith("新版本能认出新标签 reminder")
    await pictured(trainable, shown)
    assert (await trainable.ask(BO, "/retrain")).text.startswith("没有可学的内容")
    listed = (await trainable.ask(BO, "/models")).text
    assert listed.startswith("路由模型的各版本")
    assert "服务中" in listed
    assert "初始版本" in listed
    assert "能认出新标签 reminder" in listed
    assert (await trainable.ask(BO, "/rollback")).text.startswith("已退回：")
    assert (await trainable.ask(BO, "/rollback")).text == "没有更早的版本可以退回。"
    assert (await trainable.ask(BO, "/cancel")).text.startswith("没有可以取消的训练")


async def test_an_unknown_kind_is_named(trainable: Telegram) -> None:
    assert (await trainable.ask(ADA, "/retrain everything")).text.startswith("I do not know 'everything'.")


async def test_a_run_that_goes_on_is_shown_and_can_be_cancelled(
    trainable: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = asyncio.Event()

    async def stuck(folder: Path, tell: object) -> None:
        at_work.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(trainable.app.retraining._carrying, "_launch", stuck)
    first = (await trainable.replies(trainable.say(ADA, "/retrain")))[0]
    await asyncio.wait_for(at_work.wait(), 15)
    second = await trainable.ask(ADA, "/retrain")
    assert second.text.startswith("A training is going on already")
    await ended(trainable, second, "starting the trainer")
    assert (await trainable.ask(ADA, "/cancel")).text == "Cancelled."
    over = await ended(trainable, second, "was cancelled")
    assert over.text == "The training of the router was cancelled. Nothing has changed."
    assert buttons(over) == []
    assert first.message_id != second.message_id


@pytest.mark.slow
async def test_while_the_trainer_is_killed_everybody_is_answered(
    trainable: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, started = asyncio.create_subprocess_exec, asyncio.get_running_loop().create_future()

    async def watched(*words: str, **options: Any) -> asyncio.subprocess.Process:
        child = await start(*words, **options)
        started.set_result(child.pid)
        return child

    monkeypatch.setattr("asyncio.create_subprocess_exec", watched)
    monkeypatch.setattr(trainable.app.retraining._carrying, "_launch", launch_trainer)
    before = trainable.app.rollouts.store.current(KIND)
    shown = (await trainable.replies(trainable.say(ADA, "/retrain")))[0]
    asked = [trainable.say(BO, text) for text in ("你好", "/ask 退款什么时候支付？")]
    os.kill(await asyncio.wait_for(started, 15), signal.SIGKILL)
    asked += [trainable.say(ADA, text) for text in ("hello", "/ask When are refunds paid?")]
    over = await ended(trainable, shown, "failed")
    assert "its process ended before its time" in over.text
    for message in asked:
        assert await trainable.replies(message)
    assert trainable.app.rollouts.store.current(KIND) == trainable.app.inference.models.router.version == before
    assert (await trainable.ask(BO, "/cancel")).text.startswith("没有可以取消的训练")


async def test_an_end_that_was_not_told_is_told_later(trainable: Telegram) -> None:
    shown = (await trainable.replies(trainable.say(ADA, "/retrain")))[0]
    await ended(trainable, shown, "serves from now on")
    await pictured(trainable, shown)
    await told(trainable)
    async with trainable.app.database.write() as tx:
        await tx.runs.advance(1, "rollout")
    trainable.app.retraining.changed.set()
    await pictured(trainable, shown, 2)


async def test_only_admins_train(telegram: Telegram) -> None:
    for command in ("retrain", "cancel", "models", "rollback"):
        assert (await telegram.ask(BO, f"/{command}")).text == "只有管理员可以这样做。", command
    assert telegram.of_bot(BO_CHAT)


async def test_a_generator_that_runs_elsewhere_is_not_taught(trainable: Telegram) -> None:
    assert (await trainable.ask(ADA, "/retrain generator")).text.startswith("The generator cannot be taught here")
    assert (await trainable.ask(BO, "/retrain generator")).text.startswith("这里的生成模型无法训练")
    assert (await trainable.ask(ADA, "/retrain retriever")).text.startswith("Nothing to learn")
    assert (await trainable.ask(ADA, "/models retriever")).text == "There is no stored version yet."
    assert (await trainable.ask(BO, "/models 一切")).text.startswith("不认识 '一切'")
