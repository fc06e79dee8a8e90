"""The chat page in a real browser: a question in each language, its sources, a vote, found again in the database."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.e2e.program import Program
from tests.support.browser import ARGUMENTS, chromium

pytestmark = pytest.mark.slow
ANSWER_WITHIN = 30_000  # milliseconds, on a machine that is busy with other tests


@pytest.fixture(scope="module")
def program(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The bot with its chat page, running for all tests here."""
    home = tmp_path_factory.mktemp("page") / "home"
    shutil.copytree(trained_home, home)
    program = Program(home)
    program.start("--port", "0")
    yield program
    assert program.stop() == 0


@pytest.fixture
def page(program: Program) -> Iterator[Page]:
    """The chat page in Chromium; a script error on it fails the test."""
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(program.wait_for_line(r"(http://127\.0\.0\.1:\d+/)"))
        yield page
        browser.close()
    assert not errors


def ask(page: Page, conversation: str, question: str) -> Locator:
    """Ask in a private chat; the bot's next message."""
    page.get_by_test_id(conversation).click()
    answers = page.locator("[data-testid=message][data-from=bot]")
    before = answers.count()
    page.get_by_test_id("composer").fill(question)
    page.get_by_test_id("send").click()
    expect(answers).to_have_count(before + 1, timeout=ANSWER_WITHIN)
    return answers.nth(before)


def votes(program: Program) -> list[tuple[str, str, int, int]]:
    """Every vote: question, kind of answer, who, value."""
    with sqlite3.connect(program.database) as database:
        rows = database.execute(
            "SELECT messages.text, answers.kind, feedback.user_id, feedback.value FROM feedback"
            " JOIN answers ON answers.id = feedback.answer_id JOIN messages ON messages.id = answers.message_id"
        )
        return list(rows)


def test_a_question_in_each_language_is_answered_with_sources_and_the_vote_is_kept(
    program: Program, page: Page
) -> None:
    english = ask(page, "conversation-1001", "How do I retrain the bot?")
    expect(english).to_contain_text("an admin sends /retrain; in the terminal it is dawen retrain")
    expect(english).to_contain_text("[1] Retraining the bot — How to retrain the bot")

    chinese = ask(page, "conversation-1002", "怎么重新训练机器人？")
    expect(chinese).to_contain_text("管理员发送 /retrain；在终端里运行 dawen retrain")
    expect(chinese).to_contain_text("[1] 重新训练 — 怎么重新训练机器人")

    chinese.get_by_test_id("button").filter(has_text="👍").click()
    expect(chinese.get_by_test_id("button").filter(has_text="👍 1")).to_be_visible(timeout=ANSWER_WITHIN)
    assert votes(program) == [("怎么重新训练机器人？", "answer", 1002, 1)]


def test_what_the_manual_does_not_say_is_refused_in_the_language_of_the_question(page: Page) -> None:
    expect(ask(page, "conversation-1001", "What is the capital of Mongolia?")).to_contain_text(
        "My documents do not say"
    )
    expect(ask(page, "conversation-1002", "蒙古国的首都是哪里？")).to_contain_text("我的文档里没有")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    expect(page.get_by_test_id("composer")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
