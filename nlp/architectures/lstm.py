"""The lstm architecture, the classic one: word embeddings, a bidirectional LSTM, attention, and linear heads.

LSTM: Hochreiter & Schmidhuber 1997, both directions: Graves & Schmidhuber 2005; attention over its states: Yang et
al. 2016, "Hierarchical Attention Networks". Support is the energy of the intent logits (Liu et al. 2020); coverage is
the share of words that training had seen. `nlp.training.lstm` trains it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from nlp.errors import ModelError
from nlp.model_store import Arrays
from nlp.router import Scores, energy
from nlp.sequences import Sequences, by_length, join
from nlp.tokens import FIRST_WORD, PAD, UNKNOWN, Hashes, WordTokenizer, number_words

_BATCH = 64

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LstmShape:
    """The sizes of the network; `words` counts the numbers of `nlp.tokens`, padding and unknown words among them."""

    words: int
    dimension: int
    hidden: int
    layers: int
    attention: int
    columns: int


@dataclass(frozen=True)
class Noise:
    """What training hides: shares of the pooled features, of words, and of the embeddings' channels."""

    features: float = 0.0
    words: float = 0.0
    channels: float = 0.0


class BothWays(nn.Module):
    """One bidirectional layer over padded rows that never reads the padding, as over packed sequences.

    The second direction reads each row turned round by its own length. This equals a packed bidirectional LSTM, and
    is many times faster on a CPU, where only unpacked input has a fused kernel.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.forth = nn.LSTM(inputs, hidden, batch_first=True)
        self.back = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, rows: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """States (n, t, 2 h) of rows (n, t, d) with lengths (n,)."""
        if rows.is_cuda:
            return self._packed(rows, lengths)
        turned = turn(rows, lengths)
        return torch.cat([self.forth(rows)[0], turn(self.back(turned)[0], lengths)], dim=-1)

    def _packed(self, rows: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        states = []
        for network, inputs in ((self.forth, rows), (self.back, turn(rows, lengths))):
            packed = pack_padded_sequence(inputs, lengths.cpu(), batch_first=True, enforce_sorted=False)
            states.append(pad_packed_sequence(network(packed)[0], batch_first=True, total_length=rows.shape[1])[0])
        return torch.cat([states[0], turn(states[1], lengths)], dim=-1)


def turn(rows: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Rows (n, t, d), each turned round within its length (n,); padding stays where it is."""
    places = torch.arange(rows.shape[1], device=rows.device)
    ends = lengths[:, None]
    order = torch.where(places < ends, ends - 1 - places, places)
    return rows.gather(1, order[:, :, None].expand_as(rows))


class LstmNetwork(nn.Module):
    """Word numbers (n, t) and lengths (n,) to logits (n, c): attention and maximum over the states, side by side."""

    def __init__(self, shape: LstmShape, noise: Noise | None = None) -> None:
        super().__init__()
        self.shape = shape
        self.noise = noise or Noise()
        self.embedding = nn.Embedding(shape.words, shape.dimension, padding_idx=PAD)
        sizes = [shape.dimension] + [2 * shape.hidden] * (shape.layers - 1)
        self.layers = nn.ModuleList(BothWays(size, shape.hidden) for size in sizes)
        self.keys = nn.Linear(2 * shape.hidden, shape.attention)
        self.query = nn.Linear(shape.attention, 1, bias=False)
        self.channels = nn.Dropout1d(self.noise.channels)
        self.features = nn.Dropout(self.noise.features)
        self.heads = nn.Linear(4 * shape.hidden, shape.columns)

    def forward(self, words: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Logits (n, c), all heads side by side."""
        if self.training and self.noise.words:
            hidden = torch.rand(words.shape, device=words.device) < self.noise.words
            words = words.masked_fill(hidden & (words != PAD), UNKNOWN)
        states = self.channels(self.embedding(words).transpose(1, 2)).transpose(1, 2)
        for layer in self.layers:
            states = layer(states, lengths)
        logits: torch.Tensor = self.heads(self.features(self._pool(states, lengths)))
        return logits

    def _pool(self, states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        outside = torch.arange(states.shape[1], device=states.device) >= lengths[:, None]
        scores = self.query(torch.tanh(self.keys(states)))[..., 0].masked_fill(outside, float("-inf"))
        attended = (states * scores.softmax(dim=1)[..., None]).sum(dim=1)
        return torch.cat([attended, states.masked_fill(outside[..., None], float("-inf")).amax(dim=1)], dim=-1)


@dataclass(frozen=True)
class LstmScorer:
    """See `nlp.router.Scorer`. `known` are sorted hashes of words, `intents` the columns of the first head."""

    network: LstmNetwork
    known: Hashes
    tokenizer: WordTokenizer
    max_tokens: int
    intents: int
    architecture: str = "lstm"

    def score(self, texts: Sequence[str]) -> Scores:
        """See `nlp.router.Scorer.score`."""
        return self.score_words(join(number_words(self.tokenizer.hashes(texts), self.known)))

    def score_words(self, rows: Sequences) -> Scores:
        """The scores of texts whose words are numbered already."""
        logits = np.zeros((len(rows), self.network.shape.columns), np.float32)
        device = self.network.embedding.weight.device
        with torch.inference_mode():
            for part in by_length(rows.lengths, _BATCH):
                words, lengths = (torch.from_numpy(array).to(device) for array in rows.batch(part, PAD))
                logits[part] = self.network(words, lengths).float().cpu().numpy()
        return Scores(logits, energy(logits[:, : self.intents]), _coverage(rows))

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """See `nlp.router.Scorer.to_arrays`."""
        shape = self.network.shape
        configuration = {
            "max_tokens": self.max_tokens,
            "intents": self.intents,
            "hidden": shape.hidden,
            "layers": shape.layers,
            "attention": shape.attention,
        }
        arrays = {name: value.detach().cpu().numpy() for name, value in self.network.state_dict().items()}
        return configuration, {"known": self.known, **arrays}


def _coverage(rows: Sequences) -> Floats:
    known = np.add.reduceat(rows.tokens >= FIRST_WORD, rows.starts[:-1], dtype=np.float32)
    share: Floats = (known / rows.lengths).astype(np.float32)
    return share


def load_lstm(configuration: Mapping[str, Any], arrays: Arrays) -> LstmScorer:
    """The scorer that `LstmScorer.to_arrays` described.

    Raises:
        ModelError: the arrays do not fit each other.
    """
    arrays = dict(arrays)
    known = arrays.pop("known")
    words, dimension = arrays["embedding.weight"].shape
    sizes = {name: configuration[name] for name in ("hidden", "layers", "attention")}
    shape = LstmShape(words, dimension, columns=len(arrays["heads.bias"]), **sizes)
    if words != len(known) + FIRST_WORD:
        raise ModelError(f"has {words - FIRST_WORD} embeddings for {len(known)} words")
    network = LstmNetwork(shape)
    try:
        network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise ModelError("has arrays that do not fit its network") from error
    tokens = configuration["max_tokens"]
    return LstmScorer(network.eval(), known, WordTokenizer(tokens), tokens, configuration["intents"])
