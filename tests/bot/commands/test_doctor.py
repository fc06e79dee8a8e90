"""`dawen doctor` and `dawen db`: what is wrong, and what to do about it."""

import re
import sqlite3
from pathlib import Path

import pytest

from tests.support.servers import copyist, serving
from tests.support.terminal import Terminal

UNREACHABLE = "postgresql://ada:geheim@127.0.0.1:1/dawen"


def checks(terminal: Terminal, **env: str) -> dict[str, tuple[bool, str]]:
    outcome = terminal("doctor", "--json", **env)
    found = {check["name"]: (check["ok"], check["detail"]) for check in outcome.json["checks"]}
    healthy = all(ok for ok, _ in found.values())
    assert outcome.json["ok"] is healthy
    assert outcome.code == (0 if healthy else 1)
    assert ("checks failed" in outcome.err) is not healthy
    return found


def test_a_new_machine_is_healthy(terminal: Terminal) -> None:
    found = checks(terminal)
    names = "python home disk clock sqlite database cluster encoder models router generator knowledge telegram"
    assert list(found) == names.split()
    assert found["generator"][1] == "extractive: quotes the documents"
    assert all(ok for ok, _ in found.values())
    assert "trained at the first start" in found["router"][1]
    assert "chat page" in found["telegram"][1]


def test_what_is_there_is_counted(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nText.")
    terminal("ingest", tmp_path / "a.md")
    found = checks(terminal, TELEGRAM_BOT_TOKEN="123456:secret")
    assert "32 examples" in found["router"][1]
    assert found["knowledge"][1].startswith("1 documents, 1 passages")
    assert "https://api.telegram.org" in found["telegram"][1]
    assert "secret" not in str(found)
    with (tmp_path / "seeds" / "seeds.jsonl").open("a") as seeds:
        seeds.write('{"text": "good evening", "intent": "greeting"}\n')
    assert "'dawen train router'" in checks(terminal)["router"][1]


def test_a_router_of_another_encoder_is_a_fault(terminal: Terminal) -> None:
    terminal("train", "router")
    ok, detail = checks(terminal, DAWEN_ENCODER="other")["router"]
    assert not ok
    assert "was trained with encoder" in detail


def test_a_generator_that_answers_is_well(terminal: Terminal) -> None:
    with serving(copyist) as server:
        ok, detail = generator_of(terminal, server.url)
    assert ok
    assert re.fullmatch(r"openai:small answers after \d\.\d s, with its source", detail)
    assert server.keys == ["Bearer geheim"]


def test_a_generator_that_cites_nothing_is_named(terminal: Terminal) -> None:
    with serving(lambda exchange: exchange.say("At nine.")) as server:
        assert "without its source, so that it will be quoted instead" in generator_of(terminal, server.url)[1]


def test_a_generator_that_does_not_answer_is_a_fault(terminal: Terminal) -> None:
    with serving(lambda exchange: exchange.status(401)) as server:
        ok, detail = generator_of(terminal, server.url)
    assert not ok
    assert detail == f"generator server '{server.url}' did not answer (status 401): check DAWEN_GENERATOR_KEY"
    ok, detail = generator_of(terminal, server.url)
    assert not ok
    assert "did not answer (APIConnectionError)" in detail


def generator_of(terminal: Terminal, url: str) -> tuple[bool, str]:
    """What is said of a server."""
    server = {"GENERATOR": "openai", "GENERATOR_MODEL": "small", "GENERATOR_URL": url, "GENERATOR_KEY": "geheim"}
    found = checks(terminal, **{f"DAWEN_{name}": value for name, value in server.items()})
    assert "geheim" not in str(found)
    return found["generator"]


def test_faults_are_shown_in_a_table(terminal: Terminal) -> None:
    outcome = terminal("doctor", DAWEN_DATABASE=UNREACHABLE)
    assert outcome.code == 1
    faults = [line.split()[1] for line in outcome.out.splitlines() if line.startswith("FAULT")]
    assert faults == ["clock", "database", "knowledge"]
    assert outcome.err == "dawen: 3 of 13 checks failed\n"
    assert "geheim" not in outcome.out


def test_a_home_that_cannot_be_made_is_a_fault_like_others(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = checks(terminal, DAWEN_HOME="file/home")
    assert {name for name, (ok, _) in found.items() if not ok} == {"home", "disk", "clock", "database", "knowledge"}
    assert "set DAWEN_HOME to another" in found["home"][1]


def test_tables_are_made_and_checked(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal("db", "check").complaint.endswith("run 'dawen db upgrade'")
    assert "dawen.db is at " in terminal("db", "upgrade").out
    assert terminal("db", "check").out.endswith("is up to date\n")
    with sqlite3.connect(tmp_path / "home" / "dawen.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for command in (("db", "upgrade"), ("documents",), ("ask", "Who?")):
        assert terminal(*command).complaint.endswith("at a revision that this version does not know: update Dawen")


def test_tables_are_made_and_checked_in_postgres(terminal: Terminal, postgres_url: str) -> None:
    assert "is at " in terminal("db", "upgrade", DAWEN_DATABASE=postgres_url).out
    assert terminal("db", "check", DAWEN_DATABASE=postgres_url).out.endswith("is up to date\n")
    assert checks(terminal, DAWEN_DATABASE=postgres_url)["database"][0]


@pytest.mark.parametrize("command", [("ask", "Who?"), ("documents",), ("db", "check"), ("db", "upgrade"), ("run",)])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        (UNREACHABLE, "'postgresql+asyncpg://ada:***@127.0.0.1:1/dawen' cannot be opened ([Errno 111] Conn"),
        ("postgresql://ada:geheim@127.0.0.1:port/dawen", "'postgresql://ada:***@127.0.0.1:port/dawen' is not a data"),
        (f"{UNREACHABLE}?sslmode=require", "sslmode"),
        ("mysql://ada:geheim@127.0.0.1/dawen", "'mysql' is not supported: use sqlite:///FILE or postgresql://"),
        ("sqlite:///file/dawen.db", "folder 'file' of the database cannot be made (File exists): choose another"),
        ("sqlite:///file", "'sqlite+aiosqlite:///file' cannot be opened (file is not a database)"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(
    terminal: Terminal, tmp_path: Path, command: tuple[str, ...], url: str, words: str
) -> None:
    (tmp_path / "file").write_text("no database, whatever it is called" * 50)
    outcome = terminal(*command, DAWEN_DATABASE=url, DAWEN_PORT="0")
    assert words in outcome.complaint
    assert "geheim" not in outcome.err
