"""`dawen train` and `dawen evaluate` on small files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from nlp.model_store import read_model
from tests.support.models import EXAMPLES, BagEncoder
from tests.support.terminal import Terminal, launch, write_lines

ROWS = [{"text": example.text, "label": example.intent} for example in EXAMPLES]
STRANGE = [{"text": text, "label": "oos"} for text in ("zzz qqq", "千山鸟飞绝", "lorem ipsum")]
QUESTIONS: list[Mapping[str, object]] = [
    {
        "title": "Refunds",
        "context": "Refunds are paid within thirty days. Keep your receipt.",
        "question": "When are refunds paid?",
        "answers": [{"text": "thirty days", "start": 24}],
    },
    {
        "title": "办公",
        "context": "办公室九点开门，六点关门。",
        "question": "办公室几点开门？",
        "answers": ["九点"],
    },
]
ROUTER = {
    "accuracy",
    "macro_f1",
    "oos_auroc",
    "ece",
    "encode_seconds",
    "train_seconds",
    "route_ms_p50",
    "route_ms_p95",
    "texts_per_s",
    "model_mb",
}
RETRIEVAL = {
    "questions",
    "passages",
    "recall@1",
    "recall@5",
    "mrr@10",
    "bm25",
    "dense",
    "build_seconds",
    "queries_per_s",
    "search_ms_p95",
}
ANSWERS = {
    "questions",
    "passages",
    "exact_match",
    "f1",
    "sentence_hit@1",
    "sentence_hit",
    "refused",
    "refusal_auroc",
    "answer_ms_p50",
    "answer_ms_p95",
}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file with labelled texts."""
    return write_lines(tmp_path / "train.jsonl", ROWS)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A file with questions."""
    return write_lines(tmp_path / "qa.jsonl", QUESTIONS)


def test_a_router_is_measured(terminal: Terminal, rows: Path, tmp_path: Path) -> None:
    strange = write_lines(tmp_path / "oos.jsonl", STRANGE)
    report = terminal("evaluate", "router", "--train", rows, "--test", rows, "--oos", strange, "--json").json
    assert set(report) >= ROUTER
    assert report["accuracy"] == report["macro_f1"] == 1
    assert report["oos_auroc"] > 0.5
    assert report["train_rows"] == report["test_rows"] == len(ROWS)
    assert not (tmp_path / "home").exists()


def test_figures_are_a_table_for_people(terminal: Terminal, rows: Path) -> None:
    table = dict(
        line.split(maxsplit=1)
        for line in terminal("evaluate", "router", "--train", rows, "--test", rows).out.splitlines()
    )
    assert (table["accuracy"].strip(), table["oos_auroc"].strip()) == ("1.0", "–")


def test_retrieval_is_measured(terminal: Terminal, questions: Path) -> None:
    report = terminal("evaluate", "retrieval", "--data", questions, "--json").json
    assert set(report) == RETRIEVAL
    assert (report["questions"], report["passages"], report["recall@1"]) == (2, 2, 1)
    assert set(report["bm25"]) == set(report["dense"]) == {"recall@1", "recall@5", "mrr@10"}
    assert terminal("evaluate", "retrieval", "--data", questions, "--limit", 1, "--json").json["questions"] == 1


def test_answers_are_measured(terminal: Terminal, questions: Path) -> None:
    report = terminal("evaluate", "answers", "--data", questions, "--json").json
    assert set(report) == ANSWERS
    assert (report["questions"], report["sentence_hit"], report["refusal_auroc"]) == (2, 1, 1)


def test_summaries_are_measured(terminal: Terminal, tmp_path: Path) -> None:
    rows: list[Mapping[str, object]] = [
        {
            "title": "Ferry",
            "source": ["Mild weather today.", "The ferry runs again."],
            "target": ["The ferry runs again."],
        },
        {"article": "过桥不收费。大桥昨天通车。", "summary": "大桥昨天通车。"},
    ]
    path = write_lines(tmp_path / "articles.jsonl", rows)
    report = terminal("evaluate", "summaries", "--data", path, "--json").json
    assert list(report) == [
        "rouge1", "rouge2", "rougeL", "lead_rouge1", "lead_rouge2", "lead_rougeL", "ms_per_article",
    ]  # fmt: skip
    assert report["rouge1"] > report["lead_rouge1"] > 0
    assert terminal("evaluate", "summaries", "--data", path, "--limit", 1, "--json").json["rouge1"] == 1
    assert "lead_rougeL" in terminal("evaluate", "summaries", "--data", path).out


def test_where_nothing_can_be_answered_figures_are_missing(terminal: Terminal, tmp_path: Path) -> None:
    rows = [{**row, "answers": []} for row in QUESTIONS]
    outcome = terminal("evaluate", "answers", "--data", write_lines(tmp_path / "qa.jsonl", rows), "--json")
    assert "NaN" not in outcome.out
    assert (outcome.json["f1"], outcome.json["refusal_auroc"]) == (None, None)


def test_a_reader_needs_questions_of_every_kind(terminal: Terminal, questions: Path, tmp_path: Path) -> None:
    outcome = terminal("train", "reader", "--train", questions, "--out", tmp_path / "reader")
    assert outcome.code == 1
    assert "fewer than 50 answered questions" in outcome.err
    assert not (tmp_path / "reader").exists()
    (tmp_path / "reader").write_text("mine", encoding="utf-8")
    assert (
        "'" + str(tmp_path / "reader")
        in terminal("train", "reader", "--train", questions, "--out", tmp_path / "reader").err
    )


def test_a_router_is_written_to_a_new_folder(terminal: Terminal, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "router"
    outcome = terminal("train", "router", "--train", rows, "--valid", rows, "--out", out, "--json")
    assert (outcome.json["kind"], outcome.json["architecture"], outcome.json["version"]) == (
        "router",
        "fused",
        "router",
    )
    assert outcome.json["data"] == {**outcome.json["data"], "rows": len(ROWS), "sources": ["train.jsonl"]}
    assert set(outcome.json["scores"]) == {"accuracy", "macro_f1", "ece"}
    assert sorted(path.name for path in out.iterdir()) == [
        "manifest.json",
        "model.safetensors",
        "report.html",
        "report.json",
    ]
    report = json.loads((out / "report.json").read_text())
    assert [stage["stage"] for stage in report["stages"]] == ["embed", "calibrate", "fit"]
    assert (report["data"]["rows"], report["scores"]) == (len(ROWS), outcome.json["scores"])
    assert [path.name for path in out.parent.iterdir()] == ["router"]
    assert not (tmp_path / "home").exists()


def test_a_router_that_shall_serve_serves_with_its_scores(terminal: Terminal, rows: Path, tmp_path: Path) -> None:
    first, second = (terminal("train", "router", "--valid", rows, "--json").json for _ in range(2))
    assert second["parent"] == first["version"]
    assert second["scores"]["accuracy"] == 1
    assert terminal("ask", "hello", "--json").json["versions"]["router"] == second["version"]
    assert f"accuracy {1:.4f}" in terminal("train", "router", "--valid", rows).out


def test_foreign_labels_do_not_replace_the_router_that_serves(terminal: Terminal, tmp_path: Path) -> None:
    serving = terminal("train", "router", "--json").json["version"]
    foreign = write_lines(tmp_path / "foreign.jsonl", [{**row, "label": f"x_{row['label']}"} for row in ROWS])
    complaint = terminal("train", "router", "--train", foreign).complaint
    assert complaint.startswith("foreign.jsonl has no example of the intent 'question'")
    assert "--out FOLDER" in complaint
    assert terminal("ask", "hello", "--json").json["versions"]["router"] == serving
    assert terminal("train", "router", "--train", foreign, "--out", tmp_path / "out").code == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [("full", "is not empty: choose a new folder"), ("file", "is a file: choose a new folder"), ("file/x", "'file'")],
)
def test_a_folder_that_holds_something_is_refused_before_training(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    write_lines(tmp_path / "full" / "mine.txt", [])
    (tmp_path / "file").write_text("mine")
    if name != "file/x":
        monkeypatch.delattr(BagEncoder, "encode")
    assert words in terminal("train", "router", "--out", name).complaint
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("train", "router"), "--train"),
        (("evaluate", "router", "--test", "x.jsonl"), "--train"),
        (("evaluate", "retrieval"), "--data"),
        (("evaluate", "answers"), "--data"),
        (("evaluate", "summaries"), "--data"),
    ],
)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read (No such file or directory): check the path"),
        (b"", "has no rows"),
        (
            b'{"text": "a", "label": "b", "question": "c", "context": "d", "source": "e", "target": "f"}\n{"text": \n',
            "line 2 is not JSON",
        ),
        (b"[]\n", "line 1 is not a JSON object"),
        (b"\xff\xfe\n", "is not UTF-8 text"),
        (b'\n{"text": 1, "question": 2}\n', "2 lacks"),
    ],
)
def test_a_bad_data_file_is_named_with_its_line(
    terminal: Terminal, tmp_path: Path, command: tuple[str, ...], option: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "x.jsonl").write_bytes(content)
    complaint = terminal(*command, option, "x.jsonl", "--json").complaint
    assert words in complaint
    assert "x.jsonl" in complaint
    assert not (tmp_path / "home").exists() or not any((tmp_path / "home").iterdir())


@pytest.mark.parametrize("answers", [{"text": "a"}, [{"start": 1}], [5], "text"])
def test_answers_of_another_shape_are_named_with_their_line(
    terminal: Terminal, tmp_path: Path, answers: Sequence[object] | Mapping[str, object]
) -> None:
    path = write_lines(tmp_path / "qa.jsonl", [QUESTIONS[0], {**QUESTIONS[1], "answers": answers}])
    assert "line 2 has 'answers' that cannot be read" in terminal("evaluate", "answers", "--data", path).complaint


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"text": "a", "label": "x"}, {"text": "b", "label": "x"}], "at least two different labels, 1 found"),
        ([{"text": t, "label": x} for t, x in ("ax", "by")], "each of the 2 labels has a single example"),
    ],
)
def test_too_little_to_learn_from_is_said(
    terminal: Terminal, tmp_path: Path, rows: list[dict[str, str]], words: str
) -> None:
    path = write_lines(tmp_path / "few.jsonl", rows)
    assert words in terminal("train", "router", "--train", path, "--out", "out").complaint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", [("train", "router"), ("evaluate", "router", "--train", "a", "--test", "b")])
def test_an_unknown_architecture_is_named(terminal: Terminal, command: tuple[str, ...]) -> None:
    assert terminal(*command, "--arch", "cnn").complaint == (
        "architecture 'cnn' is not known: use fused, transformer, lstm"
    )


def test_a_report_is_written_beside_the_figures(terminal: Terminal, rows: Path, tmp_path: Path) -> None:
    strange = write_lines(tmp_path / "oos.jsonl", STRANGE)
    test = write_lines(tmp_path / "test.jsonl", [*ROWS, {"text": "hello", "label": "unheard_of"}])
    folder = tmp_path / "out" / "report"
    outcome = terminal(
        "evaluate", "router", "--train", rows, "--test", test, "--oos", strange, "--report", folder, "--json"
    )
    assert outcome.json["test_rows"] == len(ROWS) + 1
    assert "intent labels of the test rows that training does not have" in outcome.err
    assert "unheard_of" in outcome.err
    assert str(folder / "index.html") in outcome.err
    assert json.loads((folder / "report.json").read_text())["figures"] == outcome.json


def test_a_folder_in_use_is_refused_before_the_long_work(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("")
    complaint = terminal("evaluate", "router", "--train", "a", "--test", "b", "--report", tmp_path / "full").complaint
    assert complaint == f"'{tmp_path / 'full'}' is not empty: choose a new folder for the report"


def test_contradictions_and_lone_labels_are_told_and_learned_from(terminal: Terminal, tmp_path: Path) -> None:
    rows = [*ROWS, {"text": "Hello  there", "label": "question"}, {"text": "sing", "label": "song"}]
    outcome = terminal("train", "router", "--train", write_lines(tmp_path / "t.jsonl", rows), "--out", "out")
    assert outcome.code == 0
    number = next(n for n, row in enumerate(ROWS, 1) if row["text"] == "hello there")
    assert (
        "texts with more than one label: 1, such as "
        f"'greeting' (t.jsonl:{number}) and 'question' (t.jsonl:{len(ROWS) + 1})"
    ) in outcome.err
    assert "labels with a single example: 1, such as 'song'" in outcome.err


def test_ctrl_c_ends_training_and_leaves_nothing(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(BagEncoder, "encode", interrupt)
    outcome = terminal("train", "router", "--out", "out")
    assert (outcome.code, outcome.out) == (130, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seeds"]


SMALL = ("--set", "epochs=2", "--set", "hidden=8", "--set", "dimension=8", "--set", "min_count=1")


def test_a_network_is_trained_stored_and_served(terminal: Terminal, rows: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "v.txt"
    vectors.write_text("".join(f"{word} {' '.join(['0.1'] * 8)}\n" for word in ("hello", "the", "你")))
    words = ("--valid", rows, "--arch", "lstm", "--vectors", vectors, *SMALL, "--json")
    outcome = terminal("train", "router", *words)
    assert (outcome.json["architecture"], outcome.json["configuration"]["training"]["epochs"]) == ("lstm", 2)
    assert "Word vectors found" in outcome.err
    assert "held out: loss " in outcome.err
    assert terminal("ask", "hello", "--json").json["versions"]["router"] == outcome.json["version"]
    assert any(
        check["name"] == "router" and outcome.json["version"] in check["detail"]
        for check in json.loads(terminal("doctor", "--json").out)["checks"]
    )


def test_a_network_is_measured(terminal: Terminal, rows: Path) -> None:
    words = ("--train", rows, "--test", rows, "--arch", "lstm", *SMALL, "--json")
    report = terminal("evaluate", "router", *words).json
    assert set(report) >= ROUTER


def test_a_training_cut_short_is_resumed_and_said_so(
    terminal: Terminal, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("train", "router", "--train", rows, "--arch", "lstm", *SMALL, "--checkpoint", tmp_path / "kept")

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("nlp.training.lstm.calibrate", interrupt)
        assert terminal(*words, "--out", "out").code == 130
    assert not (tmp_path / "out").exists()
    outcome = terminal(*words, "--out", "out", "--json")
    assert outcome.json["architecture"] == "lstm"
    assert "Resumed from the checkpoint" in outcome.err
    other = terminal(*words, "--set", "learning_rate=0.1", "--out", "other").complaint
    assert "is of another run, whose settings.learning_rate is" in other


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--set", "iteration=3"), "setting 'iteration' is not known: use dense_scale"),
        (("--arch", "lstm", "--set", "epochs=0"), "epochs is 0: allowed is from 1 to 10000"),
        (("--arch", "lstm", "--set", "precision=fp16"), "precision 'fp16' needs a GPU"),
        (("--arch", "lstm", "--vectors", "none.txt"), "word vectors 'none.txt' cannot be read"),
        (("--vectors", "v.txt"), "--vectors is for --arch lstm"),
        (("--checkpoint", "kept"), "--checkpoint is for --arch transformer and lstm"),
        (("--arch", "transformer", "--set", "base=/nowhere"), "encoder '/nowhere' cannot be loaded for training"),
    ],
)
def test_a_setting_that_cannot_be_had_is_named(
    terminal: Terminal, rows: Path, tmp_path: Path, words: tuple[str, ...], complaint: str
) -> None:
    assert terminal("train", "router", "--train", rows, *words, "--out", "out").complaint.startswith(complaint)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_two_processes_train_one_router(terminal: Terminal, rows: Path, tmp_path: Path) -> None:
    words = ("train", "router", "--train", rows, "--arch", "lstm", *SMALL, "--set", "dropout=0", "--json")
    still = ("--set", "word_dropout=0", "--set", "embedding_dropout=0")
    env = {"DAWEN_HOME": str(tmp_path / "home"), "DAWEN_DEVICE": "cpu"}
    manifest = json.loads(launch("-m", "bot", *words, *still, "--out", "two", cwd=tmp_path, env=env))
    assert manifest["data"]["rows"] == len(ROWS)
    assert terminal(*words, *still, "--out", "one", **env).code == 0
    (_, two), (_, one) = read_model(tmp_path / "two"), read_model(tmp_path / "one")
    for name, array in one.items():
        np.testing.assert_allclose(two[name], array, atol=1e-3)
