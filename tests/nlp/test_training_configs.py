"""Configurations: what is out of range is named with the range, and text becomes settings."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from nlp.errors import DataError
from nlp.training.configs import FusedConfig, LstmConfig, NeuralConfig, TransformerConfig
from nlp.training.options import configure


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (NeuralConfig, {"epochs": 0}, "epochs is 0: allowed is from 1 to"),
        (NeuralConfig, {"epochs": 1.5}, r"epochs is 1\.5: give a whole number"),
        (NeuralConfig, {"learning_rate": -1}, "learning_rate is -1: allowed is from 1e-12 to 100"),
        (NeuralConfig, {"learning_rate": float("nan")}, "learning_rate is nan"),
        (NeuralConfig, {"dropout": 1.0}, r"dropout is 1\.0: allowed is from 0 to 0\.95"),
        (NeuralConfig, {"clip": -0.1}, r"clip is -0\.1: allowed is at least 0"),
        (NeuralConfig, {"held_out": 1}, "held_out is 1: allowed"),
        (NeuralConfig, {"optimizer": "rprop"}, "optimizer is 'rprop': use sgd, adam, adamw"),
        (NeuralConfig, {"schedule": "steps"}, "schedule is 'steps': use constant, linear, cosine, plateau"),
        (NeuralConfig, {"precision": "int8"}, "precision is 'int8': use auto, fp32, bf16, fp16"),
        (LstmConfig, {"hidden": 0}, "hidden is 0"),
        (FusedConfig, {"iterations": 0}, "iterations is 0: allowed is from 1 to"),
        (FusedConfig, {"dense_scale": 0.0}, r"dense_scale is 0\.0: allowed is from 0\.01"),
        (FusedConfig, {"l2": 0.0}, r"l2 is 0\.0: the fused architecture needs at least 0\.0001"),
        (FusedConfig, {"l2": -1.0}, r"l2 is -1\.0: allowed is from 0"),
        (TransformerConfig, {"lora_rank": -1}, "lora_rank is -1"),
    ],
)
def test_values_out_of_range_are_named(kind: type, values: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        kind(**values)


def test_text_becomes_settings_of_the_right_type() -> None:
    settings = ["epochs=3", "learning_rate = 1e-4", "optimizer=sgd", "dimension=50", "epochs=4"]
    assert configure(LstmConfig, settings) == LstmConfig(epochs=4, learning_rate=1e-4, optimizer="sgd", dimension=50)
    assert configure(LstmConfig, ["dimension=none"]).dimension is None
    assert configure(TransformerConfig, ["base=a=b"]).base == "a=b"
    assert configure(FusedConfig, ["iterations=5", "l2=0.5"]) == FusedConfig(iterations=5, l2=0.5)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("epochs", "setting 'epochs' has no '=': write KEY=VALUE"),
        ("epoch=3", "setting 'epoch' is not known: use epochs, batch_size, optimizer, "),
        ("epochs=many", "setting 'epochs' is 'many': give a whole number"),
        ("epochs=1.5", "setting 'epochs' is '1.5': give a whole number"),
        ("dropout=half", "setting 'dropout' is 'half': give a number"),
        ("optimizer=rprop", "optimizer is 'rprop': use sgd, adam, adamw"),
        ("dropout=2", "dropout is 2.0: allowed is from 0 to 0.95"),
    ],
)
def test_a_setting_that_is_off_is_named(setting: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        configure(LstmConfig, [setting])


@pytest.mark.parametrize("page", ["router.md", "router.zh.md"])
def test_the_developers_page_tells_every_option_with_its_default(page: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    tables = [table for table in text.split("\n\n") if table.startswith(("| Option", "| 选项"))]
    rows = [{row[0].strip("`"): row[1:] for row in map(_cells, table.splitlines()[2:])} for table in tables]
    for kind, cells, column in ((FusedConfig, rows[0], 0), (TransformerConfig, rows[1], 0), (LstmConfig, rows[1], 1)):
        told = {name: values[column] for name, values in cells.items() if values[column] != "–"}
        assert told == {field.name: _shown(field.default, page) for field in fields(kind)}


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _shown(default: object, page: str) -> str:
    if default == "":
        return "空" if page.endswith("zh.md") else "empty"
    return "none" if default is None else str(default)
