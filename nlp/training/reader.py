"""Training the reader: which sentences answer, learned from questions whose answers are known.

The network is trained by a softmax over the candidates of each question (a listwise loss, Cao et al. 2007, "Learning to
Rank"); then logistic regression on questions that did not teach the network learns when its best sentence answers.
Where sentences are read closely, those articles that did not teach how to read teach the network and the regression.
"""

import random
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp.encoder import Encoder
from nlp.errors import DataError
from nlp.evaluation.metrics import auroc
from nlp.evaluation.qa_data import QaData
from nlp.evaluation.remembering import RememberingEncoder
from nlp.model_store import Arrays
from nlp.reader_weights import PARTS, Floats, Network, Part, ReaderWeights
from nlp.span_reader import load_span_reader
from nlp.training import Step, Steps
from nlp.training.reader_cases import Case, ReaderConfig, cases_of, read_closely
from nlp.training.spans import Lesson, SpanConfig, train_spans

_FEWEST = 50  # questions of a kind from which its part can be learned
_SHOWN = 100  # questions between two steps
_BATCH = 256
_RIDGE = 0.01
_LEAST_DEVIATION = 1e-3


def train_reader(
    files: Sequence[QaData], encoder: Encoder, config: ReaderConfig
) -> Steps[tuple[ReaderWeights, dict[str, float]]]:
    """Weights for all kinds of questions, and how good they are on questions that taught the network nothing.

    Raises:
        DataError: there are too few questions of one of the kinds.
    """
    cases, memory = list[Case](), RememberingEncoder(encoder)
    total = sum(len(data.questions) for data in files)
    for data in files:
        for done, case in enumerate(cases_of(data, memory, config), 1):
            cases.append(case)
            if done % _SHOWN == 0:
                yield Step("ask", min(len(cases), total), total)
    parts, scores, spans = dict[str, Part](), dict[str, float](), Arrays()
    for name in PARTS if config.spans else PARTS[1:]:
        picked = [case for case in cases if case.kind == name]
        _check_enough(name, picked)
        if config.spans and name == "read":
            spans, picked = yield from _learn_to_read(picked, config, config.spans)
        parts[name], found = yield from _fit_part(name, [case for case in picked if case.golds], config)
        scores |= found
    return ReaderWeights(**parts, spans=spans), scores


def _check_enough(name: str, cases: Sequence[Case]) -> None:
    if sum(case.right.any() for case in cases) < _FEWEST:
        kind = f"that the encoder {'does not know' if name == 'alone' else 'knows'}"
        raise DataError(f"there are fewer than {_FEWEST} answered questions {kind}: add a file with such questions")


def _divide(cases: Sequence[Case], config: ReaderConfig) -> tuple[list[Case], list[Case]]:
    """Those that teach, and those of other articles, which are held out."""
    articles = sorted({case.article for case in cases})
    random.Random(config.seed).shuffle(articles)  # noqa: S311
    kept = set(articles[: round(len(articles) * config.held_out)])
    teaching, held = ([case for case in cases if (case.article in kept) is there] for there in (False, True))
    return teaching, held


def _learn_to_read(cases: Sequence[Case], config: ReaderConfig, spans: SpanConfig) -> Steps[tuple[Arrays, list[Case]]]:
    """What is learned from most articles, and the cases of the others, read with it."""
    teaching, held = _divide(cases, config)
    held = [case for case in held if case.golds]
    lessons = {
        (case.asked.text, case.answerable): Lesson(case.asked.text, case.candidates.texts, case.right, case.golds)
        for case in reversed(teaching)  # of a question asked of several indexes, the largest counts
        if case.right.any() or not case.answerable
    }
    arrays = yield from train_spans(list(lessons.values()), spans, config.seed)
    reader, read = load_span_reader(arrays, spans.device, base=spans.folder), list[Case]()
    for case in held:
        read.append(read_closely(case, reader))
        if len(read) % _SHOWN == 0 or len(read) == len(held):
            yield Step("reread", len(read), len(held))
    return arrays, read


