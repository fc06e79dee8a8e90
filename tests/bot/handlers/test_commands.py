"""Every command, in English (Ada, an admin) and in Chinese (Bo, a member)."""

import re

import pytest

from bot.dialogue import Person
from bot.simulator.model import User
from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM
from storage.records import AnswerKind
from tests.support.telegram import Telegram, buttons, styled

ARTICLE = """The town council met on Monday to discuss the new library. The library will cost four million and open \
in spring. Several members asked whether the old building could be kept. The architect answered that the old roof \
cannot carry snow. A vote on the library is planned for the next meeting. Citizens may send their comments until the \
end of the month. The mayor thanked everybody who had taken part in the long discussion about the library."""
ARTICLE_ZH = """市议会周一开会讨论新图书馆。新图书馆将耗资四百万，计划在春天开放。几位议员问旧楼能不能保留。\
建筑师回答说旧楼的屋顶承受不了积雪。关于图书馆的表决安排在下一次会议上进行。市民可以在月底之前提交意见。"""
NOT_SUMMARISED = [
    ("", "Send /summarize with a link, a text or a file", "请发送 /summarize 加链接、文字或文件"),
    (" too short", "That is short enough to read as it is.", "内容很短，直接读就好。"),
    (
        " http://127.0.0.1/",
        "I open public web pages only, and this is not one: http://127.0.0.1/",
        "我只打开公开网页",
    ),
    (" http://127.0.0.1:8090", "I open public web pages only", "我只打开公开网页"),
    (" http://localhost:5000/x", "I open public web pages only", "我只打开公开网页"),
    (" http://[::1]:8080/x", "I open public web pages only", "我只打开公开网页"),
    (" http://a:b@example.org/", "That is not a web address that I can open", "这不是我能打开的网址"),
]


async def code_of(telegram: Telegram) -> str:
    code = await telegram.app.access.first_admin_code()
    assert code is not None
    return code


@pytest.mark.parametrize(
    ("person", "words", "samples"),
    [
        (ADA, "Hello, I am Dawen.", [["How do I retrain the bot?"], ["Which file types can I add?"]]),
        (BO, "你好，我是答问。", [["怎么重新训练机器人？"], ["可以添加哪些类型的文件？"]]),
    ],
)
async def test_start_welcomes_with_sample_questions(
    telegram: Telegram, person: User, words: str, samples: list[list[str]]
) -> None:
    reply = await telegram.ask(person, "/start")
    assert styled(reply, "bold") == [words]
    assert buttons(reply)[:2] == samples
    assert buttons(reply)[-1] == ["English", "中文"]


@pytest.mark.parametrize(("person", "words"), [(ADA, "This bot is private."), (BO, "这个机器人不公开。")])
async def test_start_tells_strangers_how_to_get_in(closed: Telegram, person: User, words: str) -> None:
    reply = await closed.ask(person, "/start")
    assert reply.text.startswith(words)
    assert buttons(reply) == []


async def test_the_first_admin_claims_the_bot_and_sees_the_menu_of_admins(closed: Telegram) -> None:
    code = await code_of(closed)
    assert "stats" not in closed.menu(ADA, ADA_CHAT)
    reply = await closed.ask(ADA, f"/start {code.lower()}")
    assert reply.text.startswith("You are now an admin of this bot.")
    assert "stats" in closed.menu(ADA, ADA_CHAT)
    assert "Numbers" in (await closed.ask(ADA, "/stats")).text


async def test_a_used_or_wrong_code_lets_nobody_in(closed: Telegram) -> None:
    code = await code_of(closed)
    await closed.ask(ADA, f"/start {code}")
    for wrong in (code, "ABCDE-FGHJK", "'; drop table invites; --"):
        assert (await closed.ask(BO, f"/start {wrong}")).text == "邀请码无效、已用完或已过期。"
    assert (await closed.ask(BO, "hello there")).text.startswith("这个机器人不公开。")


async def test_a_code_in_a_group_is_not_used(closed: Telegram) -> None:
    code = await code_of(closed)
    assert await closed.replies(closed.say(ADA, f"/start {code}", TEAM)) == []
    assert (await closed.ask(ADA, f"/start {code}")).text.startswith("You are now an admin")


async def test_who_is_in_already_is_welcome_with_any_code(telegram: Telegram) -> None:
    assert (await telegram.ask(BO, "/start ABCDE-FGHJK")).text.startswith("你好，我是答问。")


async def test_an_invitation_lets_one_person_in(closed: Telegram) -> None:
    await closed.ask(ADA, f"/start {await code_of(closed)}")
    invitation = await closed.ask(ADA, "/invite")
    command = styled(invitation, "code")[0]
    assert re.fullmatch(r"/start \w{5}-\w{5}", command)
    assert (await closed.ask(BO, command)).text == "欢迎！你现在可以使用这个机器人了。"
    assert (await closed.ask(BO, "hello there")).text.startswith("Hello!")
    assert await closed.app.access.redeem(Person(5, "Eve"), command.removeprefix("/start ")) is None


