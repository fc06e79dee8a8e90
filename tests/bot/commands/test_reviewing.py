"""`dawen review`, `dawen export` and `dawen import` in the terminal."""

from pathlib import Path

from tests.support.terminal import Terminal, write_lines


def test_messages_are_reviewed_exported_and_imported(terminal: Terminal, tmp_path: Path) -> None:
    assumed = {"DAWEN_CONSENT": "assumed"}
    assert "nothing to review" in terminal("review", **assumed).out
    assert "nothing to export" in terminal("export", "--out", tmp_path / "none.jsonl", **assumed).complaint
    assert terminal("chat", typed="hello there\n你好呀\n").code == 0
    assert "nothing to review" in terminal("review").out
    done = terminal("review", typed="*\n99\nnonsense\nn Say Hello\n*\nu\n1\n?\n\n+\n", **assumed)
    assert done.code == 0
    for said in (
        "Choose its intent first.",
        "There is no intent '99'",
        "'nonsense' says nothing",
        "Your label: say_hello",
    ):
        assert said in done.out
    assert "That was the last card. New labels: 2" in done.out
    out = tmp_path / "rows.jsonl"
    assert terminal("export", "--out", out, "--json", **assumed).json == {"rows": 2, "golden": 0, "out": str(out)}
    kept = terminal("import", out, "--json").json
    assert (kept["rows"], kept["golden"], kept["known"]) == (2, 0, False)
    assert "were imported before" in terminal("import", out).out


def test_what_cannot_be_done_is_said_in_one_sentence(terminal: Terminal, tmp_path: Path) -> None:
    bad = write_lines(tmp_path / "bad.jsonl", [{"text": "", "intent": "help"}])
    assert "line 1 has an empty 'text'" in terminal("import", bad).complaint
    assert terminal("export", "--out", tmp_path / "x", "--format", "xml").code == 2
