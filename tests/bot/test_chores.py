"""What comes again and again: training by night and after labels, the watch over a version, drift, the weekly gaps."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from telegram.ext import ExtBot

from bot.chores import Chores, jobs
from bot.herald import Herald
from bot.limiter import ChatLimiter, Rank
from bot.retrain_texts import NOTHING_NEW
from bot.settings import Settings
from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT
from nlp.router import KIND
from storage.database import Database
from storage.records import RolloutStatus
from tests.bot.test_retraining import NEW
from tests.bot.test_rollout import routed
from tests.support.history import answered_at
from tests.support.telegram import UNHURRIED, Telegram, small_bot
from tests.support.training import learning_settings, serve_small_router, teach


@pytest.fixture
async def telegram(sqlite: Database, tmp_path: Path) -> AsyncIterator[Telegram]:
    """A bot with two stored routers; Ada and 小博 are admins, and nothing comes by itself."""
    home = tmp_path / "home"
    settings = learning_settings(home, [ADA.id, BO.id])
    for _ in range(2):
        serve_small_router(Settings(home=home, **settings))
    async with small_bot(sqlite, home, **settings) as found:
        yield found


@pytest.fixture
async def herald(telegram: Telegram) -> AsyncIterator[Herald]:
    limiter = ChatLimiter(UNHURRIED, UNHURRIED, UNHURRIED)
    bot: ExtBot[Rank] = ExtBot(
        telegram.simulation.token, base_url=f"{telegram.server.api_url}/bot", rate_limiter=limiter
    )
    async with bot:
        yield Herald(telegram.app.settings, telegram.app.database, bot)


@pytest.fixture
def chores(telegram: Telegram, herald: Herald) -> Chores:
    return Chores(telegram.app, herald, telegram.delivery)


def last(telegram: Telegram) -> tuple[str, str]:
    """What Ada, in English, and 小博, in Chinese, were told last."""
    return telegram.of_bot(ADA_CHAT)[-1].text, telegram.of_bot(BO_CHAT)[-1].text


async def met(telegram: Telegram) -> None:
    """Both admins have written, so that the bot knows their languages."""
    await telegram.ask(ADA, "hello")
    await telegram.ask(BO, "你好")


def test_the_settings_say_what_comes(telegram: Telegram, herald: Herald) -> None:
    def names(**settings: Any) -> list[str]:
        changed = replace(telegram.app, settings=telegram.app.settings.model_copy(update=settings))
        return [job.name for job in jobs(changed, herald, telegram.delivery)]

    always = ["rollout.watch", "drift", "gaps", "retention", "unlearning"]
    assert names(retrain_at="", retrain_after=0) == always
    assert names(retrain_at="03:30", retrain_after=20) == [*always, "retrain.night", "retrain.labels"]


async def test_enough_labels_start_a_training_and_a_second_wish_joins_it(telegram: Telegram, chores: Chores) -> None:
    await teach(telegram.app.database, NEW)
    await chores.retrain_after_labels()  # 0 labels are asked for, so any number is enough
    await chores.retrain_by_night()
    async with telegram.app.database.read() as tx:
        first = await tx.runs.get(1)
    assert first is not None
    assert (first.kind, first.reason) == (KIND, "labels")


async def test_a_version_that_fares_worse_goes_back_and_the_admins_hear_of_it(
    telegram: Telegram, chores: Chores
) -> None:
    await met(telegram)
    rollouts = telegram.app.rollouts
    first, second = rollouts.store.versions(KIND)
    rollouts.store.promote(KIND, first)
    await rollouts.follow()
    await routed(telegram.app.database, first, 200)
    assert await rollouts.offer(KIND, second, first)
    await chores.watch()
    assert rollouts.store.current(KIND) == second
    await routed(telegram.app.database, second, 200, disliked=120)
    await chores.watch()
    assert rollouts.store.current(KIND) == first
    english, chinese = last(telegram)
    assert second in english
    assert first in english
    assert second in chinese
    async with telegram.app.database.read() as tx:
        row = await tx.rollouts.latest(KIND)
    assert row is not None
    assert row.status is RolloutStatus.RETURNED


async def test_drift_is_told_and_its_absence_is_not(telegram: Telegram, chores: Chores) -> None:
    await met(telegram)
    before = last(telegram)
    await chores.look_for_drift()
    assert last(telegram) == before
    now = datetime.now(UTC)
    await answered_at(telegram.app.database, now - timedelta(days=20), "question", 120)
    await answered_at(telegram.app.database, now - timedelta(days=2), "greeting", 120)
    await chores.look_for_drift()
    english, chinese = last(telegram)
    assert "what they want (PSI " in english
    assert ", question)" in english
    assert "意图 (PSI " in chinese


async def test_gaps_come_once_a_week(telegram: Telegram, chores: Chores) -> None:
    await met(telegram)
    await telegram.ask(ADA, "/ask Where can visitors park?")
    await chores.tell_gaps()
    told = telegram.of_bot(ADA_CHAT)[-1].text
    assert "Where can visitors park?" in told
    count = len(telegram.of_bot(ADA_CHAT))
    await chores.tell_gaps()
    assert len(telegram.of_bot(ADA_CHAT)) == count


async def test_what_nobody_asked_for_lets_answers_go_first(
    telegram: Telegram, herald: Herald, monkeypatch: pytest.MonkeyPatch
) -> None:
    await met(telegram)
    ranks: list[Rank | None] = []
    process = ChatLimiter.process_request

    async def watched(limiter: ChatLimiter, *args: Any, **options: Any) -> Any:
        ranks.append(options["rate_limit_args"])
        return await process(limiter, *args, **options)

    monkeypatch.setattr(ChatLimiter, "process_request", watched)
    await herald.tell(NOTHING_NEW.rich, picture=b"\x89PNG")
    assert ranks[:1] == [Rank.LATE]


async def test_an_admin_who_cannot_be_reached_keeps_no_other_from_hearing(telegram: Telegram, herald: Herald) -> None:
    await met(telegram)
    telegram.fail("sendMessage", status=403)
    counts = len(telegram.of_bot(ADA_CHAT)), len(telegram.of_bot(BO_CHAT))
    await herald.tell(NOTHING_NEW.rich)
    assert (len(telegram.of_bot(ADA_CHAT)), len(telegram.of_bot(BO_CHAT))) == (counts[0], counts[1] + 1)
