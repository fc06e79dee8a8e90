<<<<<<< HEAD
"""Questions that found no answer, gathered into gaps of the knowledge: "17 people asked about refunds".

Questions belong together when they repeat each other or share a rare content word in an otherwise like text. Each gap
is led by its most central question, the one most like the others, so the leader of a large gap is a real question of a
person, scrubbed of what is personal.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.gloss import glossary
from nlp.learning.folding import fold_duplicates
from nlp.learning.scrubbing import scrub
from nlp.text import FUNCTION_WORDS, TOKEN, fold, is_han

_ALIKE = 0.35  # the least likeness in [0, 1] of a question to the first one of its gap
_COMMON = 0.2  # the share of questions above which a word tells no gap, where there are enough of them
_ENOUGH = 20
_FILLERS = FUNCTION_WORDS | frozenset(
    (
        "there any some get got if so need want know find tell show about your our their its his her us them "
        "will should "
        "请问 怎么 如何 什么 哪里 哪儿 为什么 可以 可不可以 能不能 是否 有没有 多少 我们 你们 一下 想 要 问 "
        "谢谢 这个 那个 吗 呢 的 了 是 在 有 我 你 "
        "能 和 就 都 会 吧 啊 怎样 需要 知道 告诉 帮 帮我 给 到 去 做 用 被 把"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that found no answer, and who asked it."""

    text: str
    person: int
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """What the knowledge lacks: its most central question, scrubbed; the words that its questions share, the most
    telling first; how many distinct people asked; and the origins of their questions."""

    question: str
    words: tuple[str, ...]
    people: int
    origins: tuple[str, ...]


def gaps(questions: Sequence[Unanswered], least_people: int = 2) -> list[Gap]:
    """The gaps that at least `least_people` asked about, those of most people first, ties ordered by text."""
    ordered = sorted(questions, key=lambda question: (question.text, question.origin, question.person))
    groups = fold_duplicates([question.text for question in ordered])
    terms = [_content(ordered[group[0]].text) for group in groups]
    weights = _weights(terms)
    found = [_gap([ordered[p] for n in cluster for p in groups[n]], weights) for cluster in _clusters(terms, weights)]
    told = [gap for gap in found if gap.people >= least_people]
    return sorted(told, key=lambda gap: (-gap.people, gap.question))


def _content(text: str) -> frozenset[str]:
    """The words of a text that tell its subject, Chinese ones as the dictionary cuts them."""
    found: set[str] = set()
    for token in TOKEN.findall(fold(text)):
        found.update(glossary().segment(token) if is_han(token) else [_stem(token)])
    return frozenset(found - _FILLERS)


def _stem(word: str) -> str:
    """An English word without the ending of a plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _weights(terms: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much each word tells: much where few questions have it, nothing where very many do."""
    counts = Counter(term for row in terms for term in row)
    most = max(_COMMON * len(terms), _ENOUGH)
    return {term: math.log(1 + len(terms) / count) if count <= most else 0.0 for term, count in counts.items()}


def _likeness(first: frozenset[str], second: frozenset[str], weights: dict[str, float]) -> float:
    """The weighed share in [0, 1] of the content words of the shorter of two texts that the other has too."""
    shared = sum(weights[term] for term in first & second)
    least = min(sum(weights[term] for term in row) for row in (first, second))
    return shared / least if least else 0.0


def _clusters(terms: Sequence[frozenset[str]], weights: dict[str, float]) -> list[list[int]]:
    """Groups of places: each text joins the leader most like it; the texts with the most common subjects lead."""
    counts = Counter(term for row in terms for term in row)
    shared = [max((counts[term] for term in row if weights[term]), default=0) for row in terms]
    led_by: defaultdict[str, list[int]] = defaultdict(list)
    clusters: dict[int, list[int]] = {}
    for place in sorted(range(len(terms)), key=lambda place: (-shared[place], len(terms[place]), place)):
        leaders = sorted({leader for term in terms[place] for leader in led_by[term]})
        likest = max(leaders, key=lambda leader: _likeness(terms[place], terms[leader], weights), default=None)
        if likest is not None and _likeness(terms[place], terms[likest], weights) >= _ALIKE:
            clusters[likest].append(place)
            continue
        clusters[place] = [place]
        for term in terms[place]:
            led_by[term].append(place)
    return list(clusters.values())


def _gap(questions: Sequence[Unanswered], weights: dict[str, float]) -> Gap:
    rows = [_content(question.text) for question in questions]
    counts = Counter(term for row in rows for term in row)
    telling = [sum(counts[term] * weights.get(term, 0.0) for term in row) / math.sqrt(len(row) or 1) for row in rows]
    central = max(range(len(rows)), key=lambda place: (telling[place], -len(questions[place].text), -place))
    words = sorted(counts, key=lambda term: (-counts[term] * weights.get(term, 0.0), term))
    return Gap(
        scrub(questions[central].text).text,
        tuple(word for word in words if 2 * counts[word] > len(rows)),
        len({question.person for question in questions}),
        tuple(sorted(question.origin for question in questions)),
    )
=======
"""Questions that ask about the same, put together without knowing how many subjects there are.

Every question joins the nearest group whose mean is near enough, else begins one (leader clustering, Hartigan 1975);
then all are dealt out once more to the groups that have formed, so that the order in which they came matters less.
"""

import numpy as np
from numpy.typing import NDArray

from nlp.learning.likeness import Vectors

NEAR = 0.5  # of pairs so joined 54 % (BANKING77), 95 % (CLINC150), 91 % (MASSIVE-zh, all train) have one intent


def cluster(vectors: Vectors, near: float = NEAR) -> list[list[int]]:
    """The places of texts in groups, the largest group first; in each, the text nearest to its mean first.

    `vectors` (n, d) are unit rows that say how alike texts are (`nlp.learning.likeness`); `near` in (0, 1] is how like
    the mean of its group a text must be.
    """
    sums, home = _leaders(vectors, near)
    if not len(sums):
        return []
    means = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    likeness = vectors @ means.T
    home = np.where(likeness.max(axis=1) >= near, likeness.argmax(axis=1), home)
    groups: list[list[int]] = []
    for number in range(len(means)):
        places = np.flatnonzero(home == number)
        groups.append([int(place) for place in places[np.argsort(-likeness[places, number], kind="stable")]])
    return sorted((group for group in groups if group), key=lambda group: (-len(group), min(group)))


def _leaders(vectors: Vectors, near: float) -> tuple[Vectors, NDArray[np.int64]]:
    """The sums (g, d) of the groups that texts form, one after another, and the group (n,) that each text joined."""
    home = np.zeros(len(vectors), np.int64)
    sums = np.zeros((0, vectors.shape[1]), np.float32)
    for place, vector in enumerate(vectors):
        lengths = np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
        likeness = sums @ vector / lengths
        best = int(likeness.argmax()) if len(sums) else -1
        if best >= 0 and likeness[best] >= near:
            sums[best] += vector
        else:
            best, sums = len(sums), np.vstack([sums, vector])
        home[place] = best
    return sums, home
>>>>>>> h6-run
