"""The training loop: every setting does what it says, and the same seed gives the same weights."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nlp.errors import DataError
from nlp.training import Step, run
from nlp.training.configs import NeuralConfig
from nlp.training.loop import fit
from nlp.training.losses import Loss
from nlp.training.optimisation import RateSchedule, make_optimizer, one_group
from nlp.training.targets import MISSING, Targets
from nlp.training.task import epoch_batches
from tests.support.tasks import quick, separable, state, task


def train(config: NeuralConfig, **changes: Any) -> tuple[nn.Module, list[Step]]:
    steps: list[Step] = []
    what = task(**changes)
    run(fit(what, config), steps.append)
    return what.module, steps


def ends(steps: list[Step]) -> list[Step]:
    return [step for step in steps if "valid_loss" in step.metrics]


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine", "plateau"])
def test_every_optimiser_and_schedule_learns(optimizer: str, schedule: str) -> None:
    _, steps = train(quick(optimizer=optimizer, schedule=schedule, learning_rate=0.1 if optimizer == "sgd" else 0.02))
    assert ends(steps)[-1].metrics["valid_accuracy"] >= 0.9
    assert ends(steps)[-1].metrics["valid_loss"] < ends(steps)[0].metrics["valid_loss"]


def test_steps_say_how_far_it_is_at_what_rate_and_loss() -> None:
    _, steps = train(quick(epochs=2))
    assert {step.stage for step in steps} == {"fit"}
    assert [step.done for step in steps] == [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12, 12]
    assert {step.total for step in steps} == {12}
    assert all(step.loss is not None and step.metrics["learning_rate"] > 0 for step in steps if step not in ends(steps))
    assert [step.metrics["epoch"] for step in ends(steps)] == [1, 2]


def test_the_same_seed_gives_the_same_weights_and_another_does_not() -> None:
    one, other, another = (state(train(quick(epochs=3, seed=seed))[0]) for seed in (7, 7, 8))
    for name, weights in one.items():
        np.testing.assert_array_equal(weights, other[name])
    assert any((weights != another[name]).any() for name, weights in one.items())


def test_training_leaves_the_chance_of_others_alone() -> None:
    what = task()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    run(fit(what, quick(epochs=1)))
    assert torch.equal(torch.get_rng_state(), before)


def test_every_row_is_seen_once_an_epoch_in_an_order_that_changes() -> None:
    rows, lengths = np.arange(10, 113), np.random.default_rng(0).integers(1, 50, 200)
    first, again, second = (epoch_batches(rows, lengths, 8, 0, epoch) for epoch in (0, 0, 1))
    assert sorted(np.concatenate(first).tolist()) == rows.tolist()
    assert [part.tolist() for part in first] == [part.tolist() for part in again]
    assert [part.tolist() for part in first] != [part.tolist() for part in second]
    assert np.mean([np.ptp(lengths[part]) for part in first]) < 10


def rates(schedule: str, **changes: Any) -> list[float]:
    config = quick(schedule=schedule, learning_rate=1.0, **changes)
    chosen = RateSchedule(make_optimizer(one_group(nn.Linear(2, 2), config), config), config, 100)
    return [chosen.set(step) for step in range(100)]


def test_rates_warm_up_and_then_follow_their_schedule() -> None:
    for schedule in ("constant", "linear", "cosine"):
        warm = rates(schedule, warmup=0.2)
        assert warm[:20] == sorted(warm[:20])
        assert warm[0] < 0.1
        assert warm[20] == 1
    assert rates("constant")[-1] == 1
    assert rates("linear")[50] == pytest.approx(0.5)
    assert rates("cosine")[25] == pytest.approx(0.8536, abs=1e-3)
    assert rates("cosine")[-1] < 0.001


def test_a_plateau_cuts_the_rate() -> None:
    config = quick(schedule="plateau", learning_rate=1.0, plateau_factor=0.1, plateau_patience=1)
    schedule = RateSchedule(make_optimizer(one_group(nn.Linear(2, 2), config), config), config, 100)
    seen = []
    for loss in (1.0, 0.9, 0.95, 0.95, 0.95, 0.95):
        schedule.tell(loss)
        seen.append(schedule.set(5))
    assert seen == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01])


def test_a_plateau_in_training_lowers_the_rate() -> None:
    points, targets = separable(topics=False)
    unlearnable = Targets(targets.labels, (np.random.default_rng(0).integers(0, 2, len(points)),), targets.weights)
    _, steps = train(quick(schedule="plateau", epochs=20), topics=False, targets=unlearnable)
    seen = [step.metrics["learning_rate"] for step in steps if step.loss is not None]
    assert seen[-1] < seen[0] / 4
    assert seen == sorted(seen, reverse=True)


def test_clipping_bounds_what_one_step_can_do() -> None:
    def moved(clip: float) -> float:
        what = task(module=nn.Linear(4, 4))
        before = state(what.module)
        next(fit(what, quick(optimizer="sgd", clip=clip, learning_rate=1.0, schedule="constant", l2=0.0)))
        after = state(what.module)
        return float(np.sqrt(sum(((after[name] - before[name]) ** 2).sum() for name in before)))

    assert moved(0.01) == pytest.approx(0.01, rel=1e-3)
    assert moved(0.0) > 0.1


def test_penalties_shrink_weights() -> None:
    def size(**changes: Any) -> float:
        return float(np.abs(state(train(quick(epochs=20, **changes))[0])["0.weight"]).sum())

    free = size(l2=0.0)
    assert size(l2=0.0, l1=0.02) < free / 2
    assert size(l2=5.0, stop_on="accuracy") < free
    weights = state(train(quick(epochs=20, l2=0.0, l1=0.05, schedule="linear"))[0])["0.weight"]
    assert (np.abs(weights) < 0.01).mean() > 0.3


def test_it_stops_early_and_keeps_the_best_weights() -> None:
    _, targets = separable(40, topics=False)
    noisy = Targets(targets.labels, (np.random.default_rng(3).integers(0, 2, 40),), targets.weights)
    what = task(rows=40, topics=False, targets=noisy)
    steps: list[Step] = []
    run(fit(what, quick(epochs=200, patience=4, learning_rate=0.05)), steps.append)
    losses = [step.metrics["valid_loss"] for step in ends(steps)]
    assert len(losses) == int(np.argmin(losses)) + 1 + 4 < 200
    assert steps[-1].done == steps[-1].total
    with torch.inference_mode():
        logits = what.module(*what.inputs(what.held))
    loss, weight, *_ = Loss(noisy, 0.0, "cpu").sums(logits, what.held).tolist()
    assert loss / weight == pytest.approx(min(losses), abs=1e-5)


def test_an_average_of_weights_is_what_is_measured_and_kept() -> None:
    plain, averaged = (
        train(quick(epochs=6, averaging=decay, learning_rate=0.1, schedule="constant")) for decay in (0, 0.9)
    )
    assert ends(averaged[1])[-1].metrics["valid_loss"] != ends(plain[1])[-1].metrics["valid_loss"]
    assert ends(averaged[1])[-1].metrics["valid_accuracy"] >= 0.9


def test_class_weights_weigh_rows() -> None:
    targets = Targets((("a", "b"),), (np.array([0, 1]),), (np.array([3, 1], np.float32),))
    logits, rows = torch.tensor([[0.0, 1.0], [0.0, 1.0]]), np.array([0, 1])
    wrong, right = (float(torch.nn.functional.softplus(torch.tensor(x))) for x in (1.0, -1.0))
    assert float(Loss(targets, 0.0, "cpu")(logits, rows, rows)) == pytest.approx((3 * wrong + right) / 4)


def test_shares_of_a_batch_add_up_to_its_loss_and_missing_labels_do_not_count() -> None:
    _, targets = separable()
    loss, rows = Loss(targets, 0.1, "cpu"), np.arange(7)
    logits = torch.randn(7, 4, generator=torch.Generator().manual_seed(0))
    whole = float(loss(logits, rows, rows))
    parts = [float(loss(logits[start::3], rows[start::3], rows)) for start in range(3)]
    assert sum(parts) == pytest.approx(whole, rel=1e-5)
    changed = logits.clone()
    changed[targets.indices[1][:7] == MISSING, 2:] = 50
    assert float(loss(changed, rows, rows)) == pytest.approx(whole, rel=1e-5)
    assert float(loss(logits[:1], rows[:0], rows)) == 0  # a process with nothing to do


def test_label_smoothing_keeps_the_network_from_being_sure() -> None:
    sure, unsure = (
        np.abs(task_logits(train(quick(epochs=30, label_smoothing=smoothing, stop_on="accuracy", l2=0.0))[0])).mean()
        for smoothing in (0.0, 0.4)
    )
    assert unsure < sure


def task_logits(module: nn.Module) -> np.ndarray:
    what = task()
    with torch.inference_mode():
        logits: np.ndarray = module(*what.inputs(what.held)).numpy()
    return logits


def test_a_loss_that_is_no_number_is_named() -> None:
    with pytest.raises(DataError, match=r"the loss is (nan|inf) after \d+ steps: set a lower learning_rate"):
        train(quick(optimizer="sgd", learning_rate=100, clip=0, schedule="constant", epochs=50), module=Square())


class Square(nn.Module):
    """A network that does not bear large steps."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 16), nn.Linear(16, 4)

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        hidden: torch.Tensor = self.second(self.first(points) ** 2)
        return hidden**3


def test_half_precision_without_a_gpu_is_refused() -> None:
    with pytest.raises(DataError, match="precision 'fp16' needs a GPU, and the device is 'cpu'"):
        train(quick(precision="fp16", device="cpu"))


def test_bfloat16_trains_on_a_cpu_too() -> None:
    _, steps = train(quick(precision="bf16", device="cpu"))
    assert ends(steps)[-1].metrics["valid_accuracy"] >= 0.8


def test_one_head_is_enough(tmp_path: Path) -> None:
    module, steps = train(quick(), topics=False)
    assert state(module)["3.bias"].shape == (2,)
    assert ends(steps)[-1].metrics["valid_accuracy"] > 0.9