def _fit_part(name: str, cases: Sequence[Case], config: ReaderConfig) -> Steps[tuple[Part, dict[str, float]]]:
    teaching, held = _divide(cases, config)
    trial = yield from _fit_network(f"{name}, trial", teaching, config)
    scored = [trial.score(case.candidates.rows) for case in held]
    rows = np.array(
        [case.reader.evidence(case.asked, case.found, case.candidates, s) for case, s in zip(held, scored, strict=True)]
    )
    answers = np.array([case.answerable for case in held])
    answerable = _logistic(rows, answers)
    hits = [case.right[np.argsort(-s)[:3]] for case, s in zip(held, scored, strict=True) if case.answerable]
    figures = {
        f"{name}_first": float(np.mean([hit[0] for hit in hits])),
        f"{name}_first_three": float(np.mean([hit.any() for hit in hits])),
        f"{name}_refusal_auroc": auroc((rows @ answerable)[answers], (rows @ answerable)[~answers]),
    }
    network = yield from _fit_network(name, cases, config)
    return Part(network, answerable), figures


def _fit_network(stage: str, cases: Sequence[Case], config: ReaderConfig) -> Steps[Network]:
    taught = [case for case in cases if case.right.any()]
    rows, right, real = _padded(taught)
    seen = rows[real]
    mean, deviation = seen.mean(axis=0), seen.std(axis=0)
    constant = deviation < _LEAST_DEVIATION
    deviation[constant] = 1.0
    inputs = torch.from_numpy(((rows - mean) / deviation).astype(np.float32))
    goal, mask = torch.from_numpy(right), torch.from_numpy(real)
    chance = torch.Generator().manual_seed(config.seed)
    parameters = _parameters(inputs.shape[-1], config.hidden, chance)
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)
    batches = -(-len(taught) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.epochs * batches, pct_start=0.1
    )
    for epoch in range(1, config.epochs + 1):
        sums = 0.0
        for picked in torch.split(torch.randperm(len(taught), generator=chance), _BATCH):
            scores = _trained_scores(inputs[picked], parameters, config.dropout, chance)
            loss = _listwise(scores, goal[picked], mask[picked])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            sums += float(loss.detach())
        yield Step(stage, epoch, config.epochs, sums / batches)
    inward, shift, outward = (parameter.detach().numpy().astype(np.float64) for parameter in parameters)
    inward[constant] = 0.0  # what never varied in training must not matter afterwards
    return Network(mean, deviation, inward, shift, outward)


def _parameters(width: int, hidden: int, chance: torch.Generator) -> list[torch.Tensor]:
    """What `Network` calls inward, shift and outward."""
    bounds = ((width, hidden), width), ((hidden,), width), ((hidden,), hidden)
    shares = ((torch.rand(size, generator=chance), fan) for size, fan in bounds)
    return [((2 * share - 1) * float(fan) ** -0.5).requires_grad_() for share, fan in shares]


def _trained_scores(
    inputs: torch.Tensor, parameters: list[torch.Tensor], dropout: float, chance: torch.Generator
) -> torch.Tensor:
    """Scores (n, k), with a part of the units left out by chance."""
    inward, shift, outward = parameters
    inner = functional.relu(inputs @ inward + shift)
    kept = torch.rand(inner.shape, generator=chance) >= dropout
    return (inner * kept / (1 - dropout)) @ outward


def _padded(cases: Sequence[Case]) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows (n, k, f), which of them answer (n, k), and which are there at all (n, k)."""
    most, width = max(len(case.right) for case in cases), cases[0].candidates.rows.shape[1]
    rows = np.zeros((len(cases), most, width))
    right, real = (np.zeros((len(cases), most), bool) for _ in range(2))
    for i, case in enumerate(cases):
        rows[i, : len(case.right)] = case.candidates.rows
        right[i, : len(case.right)] = case.right
        real[i, : len(case.right)] = True
    return rows, right, real


def _listwise(scores: torch.Tensor, right: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """Minus the log of the mass that a softmax over the candidates puts on those that answer."""
    masses = functional.log_softmax(scores.masked_fill(~real, -1e9), dim=1)
    found: torch.Tensor = torch.logsumexp(masses.masked_fill(~right, -1e9), dim=1)
    return -found.mean()


def _logistic(rows: Floats, answers: NDArray[np.bool_]) -> Floats:
    """Weights (e,) by logistic regression; both kinds of cases weigh the same."""
    inputs, goal = torch.from_numpy(rows), torch.from_numpy(answers.astype(np.float64))
    scale = inputs.std(dim=0).clamp(min=1e-6)
    scale[0] = 1.0
    balance = torch.where(goal > 0, 0.5 / goal.mean(), 0.5 / (1 - goal.mean()))
    weights = torch.zeros(rows.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        logits = (inputs / scale) @ weights
        losses = functional.binary_cross_entropy_with_logits(logits, goal, weight=balance)
        loss = losses + _RIDGE * (weights[1:] ** 2).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    fitted: Floats = (weights.detach() / scale).numpy()
    return fitted
