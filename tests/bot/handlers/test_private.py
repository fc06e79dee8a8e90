"""/privacy, /optin, /optout, /export and /forget, in both languages, for members and for strangers."""

import json

from bot.simulator.people import ADA, BO, TEAM
from tests.support.telegram import Telegram


async def test_people_see_what_is_stored_of_them(telegram: Telegram) -> None:
    await telegram.ask(BO, "退款多久到账？")
    assert "消息及回复 1 条" in (await telegram.ask(BO, "/privacy")).text
    assert "May your messages teach me? you have not said" in (await telegram.ask(ADA, "/privacy")).text


async def test_consent_is_given_and_taken_back(telegram: Telegram) -> None:
    assert (await telegram.ask(ADA, "/optin")).text.startswith("Thank you.")
    assert "teach me? yes" in (await telegram.ask(ADA, "/privacy")).text
    assert (await telegram.ask(BO, "/optout")).text.startswith("从现在起")
    assert "教我吗？不可以" in (await telegram.ask(BO, "/privacy")).text


async def test_all_is_handed_out_as_a_file(telegram: Telegram) -> None:
    await telegram.ask(BO, "退款多久到账？")
    replies = await telegram.replies(telegram.say(BO, "/export"))
    assert replies[-1].text == "我保存的关于你的全部内容都在这个文件里。"
    files = telegram.simulation.world.state.files
    file = next(file for file in files.values() if file.name == "dawen-export.json")
    data = telegram.simulation.world.files.read(file)
    assert data is not None
    assert [row["text"] for row in json.loads(data)["messages"]] == ["退款多久到账？"]


async def test_people_are_forgotten_after_a_second_yes(telegram: Telegram) -> None:
    await telegram.ask(BO, "退款多久到账？")
    asked = await telegram.ask(BO, "/forget")
    assert "全部" not in asked.text
    assert "无法恢复" in asked.text
    await telegram.press(BO, asked, "是的，忘掉我")
    assert telegram.of_bot_in_private(BO)[-1].text.startswith("已忘掉：消息 2 条，文档 0 份。")
    async with telegram.app.database.read() as tx:
        assert (await tx.privacy.held(BO.id)).messages == 1  # the wish itself
        assert await tx.answers.of_telegram_message(BO.id, asked.message_id) is None


async def test_admins_are_told_that_shared_documents_stay(telegram: Telegram) -> None:
    assert "added for everybody stays" in (await telegram.ask(ADA, "/forget")).text


async def test_strangers_may_do_all_of_it(closed: Telegram) -> None:
    await closed.ask(ADA, "my secret")
    assert "1 messages" in (await closed.ask(ADA, "/privacy")).text
    await closed.press(ADA, await closed.ask(ADA, "/forget"), "Yes, forget me")
    assert closed.of_bot_in_private(ADA)[-1].text.startswith("Forgotten: 3 messages")


async def test_nothing_of_it_is_said_in_front_of_others(telegram: Telegram) -> None:
    for command in ("/privacy", "/export", "/forget", "/optout"):
        assert (await telegram.ask(ADA, command, TEAM)).text.startswith("That is between you and me.")
