"""Training the retriever: a low-rank change of the question's vector, learned in seconds from embedded pairs.

The loss ranks the passage of each question above those of the other questions in its batch and above its hard negatives
(Henderson et al. 2017, "Efficient Natural Language Response Suggestion for Smart Reply"). A ridge on the change holds
it near the identity, more firmly the less there is to learn from; the epoch with the least loss on held-out pairs is
kept, and the identity where none is better than it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch.nn import functional

from nlp.adapter import ARCHITECTURE, ENCODER, KIND, QueryAdapter
from nlp.encoder import Encoder, Role, Vectors
from nlp.errors import DataError, TooLittleData
from nlp.model_store import Manifest
from nlp.training import Step, Steps
from nlp.training.division import divide, same_question
from nlp.training.pairs import Pair, snapshot

FEWEST = 20  # pairs that the encoder can read, below which nothing is learned
_EMBEDDED = 64  # texts between two steps

Factors = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class AdapterConfig:
    """How an adapter is trained, as chosen on held-out questions and articles of the training file of SQuAD 1.1.

    `ridge` counts in pairs: the change is held back as if so many pairs spoke against each direction of it. `held_out`
    is the share of questions that decide when to stop, `patience` how many epochs without a better loss on them end the
    training, `negatives` how many hard ones of each pair take part.
    """

    rank: int = 16
    epochs: int = 30
    batch_size: int = 256
    learning_rate: float = 1e-3
    temperature: float = 0.05
    ridge: float = 100.0
    negatives: int = 1
    held_out: float = 0.15
    patience: int = 4
    seed: int = 0


DEFAULT = AdapterConfig()


@dataclass(frozen=True)
class _Rows:
    """Questions (n, d) with the numbers of their passages, of hard negatives, and of all that answer each."""

    questions: torch.Tensor
    positives: tuple[int, ...]
    negatives: tuple[tuple[int, ...], ...]
    answers: tuple[frozenset[int], ...]
    weights: torch.Tensor

    def __len__(self) -> int:
        return len(self.positives)


def train_adapter(
    pairs: Sequence[Pair], encoder: Encoder, config: AdapterConfig = DEFAULT, valid: Sequence[Pair] = ()
) -> Steps[QueryAdapter]:
    """An adapter for the vectors of `encoder`; it stops early on `valid`, else on a share of the questions.

    Pairs that the encoder cannot read teach nothing. The result is the same for the same pairs, encoder and seed.

    Raises:
        TooLittleData: fewer than `FEWEST` pairs are left to learn from, or none is left to stop by.
        DataError: the loss is no longer finite.
    """
    parts = (pairs, valid) if valid else divide(pairs, config.held_out, config.seed)
    both = [pair for part in parts for pair in part if pair.weight > 0]
    questions = yield from _embed([pair.question for pair in both], "query", encoder)
    texts = [text for pair in both for text in (pair.positive, *pair.negatives[: config.negatives])]
    passages = yield from _embed(texts, "passage", encoder)
    fitted, held = (
        [p for p in part if p.weight > 0 and questions[p.question].any() and passages[p.positive].any()]
        for part in parts
    )
    _check_enough(len(fitted), len(held))
    numbers = {text: number for number, text in enumerate(passages)}
    ranking = _Ranking(torch.from_numpy(np.stack(list(passages.values()))), config.temperature)
    rows, stopping = (_rows(part, questions, numbers, config) for part in (fitted, held))
    down, up = yield from _fit(ranking, rows, stopping, config)
    return QueryAdapter(down.numpy(), up.numpy(), encoder.fingerprint)


def _check_enough(fitted: int, held: int) -> None:
    if fitted < FEWEST or not held:
        raise TooLittleData(
            f"there are {fitted} pairs of question and passage to learn from that the encoder can read, and {held} to "
            f"stop by: at least {FEWEST} and 1 are needed, so collect more votes"
        )


def _embed(texts: Sequence[str], role: Role, encoder: Encoder) -> Steps[dict[str, Vectors]]:
    """The vector (d,) of each text, in batches of texts of like length."""
    distinct = sorted(dict.fromkeys(texts), key=len)
    found: dict[str, Vectors] = {}
    for start in range(0, len(distinct), _EMBEDDED):
        batch = distinct[start : start + _EMBEDDED]
        found.update(zip(batch, encoder.encode(batch, role).vectors, strict=True))
        yield Step("embed", len(found), len(distinct))
    return found


def _rows(
    pairs: Sequence[Pair], questions: Mapping[str, Vectors], numbers: Mapping[str, int], config: AdapterConfig
) -> _Rows:
    answers: dict[str, set[int]] = defaultdict(set)
    for pair in pairs:
        answers[same_question(pair.question)].add(numbers[pair.positive])
    return _Rows(
        torch.from_numpy(np.stack([questions[pair.question] for pair in pairs])),
        tuple(numbers[pair.positive] for pair in pairs),
        tuple(tuple(numbers[text] for text in pair.negatives[: config.negatives]) for pair in pairs),
        tuple(frozenset(answers[same_question(pair.question)]) for pair in pairs),
        torch.tensor([pair.weight for pair in pairs], dtype=torch.float32),
    )


@dataclass(frozen=True)
class _Ranking:
    """Ranks passages (n, d) for questions; cosines are divided by the temperature."""

    passages: torch.Tensor
    temperature: float

    def loss(self, rows: _Rows, picked: Sequence[int], factors: Factors) -> torch.Tensor:
        """The mean cross-entropy of the right passages among all those of the picked rows, by weight.

        Other passages that answer the same question are no rivals.
        """
        shown = sorted({n for row in picked for n in (rows.positives[row], *rows.negatives[row])})
        place = {number: column for column, number in enumerate(shown)}
        questions = rows.questions[picked]
        moved = functional.normalize(questions + (questions @ factors[0]) @ factors[1], dim=1)
        logits = moved @ self.passages[shown].T / self.temperature
        spared = torch.zeros(logits.shape, dtype=torch.bool)
        for line, row in enumerate(picked):
            others = rows.answers[row] - {rows.positives[row]}
            spared[line, [place[number] for number in others if number in place]] = True
        goal = torch.tensor([place[rows.positives[row]] for row in picked])
        losses = functional.cross_entropy(logits.masked_fill(spared, -1e9), goal, reduction="none")
        weights = rows.weights[picked]
        return (losses * weights).sum() / weights.sum()


def _fit(ranking: _Ranking, rows: _Rows, held: _Rows, config: AdapterConfig) -> Steps[Factors]:
    """The factors of the best epoch."""
    chance = torch.Generator().manual_seed(config.seed)
    factors = _beginning(ranking.passages.shape[1], config.rank, chance)
    optimizer = torch.optim.Adam(factors, lr=config.learning_rate)
    ridge = config.ridge / float(rows.weights.sum())
    best, least, since = _copy(factors), _held_out_loss(ranking, held, factors), 0
    for epoch in range(1, config.epochs + 1):
        sums = 0.0
        for part in torch.split(torch.randperm(len(rows), generator=chance), config.batch_size):
            loss = ranking.loss(rows, part.tolist(), factors)
            optimizer.zero_grad()
            (loss + ridge * _size(factors)).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            sums += float(loss.detach()) * len(part)
        found = _held_out_loss(ranking, held, factors)
        if not np.isfinite(found):
            raise DataError(f"the loss is {found} after {epoch} epochs: set a lower learning_rate")
        since += 1
        if found < least:
            best, least, since = _copy(factors), found, 0
        over = since >= config.patience
        yield Step("fit", epoch, epoch if over else config.epochs, sums / len(rows), {"valid_loss": found})
        if over:
            break
    return best


def _beginning(width: int, rank: int, chance: torch.Generator) -> Factors:
    """Factors whose product is zero, so that the training begins at the identity."""
    down = torch.randn(width, rank, generator=chance) / width**0.5
    return down.requires_grad_(), torch.zeros(rank, width, requires_grad=True)


def _copy(factors: Factors) -> Factors:
    down, up = (factor.detach().clone() for factor in factors)
    return down, up


def _size(factors: Factors) -> torch.Tensor:
    """The squared Frobenius norm of the product of the factors."""
    down, up = factors
    return ((down.T @ down) * (up @ up.T)).sum()


def _held_out_loss(ranking: _Ranking, rows: _Rows, factors: Factors) -> float:
    with torch.no_grad():
        return float(ranking.loss(rows, range(len(rows)), factors))


def describe_adapter(
    adapter: QueryAdapter,
    pairs: Sequence[Pair],
    config: AdapterConfig = DEFAULT,
    *,
    sources: Sequence[str] = (),
    scores: Mapping[str, float] | None = None,
    parent: str | None = None,
) -> Manifest:
    """What a stored adapter says of itself, without version and files."""
    configuration = {ENCODER: adapter.encoder, "training": asdict(config)}
    data = snapshot(pairs, sources)
    return Manifest(KIND, ARCHITECTURE, configuration, data, config.seed, scores or {}, parent)
