"""The command line as people meet it: help, usage, settings, and the real thing in processes of its own."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import typer.main

from bot.cli import app
from tests.conftest import FIRST_QUESTION
from tests.support.terminal import Outcome, Terminal, logs_as_before, run_process


def commands(command: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and every group of them, by its words."""
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*words, name))


COMMANDS = list(commands(typer.main.get_command(app)))
EXPECTED = {
    ("run",),
    ("chat",),
    ("ask",),
    ("ingest",),
    ("documents",),
    ("documents", "list"),
    ("documents", "remove"),
    ("summarize",),
    ("train", "router"),
    ("evaluate", "router"),
    ("evaluate", "retrieval"),
    ("evaluate", "answers"),
    ("evaluate", "articles"),
    ("db", "upgrade"),
    ("db", "check"),
    ("doctor",),
}


def test_the_stable_commands_are_there() -> None:
    assert set(COMMANDS) >= EXPECTED


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(words: tuple[str, ...], flag: str) -> None:
    outcome = Terminal()(*words, flag)
    assert (outcome.code, outcome.err) == (0, "")
    assert " ".join(("Usage: dawen", *words)) in outcome.out
    options = re.findall(r"^│ +(?:\*|) +(--[a-z-]+|[a-z_]+) (.*)│$", outcome.out, re.MULTILINE)
    assert all(description.strip(" -") for _, description in options)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("fly",), "No such command 'fly'"),
        (("ask",), "Missing argument 'question'"),
        (("ingest",), "Missing argument 'source...'"),
        (("documents", "--json", "list"), "Invalid value for --json: put it at the end"),
        (("evaluate", "retrieval"), "Missing option '--data'"),
        (("evaluate", "answers", "--data", "x", "--limit", "0"), "Invalid value for '--limit'"),
        (("summarize", "x", "--sentences", "many"), "Invalid value for '--sentences'"),
        (("run", "--port", "99999"), "Invalid value for '--port'"),
    ],
)
def test_wrong_usage_is_named(words: tuple[str, ...], complaint: str) -> None:
    outcome = Terminal()(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert complaint.lower() in " ".join(outcome.err.replace("│", " ").lower().split())
    assert "Try 'dawen" in outcome.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("port = = 1\n", "'dawen.toml' or the environment cannot be read as settings: Invalid value (at line 1"),
        ("prot = 1\n", "setting 'prot' is not a setting"),
        ('port = "many"\n', "setting 'port' cannot be used"),
        ("home = \xff\n", "'dawen.toml'"),
    ],
)
@pytest.mark.parametrize("words_of_command", [("documents",), ("doctor", "--json"), ("train", "router")], ids=" ".join)
def test_settings_that_cannot_be_used_stop_every_command(
    words_of_command: tuple[str, ...], content: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dawen.toml").write_text(content, encoding="latin-1")
    assert words in Terminal()(*words_of_command).complaint
    assert [path.name for path in tmp_path.iterdir()] == ["dawen.toml"]


def test_help_needs_no_models() -> None:
    heavy = "{'torch', 'transformers', 'spacy', 'telegram', 'sqlalchemy', 'fastapi'}"
    code = f"import sys, bot.cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("set()\n", "")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for everything that the real commands keep."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def env(home: Path, first_start: tuple[Path, Outcome]) -> Mapping[str, str]:
    """Real weights, the router and the manual as the first start left them."""
    return {"DAWEN_HOME": str(shutil.copytree(first_start[0], home / "data")), "TELEGRAM_BOT_TOKEN": ""}


@pytest.fixture(scope="module")
def real(env: Mapping[str, str], first_start: tuple[Path, Outcome]) -> dict[str, Outcome]:
    """What the real thing said to these questions: to the first in a process of its own, which was the first start."""
    others = ("蒙古国的首都是哪里？", "How do I retrain the bot?", "What is the capital of Mongolia?")
    with logs_as_before():
        return {FIRST_QUESTION: first_start[1]} | {
            question: Terminal(dict(env))("ask", question, "--json") for question in others
        }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "language", "words"),
    [
        ("How do I retrain the bot?", "en", "dawen retrain"),
        (FIRST_QUESTION, "zh", "dawen retrain"),
    ],
)
def test_the_manual_answers_with_its_source(
    real: Mapping[str, Outcome], question: str, language: str, words: str
) -> None:
    said = real[question].json
    assert (said["kind"], said["language"]) == ("answer", language)
    assert words in said["answer"]
    assert said["sources"]
    assert all(source["title"] and source["quote"] for source in said["sources"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "language", "refusal"),
    [
        ("What is the capital of Mongolia?", "en", "My documents do not say"),
        ("蒙古国的首都是哪里？", "zh", "我的文档里没有"),
    ],
)
def test_what_the_manual_does_not_say_is_refused(
    real: Mapping[str, Outcome], question: str, language: str, refusal: str
) -> None:
    said = real[question].json
    assert (said["kind"], said["language"], said["sources"]) == ("refusal", language, [])
    assert said["text"].startswith(refusal)


@pytest.mark.slow
def test_stdout_holds_one_line_and_stderr_no_warning(real: Mapping[str, Outcome]) -> None:
    for outcome in real.values():
        assert outcome.code == 0
        assert outcome.out.count("\n") == 1
        assert not re.search("warn|error|traceback", outcome.err, re.IGNORECASE)


@pytest.mark.slow
def test_an_unknown_encoder_is_named_in_one_line(env: Mapping[str, str], home: Path) -> None:
    outcome = run_process("ask", "Who?", "--json", env={**env, "DAWEN_ENCODER": "nobody/no-such-model"}, cwd=home)
    assert outcome.complaint.startswith("encoder 'nobody/no-such-model' cannot be loaded: give the folder")
    assert outcome.err.count("\n") == 1
