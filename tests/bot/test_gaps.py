"""What was asked in vain, put together for admins: on demand, and once a week and not twice."""

from datetime import UTC, datetime, timedelta

from bot.gaps import WEEK
from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM
from tests.support.telegram import Telegram, styled

PARKING = ["/ask Where can visitors park?", "/ask Where may visitors park their car?"]


async def asked(telegram: Telegram) -> None:
    """Two people ask about parking, one about plants, one gets an answer; one text has a phone number in it."""
    await telegram.ask(ADA, PARKING[0])
    await telegram.ask(BO, PARKING[1])
    await telegram.ask(BO, "/ask 谁给植物浇水？请回电 13812345678")
    await telegram.ask(BO, "/ask 退款什么时候支付？")


async def test_gaps_are_told_on_demand_those_that_most_people_met_first(telegram: Telegram) -> None:
    assert (await telegram.ask(ADA, "/gaps")).text == "My documents answered every question of the last week."
    await asked(telegram)
    digest = await telegram.ask(ADA, "/gaps")
    assert styled(digest, "bold")[0] == "Asked last week, and not in my documents."
    _, first, second = digest.text.split("\n\n")
    assert first.startswith("2 people asked: Where ")
    assert first.count("visitors park") == 2
    assert second.startswith("1 person asked: 谁给植物浇水")
    assert "13812345678" not in digest.text
    assert "退款" not in digest.text


async def test_gaps_are_for_admins_in_private(telegram: Telegram) -> None:
    await asked(telegram)
    async with telegram.app.database.write() as tx:
        await tx.people.see_chat(TEAM.id, "supergroup", "Team")
        await tx.people.allow_chat(TEAM.id, allowed=True)
    assert (await telegram.ask(ADA, "/gaps", TEAM)).text.startswith("Send me /gaps in our private chat")
    assert (await telegram.ask(BO, "/gaps")).text == "只有管理员可以这样做。"


async def test_admins_are_told_once_a_week_in_their_language(telegram: Telegram) -> None:
    delivery, now = telegram.delivery, datetime.now(UTC)
    assert await telegram.app.gaps.send_weekly(now, delivery.send_once) == 0
    await asked(telegram)
    async with telegram.app.database.write() as tx:
        await tx.people.set_language(ADA.id, "zh")
    assert await telegram.app.gaps.send_weekly(now, delivery.send_once) == 1
    assert telegram.of_bot(ADA_CHAT)[-1].text.startswith("最近一周有人问、而文档里没有的内容。")
    count = len(telegram.of_bot(ADA_CHAT))
    assert await telegram.app.gaps.send_weekly(now + timedelta(days=6), delivery.send_once) == 0
    assert len(telegram.of_bot(ADA_CHAT)) == count
    assert await telegram.app.gaps.send_weekly(now + WEEK - timedelta(hours=1), delivery.send_once) == 0
    await telegram.ask(BO, PARKING[0])
    assert await telegram.app.gaps.send_weekly(datetime.now(UTC) + WEEK - timedelta(seconds=1), delivery.send_once) == 0


async def test_it_comes_again_after_a_week(telegram: Telegram) -> None:
    await asked(telegram)
    then = datetime.now(UTC) - WEEK
    assert await telegram.app.gaps.send_weekly(then + timedelta(seconds=0), telegram.delivery.send_once) == 1
    assert await telegram.app.gaps.send_weekly(then + WEEK, telegram.delivery.send_once) == 1
