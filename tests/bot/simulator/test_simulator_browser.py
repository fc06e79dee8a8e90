"""The chat page in a real browser."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, async_playwright, expect

from bot.simulator.people import ADA, ADA_CHAT, BO, TEAM, TOKEN, TRAVEL
from bot.simulator.server import SimulatorServer
from bot.simulator.simulation import Simulation
from tests.bot.simulator.test_simulator_files import png
from tests.support.browser import ARGUMENTS, chromium

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
RICH = """<b>Leave</b>: see <a href="https://a.org/x">the portal</a>, <code>code</code>, <tg-spoiler>secret</tg-spoiler>
<blockquote expandable>1. one
2. two
3. three
4. four
5. five</blockquote><pre><code class="language-python">x = "a line that is longer than a phone is wide" * 2</code></pre>
/help"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


class Bot:
    """What the bot does, by plain requests."""

    def __init__(self, server: SimulatorServer) -> None:
        self._url = f"{server.api_url}/bot{TOKEN}"

    def __call__(self, method: str, **parameters: Any) -> Any:
        answer = httpx.post(f"{self._url}/{method}", json={"chat_id": ADA.id, **parameters}).json()
        assert answer["ok"], answer
        return answer["result"]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[BrowserContext]:
    """One for all tests: what the page remembers is kept apart by the ports of the servers."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        context = await browser.new_context(locale="en-GB")
        context.set_default_timeout(5000)
        yield context
        await browser.close()


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    """Both persons have said hello, on a clock that goes."""
    simulation = Simulation()
    simulation.say(ADA, ADA_CHAT, "hello")
    with SimulatorServer(simulation) as server:
        yield server


@pytest.fixture
def bot(server: SimulatorServer) -> Bot:
    return Bot(server)


@pytest.fixture
def viewport() -> dict[str, int]:
    return DESKTOP


@pytest.fixture
def problems() -> list[str]:
    """What the page complained about, and what it asked others for."""
    return []


@pytest_asyncio.fixture(loop_scope="module")
async def page(
    browser: BrowserContext, server: SimulatorServer, viewport: dict[str, int], problems: list[str]
) -> AsyncIterator[Page]:
    """The page. At the end there must have been no problem."""
    page = await browser.new_page()
    await page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(server.url) else problems.append(request.url))
    await page.goto(server.url)
    await expect(page.get_by_test_id("conversation-1001")).to_be_attached()
    yield page
    await page.close()
    assert problems == []


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


def last(page: Page) -> Locator:
    return page.get_by_test_id("message").last


async def test_writing_and_being_answered(page: Page, bot: Bot, server: SimulatorServer) -> None:
    await expect(page.get_by_test_id("send")).to_be_disabled()
    await write(page, "How many days?")
    await expect(last(page)).to_contain_text("How many days?")
    await expect(last(page)).to_have_attribute("data-from", "1001")
    bot("sendChatAction", action="typing")
    await expect(page.get_by_test_id("typing")).to_be_visible()
    await expect(page.locator("#chat-status")).to_have_text("typing…")
    for text in ("Twenty", "Twenty <b>days</b>"):
        bot("sendMessageDraft", draft_id=1, text=text, parse_mode="HTML")
    await expect(page.get_by_test_id("draft")).to_have_text("DTwenty days")  # the letter is the bot's picture
    sent = bot("sendMessage", text="Twenty <b>days</b>", parse_mode="HTML")
    await expect(page.get_by_test_id("draft")).to_have_count(0)
    await expect(last(page)).to_have_attribute("data-from", "bot")
    await expect(last(page).locator("strong")).to_have_text("days")
    bot("editMessageText", message_id=sent["message_id"], text="Twenty-one days")
    await expect(last(page)).to_contain_text("Twenty-one days")
    await expect(last(page)).to_contain_text("edited")
    bot("deleteMessage", message_id=sent["message_id"])
    await expect(last(page)).to_contain_text("How many days?")
    assert server.simulation.messages(ADA_CHAT)[-1].text == "How many days?"


async def test_styled_text(page: Page, bot: Bot, server: SimulatorServer) -> None:
    bot("sendMessage", text=RICH, parse_mode="HTML")
    message = last(page)
    await expect(message).to_contain_text("the portal")
    await expect(message.locator("a")).to_have_attribute("rel", "noopener noreferrer")
    await expect(message.locator("pre code")).to_contain_text("x = ")
    await expect(message.locator(".language")).to_have_text("python")
    quoted, more = message.locator(".quoted"), message.get_by_role("button", name="Show all of it")
    before = await quoted.evaluate("node => node.clientHeight")
    await more.press("Enter")
    await expect(more).to_have_attribute("aria-expanded", "true")
    assert await quoted.evaluate("node => node.clientHeight") > before
    await message.locator(".spoiler").press("Enter")
    await expect(message.locator(".spoiler")).to_have_class("spoiler revealed")
    await message.hover()
    await message.get_by_test_id("react-👍").click()
    await expect(message.get_by_test_id("reactions")).to_contain_text("👍 1")
    await page.evaluate("new Promise(requestAnimationFrame)")
    await expect(more).to_have_attribute("aria-expanded", "true")  # a reaction does not fold it again
    assert server.simulation.messages(ADA_CHAT)[-1].reactions == {ADA.id: "👍"}
    await message.locator(".command").click()
    await expect(last(page)).to_contain_text("/help")


async def test_markup_in_a_message_is_only_text(page: Page, bot: Bot) -> None:
    bot("sendMessage", text="<img src=x onerror=alert(1)> & <b>")
    await expect(last(page).locator(".text")).to_contain_text("<img src=x onerror=alert(1)> & <b>")
    await expect(last(page).locator("img")).to_have_count(0)


async def test_buttons(page: Page, bot: Bot, server: SimulatorServer) -> None:
    rows = [[{"text": "A", "callback_data": "a"}, {"text": "B", "callback_data": "b"}]]
    bot("sendMessage", text="?", reply_markup={"inline_keyboard": [*rows, [{"text": "Site", "url": "https://a.org"}]]})
    buttons = last(page).get_by_test_id("button")
    await expect(buttons).to_have_text(["A", "B", "Site ↗"])
    for index, (text, shows_alert) in enumerate((("Noted", False), ("Really", True))):
        await buttons.nth(index).click()
        await expect(buttons.nth(index)).to_have_class("key waiting")
        (query,) = server.simulation.world.state.queries
        bot("answerCallbackQuery", callback_query_id=query, text=text, show_alert=shows_alert)
        await expect(buttons.nth(index)).to_have_class("key")
    await expect(page.get_by_test_id("toast")).to_have_text("Noted")
    await expect(page.get_by_test_id("alert")).to_contain_text("Really")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("alert")).to_be_hidden()


async def test_an_empty_file_is_refused_in_plain_words(page: Page) -> None:
    empty: Any = {"name": "空.md", "mimeType": "text/markdown", "buffer": b""}
    await page.get_by_test_id("file").set_input_files(empty)
    await expect(page.get_by_test_id("error")).to_have_text("“空.md” is an empty file: there is nothing to send.")
    await expect(page.locator("#context")).to_be_hidden()
    await page.get_by_test_id("language").click()
    await page.get_by_test_id("file").set_input_files(empty)
    await expect(page.get_by_test_id("error").last).to_have_text("“空.md”是空文件，没有内容可以发送。")


async def test_files(page: Page, bot: Bot, server: SimulatorServer) -> None:
    notes: Any = {"name": "笔记.md", "mimeType": "text/markdown", "buffer": b"# Notes"}
    await page.get_by_test_id("file").set_input_files(notes)
    await expect(page.locator("#context")).to_contain_text("笔记.md7 B")
    await page.get_by_test_id("send").click()
    await expect(last(page).get_by_test_id("document")).to_contain_text("笔记.md7 B")
    async with page.expect_download() as download:
        await last(page).get_by_test_id("document").click()
    assert (await (await download.value).path()).read_bytes() == b"# Notes"
    server.call(server.simulation.send_file, ADA, ADA_CHAT, "a.png", png(640, 900), as_photo=True)
    await expect(last(page).locator("img")).to_be_in_viewport(ratio=0.9)


async def test_replies_and_edits(page: Page, server: SimulatorServer, bot: Bot) -> None:
    bot("sendMessage", text="a question")
    await expect(last(page)).to_contain_text("a question")
    await last(page).hover()
    await last(page).get_by_test_id("reply").click()
    await write(page, "an answr")
    await expect(last(page).locator(".quote")).to_contain_text("a question")
    await page.get_by_test_id("composer").press("ArrowUp")
    await expect(page.get_by_test_id("composer")).to_have_value("an answr")
    await write(page, "an answer")
    await expect(last(page)).to_contain_text("an answer")
    await expect(last(page)).to_contain_text("edited")
    message = server.simulation.messages(ADA_CHAT)[-1]
    assert (message.text, message.reply_to_message_id) == ("an answer", 2)


async def test_groups_topics_and_speakers(page: Page, server: SimulatorServer, bot: Bot) -> None:
    await page.get_by_test_id("conversation-team-2").click()
    await page.get_by_test_id("speak-as-1002").click()
    await write(page, "大家好")
    await expect(last(page)).to_have_attribute("data-from", "1002")
    said = server.simulation.messages(TEAM)[-1]
    assert (said.sender_id, said.message_thread_id) == (BO.id, TRAVEL)
    bot("sendMessage", chat_id=TEAM.id, text="in General")
    bot("sendMessage", text="to Ada")
    for name in ("conversation-team", "conversation-1001"):
        await expect(page.get_by_test_id(name).locator(".unread")).to_have_text("1")
    await page.get_by_test_id("conversation-team").click()
    await expect(last(page)).to_contain_text("in General")
    await expect(page.get_by_test_id("conversation-team").locator(".unread")).to_have_count(0)
    bot("createForumTopic", chat_id=TEAM.id, name="Food 美食")
    await expect(page.get_by_test_id("conversation-team-5")).to_contain_text("Food 美食")


async def test_language_and_colours_are_remembered(page: Page, bot: Bot) -> None:
    bot("setMyCommands", commands=[{"command": "help", "description": "What I can do"}])
    await page.get_by_test_id("language").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.get_by_test_id("composer")).to_have_attribute("placeholder", "以 Ada 阿达 的身份发言…")
    await page.get_by_test_id("theme").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await page.get_by_test_id("composer").fill("/h")
    await expect(page.locator("#commands")).to_contain_text("/helpWhat I can do")
    await page.get_by_test_id("composer").press("Enter")
    await expect(last(page)).to_contain_text("/help")


async def test_by_keyboard(page: Page, bot: Bot, server: SimulatorServer) -> None:
    bot("sendMessage", text="react to me")
    await expect(last(page)).to_contain_text("react to me")
    await last(page).focus()
    await page.keyboard.press("Enter")
    await expect(last(page).get_by_test_id("react-👍")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(last(page).get_by_test_id("reactions")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_test_id("message").first).to_be_focused()
    outline = await page.get_by_test_id("message").first.evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    await page.get_by_test_id("conversation-1002").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("empty")).to_be_visible()
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await page.get_by_test_id("start").click()
    await expect(last(page)).to_contain_text("/start")


async def test_reading_further_up(page: Page, bot: Bot) -> None:
    for number in range(12):
        bot("sendMessage", text=f"{number}\n" * 4)
    await expect(last(page)).to_be_in_viewport()
    await page.locator("#scroller").evaluate("node => node.scrollTo(0, 0)")
    await expect(page.locator("#jump")).to_be_visible()
    bot("sendMessage", text="news")
    await expect(page.locator("#jump")).to_have_text("1 new message")
    await expect(last(page)).not_to_be_in_viewport()
    await page.locator("#jump").click()
    await expect(last(page)).to_be_in_viewport()
    await expect(page.locator("#jump")).to_be_hidden()


async def test_the_bot_is_blocked_and_let_back_in(page: Page, server: SimulatorServer) -> None:
    await page.get_by_test_id("block").click()
    await expect(page.get_by_test_id("composer")).to_be_hidden()
    assert server.simulation.world.state.status(ADA_CHAT) == "kicked"
    await page.get_by_test_id("restore").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()


async def test_a_refusal_is_told(page: Page, problems: list[str]) -> None:
    await page.get_by_test_id("composer").press("ArrowUp")
    await write(page, "hello")  # as it was
    await expect(page.get_by_test_id("error")).to_have_text("That did not work: MESSAGE_NOT_MODIFIED")
    await expect(page.get_by_test_id("composer")).to_have_value("hello")
    assert len(problems) == 1
    assert "400" in problems.pop()  # the browser's own line about the answer


async def test_the_server_goes_away_and_comes_back(page: Page, server: SimulatorServer, problems: list[str]) -> None:
    await expect(last(page)).to_contain_text("hello")
    await asyncio.to_thread(server.stop)
    await expect(page.locator("#offline")).to_be_visible()
    server.simulation.say(ADA, ADA_CHAT, "meanwhile")
    server.start()
    await expect(last(page)).to_contain_text("meanwhile")
    await expect(page.locator("#offline")).to_be_hidden()
    problems.clear()  # the browser's own lines about connections


@pytest.mark.parametrize("viewport", [PHONE])
async def test_on_a_phone(page: Page, bot: Bot) -> None:
    rows = [[{"text": f"Button {number}", "callback_data": "a"} for number in range(4)]]
    bot("sendMessage", text=RICH + "w" * 200, parse_mode="HTML", reply_markup={"inline_keyboard": rows})
    await write(page, "长" * 200 + "W" * 200 + " https://a.org/" + "very-long/" * 20)
    await expect(page.get_by_test_id("message")).to_have_count(3)
    await page.get_by_test_id("menu").click()
    await expect(page.get_by_test_id("conversation-1001")).to_be_focused()
    await page.get_by_test_id("conversation-team").click()
    await expect(page.locator("body")).not_to_have_class("drawer-open")
    await expect(page.get_by_test_id("speak-as-1001")).to_be_in_viewport(ratio=1)
    await page.get_by_test_id("menu").click()
    await page.get_by_test_id("conversation-1001").click()
    for selector in ("html", "#scroller", "#form"):
        assert await page.locator(selector).evaluate("node => node.scrollWidth <= node.clientWidth"), selector
    await last(page).locator(".bubble").click(position={"x": 20, "y": 20})
    await expect(last(page).locator(".toolbar")).to_be_in_viewport(ratio=1)
