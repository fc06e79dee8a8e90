"""The benchmark of a GPU, on a processor and a BERT of a few kilobytes."""

from pathlib import Path

import pytest
import torch

from benchmarks.router_gpu import measure_device, measure_gpu
from tests.support.berts import small_bert
from tests.support.models import EXAMPLES


def test_without_a_gpu_one_line_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    assert measure_gpu(EXAMPLES) is None
    assert capsys.readouterr().out == "no GPU found: skipped\n"


def test_each_batch_and_an_epoch_are_timed(tmp_path: Path) -> None:
    found = measure_device(EXAMPLES, small_bert(tmp_path), "cpu", "a processor", (1, 8), ("fp32",), (False,))

    assert [(rate.batch, rate.precision, rate.compiled) for rate in found.rates] == [
        (1, "fp32", False),
        (8, "fp32", False),
    ]
    assert all(rate.texts_per_s is not None and rate.texts_per_s > 0 for rate in found.rates)
    assert [epoch.rows for epoch in found.epochs] == [len(EXAMPLES)]
    assert found.weights == "the folder's"


def test_a_folder_without_weights_gets_random_ones(tmp_path: Path) -> None:
    folder = small_bert(tmp_path)
    (folder / "model.safetensors").unlink()

    found = measure_device(EXAMPLES, folder, "cpu", "a processor", (8,), ("fp32",), (False,))

    assert found.weights == "random"
    assert found.rates[0].texts_per_s is not None
