"""What speaks for a sentence of a text: one row of plain figures a sentence, each in [0, 1]."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoder, reliable, trust
from nlp.lexical import query_terms
from nlp.summary.reading import Sentence
from nlp.text import length

Matrix = NDArray[np.float64]

_FULL_LENGTH = 25  # words, or 1.6 times as many Chinese characters, from which on a sentence gains nothing by length
_TITLE_CHARACTERS = 300
_EMBEDDED = 30  # sentences, the most central by n-grams; from 32 texts on the encoder first opens a back end for many
_KNOWN = 0.5  # trust in a vector from which it counts: a gloss of Chinese is too little to summarise by
_CUES = {
    "proposes": r"\bwe (?:\w+ly )?(?:also )?(?:propose|introduce|present|develop|describe|design|devise|create|build|"
    r"provide|offer|suggest|formulate|derive|extend)\b|\b(?:is|are) (?:proposed|introduced|presented)\b|"
    r"\bthis (?:paper|work|article) (?:\w+ly )?(?:proposes|introduces|presents|develops|describes)\b|"
    "(?:本文|我们|本研究|文章)[^。，]{0,8}(?:提出|介绍|设计|构建|给出|开发)",
    "shows": r"\bwe (?:\w+ly )?(?:also |then |further )?(?:show|demonstrate|prove|find|observe|establish|argue|reveal|"
    r"identify|discover|conclude|explain)\b|(?:我们|本文|研究|结果|实验)[^。，]{0,6}(?:表明|发现|证明|显示|指出)",
    "studies": r"\bwe (?:\w+ly )?(?:study|investigate|examine|analy[sz]e|explore|consider|address|focus|evaluate|"
    r"revisit|tackle|compare|use|apply|train|learn)\b|(?:本文|我们|本研究)[^。，]{0,6}(?:研究|探讨|分析|考察|比较|采用)",
    "names": r"\b(?:called|named|termed|dubbed|novel|new)\b|\([A-Z][A-Za-z]*[A-Z]+\w*\)|一种(?:新|全新)|称为",
    "results": r"\b(?:experiments?|experimental|empirical(?:ly)?|state[- ]of[- ]the[- ]art|outperforms?|benchmarks?|"
    r"datasets?|results?|code (?:is|and))\b|实验|数据集|优于|准确率",
    "complains": r"\b(?:however|unfortunately|although|despite|challenging|difficult|suffers?|limited|remains?|"
    r"often|typically|usually|recent(?:ly)?)\b|然而|但是|尽管|困难|不足|近年来",
}
CUES = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _CUES.items()}
NAMES = ("central", "near", "lead", "first", "last", "opens", "title", "titled", "length", "figures", *CUES)
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]{2,}")


@dataclass(frozen=True, slots=True)
class Weighed:
    """Sentences with their features (n, len(NAMES)), and how alike they are (n, n), in [0, 1]."""

    sentences: Sequence[Sentence]
    features: Matrix
    likeness: Matrix


def weigh(sentences: Sequence[Sentence], title: str, encoder: Encoder | None) -> Weighed:
    """The features of sentences, and their likeness by n-grams and, as far as the encoder knows them, by meaning."""
    texts = [sentence.text for sentence in sentences]
    title = title[:_TITLE_CHARACTERS]
    grams = _gram_likeness([*texts, title])
    count = len(texts)
    central = _centrality(grams[:count, :count])
    read = np.sort(np.argsort(-central, kind="stable")[:_EMBEDDED])
    near, trusted = _dense_likeness([*texts, title], [*read.tolist(), count], encoder)
    columns = {
        "central": central,
        "near": _centrality(near[:count, :count]),
        "title": grams[:count, count],
        "titled": np.clip(near[:count, count], 0, 1),
        **_places(sentences),
        **_wording(texts),
    }
    likeness = np.clip((grams + near) / (1 + trusted), 0, 1)[:count, :count]
    return Weighed(sentences, np.stack([columns[name] for name in NAMES], axis=1), likeness)


def _places(sentences: Sequence[Sentence]) -> dict[str, Matrix]:
    places = np.arange(len(sentences))
    return {
        "lead": 1 / (1 + places / 2),
        "first": (places == 0).astype(float),
        "last": (places == len(sentences) - 1).astype(float),
        "opens": np.array([sentence.opens for sentence in sentences], float),
    }


def _wording(texts: Sequence[str]) -> dict[str, Matrix]:
    found = {"length": [_fullness(text) for text in texts], "figures": [bool(_FIGURE.search(text)) for text in texts]}
    found |= {name: [bool(cue.search(text)) for text in texts] for name, cue in CUES.items()}
    return {name: np.array(column, float) for name, column in found.items()}


def _fullness(text: str) -> float:
    """The length of a sentence as a share of that from which on it does not count, in [0, 1]."""
    words = length(text) - 0.375 * sum("\u4e00" <= char <= "\u9fff" for char in text)
    return min(1.0, words / _FULL_LENGTH)


def _centrality(likeness: Matrix) -> Matrix:
    """How like all others together each is, as a share of the most central one."""
    central = np.clip(likeness.sum(axis=1) - likeness.diagonal(), 0, None)
    top = central.max(initial=0.0)
    scaled: Matrix = central / top if top else central
    return scaled


def _gram_likeness(texts: Sequence[str]) -> Matrix:
    """Cosines (n, n) of terms weighed by how few sentences hold them."""
    bags = [query_terms(text) for text in texts]
    frequency = Counter(term for bag in bags for term in bag)
    columns = {term: number for number, term in enumerate(frequency)}
    rarity = np.array([math.log(1 + len(texts) / count) for count in frequency.values()])
    matrix = np.zeros((len(texts), len(columns)), np.float32)
    for row, bag in enumerate(bags):
        places = [columns[term] for term in bag]
        matrix[row, places] = rarity[places]
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix /= np.where(norms > 0, norms, 1)
    return (matrix @ matrix.T).astype(np.float64)


def _dense_likeness(texts: Sequence[str], read: Sequence[int], encoder: Encoder | None) -> tuple[Matrix, Matrix]:
    """Cosines (n, n) of vectors, each shortened by the trust in it; and the product of both trusts, in [0, 1].

    Texts that are not to be read have neither.
    """
    near, trusted = np.zeros((2, len(texts), len(texts)))
    if encoder is not None:
        encoded = encoder.encode([texts[place] for place in read])
        known = trust(encoded.coverage)[:, None] >= _KNOWN
        vectors = np.where(known, reliable(encoded).vectors, 0).astype(np.float64)
        lengths = np.linalg.norm(vectors, axis=1)
        near[np.ix_(read, read)] = np.clip(vectors @ vectors.T, 0, 1)
        trusted[np.ix_(read, read)] = np.outer(lengths, lengths)
    return near, trusted
