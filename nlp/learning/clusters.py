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
