"""Lists of questions and answers, in every form that people keep them in."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.blocks import plain_blocks
from nlp.chunks import chunk
from nlp.documents import read_document
from nlp.entries import blocks_with_entries, entry_columns
from nlp.types import Chunk
from tests.support.files import docx
from tests.support.office import xlsx

ANSWER = "Up to 300 euros.\nAsk first.\n\nKeep the receipt."


def chunks(folder: Path, name: str, content: str | bytes) -> list[Chunk]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return chunk(read_document(path))


def entries(folder: Path, name: str, content: str | bytes) -> list[tuple[str, str]]:
    found = chunks(folder, name, content)
    assert all(piece.whole for piece in found)
    return [(piece.heading, piece.text) for piece in found]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", f'Question,Topic,Answer\nHow much?,travel,"{ANSWER}"\n谁批准？,差旅,经理。\n'),
        ("a.csv", f'问题；,x\n"How much?";"{ANSWER}"\n'.replace("问题；,x", "QUESTION;ANSWER") + "谁批准？;经理。"),
        ("a.tsv", f'Q\tA\nHow much?\t"{ANSWER}"\n谁批准？\t经理。\n'),
        ("a.json", json.dumps([{"Q": "How much?", "A": ANSWER}, {"q": "谁批准？", "a": "经理。"}])),
        ("a.json", json.dumps({"faq": [{"问题": "How much?", "答案": ANSWER}, {"问": "谁批准？", "答": "经理。"}]})),
        ("a.jsonl", json.dumps({"Question": "How much?", "answer": ANSWER}) + '\n\n{"問": "谁批准？", "答": "经理。"}'),
        ("a.xlsx", xlsx({"Sheet1": [["问：", "回答"], ["How much?", ANSWER], ["谁批准？", "经理。"]]})),
    ],
)  # fmt: skip
def test_tables_and_records_with_a_question_and_an_answer_are_entries(
    tmp_path: Path, name: str, content: str | bytes
) -> None:
    assert entries(tmp_path, name, content) == [("How much?", ANSWER), ("谁批准？", "经理。")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q: One?\nA: First.\nQ: Two?\nA: Second.", [("One?", "First."), ("Two?", "Second.")]),
        ("问：几天？\n答：十五天。\n\n问：谁批？\n答：经理。", [("几天？", "十五天。"), ("谁批？", "经理。")]),
        ("问题1: 几天？\n答案1: 十五天。\n问题2: 谁批？ 答案2: 经理。", [("几天？", "十五天。"), ("谁批？", "经理。")]),
        ("问：几天？答：十五天。\n问：谁批？答：经理。", [("几天？", "十五天。"), ("谁批？", "经理。")]),
        ("Ｑ：几天？\nＡ：十五天。\nｑ：谁批？\nａ：经理。", [("几天？", "十五天。"), ("谁批？", "经理。")]),
        ("Question: One?\n\nAnswer: First.\n\nMore.\n\nQ2: Two?\nA2: S.", [("One?", "First.\nMore."), ("Two?", "S.")]),
        ("1. Q: One?\n   A: First.\n2. Q: Two?\n   A: Second.", [("One?", "First."), ("Two?", "Second.")]),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_texts_that_consist_of_pairs_are_entries(
    tmp_path: Path, name: str, text: str, expected: list[tuple[str, str]]
) -> None:
    assert entries(tmp_path, name, text) == expected


def test_an_answer_keeps_its_lines_and_its_section(tmp_path: Path) -> None:
    text = (
        "# FAQ\n## Leave\n**Q:** How long?\n\n**A:** Two weeks:\n- one\n- two\n\n**Q: Who?**\n\nA: Bo.\n## Rest\nEnd."
    )
    found = chunks(tmp_path, "a.md", text)
    assert [(piece.heading, piece.text, piece.whole) for piece in found] == [
        ("Leave › How long?", "Two weeks:\none\ntwo", True),
        ("Leave › Who?", "Bo.", True),
        ("Rest", "End.", False),
    ]


def test_a_word_file_of_pairs_is_entries(tmp_path: Path) -> None:
    broken_lines = "问：几天？</w:t><w:br/><w:t>答：十五天。</w:t><w:br/><w:t>问：谁批？答：经理。"
    assert entries(tmp_path, "a.docx", docx("", broken_lines)) == [("几天？", "十五天。"), ("谁批？", "经理。")]


@pytest.mark.parametrize(
    "text",
    [
        "Q: One pair?\nA: That may be a quotation.",
        "Q: Who?\nQ: Why?\nA: Because.\nA: And so on.",
        "A: first choice\nB: second choice\nA: again",
        "他问：几天？\n她答：十天。\n他问：谁批？\n她答：经理。",
        "Prose of a magazine, of which this is the larger part by far.\n\nQ: Yes?\nA: No.\n\n# Then\n\nQ: No?\nA: Yes.",
    ],
)
def test_other_texts_stay_what_they_are(tmp_path: Path, text: str) -> None:
    assert not any(piece.whole for piece in chunks(tmp_path, "a.md", text))
    assert not any(piece.whole for piece in chunks(tmp_path, "a.txt", text.replace("# ", "")))


def test_a_long_answer_is_one_entry_and_its_neighbours_are_not_joined(tmp_path: Path) -> None:
    answer = "This sentence is said again and again. " * 100
    rows = [["question", "answer"], ["Same?", answer], ["Same?", "Short."], ["Unanswered?", ""], ["", "Unasked."]]
    content = "\n".join("\t".join(row) for row in rows)
    found = chunks(tmp_path, "a.tsv", content)
    assert [(piece.heading, piece.text, piece.whole) for piece in found] == [
        ("Same?", answer.strip(), True),
        ("Same?", "Short.", True),
        ("", "question: Unanswered?\n\nanswer: Unasked.", False),
    ]


def test_an_answer_speaks_the_language_of_its_question(tmp_path: Path) -> None:
    (piece,) = chunks(tmp_path, "a.csv", "question,answer\n在哪里报名？,https://example.org/apply\n")
    assert piece.language == "zh"


def test_a_name_of_a_column_counts_in_any_case_and_width() -> None:
    assert entry_columns(["id", " Ｑuestion： ", "ANSWER"]) == (1, 2)
    assert entry_columns(["question", "context"]) is None
    assert entry_columns(["问法", "答案"]) is None


@given(
    st.lists(st.sampled_from(["Q: ", "A: ", "问：", "答：", "\n", "\n\n", "word ", "字", "？", "1. ", "**"])).map(
        "".join
    )
)
def test_no_word_is_lost_whatever_the_marks(text: str) -> None:
    found = "".join(block.text for block in blocks_with_entries(text, plain_blocks))
    assert (found.count("word"), found.count("字")) == (text.count("word"), text.count("字"))
