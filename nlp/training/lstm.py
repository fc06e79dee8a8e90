"""Training the lstm architecture: split into words, count them, take word vectors if there are any, fit, calibrate."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.architectures.lstm import LstmNetwork, LstmScorer, LstmShape, Noise
from nlp.router import Router, Scores
from nlp.sequences import Sequences, join
from nlp.tokens import FIRST_WORD, PAD, Hashes, WordTokenizer, count_words, number_words
from nlp.training import Step, Steps
from nlp.training.calibration import calibrate
from nlp.training.configs import LstmConfig
from nlp.training.data import Example
from nlp.training.held_out import divide
from nlp.training.loop import fit
from nlp.training.optimisation import seeded
from nlp.training.task import Inputs, Task
from nlp.training.vectors import WordVectors, read_vectors

_READ_AT_ONCE = 1_000
_DIMENSION = 128
_FIRST_SPREAD = 0.1  # standard deviation of embeddings that nothing is known of

Floats = NDArray[np.float32]


def train_lstm(
    examples: Sequence[Example], config: LstmConfig, valid: Sequence[Example] = (), checkpoint: Path | None = None
) -> Steps[Router]:
    """See `nlp.training.router.train_router`."""
    rows = divide(examples, valid, config)
    tokenizer = WordTokenizer(config.max_tokens)
    words = yield from _split(rows.texts, tokenizer)
    known = count_words((words[i] for i in rows.fitted), config.min_count, config.vocabulary)
    vectors = yield from _vectors(config, known)
    sequences = join(number_words(words, known))
    with seeded("cpu", config.seed):
        network = _network(config, known, vectors, rows.targets.columns)
    identity = {"architecture": "lstm", "data": rows.fingerprint(), "vectors": vectors.fingerprint if vectors else ""}
    task = Task(network, _inputs(sequences), sequences.lengths, rows.targets, rows.fitted, rows.held, identity=identity)
    yield from fit(task, config, checkpoint)
    scorer = LstmScorer(network.cpu(), known, tokenizer, config.max_tokens, len(rows.targets.labels[0]))
    scores = _score(scorer, words, rows.held)
    return Router(scorer, calibrate(scores, rows.targets.take(rows.held)))


def _split(texts: Sequence[str], tokenizer: WordTokenizer) -> Steps[list[Hashes]]:
    words: list[Hashes] = []
    for start in range(0, len(texts), _READ_AT_ONCE):
        words += tokenizer.hashes(texts[start : start + _READ_AT_ONCE])
        yield Step("read", len(words), len(texts))
    return words


def _vectors(config: LstmConfig, known: Hashes) -> Steps[WordVectors | None]:
    if not config.vectors:
        return None
    vectors = read_vectors(Path(config.vectors), known, config.dimension)
    share = len(vectors.places) / max(len(known), 1)
    yield Step("vectors", len(vectors.places), len(known), metrics={"coverage": share})
    return vectors


def _network(config: LstmConfig, known: Hashes, vectors: WordVectors | None, columns: int) -> LstmNetwork:
    dimension = vectors.rows.shape[1] if vectors else config.dimension or _DIMENSION
    shape = LstmShape(len(known) + FIRST_WORD, dimension, config.hidden, config.layers, config.attention, columns)
    network = LstmNetwork(shape, Noise(config.dropout, config.word_dropout, config.embedding_dropout))
    with torch.no_grad():
        network.embedding.weight.normal_(std=_FIRST_SPREAD)
        network.embedding.weight[PAD] = 0
        if vectors:
            network.embedding.weight[torch.from_numpy(vectors.places + FIRST_WORD)] = torch.from_numpy(vectors.rows)
    return network


def _inputs(sequences: Sequences) -> Callable[[NDArray[np.int64]], Inputs]:
    def take(rows: NDArray[np.int64]) -> Inputs:
        words, lengths = sequences.batch(rows, PAD)
        return torch.from_numpy(words), torch.from_numpy(lengths)

    return take


def _score(scorer: LstmScorer, words: Sequence[Hashes], rows: NDArray[np.int64]) -> Scores:
    return scorer.score_words(join(number_words([words[i] for i in rows], scorer.known)))
