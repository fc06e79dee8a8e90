"""Labelled texts out of the bot and into it."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.dataset_card import card
from bot.exchange import Row, exported_rows, import_rows, write_rows
from nlp.errors import DataError
from nlp.training.data import read_examples, seed_files
from storage.database import Database
from storage.records import NewMessage
from tests.storage.test_answers import meet, record
from tests.support.terminal import write_lines

ROWS = [
    Row("when is it paid", "question", "business", "en"),
    Row("你好呀", "greeting", None, "zh", golden=True),
]


async def labelled(database: Database, text: str, *said: tuple[int, str, str], golden: bool = False) -> int:
    """A message of person 1 with labels as (person, source, intent); its number."""
    key = await record(database, NewMessage(10, text, 1))
    async with database.write() as tx:
        answer = await tx.answers.get(key)
        assert answer is not None
        for person, source, intent in said:
            await tx.people.see_user(person, f"user {person}", None)
            await tx.feedback.label(answer.message_id, person, source, intent, "business", golden=golden)
    return answer.message_id


async def test_what_is_exported_is_consented_scrubbed_and_settled(database: Database) -> None:
    await meet(database)
    await labelled(database, "write to ada@example.com", (2, "review", "question"))
    await labelled(
        database, "打电话 13812345678", (2, "review", "human"), (1, "clarification", "greeting"), golden=True
    )
    await labelled(database, "disputed", (2, "review", "question"), (3, "review", "greeting"))
    await labelled(database, "somebody else says", (2, "clarification", "question"))
    assert await exported_rows(database, assumed=False) == []
    async with database.write() as tx:
        await tx.people.set_consent(1, consent=True)
    found = await exported_rows(database, assumed=False)
    assert found == [
        Row("write to <email>", "question", "business", "en"),
        Row("打电话 <phone>", "human", "business", "zh", golden=True),
    ]
    async with database.write() as tx:
        await tx.people.set_consent(1, consent=False)
    assert await exported_rows(database, assumed=True) == []


def test_lines_come_back_as_they_went(tmp_path: Path) -> None:
    write_rows(ROWS, out := tmp_path / "rows.jsonl", "jsonl")
    done = import_rows(out, learned := tmp_path / "learned")
    assert (done.rows, done.golden, done.known) == (2, 1, False)
    [train] = seed_files(learned)
    assert [(e.text, e.intent, e.topic) for e in read_examples(train)] == [("when is it paid", "question", "business")]
    [golden] = learned.glob("*.test.jsonl")
    assert [e.text for e in read_examples(golden)] == ["你好呀"]
    assert import_rows(out, learned).known
    assert len(list(learned.iterdir())) == 2


def test_a_folder_has_its_splits_and_a_card_that_names_them(tmp_path: Path) -> None:
    write_rows(ROWS, out := tmp_path / "set", "datasets")
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == [
        "README.md",
        "data/test.jsonl",
        "data/train.jsonl",
    ]
    head = (out / "README.md").read_text(encoding="utf-8").split("---")[1]
    for line in ("- en", "- zh", "- split: train", "path: data/test.jsonl", "num_examples: 1", "- name: intent"):
        assert line in head
    [row] = map(json.loads, (out / "data/test.jsonl").read_text(encoding="utf-8").splitlines())
    assert row == {"text": "你好呀", "intent": "greeting", "topic": None, "language": "zh", "golden": True}


def test_datasets_reads_the_folder(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    write_rows(ROWS, out := tmp_path / "set", "datasets")
    found = datasets.load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert found["train"][0]["intent"] == "question"
    assert found["test"].num_rows == 1


def test_a_split_without_rows_is_not_named() -> None:
    assert "split: test" not in card({"train": 3}, ["en"])


def test_nothing_is_overwritten_and_nothing_empty_is_written(tmp_path: Path) -> None:
    (tmp_path / "there.jsonl").write_text("x")
    with pytest.raises(DataError, match="is there already: choose a new file"):
        write_rows(ROWS, tmp_path / "there.jsonl", "jsonl")
    with pytest.raises(DataError, match="is not empty: choose a new folder"):
        write_rows(ROWS, tmp_path, "datasets")
    with pytest.raises(DataError, match="nothing to export: label messages with /review"):
        write_rows([], tmp_path / "new.jsonl", "jsonl")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"text": " ", "intent": "help"}, "line 2 has an empty 'text': write one, or remove the line"),
        ({"text": "a", "intent": "x" * 65}, "line 2 has the label 'xxxxxxxxxxxxxxxxxxxx…' of 65 characters"),
        ({"text": "a", "intent": "help", "language": "fr"}, "line 2 has the language 'fr': use 'en' or 'zh', or none"),
        (
            {"text": "a", "intent": "help", "golden": "yes"},
            "has the value 'yes' for 'golden': use true or false",
        ),
        ({"text": "a"}, "bad.jsonl:2 lacks a 'text' or a 'label'"),
        ({"text": "a", "intent": "help", "topic": 1}, "bad.jsonl:2 has a 'topic' that is not a string"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(tmp_path: Path, row: dict[str, Any], complaint: str) -> None:
    path = write_lines(tmp_path / "bad.jsonl", [{"text": "fine", "intent": "help"}, row])
    with pytest.raises(DataError) as error:
        import_rows(path, tmp_path / "learned")
    assert complaint in str(error.value)
    assert not (tmp_path / "learned").exists()


def test_a_table_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,intent,topic,language\n退款呢,question,business,zh\n", encoding="utf-8")
    import_rows(tmp_path / "rows.csv", tmp_path / "learned")
    [path] = (tmp_path / "learned").iterdir()
    assert json.loads(path.read_text(encoding="utf-8"))["language"] == "zh"
