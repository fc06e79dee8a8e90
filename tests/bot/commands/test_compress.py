"""`dawen models compress`: new versions, their price, and what is refused."""

from pathlib import Path

import pytest

from tests.support.models import EXAMPLES
from tests.support.terminal import Terminal, write_lines


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file with labelled texts."""
    return write_lines(tmp_path / "test.jsonl", [{"text": e.text, "label": e.intent} for e in EXAMPLES])


@pytest.fixture
def serving(terminal: Terminal) -> str:
    """A router that serves."""
    return str(terminal("train", "router", "--json").json["version"])


def test_a_compressed_router_is_a_new_version_with_its_price(terminal: Terminal, rows: Path, serving: str) -> None:
    found = terminal("models", "compress", "--int8", "--prune", 0.6, "--test", rows, "--json").json
    assert found["parent"] == serving
    assert [trial["name"] for trial in found["trials"]] == [
        "as it is",
        "pruned 60%, not tuned",
        "pruned 60%, tuned",
        "int8 heads",
    ]
    assert found["trials"][-1]["model_mb"] < found["trials"][0]["model_mb"]
    shown = terminal("models", "show", found["version"], "--json").json
    assert (shown["parent"], shown["configuration"]["compression"]) == (serving, found["trials"])
    assert shown["scores"]["accuracy"] == pytest.approx(found["trials"][-1]["accuracy"], abs=1e-4)
    assert terminal("ask", "hello", "--json").json["versions"]["router"] == serving
    assert terminal("models", "promote", found["version"]).code == 0
    assert terminal("ask", "hello", "--json").json["versions"]["router"] == found["version"]


def test_the_price_is_a_table_for_people(terminal: Terminal, rows: Path, serving: str, tmp_path: Path) -> None:
    outcome = terminal("models", "compress", serving, "--int8", "--test", rows, "--out", tmp_path / "small")
    lines = outcome.out.splitlines()
    assert lines[0].split() == "step kept accuracy macro F1 ECE ms p50 texts/s MB".split()
    assert lines[1].startswith("as it is")
    assert lines[2].split()[:3] == ["int8", "heads", "yes"]
    assert sorted(path.name for path in (tmp_path / "small").iterdir()) == ["manifest.json", "model.safetensors"]
    assert [v["version"] for v in terminal("models", "list", "--json").json["versions"]] == [serving]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "nothing was asked for: use --int8, --prune SHARE or --onnx FILE"),
        (["--int8"], "has no held-out *.test.jsonl: name labelled texts with --test FILE"),
        (["--int8", "--test", "missing.jsonl"], "cannot be read"),
        (["--onnx", "router.onnx"], "cannot be exported: only 'all-MiniLM-L6-v2' can"),
        (["none-such", "--int8"], "is not the manifest of a model"),
        (["--int8", "--out", "test.jsonl"], "is a file: choose a new folder"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    terminal: Terminal, rows: Path, serving: str, options: list[str], words: str
) -> None:
    assert words in terminal("models", "compress", *options).complaint
    assert [v["version"] for v in terminal("models", "list", "--json").json["versions"]] == [serving]


def test_without_a_router_there_is_nothing_to_compress(terminal: Terminal) -> None:
    assert "run 'dawen train router'" in terminal("models", "compress", "--int8").complaint
