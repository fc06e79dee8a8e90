"""Free text and files: who gets which reply, and where."""

from pathlib import Path

import pytest

from bot.simulator.images import picture_size
from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM, TRAVEL
from storage.database import Database
from storage.records import AnswerKind
from tests.support.files import docx, pdf
from tests.support.office import encrypted_office, pptx, with_part
from tests.support.telegram import Telegram, buttons, small_bot, styled

QUESTION = "When are refunds paid?"
ANSWER = "Refunds are paid within thirty days of the purchase."
UNCLEAR = "settings article hello taxi"

PARKING = b"# Parking rules\n\nBicycles are parked behind the bakery. Cars stay outside the gate.\n"
ASKS_PARKING = "Where are bicycles parked?"
PARKING_ANSWER = "Bicycles are parked behind the bakery."
BOMB = with_part(docx("a", "b"), "word/document.xml", b" " * 60_000_000)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@pytest.mark.parametrize(
    ("question", "sentence", "sources", "marks"),
    [
        (QUESTION, f"{ANSWER} [1]", "Sources\n[1] Handbook — Refunds", ["Refunds", "paid"]),
        ("退款什么时候支付？", "退款会在购买后三十天内支付。[1]", "来源\n[1] 员工手册 — 退款", ["退款", "支付"]),
    ],
)
async def test_a_question_is_answered_in_its_language_with_a_numbered_source(
    telegram: Telegram, question: str, sentence: str, sources: str, marks: list[str]
) -> None:
    reply = await telegram.ask(ADA, question)
    assert sentence in reply.text
    assert reply.text.endswith(sources)
    assert buttons(reply)[-1] == ["👍", "👎"]
    assert styled(reply, "bold") == marks


async def test_an_answer_follows_the_question_not_the_menus(telegram: Telegram) -> None:
    assert ANSWER in (await telegram.ask(BO, QUESTION)).text
    assert "退款会在购买后三十天内支付" in (await telegram.ask(ADA, "退款什么时候支付？")).text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Who painted the ceiling of the chapel?", "My documents do not say"),
        ("火星上有几家餐厅？", "我的文档里没有"),
    ],
)
async def test_what_the_documents_do_not_say_is_refused(telegram: Telegram, text: str, words: str) -> None:
    reply = await telegram.ask(ADA, f"/ask {text}")
    assert reply.text.startswith(words)
    assert styled(reply, "bold")[0].startswith(words)
    assert buttons(reply)[-1] == ["👍", "👎"]


@pytest.mark.parametrize(("text", "words"), [("hello there", "Hello! Ask me"), ("你好呀", "你好！有问题尽管问")])
async def test_a_greeting_is_returned_without_buttons(telegram: Telegram, text: str, words: str) -> None:
    reply = await telegram.ask(BO, text)
    assert reply.text.startswith(words)
    assert buttons(reply) == []


async def test_an_edited_message_is_not_answered_again(telegram: Telegram) -> None:
    asked = telegram.say(ADA, QUESTION)
    await telegram.reply(asked)
    telegram.server.call(telegram.simulation.edit, ADA, asked, "When does the office open?")
    await telegram.ask(ADA, "hello there")
    assert len(telegram.of_bot(ADA_CHAT)) == 2


async def test_questions_of_one_chat_are_answered_in_order(telegram: Telegram) -> None:
    first = telegram.say(ADA, QUESTION)
    telegram.say(ADA, "hello there")
    telegram.say(ADA, "退款什么时候支付？")
    replies = await telegram.replies(first)
    assert [reply.text.split()[0] for reply in replies] == ["Refunds", "Hello!", "退款会在购买后三十天内支付。[1]"]


async def test_strangers_are_told_so_once_for_each_message(closed: Telegram) -> None:
    for person, words in ((ADA, "This bot is private."), (BO, "这个机器人不公开。")):
        assert (await closed.ask(person, QUESTION)).text.startswith(words)
        assert (await closed.ask(person, "/ask something")).text.startswith(words)
        assert (await closed.upload(person, "parking.md", PARKING)).text.startswith(words)
    async with closed.app.database.read() as tx:
        assert len(await tx.documents.all()) == 2


