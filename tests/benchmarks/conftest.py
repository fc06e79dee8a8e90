"""Tiny public sets, in the files that the real ones have."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlp.training.data import Example
from tests.support.models import EXAMPLES

STRANGE = [Example("the cat sat on a mat", "oos"), Example("zebras graze at dusk", "oos")]


def write_examples(path: Path, examples: Sequence[Example]) -> None:
    path.parent.mkdir(exist_ok=True)
    rows = [{"text": e.text, "label": e.intent, "scenario": e.topic} for e in examples]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.fixture
def public_sets(tmp_path: Path) -> Path:
    """All sets, each with the same few rows."""
    folder = tmp_path / "public"
    folder.mkdir()
    for name in (
        "clinc150/train clinc150/test banking77/train banking77/test banking77/fewshot_train_10 banking77/fewshot_test "
        "massive/en-US.train massive/en-US.dev massive/zh-CN.train massive/zh-CN.dev "
        "thucnews_titles/train thucnews_titles/dev"
    ).split():
        write_examples(folder / f"{name}.jsonl", EXAMPLES)
    write_examples(folder / "clinc150/oos_test.jsonl", STRANGE)
    for name in ("train", "test"):
        write_examples(folder / f"imdb/{name}.jsonl.gz", EXAMPLES)
    return folder
