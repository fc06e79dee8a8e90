"""The fence around work that one process at a time may do: what is written behind it is refused once it has fallen.

A process that was paused does not know that its lease has run out and that somebody else goes on in its place. So the
database is asked: every lease has a token that grows whenever it is taken, and whatever is written while `fence` is set
is written only if that token still stands, in the same transaction.
"""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fence:
    """A lease as its holder knows it: its name, and the token that it was taken with."""

    name: str
    token: int


fence: ContextVar[Fence | None] = ContextVar("fence", default=None)  # of what is at work here; None where all may