async def test_strangers_in_groups_hear_nothing(closed: Telegram) -> None:
    for text in (f"@dawen_bot {QUESTION}", f"/ask {QUESTION}", "/start", "/stats", QUESTION):
        assert await closed.replies(closed.say(BO, text, TEAM)) == []
    file = closed.send_file(BO, "parking.md", PARKING, TEAM, caption="@dawen_bot")
    assert await closed.replies(file) == []


async def test_a_group_is_not_interrupted(telegram: Telegram) -> None:
    for text in (QUESTION, "退款什么时候支付？", "hello @bo", "/unknown", "me@dawen_bot.org"):
        assert await telegram.replies(telegram.say(ADA, text, TEAM)) == []
    assert await telegram.replies(telegram.send_file(ADA, "parking.md", PARKING, TEAM)) == []


async def test_in_a_group_the_answer_quotes_the_question(telegram: Telegram) -> None:
    for address in ("@dawen_bot", "@Dawen_Bot,", "/ask", "/ask@dawen_bot"):
        asked = telegram.say(ADA, f"{address} {QUESTION}", TEAM)
        reply = await telegram.reply(asked)
        assert ANSWER in reply.text
        assert reply.reply_to_message_id == asked.message_id


async def test_in_private_nothing_is_quoted(telegram: Telegram) -> None:
    assert (await telegram.ask(ADA, QUESTION)).reply_to_message_id is None


async def test_a_reply_to_the_bot_is_meant_for_it(telegram: Telegram) -> None:
    first = await telegram.ask(ADA, f"/ask {QUESTION}", TEAM)
    assert ANSWER in (await telegram.ask(ADA, f"{QUESTION} Really?", TEAM, reply_to=first)).text
    of_ada = telegram.say(ADA, "I wonder", TEAM)
    assert await telegram.replies(telegram.say(ADA, QUESTION, TEAM, reply_to=of_ada)) == []


async def test_a_command_to_another_bot_is_left_alone(telegram: Telegram) -> None:
    assert await telegram.replies(telegram.say(ADA, f"/ask@other_bot {QUESTION}", TEAM)) == []


async def test_the_mention_is_no_part_of_the_question(telegram: Telegram) -> None:
    await telegram.ask(ADA, f"👋 @dawen_bot {QUESTION}", TEAM)
    async with telegram.app.database.read() as tx:
        assert (await tx.answers.history(TEAM.id, None, 1))[0].question == f"👋  {QUESTION}"


async def test_a_reply_lands_in_the_topic_of_the_question(telegram: Telegram) -> None:
    in_topic = await telegram.ask(ADA, f"@dawen_bot {QUESTION}", TEAM, topic=TRAVEL)
    in_general = await telegram.ask(ADA, f"@dawen_bot {QUESTION}", TEAM)
    assert (in_topic.message_thread_id, in_general.message_thread_id) == (TRAVEL, None)


async def test_a_file_is_found_in_its_own_chat_alone(telegram: Telegram) -> None:
    added = await telegram.upload(BO, "parking.md", PARKING)
    assert added.text == "已读完Parking rules，可以在本聊天里针对它提问。"
    assert PARKING_ANSWER in (await telegram.ask(BO, f"/ask {ASKS_PARKING}")).text
    for chat in (ADA_CHAT, TEAM):
        assert "bakery" not in (await telegram.ask(ADA, f"/ask {ASKS_PARKING}", chat)).text


async def test_a_file_of_a_topic_stays_in_the_topic(telegram: Telegram) -> None:
    added = await telegram.upload(ADA, "parking.md", PARKING, TEAM, caption="@dawen_bot", topic=TRAVEL)
    assert (added.message_thread_id, added.text.startswith("Parking rules is read")) == (TRAVEL, True)
    assert PARKING_ANSWER in (await telegram.ask(ADA, f"/ask {ASKS_PARKING}", TEAM, topic=TRAVEL)).text
    for chat in (ADA_CHAT, TEAM):
        assert "bakery" not in (await telegram.ask(ADA, f"/ask {ASKS_PARKING}", chat)).text


async def test_the_same_file_again_changes_nothing_and_a_new_version_replaces_it(telegram: Telegram) -> None:
    await telegram.upload(ADA, "parking.md", PARKING)
    assert (await telegram.upload(ADA, "parking.md", PARKING)).text == "I know this version of parking.md already."
    newer = await telegram.upload(ADA, "parking.md", PARKING.replace(b"bakery", b"library"))
    assert newer.text == "Parking rules is read again; the earlier version is gone."
    assert "behind the library" in (await telegram.ask(ADA, f"/ask {ASKS_PARKING}")).text


