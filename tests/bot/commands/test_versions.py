"""`dawen models list`, `show`, `promote` and `rollback`."""

from pathlib import Path

from nlp.learning.verdict import FILE
from nlp.model_store import ModelStore, write_extra, write_model
from nlp.thresholds import KIND as THRESHOLDS
from nlp.thresholds import Thresholds
from nlp.training.thresholds import describe_thresholds
from tests.bot.test_verdict_replies import KEPT
from tests.support.terminal import Terminal


def test_versions_are_listed_shown_put_into_service_and_back(terminal: Terminal) -> None:
    first, second = (str(terminal("train", "router", "--json").json["version"]) for _ in range(2))
    listed = terminal("models", "list", "--json").json["versions"]
    assert [(v["version"], v["serves"], v["parent"]) for v in listed] == [(first, False, None), (second, True, first)]
    assert terminal("models", "show", "--json").json["version"] == second
    assert terminal("models", "rollback", "--json").json == {"version": first, "before": second}
    assert terminal("ask", "hello", "--json").json["versions"]["router"] == first
    assert f"router {second} serves" in terminal("models", "promote", second).out
    assert terminal("models", "show", "--json").json["version"] == second


def test_people_read_tables(terminal: Terminal) -> None:
    version = str(terminal("train", "router", "--json").json["version"])
    assert version in terminal("models", "list").out
    shown = dict(line.split(maxsplit=1) for line in terminal("models", "show").out.splitlines()[1:])
    assert (shown["version"].strip(), shown["architecture"].strip()) == (version, "fused")
    assert shown["encoder"].strip() == "all-MiniLM-L6-v2"


def test_where_there_is_nothing_it_is_said(terminal: Terminal) -> None:
    assert terminal("models", "list", "--json").json == {"versions": []}
    assert "run 'dawen train router'" in terminal("models", "show").complaint
    assert "is not the manifest of a model" in terminal("models", "promote", "none-such").complaint
    assert "is not the name of a model version" in terminal("models", "promote", "../x").complaint
    terminal("train", "router")
    assert "has no earlier version to go back to" in terminal("models", "rollback").complaint
    assert "kind 'reader' is none: use router, " in terminal("models", "rollback", "reader").complaint


def test_the_verdict_on_a_version_is_shown_with_it(terminal: Terminal) -> None:
    version = str(terminal("train", "router", "--json").json["version"])
    assert "verdict" not in terminal("models", "show", "--json").json
    write_extra(Path(terminal.env["DAWEN_HOME"]) / "models" / "router" / version, FILE, KEPT.to_dict())
    assert terminal("models", "show", "--json").json["verdict"] == KEPT.to_dict()
    shown = " ".join(terminal("models", "show").out.split())  # long cells are folded
    assert "The new version is kept out: it is worse at telling what people want in Chinese" in shown
    assert "94.1% → 95.3%" in shown


def test_thresholds_are_put_into_service_and_back_and_pruned_like_routers(terminal: Terminal) -> None:
    store = ModelStore(Path(terminal.env["DAWEN_HOME"]) / "models")
    versions = [f"2026010{day}-000000-abcdef" for day in (1, 2, 3, 4)]
    for version in versions:
        write_model(store.folder(THRESHOLDS, version), describe_thresholds([]), Thresholds({"en": 0.6}).to_arrays())
    first, second, third, last = versions
    assert terminal("models", "promote", first, "--json").json == {"version": first, "before": None}
    assert f"thresholds {third} serves: a bot that runs takes it up" in terminal("models", "promote", third).out
    assert terminal("models", "promote", third, "--json").json == {"version": third, "before": third}
    assert terminal("models", "prune", "--keep", "1", "--json").json == {"removed": [second]}
    assert terminal("models", "rollback", "thresholds", "--json").json == {"version": first, "before": third}
    assert store.current(THRESHOLDS) == first
    assert "has no earlier version" in terminal("models", "rollback", "thresholds").complaint
    assert store.versions(THRESHOLDS) == [first, third, last]
