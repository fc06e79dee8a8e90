"""Several processes: they learn what one learns, and only the main one speaks."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from nlp.encoder import pick_device
from nlp.training import Step, run
from nlp.training.loop import fit
from nlp.training.processes import Processes, join_processes, launched_together, part_processes
from tests.support.networks import quick, task
from tests.support.terminal import launch

PROGRAM = """
import json, sys
from torch import nn, manual_seed
from nlp.training import run
from nlp.training.loop import fit
from nlp.training.processes import join_processes, part_processes
from tests.support.networks import quick, task
manual_seed(0)
steps = []
what = task(rows=int(sys.argv[1]), module=nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 4)))
run(fit(what, quick(epochs=4, device="cpu", **json.loads(sys.argv[2]))), steps.append)
if join_processes("cpu").is_main:
    print(json.dumps([[step.loss, step.metrics.get("valid_loss")] for step in steps]))
part_processes()
"""


@pytest.mark.slow
@pytest.mark.parametrize("rows", [122, 87])  # the last batch has eleven rows, or one, so that a process has none
@pytest.mark.parametrize("settings", [{}, {"l1": 0.01, "averaging": 0.9, "label_smoothing": 0.1}])
def test_two_processes_have_the_loss_curve_of_one(tmp_path: Path, rows: int, settings: dict[str, float]) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    seen = json.loads(launch(tmp_path / "program.py", rows, json.dumps(settings), cwd=tmp_path))
    steps: list[Step] = []
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 4))
    run(fit(task(rows=rows, module=module), quick(epochs=4, **settings)), steps.append)
    assert len(seen) == len(steps)
    for (loss, valid_loss), step in zip(seen, steps, strict=True):
        assert loss == (None if step.loss is None else pytest.approx(step.loss, abs=1e-4))
        assert valid_loss == (pytest.approx(step.metrics["valid_loss"], abs=1e-4) if step.loss is None else None)


def test_one_process_is_the_main_one() -> None:
    assert not launched_together()
    assert join_processes("cpu") == Processes(0, 1, pick_device("cpu"))
    assert join_processes("cpu").is_main
    assert not Processes(1, 2, "cpu").is_main
    part_processes()
