"""Summaries and digests in the chat: files, captions, replies, buttons."""

import pytest

from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM
from storage.records import SHARED, AnswerKind
from tests.bot.handlers.test_commands import ARTICLE, ARTICLE_ZH
from tests.support.telegram import Telegram, buttons

FILE = f"# Library\n\n{ARTICLE}".encode()
ROWS = [["Shorter", "Longer"], ["Ask about this", "Save to knowledge"], ["👍", "👎"]]


async def test_a_file_whose_caption_is_the_command_is_summarised_and_not_added(telegram: Telegram) -> None:
    reply = await telegram.upload(ADA, "library.md", FILE, caption="/summarize 2")
    assert reply.text.startswith("Summary: Library")
    assert reply.text.count("• ") == 2
    assert buttons(reply) == ROWS
    documents = await telegram.app.knowledge.documents()
    assert "Library" not in {document.title for document in documents}


@pytest.mark.parametrize(("caption", "summed"), [("please summarise this article", True), ("", False)])
async def test_a_caption_in_free_words_says_what_to_do_with_a_file(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch, caption: str, summed: bool
) -> None:
    async def wants(_incoming: object) -> bool:
        return True

    monkeypatch.setattr(telegram.app.conversation, "wants_summary", wants)
    reply = await telegram.upload(ADA, "library.md", FILE, caption=caption)
    assert reply.text.startswith("Summary: Library" if summed else "Library is read.")


async def test_a_reply_to_a_file_summarises_it(telegram: Telegram) -> None:
    file = telegram.send_file(ADA, "library.md", FILE)
    await telegram.settled()
    reply = await telegram.ask(ADA, "/summarize", reply_to=file)
    assert reply.text.startswith("Summary: Library")


async def test_a_forwarded_article_is_summarised(telegram: Telegram) -> None:
    reply = await telegram.ask(BO, ARTICLE_ZH, forward_from=ADA)
    assert reply.text.startswith("摘要")


async def test_a_summary_is_made_shorter_and_longer_by_its_buttons(telegram: Telegram) -> None:
    reply = await telegram.ask(ADA, f"/summarize {ARTICLE}")
    assert reply.text.count("• ") == 3
    await telegram.press(ADA, reply, "Longer")
    longer = telegram.of_bot(ADA_CHAT)[-1]
    assert longer.text.count("• ") == 6
    await telegram.press(ADA, longer, "Shorter")
    assert telegram.of_bot(ADA_CHAT)[-1].text.count("• ") == 3
    stored = await telegram.stored(longer)
    assert stored is not None
    assert stored.kind is AnswerKind.SUMMARY


async def test_what_was_summarised_can_be_asked_about_in_this_chat(telegram: Telegram) -> None:
    question = "Why can the old roof not be kept, can it carry snow?"
    reply = await telegram.ask(ADA, f"/summarize {ARTICLE}")
    assert await telegram.press(ADA, reply, "Ask about this") == "Read. Ask me about it in this chat."
    assert "cannot carry snow" in (await telegram.ask(ADA, f"/ask {question}")).text
    assert "cannot carry snow" not in (await telegram.ask(BO, f"/ask {question}")).text


async def test_only_admins_save_for_everybody(telegram: Telegram) -> None:
    reply = await telegram.ask(BO, f"/summarize {ARTICLE_ZH}")
    assert await telegram.press(BO, reply, "存入知识库") == "只有管理员可以这样做。"
    reply = await telegram.ask(ADA, f"/summarize {ARTICLE}")
    assert await telegram.press(ADA, reply, "Save to knowledge") == "Saved to the shared knowledge."
    shared = await telegram.app.knowledge.documents({SHARED})
    assert [document.added_by for document in shared if document.uri.startswith("summary:")] == [ADA.id]


async def test_a_group_has_a_digest_once_an_admin_has_asked_for_it(telegram: Telegram) -> None:
    async with telegram.app.database.write() as tx:
        await tx.people.see_chat(TEAM.id, "supergroup", "Team")
        await tx.people.allow_chat(TEAM.id, allowed=True)
    telegram.say(BO, "This is said before anybody has asked for digests of the talk.", TEAM)
    await telegram.settled()
    assert (await telegram.ask(BO, "/digest", TEAM)).text.startswith("本群没有保存聊天记录。")
    assert (await telegram.ask(BO, "/digest on", TEAM)).text == "只有管理员可以这样做。"
    assert (await telegram.ask(ADA, "/digest on", TEAM)).text.startswith("From now on I keep")
    telegram.say(BO, "The printer will be delivered on Friday morning at the front door.", TEAM)
    await telegram.settled()
    digest = (await telegram.ask(ADA, "/digest 2h", TEAM)).text
    assert "Digest: 1 messages of 1 people" in digest
    assert f"• {BO.first_name}: The printer will be delivered" in digest
    assert "before anybody" not in digest
    assert (await telegram.ask(ADA, "/digest off", TEAM)).text.startswith("I no longer keep")
