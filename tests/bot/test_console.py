"""The terminal: what goes where, and how commands end."""

import asyncio
import json

import pytest
import typer

from bot import console
from bot.errors import BotError, FetchError, SettingsError, StartError
from nlp.errors import DataError, DocumentError, EncoderError, ModelError
from storage.errors import DatabaseUnavailable, SchemaOutdated

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "error",
    [
        BotError("the sentence [b]"),
        SettingsError("the sentence [b]"),
        StartError("the sentence [b]"),
        FetchError("the sentence [b]", "type"),
        DataError("the sentence [b]"),
        DocumentError("the sentence [b]", "empty"),
        EncoderError("the sentence [b]"),
        ModelError("the sentence [b]"),
        DatabaseUnavailable("the sentence [b]"),
        SchemaOutdated("the sentence [b]"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_was_foreseen_ends_with_one_sentence(error: Exception, capsys: Captured) -> None:
    with pytest.raises(typer.Exit) as caught, console.clear_errors():
        raise error
    assert caught.value.exit_code == 1
    assert capsys.readouterr() == ("", "dawen: the sentence [b]\n")


def test_what_was_not_foreseen_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), console.clear_errors():
        raise ZeroDivisionError


def test_ctrl_c_ends_quietly_with_its_own_code(capsys: Captured) -> None:
    async def work() -> None:
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as caught:
        console.run(work())
    assert caught.value.exit_code == 130
    assert capsys.readouterr() == ("", "")


def test_a_command_runs_to_its_end(capsys: Captured) -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        console.out.print("done")

    console.run(work())
    assert capsys.readouterr() == ("done\n", "")


def test_json_is_one_line_in_plain_unicode(capsys: Captured) -> None:
    console.print_json({"问": ["[b]:smile:[/b]", None, 1.5], "long": "x" * 500})
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    assert "问" in out
    assert json.loads(out) == {"问": ["[b]:smile:[/b]", None, 1.5], "long": "x" * 500}


def test_tables_show_cells_as_they_are(capsys: Captured) -> None:
    console.print_table([("[red]", ":smile: [/b]"), (None, 3)], "first", "second")
    out, _ = capsys.readouterr()
    rows = [line.split(maxsplit=1) for line in out.splitlines()]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["first", "second"],
        ["[red]", ":smile: [/b]"],
        ["None", "3"],
    ]


def test_long_lines_are_not_broken(capsys: Captured) -> None:
    console.out.print("word " * 100, markup=False)
    assert capsys.readouterr().out.count("\n") == 1