async def test_an_admin_shares_a_file_with_everybody(telegram: Telegram) -> None:
    added = await telegram.upload(ADA, "parking.md", PARKING)
    assert buttons(added) == [["Share with everybody"]]
    assert await telegram.press(ADA, added, "Share with everybody") == "Shared with everybody."
    assert buttons(telegram.now(added)) == []
    assert PARKING_ANSWER in (await telegram.ask(BO, f"/ask {ASKS_PARKING}")).text


async def test_members_have_no_button_to_share(telegram: Telegram) -> None:
    assert buttons(await telegram.upload(BO, "parking.md", PARKING)) == []


@pytest.mark.parametrize(
    ("name", "data", "english", "chinese"),
    [
        ("broken.pdf", b"%PDF-1.4 broken", "I cannot read broken.pdf: it is damaged", "无法读取 broken.pdf"),
        ("empty.md", b"  \n", "empty.md holds no text.", "empty.md 里没有文字。"),
        ("song.mp3", b"ID3", "epub, json and jsonl, but not song.mp3.", "但读不了 song.mp3"),
        ("a.docx", pdf("Text."), "a.docx is not the type of file that its ending says.", "a.docx 的内容与扩展名不符"),
        ("noise.txt", bytes(range(256)), "noise.txt is not the type of file", "noise.txt 的内容与扩展名不符"),
        ("a.xlsx", encrypted_office(), "a.xlsx is protected by a password.", "a.xlsx 有密码保护"),
        ("bomb.docx", BOMB, "bomb.docx is too large for me.", "bomb.docx 太大了"),
        ("cut.pptx", pptx(("T", "x"))[:-60], "I cannot read cut.pptx: it is damaged", "无法读取 cut.pptx"),
    ],
)
async def test_a_file_that_cannot_be_read_is_explained(
    telegram: Telegram, name: str, data: bytes, english: str, chinese: str
) -> None:
    assert english in (await telegram.upload(ADA, name, data)).text
    assert chinese in (await telegram.upload(BO, name, data)).text


async def test_a_file_that_is_too_large_is_not_downloaded(telegram: Telegram) -> None:
    reply = await telegram.upload(ADA, "large.txt", b"x" * 20_000_001)
    assert reply.text == "large.txt is too large for me."


async def test_any_file_name_is_taken(telegram: Telegram) -> None:
    for name in ("长" * 200 + ".md", "../../../etc/passwd.md", "..", "notes.v2.md"):
        reply = await telegram.upload(ADA, name, PARKING)
        assert reply.text.startswith(("Parking rules is read", "I can read md, txt, html, pdf, docx")), name


async def test_pictures_cannot_be_read(telegram: Telegram) -> None:
    assert picture_size(PNG)
    assert (await telegram.upload(ADA, "a.png", PNG, as_photo=True)).text.startswith("I read text and documents.")
    assert (await telegram.upload(BO, "a.png", PNG, as_photo=True)).text.startswith("我能读文字和文档。")
    assert await telegram.replies(telegram.send_file(ADA, "a.png", PNG, TEAM, as_photo=True)) == []


async def test_without_documents_the_bot_says_so(sqlite: Database, tmp_path: Path) -> None:
    async with small_bot(sqlite, tmp_path / "home", open=True) as empty:
        reply = await empty.ask(BO, "/ask 退款什么时候支付？")
    assert reply.text.startswith("我还没有任何文档。")
    assert buttons(reply) == []


async def test_every_reply_is_stored_with_its_question(telegram: Telegram) -> None:
    reply = await telegram.ask(ADA, QUESTION)
    answer = await telegram.stored(reply)
    assert answer is not None
    assert (answer.kind, answer.sent, answer.text) == (AnswerKind.ANSWER, True, reply.text)
    async with telegram.app.database.read() as tx:
        question = await tx.answers.question_of(answer.id)
    assert question is not None
    assert (question.text, question.user_id, question.chat_id) == (QUESTION, ADA.id, ADA_CHAT.id)
