"""The server as python-telegram-bot sees it: its objects, its errors, its polling."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    Message,
    ReactionTypeEmoji,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, MessageEntityType, ParseMode
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    MessageReactionHandler,
    filters,
)

from bot.simulator.people import ADA, ADA_CHAT, BO, BO_CHAT, BOT, TEAM, TOKEN, TRAVEL
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from tests.bot.simulator.test_simulator_files import png

T = TypeVar("T")
Context = ContextTypes.DEFAULT_TYPE
BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])


def make_bot(server: SimulatorServer, token: str = TOKEN) -> Bot:
    return Bot(token, base_url=f"{server.api_url}/bot", base_file_url=f"{server.api_url}/file/bot")


@pytest.fixture
async def bot(server: SimulatorServer) -> AsyncIterator[Bot]:
    """A bot that is signed in."""
    async with make_bot(server) as bot:
        yield bot


async def long_poll(server: SimulatorServer, bot: Bot) -> asyncio.Task[tuple[Update, ...]]:
    """A getUpdates request that waits at the server."""
    world = server.simulation.world
    before = world.latest_poll
    task = asyncio.create_task(bot.get_updates(timeout=20))
    await seen(server, lambda: world.latest_poll is not before)
    return task


async def seen(server: SimulatorServer, predicate: Callable[[], T | None]) -> T:
    """Wait while the bot runs in this loop."""
    return await asyncio.to_thread(server.wait_for, predicate)


class TestBot:
    """One call each."""

    async def test_get_me(self, bot: Bot) -> None:
        assert (bot.id, bot.username, bot.first_name) == (BOT.id, "dawen_bot", "Dawen 答问")
        assert bot.bot.can_read_all_group_messages is True

    async def test_html(self, bot: Bot) -> None:
        html = '<b>Hi</b> &amp; <i>你好 👋</i> <a href="https://a.org/">link</a> <tg-spoiler>x</tg-spoiler>'
        message = await bot.send_message(1001, html, ParseMode.HTML)
        assert message.text == "Hi & 你好 👋 link x"
        assert list(message.parse_entities().values()) == ["Hi", "你好 👋", "link", "x"]
        spoiler = '<span class="tg-spoiler">x</span>'
        assert message.text_html == html.replace("<tg-spoiler>x</tg-spoiler>", spoiler)

    async def test_every_markup_that_the_library_writes_is_read(self, bot: Bot) -> None:
        sent = await bot.send_message(1001, "<blockquote expandable>a\nb</blockquote>\n<pre>c</pre>", ParseMode.HTML)
        again = await bot.send_message(1001, sent.text_markdown_v2, ParseMode.MARKDOWN_V2)
        assert (again.text, again.entities) == (sent.text, sent.entities)

    async def test_keyboards_and_replies(self, bot: Bot) -> None:
        sent = await bot.send_message(1001, "?", reply_markup=BUTTONS, reply_parameters=ReplyParameters(1))
        assert sent.reply_markup == BUTTONS
        assert sent.reply_to_message is not None
        assert sent.reply_to_message.text == "hello"

    async def test_edits(self, bot: Bot) -> None:
        sent = await bot.send_message(1001, "one", reply_markup=BUTTONS)
        edited = await sent.edit_text("two")
        assert isinstance(edited, Message)
        assert (edited.text, edited.reply_markup, edited.edit_date is not None) == ("two", None, True)
        with pytest.raises(BadRequest, match=r"^Message is not modified"):
            await sent.edit_text("two")
        assert await sent.delete() is True

    async def test_files_up_and_down(self, bot: Bot) -> None:
        sent = await bot.send_document(
            1001, InputFile("# 笔记".encode(), "笔记.md"), caption="<b>new</b>", parse_mode="HTML"
        )
        assert sent.document is not None
        assert (sent.document.file_name, sent.caption, len(sent.caption_entities)) == ("笔记.md", "new", 1)
        file = await sent.document.get_file()
        assert bytes(await file.download_as_bytearray()).decode() == "# 笔记"
        photo = await bot.send_photo(1001, png(30, 20))
        assert (photo.photo[-1].width, photo.photo[-1].height) == (30, 20)
        again = await bot.send_document(1002, sent.document.file_id)
        assert again.document is not None
        assert again.document.file_unique_id == sent.document.file_unique_id

    async def test_a_persons_upload(self, bot: Bot, server: SimulatorServer) -> None:
        server.call(server.simulation.send_file, ADA, ADA_CHAT, "员工手册.pdf", b"%PDF-", caption="/add")
        (update,) = await bot.get_updates()
        assert update.message is not None
        assert update.message.document is not None
        assert (update.message.document.mime_type, update.message.caption) == ("application/pdf", "/add")
        file = await update.message.document.get_file()
        assert bytes(await file.download_as_bytearray()) == b"%PDF-"

    async def test_topics(self, bot: Bot) -> None:
        sent = await bot.send_message(TEAM.id, "in Travel", message_thread_id=TRAVEL)
        assert (sent.message_thread_id, sent.is_topic_message) == (TRAVEL, True)
        topic = await bot.create_forum_topic(TEAM.id, "Food")
        assert topic.name == "Food"
        assert (await bot.send_message(TEAM.id, "x", message_thread_id=topic.message_thread_id)).is_topic_message

    async def test_drafts_and_typing(self, bot: Bot, server: SimulatorServer) -> None:
        await bot.send_chat_action(1001, ChatAction.TYPING)
        await bot.send_message_draft(1001, 7, "<b>so</b>", parse_mode=ParseMode.HTML)
        draft = server.call(server.simulation.draft, ADA_CHAT)
        assert draft is not None
        assert (draft.text, draft.entities[0].type) == ("so", MessageEntityType.BOLD)
        assert server.call(server.simulation.action, ADA_CHAT) is not None

    async def test_commands(self, bot: Bot, server: SimulatorServer) -> None:
        await bot.set_my_commands([BotCommand("help", "Help")])
        await bot.set_my_commands([BotCommand("help", "帮助")], language_code="zh")
        await bot.set_my_commands([BotCommand("admin", "Admin")], BotCommandScopeChat(1001))
        assert await bot.get_my_commands() == (BotCommand("help", "Help"),)
        shown = [server.call(server.simulation.commands, *place) for place in ((ADA, ADA_CHAT), (BO, BO_CHAT))]
        assert [commands[0].description for commands in shown] == ["Admin", "帮助"]

    async def test_chats(self, bot: Bot) -> None:
        chat = await bot.get_chat(TEAM.id)
        assert (chat.title, chat.is_forum) == ("Team 小组", True)
        leading = await bot.get_chat_administrators(TEAM.id)
        assert [member.user.id for member in leading] == [ADA.id, BOT.id]
        assert (await bot.get_chat_member(TEAM.id, BO.id)).status == "member"
        assert (await bot.forward_message(TEAM.id, 1001, 1)).forward_origin is not None
        assert (await bot.copy_message(TEAM.id, 1001, 1)).message_id > 0
        assert await bot.pin_chat_message(1001, 1) is True
        assert await bot.set_my_short_description("Answers", language_code="en") is True
        assert (await bot.get_webhook_info()).url == ""


class TestErrors:
    """Refusals as the exceptions of the library."""

    async def test_wrong_tokens(self, server: SimulatorServer) -> None:
        for token in ("9001:wrong", "1:local", "nonsense"):
            bot = make_bot(server, token)
            with pytest.raises(InvalidToken):
                await bot.initialize()
            await bot.shutdown()

    async def test_bad_requests(self, bot: Bot) -> None:
        for chat_id, text, complaint in (
            (5, "a", "Chat not found"),
            (1001, "", "Message text is empty"),
            (1001, "a" * 4097, "Message is too long"),
            (1001, "<b>a", "Can't parse entities: can't find end tag"),
        ):
            with pytest.raises(BadRequest, match=f"^{complaint}"):
                await bot.send_message(chat_id, text, ParseMode.HTML)

    async def test_flood_limits(self, bot: Bot, server: SimulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PTB_TIMEDELTA", "1")  # without it the library warns of its own future
        server.simulation.faults.add("sendMessage", status=429, retry_after=3)
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(1001, "a")
        assert refused.value.retry_after == timedelta(seconds=3)

    async def test_blocked(self, bot: Bot, server: SimulatorServer) -> None:
        server.call(server.simulation.block, ADA)
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(1001, "a")

    async def test_servers_and_connections_that_fail(self, bot: Bot, server: SimulatorServer) -> None:
        server.simulation.faults.add("sendMessage", status=502)
        server.simulation.faults.add("sendMessage", drop="after")
        for _ in range(2):
            with pytest.raises(NetworkError):
                await bot.send_message(1001, "a")
        assert server.simulation.messages(ADA_CHAT)[-1].text == "a"  # it arrived, only the answer was lost


class TestUpdates:
    """getUpdates by hand."""

    async def test_offsets_and_long_polls(self, bot: Bot, server: SimulatorServer) -> None:
        for text in ("one", "two"):
            server.call(server.simulation.say, ADA, ADA_CHAT, text)
        one, two = await bot.get_updates()
        assert one.message is not None
        assert (one.message.text, two.update_id) == ("one", one.update_id + 1)
        assert await bot.get_updates(offset=two.update_id + 1) == ()
        poll = await long_poll(server, bot)
        server.call(server.simulation.say, BO, BO_CHAT, "news")
        (update,) = await asyncio.wait_for(poll, 2)
        assert update.effective_message is not None
        assert update.effective_message.text == "news"

    async def test_two_pollers_are_in_conflict(self, bot: Bot, server: SimulatorServer) -> None:
        poll = await long_poll(server, bot)
        async with make_bot(server) as other:
            assert await other.get_updates() == ()
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await poll

    async def test_a_webhook_is_in_conflict(self, bot: Bot) -> None:
        await bot.set_webhook("http://127.0.0.1:9/hook")
        with pytest.raises(Conflict, match="while webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == ()


class TestApplication:
    """A whole bot, polling."""

    @pytest.fixture
    async def errors(self) -> list[TelegramError]:
        """What the poller could not do."""
        return []

    @pytest.fixture
    async def running(self, server: SimulatorServer, errors: list[TelegramError]) -> AsyncIterator[None]:
        """A bot that greets, repeats, streams and thanks."""
        app = (
            Application.builder()
            .token(TOKEN)
            .base_url(f"{server.api_url}/bot")
            .base_file_url(f"{server.api_url}/file/bot")
            .build()
        )
        app.add_handler(CommandHandler("start", greet))
        app.add_handler(CommandHandler("stream", stream))
        app.add_handler(CallbackQueryHandler(answer))
        app.add_handler(MessageReactionHandler(thank))
        app.add_handler(MessageHandler(filters.TEXT & filters.UpdateType.EDITED_MESSAGE, notice))
        app.add_handler(MessageHandler(filters.TEXT, repeat))
        async with app:
            await app.start()
            assert app.updater is not None
            await app.updater.start_polling(allowed_updates=Update.ALL_TYPES, timeout=5, error_callback=errors.append)
            yield
            await app.updater.stop()
            await app.stop()

    async def reply(self, server: SimulatorServer, *act: Any, **details: Any) -> Any:
        """Say something; what the bot says then."""
        said = server.call(server.simulation.say, *act, **details)
        return await asyncio.to_thread(server.call, server.simulation.next_message, act[1], said)

    @pytest.mark.usefixtures("running")
    async def test_a_dialogue(self, server: SimulatorServer) -> None:
        simulation = server.simulation
        greeting = await self.reply(server, ADA, ADA_CHAT, "/start@dawen_bot")
        assert greeting.text == "Hello, Ada 阿达"
        query = server.call(simulation.press, ADA, greeting, "yes")
        told = await seen(server, lambda: simulation.answer(query))
        assert told.text == "you chose yes"
        await seen(server, lambda: (now := simulation.current(greeting)) and now.reply_markup is None)
        server.call(simulation.react, ADA, greeting, "🔥")
        await seen(server, lambda: simulation.messages(ADA_CHAT)[-1].text == "thanks for 🔥")
        said = server.call(simulation.say, ADA, ADA_CHAT, "befor")
        server.call(simulation.edit, ADA, said, "before")
        await seen(server, lambda: simulation.messages(ADA_CHAT)[-1].text == "now it says: before")

    @pytest.mark.usefixtures("running")
    async def test_a_topic(self, server: SimulatorServer) -> None:
        answer = await self.reply(server, BO, TEAM, "@dawen_bot 你好", topic=TRAVEL)
        assert (answer.text, answer.message_thread_id) == ("@dawen_bot 你好", TRAVEL)

    @pytest.mark.usefixtures("running")
    async def test_a_stream(self, server: SimulatorServer) -> None:
        drafts: list[str] = []

        def note() -> bool:
            draft = server.simulation.draft(ADA_CHAT)
            if draft and draft.text not in drafts:
                drafts.append(draft.text)
            return server.simulation.messages(ADA_CHAT)[-1].text == "one two three"

        server.call(server.simulation.say, ADA, ADA_CHAT, "/stream")
        await seen(server, note)
        assert drafts == ["one", "one two", "one two three"]

    @pytest.mark.usefixtures("running")
    async def test_polling_outlasts_failures(self, server: SimulatorServer, errors: list[TelegramError]) -> None:
        server.simulation.faults.add("getUpdates", 1, status=502)
        server.simulation.faults.add("getUpdates", 1, drop="before")
        assert (await self.reply(server, ADA, ADA_CHAT, "one")).text == "one"
        assert (await self.reply(server, ADA, ADA_CHAT, "two")).text == "two"
        assert errors
        assert all(isinstance(error, NetworkError) for error in errors)


async def greet(update: Update, _: Context) -> None:
    assert update.effective_message is not None
    assert update.effective_user is not None
    await update.effective_message.reply_text(f"Hello, {update.effective_user.first_name}", reply_markup=BUTTONS)


async def stream(update: Update, context: Context) -> None:
    assert update.effective_chat is not None
    words = ["one", "two", "three"]
    for count in range(1, len(words) + 1):
        await context.bot.send_message_draft(update.effective_chat.id, 1, " ".join(words[:count]))
    await update.effective_chat.send_message(" ".join(words))


async def answer(update: Update, _: Context) -> None:
    query = update.callback_query
    assert isinstance(query, CallbackQuery)
    await query.answer(f"you chose {query.data}")
    await query.edit_message_reply_markup()


async def thank(update: Update, _: Context) -> None:
    assert update.message_reaction is not None
    assert update.effective_chat is not None
    (reaction,) = update.message_reaction.new_reaction
    assert isinstance(reaction, ReactionTypeEmoji)
    await update.effective_chat.send_message(f"thanks for {reaction.emoji}")


async def notice(update: Update, _: Context) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_text(f"now it says: {update.effective_message.text}")


async def repeat(update: Update, _: Context) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_text(update.effective_message.text or "")


def test_the_cast_is_known_by_its_numbers(simulation: Simulation) -> None:
    """They are written in manuals and journals."""
    assert (ADA.id, BO.id, BOT.id, TEAM.id, TRAVEL, TOKEN) == (1001, 1002, 9001, -1001000000001, 2, "9001:local")
    assert (ADA.language_code, BO.language_code, BOT.username) == ("en", "zh-hans", "dawen_bot")
    assert simulation.messages(TEAM)[0].opened_topic is not None
