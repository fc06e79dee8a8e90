"""Pieces on their way from the thread that makes them to the one that waits, which never waits past its budget."""

import queue
from collections.abc import Iterator

from nlp.errors import GeneratorError
from nlp.generators.base import Budget

_LOOK_SECONDS = 0.05  # how often a waiting reader looks whether it was cancelled


class Mailbox:
    """One answer in pieces. `left` tells the writer that nobody reads any more."""

    def __init__(self) -> None:
        self._pieces: queue.SimpleQueue[str | GeneratorError | None] = queue.SimpleQueue()
        self.left = False

    def put(self, piece: str) -> None:
        """Hand on a piece."""
        if piece:
            self._pieces.put(piece)

    def close(self, error: GeneratorError | None = None) -> None:
        """Say that the answer is whole, or why it never will be; what comes after the first call is not read."""
        self._pieces.put(error)

    def read(self, budget: Budget) -> Iterator[str]:
        """The pieces until the end.

        Raises:
            GeneratorError: the writer failed, or the budget is spent or cancelled, at most a moment ago.
        """
        try:
            while (piece := self._next(budget)) is not None:
                yield piece
        finally:
            self.left = True

    def _next(self, budget: Budget) -> str | None:
        while True:
            budget.check()
            try:
                piece = self._pieces.get(timeout=min(_LOOK_SECONDS, budget.left))
            except queue.Empty:
                continue
            if isinstance(piece, GeneratorError):
                raise piece
            return piece
