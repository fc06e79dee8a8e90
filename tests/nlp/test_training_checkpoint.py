"""Checkpoints: a run that is killed goes on as if nothing had happened, and a foreign one is refused."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from nlp.errors import ModelError
from nlp.training import Step, run
from nlp.training.checkpoint import Checkpoint, Checkpoints
from nlp.training.loop import fit
from nlp.training.task import Task
from tests.support.tasks import quick, state, task

ROOT = Path(__file__).parents[2]
SETTINGS: list[dict[str, Any]] = [
    {"checkpoint_every": 1},
    {"checkpoint_every": 4, "averaging": 0.9, "optimizer": "adam", "schedule": "cosine"},
    {"optimizer": "sgd", "schedule": "plateau", "patience": 2},
]
KILLED_AT = (20, 13)  # steps of the first run, and of the one that goes on
KILLED = """
import os, signal, sys
from pathlib import Path
from nlp.training.loop import fit
from tests.nlp.test_training_checkpoint import KILLED_AT, SETTINGS, quick, task
def run_until(die, folder, settings):
    for number, step in enumerate(fit(task(), quick(**settings), folder)):
        if number == die:
            os.kill(os.getpid(), signal.SIGKILL)
for number, settings in enumerate(SETTINGS[:2]):
    for die in KILLED_AT:
        child = os.fork()  # before torch has threads: a process of its own without its imports
        if not child:
            run_until(die, Path(sys.argv[1]) / str(number), settings)
            os._exit(0)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
"""


def weights(folder: Path | None, settings: dict[str, Any]) -> tuple[dict[str, NDArray[Any]], list[Step]]:
    what = task()
    steps: list[Step] = []
    run(fit(what, quick(**settings), folder), steps.append)
    return state(what.module), steps


def stop_after(count: int, folder: Path, settings: dict[str, Any], what: Task | None = None) -> None:
    steps = fit(what or task(), quick(**settings), folder)
    for _ in range(count):
        next(steps)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("count", [1, 9, 17, 40])
def test_a_run_cut_short_goes_on_to_the_very_same_weights(tmp_path: Path, settings: dict[str, Any], count: int) -> None:
    whole, _ = weights(None, settings)
    stop_after(count, tmp_path, settings)
    resumed, _ = weights(tmp_path, settings)
    for name, expected in whole.items():
        np.testing.assert_array_equal(resumed[name], expected)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For each of the first settings, numbered, the folder of a run that was killed twice."""
    folder = tmp_path_factory.mktemp("killed")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], env=env, cwd=ROOT, check=True)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("number", range(2))
def test_a_run_killed_twice_goes_on_to_the_very_same_weights(killed: Path, number: int) -> None:
    whole, _ = weights(None, SETTINGS[number])
    resumed, steps = weights(killed / str(number), SETTINGS[number])
    assert (steps[0].stage, steps[0].done > KILLED_AT[0]) == ("resume", True)
    for name, expected in whole.items():
        np.testing.assert_array_equal(resumed[name], expected)


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    first, _ = weights(tmp_path, {"epochs": 3})
    again, steps = weights(tmp_path, {"epochs": 3})
    assert [(step.stage, step.done, step.total) for step in steps] == [("resume", 18, 18)]
    for name, expected in first.items():
        np.testing.assert_array_equal(again[name], expected)


def test_a_checkpoint_of_other_settings_or_data_is_refused(tmp_path: Path) -> None:
    stop_after(3, tmp_path, {"checkpoint_every": 1})
    with pytest.raises(ModelError, match=r"whose settings\.learning_rate is 0\.02 instead of 0\.5: use another folder"):
        weights(tmp_path, {"learning_rate": 0.5})
    other = task(identity={"data": "other"})
    with pytest.raises(ModelError, match="whose data is None instead of 'other'"):
        run(fit(other, quick(), tmp_path))
    weights(tmp_path, {"checkpoint_every": 7})  # how often it is written does not change what is learned


@pytest.mark.parametrize("content", [b"", b"damaged", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=r"checkpoint\.safetensors' cannot be read: remove it to start anew"):
        weights(tmp_path, {})


def test_a_checkpoint_of_another_network_is_named(tmp_path: Path) -> None:
    stop_after(3, tmp_path, {"checkpoint_every": 1}, task(module=nn.Linear(4, 4)))
    with pytest.raises(ModelError, match="does not fit"):
        weights(tmp_path, {})


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ModelError, match="was not written: "):
        weights(tmp_path / "file", {})
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk_leaves_the_last_checkpoint_as_it_was(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, {"data": "x"})
    checkpoints.write(Checkpoint({"at": 1}, {"weights.a": torch.ones(3)}))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(ModelError, match="was not written: File too large; free some space"):
            checkpoints.write(Checkpoint({"at": 2}, {"weights.a": torch.ones(100_000)}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    kept = checkpoints.read()
    assert kept is not None
    assert (kept.progress, kept.part("weights")["a"].tolist()) == ({"at": 1}, [1, 1, 1])
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.safetensors"]


def test_a_checkpoint_holds_no_pickle(tmp_path: Path) -> None:
    stop_after(8, tmp_path, {})
    raw = (tmp_path / "checkpoint.safetensors").read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    assert json.loads(header.pop("__metadata__")["checkpoint"])["progress"]["at"]["epoch"] == 1
    assert {name.split(".")[0] for name in header} == {"weights", "best", "optimizer"}
