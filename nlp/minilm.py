"""The bundled encoder: texts to token ids, in passes of similar length, through a back end that computes them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.backends import Backend
from nlp.encoder import BUNDLED, BUNDLED_SHA256, MAX_TOKENS, POOLING, TRUST_FLOOR, Encoded, Role, reliable
from nlp.gloss import in_english
from nlp.text import has_han

_END = 300  # characters; the time to route a long message stays bounded
_MANY = 32  # passages that are worth opening the back end for many, which takes seconds
_SOME = 4  # passages that it is used for once it is open
# What a gloss counts as known at most: its vector is trusted by 0.4. On 600 questions of CMRC 2018's training file that
# leaves recall@1 and @5 where they were; beyond 0.85 they fall. By glosses alone recall@1 is 0.76.
_GLOSS_COVERAGE = 0.8
_GLOSS_TRUST = 0.67  # a gloss says less than a sentence: 0.852 instead of 0.848 on MASSIVE zh-CN dev


class MiniLMEncoder:
    """A BERT-style encoder with mean pooling, whose folder has a `tokenizer.json`; `backend` computes it.

    `open_many` opens another back end, with all but the same vectors, when many passages are first encoded at once.

    Leaner than sentence-transformers for the model that serves nearly everybody: tokenised by `tokenizers`
    directly, texts sorted by length so that little padding is computed, few enough in a pass to stay in the caches.
    """

    def __init__(self, folder: Path, backend: Backend, open_many: Callable[[], Backend] | None = None) -> None:
        self._folder = folder
        self._backend = backend
        self._open_many = open_many
        self._many: Backend | None = None
        self._tokenizer = read_tokenizer(folder)
        self._unknown: int | None = self._tokenizer.token_to_id("[UNK]")
        self._widths = tuple(vectors.shape[1] for vectors in backend.forward(*pad([[0]])))
        self.dimension: int = self._widths[0]
        self.fingerprint = f"{BUNDLED}:{BUNDLED_SHA256[:12]}:mean, Chinese glossed"
        self.reading = f"{POOLING}, Chinese glossed twice, ends of {_END}"

    def encode(self, texts: Sequence[str], role: Role = "passage", floor: float = TRUST_FLOOR) -> Encoded:
        """See `Encoder.encode`; queries and passages have one form. Chinese is read through its English gloss."""
        backend = self._for(len(texts)) if role == "passage" else self._backend
        encoded = self._run([in_english(text) for text in texts], floor, 0, backend)
        most = np.array([_GLOSS_COVERAGE if has_han(text) else 1.0 for text in texts], np.float32)
        return Encoded(encoded.vectors, np.minimum(encoded.coverage, most))

    def _for(self, count: int) -> Backend:
        """The back end for so many passages."""
        if self._many is None and self._open_many and count >= _MANY:
            self._many = self._open_many()
        return self._many if self._many and count >= _SOME else self._backend

    def features(self, texts: Sequence[str]) -> Encoded:
        """See `Encoder.features`: four poolings (`nlp.encoder.pool`); Chinese is read through its English gloss.

        Of a long text its two ends are read (Sun et al. 2019, "How to Fine-Tune BERT for Text Classification?").
        """
        chinese = np.array([has_han(text) for text in texts], bool)
        read = [in_english(_ends(text)) for text in texts]
        encoded = reliable(
            self._run(read, TRUST_FLOOR, 1, self._backend), np.where(chinese, _GLOSS_TRUST * 0.5**0.5, 1.0)
        )
        # A second copy for Chinese alone lets it differ from English where both teach, and follow it where one does
        # (Daumé III 2007, "Frustratingly Easy Domain Adaptation"); the two together are as long as one would be.
        return Encoded(np.concatenate([encoded.vectors, encoded.vectors * chinese[:, None]], 1), encoded.coverage)

    def quantized(self) -> "MiniLMEncoder":
        """This encoder with int8 weights, for classifiers alone: its vectors are near these, not the same.

        Raises:
            EncoderError: the back end has none.
        """
        return MiniLMEncoder(self._folder, self._backend.quantized())

    def _run(self, texts: Sequence[str], floor: float, output: int, backend: Backend) -> Encoded:
        rows: list[list[int]] = [row.ids for row in self._tokenizer.encode_batch(list(texts))]
        coverage = np.array([known_share(row[1:-1], self._unknown) for row in rows], np.float32)
        vectors = np.zeros((len(rows), self._widths[output]), np.float32)
        for picked in passes(rows, np.flatnonzero(coverage > floor).tolist(), backend.tokens):
            vectors[picked] = backend.forward(*pad([rows[i] for i in picked]))[output]
        return Encoded(vectors, coverage)


def known_share(ids: list[int], unknown: int | None) -> float:
    """The share of the tokens of a text, its marks left out, that a vocabulary knows, in [0, 1]."""
    return 1.0 - ids.count(unknown) / len(ids) if ids else 0.0  # type: ignore[arg-type]


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _END else f"{text[:_END]} {text[-_END:]}"


def passes(rows: list[list[int]], picked: list[int], tokens: int) -> Iterator[list[int]]:
    """Groups of the picked rows, of similar length, at most so many tokens with padding; a long row goes alone."""
    group: list[int] = []
    for i in sorted(picked, key=lambda i: len(rows[i])):
        if group and (len(group) + 1) * len(rows[i]) > tokens:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def pad(rows: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and mask (n, t), padded with zeros to the longest row."""
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return ids, mask


def read_tokenizer(folder: Path) -> Any:
    """The tokenizer of an encoder's folder: it cuts at the encoder's maximum, and pads nothing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
