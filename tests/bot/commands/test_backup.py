"""`dawen backup` and `dawen restore`: what they say."""

from pathlib import Path

from tests.support.terminal import Terminal


def test_the_commands_say_what_they_did(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nText of a.")
    assert "set DAWEN_HOME" in terminal("backup", "b.tar.gz").complaint
    terminal("ingest", tmp_path / "a.md")
    made = terminal("backup", "b.tar.gz", "--json").json
    assert (made["file"], made["database"]) == ("b.tar.gz", True)
    assert "b.tar.gz" in terminal("backup", "c.tar.gz").out.replace("c.tar", "b.tar")
    assert "not empty" in terminal("restore", "b.tar.gz").complaint
    env = {"DAWEN_HOME": str(tmp_path / "second")}
    assert f"are back in '{tmp_path}/second'" in terminal("restore", "b.tar.gz", **env).out
    assert terminal("documents", "--json", **env).json["documents"][0]["title"] == "A"


def test_with_postgres_pg_dump_is_named(terminal: Terminal, tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "home").mkdir()
    env = {"DAWEN_DATABASE": postgres_url}
    assert "pg_dump" in terminal("backup", "b.tar.gz", **env).out
    assert "pg_restore" in terminal("restore", "b.tar.gz", **env, DAWEN_HOME=str(tmp_path / "second")).out