async def test_an_invitation_is_not_shown_to_a_group(telegram: Telegram) -> None:
    reply = await telegram.ask(ADA, "/invite", TEAM)
    assert reply.text == "Everybody here could use the code. Send me /invite in our private chat instead."
    assert styled(reply, "code") == []
    assert "/start" not in reply.text


async def test_help_shows_admins_what_admins_can_do(telegram: Telegram) -> None:
    assert "For admins" in styled(await telegram.ask(ADA, "/help"), "bold")
    reply = await telegram.ask(BO, "/help")
    assert reply.text.startswith("你可以这样用我")
    assert "/stats" not in reply.text


async def test_ask_asks_the_documents_whatever_it_looks_like(telegram: Telegram) -> None:
    assert "Refunds are paid" in (await telegram.ask(ADA, "/ask hello refunds paid")).text
    assert (await telegram.ask(ADA, "/ask good morning")).text.startswith("My documents do not say")


@pytest.mark.parametrize(
    ("person", "words", "example"),
    [(ADA, "What would you like to know?", "/ask How do I …"), (BO, "你想知道什么？", "/ask 怎么……")],
)
async def test_ask_without_a_question_shows_how(telegram: Telegram, person: User, words: str, example: str) -> None:
    reply = await telegram.ask(person, "/ask")
    assert reply.text.startswith(words)
    assert styled(reply, "code") == [example]


@pytest.mark.parametrize(
    ("person", "article", "head", "sentence"),
    [
        (ADA, ARTICLE, "Summary", "• The library will cost four million and open in spring."),
        (BO, ARTICLE_ZH, "摘要", "• 新图书馆将耗资四百万，计划在春天开放。"),
    ],
)
async def test_a_long_text_is_summarised(
    telegram: Telegram, person: User, article: str, head: str, sentence: str
) -> None:
    reply = await telegram.ask(person, f"/summarize {article}")
    assert reply.text.startswith(head)
    assert sentence in reply.text
    assert reply.text.count("•") == 3
    assert buttons(reply)[-1] == ["👍", "👎"]


async def test_a_message_is_summarised_by_a_reply_to_it(telegram: Telegram) -> None:
    article = telegram.say(ADA, ARTICLE, TEAM)
    asked = telegram.say(ADA, "/summarize", TEAM, reply_to=article)
    reply = await telegram.reply(asked)
    assert reply.text.startswith("Summary")
    assert reply.reply_to_message_id == asked.message_id


async def test_what_cannot_be_summarised_is_explained(telegram: Telegram) -> None:
    for wish, english, chinese in NOT_SUMMARISED:
        assert (await telegram.ask(ADA, f"/summarize{wish}")).text.startswith(english)
        assert (await telegram.ask(BO, f"/summarize{wish}")).text.startswith(chinese)


async def test_sources_quotes_the_passages_of_the_last_answer(telegram: Telegram) -> None:
    await telegram.ask(ADA, "When are refunds paid?")
    await telegram.ask(ADA, "hello there")
    reply = await telegram.ask(ADA, "/sources")
    assert reply.text.startswith("Sources of my last answer\n\n[1] Handbook — Refunds\n")
    assert styled(reply, "blockquote")[0].startswith("Refunds are paid within thirty days")


@pytest.mark.parametrize(
    ("person", "words"), [(ADA, "Your last question was not answered"), (BO, "上一个问题没有从文档里找到答案")]
)
async def test_sources_after_a_refusal_are_not_those_of_an_earlier_answer(
    telegram: Telegram, person: User, words: str
) -> None:
    await telegram.ask(person, "/ask When are refunds paid?")
    assert (await telegram.ask(person, "/ask Which rocket flew to Saturn?")).text
    assert (await telegram.ask(person, "/sources")).text.startswith(words)


@pytest.mark.parametrize(
    ("person", "words"), [(ADA, "I have not answered anything here yet."), (BO, "这里还没有回答过问题")]
)
async def test_sources_before_any_answer(telegram: Telegram, person: User, words: str) -> None:
    await telegram.ask(ADA, "/ask When are refunds paid?", TEAM)
    assert (await telegram.ask(person, "/sources")).text.startswith(words)


async def test_the_language_of_the_menus_is_chosen_and_given_back(telegram: Telegram) -> None:
    asked = await telegram.ask(ADA, "/language")
    assert buttons(asked) == [["English", "中文"], ["Auto / 自动"]]
    for label, confirmed, menus in (
        ("中文", "从现在起我用中文。", "你可以这样用我"),
        ("English", "My menus are in English now.", "What you can do"),
        ("中文", "从现在起我用中文。", "你可以这样用我"),
        ("Auto / 自动", "I follow the language of your app again.", "What you can do"),
    ):
        await telegram.press(ADA, asked, label)
        assert telegram.of_bot(ADA_CHAT)[-1].text == confirmed
        assert (await telegram.ask(ADA, "/help")).text.startswith(menus)


