"""One batch while it is being written: every row's tokens become pieces of its own text, until the row has its end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nlp.errors import GeneratorError
from nlp.generators.base import Budget
from nlp.generators.mailbox import Mailbox

if TYPE_CHECKING:
    import torch

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"  # the tokens so far end inside a character


class Row:
    """One answer: its tokens so far, and what of them was handed on."""

    def __init__(self, tokenizer: Any, budget: Budget, mailbox: Mailbox) -> None:
        self._tokenizer, self._budget, self._mailbox = tokenizer, budget, mailbox
        self._ids: list[int] = []
        self._given = 0
        self._ended = False

    @property
    def over(self) -> bool:
        """True when nothing more is to be written: the end, no tokens or time left, or nobody who reads."""
        return self._ended or self._budget.spent or self._mailbox.left

    def take(self, token: int, end: bool) -> None:
        """The next token, or the end."""
        if self.over:
            return
        if not end:
            self._ids.append(token)
            text = self._tokenizer.decode(self._ids, skip_special_tokens=True)
            if not text.endswith(_UNFINISHED):
                self._mailbox.put(text[self._given :])
                self._given = len(text)
        if end or len(self._ids) >= self._budget.tokens:
            self._ended = True
            self._mailbox.close()

    def give_up(self) -> None:
        """Say that the text is not whole, if it is not; who waits is not left waiting."""
        if not self._ended:
            self._mailbox.close(GeneratorError("the model ended its answer early"))


class Rows:
    """The rows of a batch, as the library's streamer; `spent` is its stopping criterion, row by row."""

    def __init__(
        self, tokenizer: Any, ends: frozenset[int], budgets: Sequence[Budget], mailboxes: Sequence[Mailbox]
    ) -> None:
        self._rows = [Row(tokenizer, budget, mailbox) for budget, mailbox in zip(budgets, mailboxes, strict=True)]
        self._ends = ends
        self._begun = False

    def put(self, tokens: "torch.Tensor") -> None:
        """One new token of each row (n,); the first call holds the prompts, which nobody wants to hear."""
        if self._begun:
            for row, token in zip(self._rows, tokens.reshape(-1).tolist(), strict=True):
                row.take(token, token in self._ends)
        self._begun = True

    def end(self) -> None:
        """The batch is over; every row that had its end was closed then."""
        for row in self._rows:
            row.give_up()

    def spent(self, ids: "torch.Tensor", scores: Any, **_: Any) -> "torch.Tensor":  # noqa: ARG002
        """Which rows are over, (n,) bool."""
        import torch

        return torch.tensor([row.over for row in self._rows], device=ids.device)
