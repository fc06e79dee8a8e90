"""Training the reader: which sentences answer, learned from questions whose answers are known.

The network is trained by a softmax over the candidates of each question (a listwise loss, Cao et al. 2007, "Learning to
Rank"); logistic regression learns when its best sentence answers, from what networks that were taught by other articles
say of each question. Where sentences are read closely, those articles that did not teach how to read teach the network
and the regression, and so do papers as owners keep them.
"""

import random
from collections.abc import Iterable, Sequence

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
    files: Sequence[QaData], encoder: Encoder, config: ReaderConfig, reading: Arrays | None = None
) -> Steps[tuple[ReaderWeights, dict[str, float]]]:
    """Weights for all kinds of questions, and how good they are on questions that taught the network nothing.

    `reading` is how sentences are read closely (`nlp.span_network.arrays_of`), learned before from the same files and
    seed; without it that is learned too, which takes hours on a CPU.

    Raises:
        DataError: there are too few questions of one of the kinds.
    """
    cases, memory = list[Case](), RememberingEncoder(encoder)
    total = sum(len(data.questions) for data in files)
    for data in files:
        others = [other for other in files if not other.headings]
        for done, case in enumerate(cases_of(data, memory, config, others), 1):
            cases.append(case)
            if done % _SHOWN == 0:
                yield Step("ask", min(len(cases), total), total)
    parts, scores, spans = dict[str, Part](), dict[str, float](), Arrays()
    for name in PARTS if config.spans else PARTS[1:]:
        picked = [case for case in cases if case.kind == name]
        _check_enough(name, picked)
        if config.spans and name == "read":
            spans, picked = yield from _read_closely(picked, config, config.spans, reading)
        parts[name], found = yield from _fit_part(name, [case for case in picked if case.evaluable], config)
        scores |= found
    return ReaderWeights(**parts, spans=spans), scores


def _check_enough(name: str, cases: Sequence[Case]) -> None:
    if sum(case.right.any() for case in cases) < _FEWEST:
        kind = f"that the encoder {'does not know' if name == 'alone' else 'knows'}"
        raise DataError(f"there are fewer than {_FEWEST} answered questions {kind}: add a file with such questions")


def _read_closely(
    cases: Sequence[Case], config: ReaderConfig, spans: SpanConfig, reading: Arrays | None
) -> Steps[tuple[Arrays, list[Case]]]:
    """How to read closely, and the cases that did not teach it, read so."""
    articles = _shuffled({case.article for case in cases if not case.of_papers}, config)
    kept = set(articles[: round(len(articles) * config.held_out)])
    if reading is None:
        reading = yield from _learn_to_read(
            [case for case in cases if not case.of_papers and case.article not in kept], config, spans
        )
    held = [case for case in cases if case.of_papers or (case.article in kept and case.golds)]
    reader, read = load_span_reader(reading, spans.device, base=spans.folder), list[Case]()
    for case in held:
        read.append(read_closely(case, reader))
        if len(read) % _SHOWN == 0 or len(read) == len(held):
            yield Step("reread", len(read), len(held))
    return reading, read


def _learn_to_read(cases: Sequence[Case], config: ReaderConfig, spans: SpanConfig) -> Steps[Arrays]:
    lessons = {
        (case.asked.text, case.answerable): Lesson(case.asked.text, case.candidates.texts, case.right, case.golds)
        for case in reversed(cases)  # of a question asked of several indexes, the largest counts
        if case.right.any() or not case.answerable
    }
    return (yield from train_spans(list(lessons.values()), spans, config.seed))


def _shuffled(articles: Iterable[str], config: ReaderConfig) -> list[str]:
    found = sorted(articles)
    random.Random(config.seed).shuffle(found)  # noqa: S311
    return found


def _fit_part(name: str, cases: Sequence[Case], config: ReaderConfig) -> Steps[tuple[Part, dict[str, float]]]:
    articles = _shuffled({case.article for case in cases}, config)
    judged, scored = list[Case](), list[Floats]()
    for fold in range(config.folds):
        held = set(articles[fold :: config.folds])
        teaching = [case for case in cases if case.article not in held]
        trial = yield from _fit_network(f"{name}, trial", teaching, config, fold, config.folds)
        judged += (here := [case for case in cases if case.article in held])
        scored += [trial.score(case.candidates.rows) for case in here]
    rows = np.array([c.reader.evidence(c.asked, c.found, c.candidates, s) for c, s in zip(judged, scored, strict=True)])
    answerable = _logistic(rows, judged, config)
    figures = _figures(name, judged, scored, rows @ answerable)
    network = yield from _fit_network(name, cases, config)
    return Part(network, answerable), figures


def _figures(name: str, cases: Sequence[Case], scored: Sequence[Floats], log_odds: Floats) -> dict[str, float]:
    """How good the trial networks are, and how good on questions about papers."""
    answers, papers = (np.array([getattr(case, key) for case in cases]) for key in ("answerable", "of_papers"))
    ranked = [case.right[np.argsort(-s)[:3]] for case, s in zip(cases, scored, strict=True)]
    first, three = np.array([hit[0] for hit in ranked]), np.array([hit.any() for hit in ranked])
    found = {
        f"{name}_first": float(first[answers].mean()),
        f"{name}_first_three": float(three[answers].mean()),
        f"{name}_refusal_auroc": auroc(log_odds[answers], log_odds[~answers]),
    }
    there, absent = papers & answers, papers & ~answers
    if there.any() and absent.any():
        found |= {
            f"{name}_papers_first": float(first[there].mean()),
            f"{name}_papers_answered": float((log_odds[there] > 0).mean()),
            f"{name}_papers_refused": float((log_odds[absent] <= 0).mean()),
        }
    return found


def _fit_network(
    stage: str, cases: Sequence[Case], config: ReaderConfig, fold: int = 0, folds: int = 1
) -> Steps[Network]:
    taught = [case for case in cases if case.right.any() for _ in range(config.emphasis if case.of_papers else 1)]
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
        yield Step(stage, fold * config.epochs + epoch, folds * config.epochs, sums / batches)
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


def _logistic(rows: Floats, cases: Sequence[Case], config: ReaderConfig) -> Floats:
    """Weights (e,) by logistic regression."""
    goals = np.array([case.answerable for case in cases])
    inputs, goal = torch.from_numpy(rows), torch.from_numpy(goals.astype(np.float64))
    says = torch.from_numpy(_say(goals, np.array([case.of_papers for case in cases]), config.papers_say))
    scale = inputs.std(dim=0).clamp(min=1e-6)
    scale[0] = 1.0
    weights = torch.zeros(rows.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        logits = (inputs / scale) @ weights
        losses = functional.binary_cross_entropy_with_logits(logits, goal, weight=says)
        loss = losses + _RIDGE * (weights[1:] ** 2).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    fitted: Floats = (weights.detach() / scale).numpy()
    return fitted


def _say(goals: NDArray[np.bool_], of_papers: NDArray[np.bool_], share: float) -> Floats:
    """The weight (n,) of each case, 1 on average: of either sort, those to answer and to refuse weigh alike."""
    shares = {True: share, False: 1 - share} if len(set(of_papers.tolist())) > 1 else {True: 1.0, False: 1.0}
    says = np.zeros(len(goals))
    for papers, of_all in shares.items():
        for answered in (True, False):
            picked = (of_papers == papers) & (goals == answered)
            says[picked] = of_all / 2 * len(goals) / max(1, picked.sum())
    return says
