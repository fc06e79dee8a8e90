"""`dawen ask` and `dawen chat`."""

import signal
from pathlib import Path

import pytest

from tests.support.apps import HANDBOOK_EN, HANDBOOK_ZH
from tests.support.models import BagEncoder
from tests.support.terminal import Terminal


@pytest.fixture
def taught(terminal: Terminal, tmp_path: Path) -> Terminal:
    """A terminal whose bot knows both handbooks."""
    for name, text in (("handbook.md", HANDBOOK_EN), ("手册.md", HANDBOOK_ZH)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert terminal("ingest", tmp_path / "handbook.md", tmp_path / "手册.md").code == 0
    return terminal


@pytest.mark.parametrize(
    ("question", "language", "answer", "title"),
    [
        ("When are refunds paid?", "en", "Refunds are paid within thirty days", "Handbook"),
        ("退款什么时候支付？", "zh", "退款会在购买后三十天内支付", "员工手册"),
    ],
)
def test_an_answer_is_one_json_object(taught: Terminal, question: str, language: str, answer: str, title: str) -> None:
    said = taught("ask", question, "--json").json
    assert (said["question"], said["language"], said["kind"]) == (question, language, "answer")
    assert answer in said["answer"]
    (source,) = said["sources"]
    assert set(source) == {"number", "title", "place", "quote", "score"}
    assert (source["number"], source["title"]) == (1, title)
    assert answer in source["quote"]
    assert 0.5 <= said["confidence"] <= 1
    assert set(said["versions"]) == {"encoder", "router", "generator", "summarizer", "generation"}
    assert set(said["timings_ms"]) == {"route", "retrieve", "answer"}


def test_an_answer_for_people_shows_its_source(taught: Terminal) -> None:
    lines = taught("ask", "When are refunds paid?").out.splitlines()
    assert lines[0].startswith("Refunds are paid within thirty days")
    assert lines[-2:] == ["Sources", "[1] Handbook — Refunds"]


@pytest.mark.parametrize(
    ("question", "language", "refusal"),
    [
        ("Which rocket flew to Saturn?", "en", "My documents do not say"),
        ("哪艘火箭飞到土星？", "zh", "我的文档里没有"),
    ],
)
def test_a_refusal_is_in_the_language_of_the_question(
    taught: Terminal, question: str, language: str, refusal: str
) -> None:
    said = taught("ask", question, "--json").json
    assert (said["kind"], said["language"], said["sources"]) == ("refusal", language, [])
    assert said["answer"].startswith(refusal)


def test_without_documents_it_says_how_to_add_some(terminal: Terminal) -> None:
    assert "dawen ingest" in terminal("ask", "When are refunds paid?").out
    assert "dawen ingest" in terminal("ask", "退款什么时候支付？").out


def test_every_answer_is_kept(taught: Terminal) -> None:
    numbers = [taught("ask", "When are refunds paid?", "--json").json["answer_id"] for _ in range(2)]
    assert numbers == [1, 2]


def test_bytes_that_are_no_text_are_refused_in_one_sentence(terminal: Terminal) -> None:
    assert "use UTF-8" in terminal("ask", "\udcff\udcfe").complaint


def test_a_chat_goes_on_until_its_input_ends(taught: Terminal) -> None:
    outcome = taught("chat", typed="hello there\n\n退款什么时候支付？\n")
    assert outcome.code == 0
    assert "Hello! Ask me something" in outcome.out
    assert "退款会在购买后三十天内支付" in outcome.out
    assert outcome.out.count("Sources") + outcome.out.count("来源") == 1
    assert "Ctrl-D" in outcome.err


@pytest.mark.parametrize(
    ("line", "question", "options", "hint", "meant"),
    [
        (
            "settings article hello taxi",
            "Is it …",
            "1. a question about the documents\n2. just hello",
            "Type a number",
            "Hello!",
        ),
        ("苹果", "你是想……", "1. 就文档提问\n2. 打个招呼", "输入数字", "你好！"),
    ],
)
def test_what_is_unclear_is_asked_back_and_chosen_by_its_number(
    taught: Terminal, line: str, question: str, options: str, hint: str, meant: str
) -> None:
    said = taught("chat", typed=f"{line}\n2\n").out
    assert f"{question}\n{options}\n" in said
    assert hint in said
    assert said.rpartition(hint)[2].count(meant) == 1


def test_a_number_chooses_in_the_next_line_alone(taught: Terminal) -> None:
    chosen = "That is short enough to read as it is."
    assert chosen in taught("chat", typed="article lights hello\n3\n").out
    assert chosen not in taught("chat", typed="article lights hello\nWhen are refunds paid?\n3\n").out


def test_ctrl_c_ends_a_chat_that_waits(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(prompt: str) -> str:
        signal.raise_signal(signal.SIGINT)
        return "hello there"

    monkeypatch.setattr("builtins.input", wait)
    outcome = terminal("chat")
    assert (outcome.code, outcome.out) == (130, "")


def test_ctrl_c_ends_the_first_training_and_leaves_nothing(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = BagEncoder.encode

    def interrupt(*arguments: object) -> object:
        signal.raise_signal(signal.SIGINT)
        return encode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(BagEncoder, "encode", interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a process of pytest-xdist has another
    outcome = terminal("ask", "When are refunds paid?")
    signal.signal(signal.SIGINT, before)
    assert (outcome.code, outcome.out) == (130, "")
    assert not (tmp_path / "home" / "models").exists()


def test_a_question_in_one_line_has_nothing_to_do_with_those_before(taught: Terminal) -> None:
    assert taught("ask", "When are refunds paid?").code == 0
    assert "You mean" not in taught("ask", "And the office hours?").out