@pytest.mark.parametrize(
    ("wanted", "confirmed"),
    [
        ("中文", "从现在起我用中文。"),
        ("Chinese", "从现在起我用中文。"),
        ("EN", "My menus are in English now."),
        ("自动", "I follow the language of your app again."),
        ("klingon", "Which language"),
    ],
)
async def test_a_language_that_is_named_is_taken_at_once(telegram: Telegram, wanted: str, confirmed: str) -> None:
    assert (await telegram.ask(ADA, f"/language {wanted}")).text.startswith(confirmed)


async def test_whoami_tells_what_is_known(telegram: Telegram) -> None:
    assert (await telegram.ask(ADA, "/whoami")).text == (
        f"{ADA.first_name} · id 1001\nRole: admin\nLanguage: auto (en)\nChat: 1001"
    )
    assert (await telegram.ask(BO, "/whoami")).text == (
        f"{BO.first_name} · ID 1002\n身份：成员\n语言：auto (zh-hans)\n聊天：1002"
    )


async def test_stats_count_what_happened(telegram: Telegram) -> None:
    await telegram.press(BO, await telegram.ask(BO, "退款什么时候支付？"), "👍")
    reply, charts = await telegram.replies(telegram.say(ADA, "/stats"))
    assert (bool(charts.file_id), charts.text) == (True, "The last 30 days")
    assert "People 2 · chats 2 · messages 1 · waiting 0" in reply.text
    assert "Documents 2" in reply.text
    assert "Votes 👍 1 👎 0" in reply.text
    assert "Languages: zh 1\nIntents: question 1" in reply.text


async def test_commands_of_admins_are_refused_to_members(telegram: Telegram) -> None:
    for command in ("/stats", "/invite", "/allow", "/disallow"):
        assert (await telegram.ask(BO, command)).text == "只有管理员可以这样做。", command


async def test_a_group_is_let_in_and_out_again(closed: Telegram) -> None:
    await closed.ask(ADA, f"/start {await code_of(closed)}")
    assert (await closed.ask(ADA, "/allow")).text == "Use this command in a group."
    assert (await closed.ask(ADA, "/allow", TEAM)).text == "Everybody in this group may use me now."
    assert (await closed.ask(BO, "/ask 退款什么时候支付？", TEAM)).text.startswith("退款")
    assert (await closed.ask(BO, "/disallow", TEAM)).text == "只有管理员可以这样做。"
    assert (await closed.ask(ADA, "/disallow", TEAM)).text.startswith("Only people who were let in")
    assert await closed.replies(closed.say(BO, "/ask 退款什么时候支付？", TEAM)) == []


async def test_an_unknown_command_is_answered_in_private_alone(telegram: Telegram) -> None:
    assert (await telegram.ask(ADA, "/dance")).text.startswith("I do not know this command.")
    assert (await telegram.ask(BO, "/dance now")).text.startswith("没有这个命令。")
    assert await telegram.replies(telegram.say(ADA, "/dance", TEAM)) == []


async def test_commands_are_stored_as_notices(telegram: Telegram) -> None:
    answer = await telegram.stored(await telegram.ask(BO, "/help"))
    assert answer is not None
    assert (answer.kind, answer.language, answer.sent) == (AnswerKind.NOTICE, "zh", True)


@pytest.mark.parametrize(
    ("person", "question", "follow_up", "meant", "forgotten"),
    [
        (
            ADA,
            "When are refunds paid?",
            "and in winter?",
            "You mean: When are refunds paid in winter?",
            "We begin anew",
        ),
        (BO, "退款什么时候支付？", "要多久？", "你是问：退款要多久？", "重新开始"),
    ],
)
async def test_a_reset_forgets_what_was_said_and_is_stored(
    telegram: Telegram, person: User, question: str, follow_up: str, meant: str, forgotten: str
) -> None:
    await telegram.ask(person, f"/ask {question}")
    assert (await telegram.ask(person, f"/ask {follow_up}")).text.startswith(meant)
    reset = await telegram.ask(person, "/reset")
    assert reset.text.startswith(forgotten)
    assert "mean" not in (await telegram.ask(person, f"/ask {follow_up}")).text
    stored = await telegram.stored(reset)
    assert stored is not None
    assert stored.kind is AnswerKind.RESET


@pytest.mark.parametrize("command", ["/translate Good morning", "/write a letter", "/translate", "/write"])
@pytest.mark.parametrize(("person", "words"), [(ADA, "An admin can set one up"), (BO, "管理员可以用")])
async def test_what_needs_a_generator_says_what_an_admin_sets(
    telegram: Telegram, person: User, command: str, words: str
) -> None:
    chinese = {"/translate Good morning": "/translate 早上好", "/write a letter": "/write 一封信"}
    reply = await telegram.ask(person, chinese.get(command, command) if person is BO else command)
    assert words in reply.text
    assert styled(reply, "code") == ["DAWEN_GENERATOR"]
