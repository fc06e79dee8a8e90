"""`dawen retrain`, and the versions of all kinds in the terminal."""

from pathlib import Path

from bot.ruling_replies import Decision
from nlp.learning.verdict import FILE
from nlp.model_store import ModelStore, write_extra
from nlp.thresholds import Thresholds
from nlp.training.thresholds import describe_thresholds
from tests.bot.test_ruling_replies import WORSE
from tests.support.terminal import Terminal


def test_what_cannot_be_trained_is_named(terminal: Terminal) -> None:
    assert terminal("retrain", "everything").complaint == (
        "'everything' is nothing that can be trained: use router, retriever, thresholds, generator or all"
    )
    assert "DAWEN_GENERATOR" in terminal("retrain", "generator").complaint


def test_where_nobody_has_judged_anything_there_is_nothing_to_learn(terminal: Terminal) -> None:
    assert terminal("retrain", "all", "--json").json == {"runs": []}
    assert terminal("retrain", "retriever").out.startswith("Nothing to learn: since the last training")


def test_versions_of_every_kind_are_listed_and_shown(terminal: Terminal) -> None:
    store = ModelStore(Path(terminal.env["DAWEN_HOME"]) / "models")
    version = store.save(describe_thresholds([]), Thresholds({"en": 0.6}).to_arrays()).version
    write_extra(store.folder("thresholds", version), FILE, Decision(False, WORSE).to_dict())
    store.promote("thresholds", version)
    (listed,) = terminal("models", "list", "--json").json["versions"]
    assert (listed["kind"], listed["version"], listed["serves"]) == ("thresholds", version, True)
    shown = " ".join(terminal("models", "show", version).out.split())
    assert "The new version is kept out: it is worse at the order by meaning" in shown
