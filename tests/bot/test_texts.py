"""Everything the bot says by itself: both languages, the same placeholders, Telegram's limits."""

import string
from collections.abc import Iterator, Mapping

import pytest

from bot import texts
from bot.dialogue import Button
from bot.errors import FetchError
from bot.replies import (
    clarify_buttons,
    language_buttons,
    reason_buttons,
    sample_buttons,
    share_button,
    teach_button,
    vote_buttons,
)
from bot.richtext import Style, rich, to_plain, utf16_length
from bot.texts import Text
from nlp.errors import DocumentError
from nlp.text import is_han
from nlp.types import LANGUAGES, Language


def named(value: object, name: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from named(inner, f"{name}[{key}]")
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from named(inner, f"{name}[{number}]")


ALL = [found for name, value in vars(texts).items() for found in named(value, name)]
every_text = pytest.mark.parametrize("text", [text for _, text in ALL], ids=[name for name, _ in ALL])


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@every_text
def test_every_text_is_in_both_languages(text: Text) -> None:
    assert text.en.strip()
    assert text.en == text.en.strip()
    assert text.zh.strip()
    assert not any(is_han(char) for char in text.en.replace("答问", ""))
    assert any(is_han(char) for char in text.zh)


@every_text
def test_both_languages_have_the_same_placeholders(text: Text) -> None:
    assert placeholders(text.en) == placeholders(text.zh)
    assert "" not in placeholders(text.en)


@every_text
def test_both_languages_name_the_same_commands(text: Text) -> None:
    def commands(markup: str) -> set[str]:
        return {name for name in (*texts.COMMANDS, *texts.ADMIN_COMMANDS) if f"/{name}" in markup}

    assert commands(text.en) == commands(text.zh)


@every_text
def test_markup_is_closed_and_the_text_fits_one_message(text: Text) -> None:
    for language in LANGUAGES:
        values = dict.fromkeys(placeholders(text.en), "x")
        shown = to_plain(text.rich(language, **values))
        assert not any(mark in shown for mark in ("**", "__", "`", "{", "}"))
        assert 0 < utf16_length(shown) <= 4096


def test_values_are_inserted_as_they_are() -> None:
    text = Text("**Summary: {title}** by {name}", "**摘要：{title}**，{name}")
    pieces = text.rich("en", title="**{0}** `x`", name="__a__")
    assert [(piece.text, piece.style) for piece in pieces] == [
        ("Summary: **{0}** `x`", Style.BOLD),
        (" by __a__", Style.PLAIN),
    ]
    assert text.plain("zh", title="题", name="名") == "**摘要：题**，名"


@pytest.mark.parametrize("name", [*texts.COMMANDS, *texts.ADMIN_COMMANDS])
def test_commands_fit_the_menu(name: str) -> None:
    text = {**texts.COMMANDS, **texts.ADMIN_COMMANDS}[name]
    assert name.isidentifier()
    assert name.islower()
    assert 1 <= len(name) <= 32
    for language in LANGUAGES:
        shown = text.plain(language)
        assert 1 <= len(shown) <= 256
        assert to_plain(rich(shown)) == shown


def test_help_names_every_command() -> None:
    for name in texts.COMMANDS:
        assert f"/{name}" in texts.HELP.en or name == "start"
    for name in texts.ADMIN_COMMANDS:
        assert f"/{name}" in texts.HELP_ADMIN.en


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_carry_at_most_64_bytes_each_its_own(language: Language) -> None:
    rows: list[tuple[Button, ...]] = [
        vote_buttons(),
        *clarify_buttons(list(texts.INTENTS), language),
        *sample_buttons(language),
        *language_buttons(),
        *reason_buttons(language),
        teach_button(language),
        share_button(2**63 - 1, language),
    ]
    buttons = [button for row in rows for button in row]
    assert all(1 <= len(button.data.encode()) <= 64 for button in buttons)
    assert all(button.label for button in buttons)
    assert len({button.data for button in buttons}) == len(buttons)


def test_every_reason_has_its_words() -> None:
    assert FetchError.__doc__ is not None
    assert DocumentError.__doc__ is not None
    reasons = FetchError.__doc__.rpartition("`reason`: ")[2].rstrip(".").split(", ")
    assert set(texts.LINK_ERRORS) == set(reasons)
    assert {word.strip(" .\n") for word in DocumentError.__doc__.rpartition(":")[2].split(",")} == set(
        texts.FILE_ERRORS
    )
    assert all(placeholders(text.en) <= {"url"} for text in texts.LINK_ERRORS.values())
    assert all(placeholders(text.en) <= {"name"} for text in texts.FILE_ERRORS.values())
