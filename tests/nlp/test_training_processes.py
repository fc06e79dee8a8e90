"""Several processes: they learn what one learns, and only the main one speaks."""

import json

import pytest
import torch
from torch import nn

from nlp.encoder import pick_device
from nlp.training import Step, run
from nlp.training.loop import fit
from nlp.training.processes import Processes, join_processes, launched_together, part_processes
from tests.support.tasks import quick, task
from tests.support.terminal import launch

CASES: list[tuple[int, dict[str, float]]] = [
    (rows, settings)
    for rows in (122, 87)  # the last batch has eleven rows, or one, so that a process has none
    for settings in ({}, {"l1": 0.01, "averaging": 0.9, "label_smoothing": 0.1})
]
PROGRAM = """
import json
from nlp.training.processes import join_processes, part_processes
from tests.nlp.test_training_processes import CASES, curve
curves = [curve(*case) for case in CASES]
if join_processes("cpu").is_main:
    print(json.dumps(curves))
part_processes()
"""
Curve = list[tuple[float | None, float | None]]


def curve(rows: int, settings: dict[str, float]) -> Curve:
    """The loss of every step, and that of the rows held out where it is measured."""
    steps: list[Step] = []
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 4))
    run(fit(task(rows=rows, module=module), quick(epochs=4, device="cpu", **settings)), steps.append)
    return [(step.loss, step.metrics.get("valid_loss")) for step in steps]


@pytest.fixture(scope="module")
def of_two_processes(tmp_path_factory: pytest.TempPathFactory) -> list[Curve]:
    """The curve of every case, by the same two processes one after the other."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "program.py").write_text(PROGRAM)
    curves: list[Curve] = json.loads(launch(folder / "program.py", cwd=folder))
    return curves


@pytest.mark.slow
@pytest.mark.parametrize("case", range(len(CASES)))
def test_two_processes_have_the_loss_curve_of_one(of_two_processes: list[Curve], case: int) -> None:
    seen, expected = of_two_processes[case], curve(*CASES[case])
    assert len(seen) == len(expected)
    for (loss, valid_loss), (one_loss, one_valid_loss) in zip(seen, expected, strict=True):
        assert loss == (None if one_loss is None else pytest.approx(one_loss, abs=1e-4))
        assert valid_loss == (pytest.approx(one_valid_loss, abs=1e-4) if one_loss is None else None)


def test_one_process_is_the_main_one() -> None:
    assert not launched_together()
    assert join_processes("cpu") == Processes(0, 1, pick_device("cpu"))
    assert join_processes("cpu").is_main
    assert not Processes(1, 2, "cpu").is_main
    part_processes()
