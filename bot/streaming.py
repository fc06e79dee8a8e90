"""Text that grows while a generator writes it: how a use case hands it on, without knowing where it is shown."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from nlp.generator import Generator

Show = Callable[[str], None]  # takes the whole text so far; may be called from any thread, as often as one likes


def silent(_text: str) -> None:
    """Show nothing."""


@runtime_checkable
class Telling(Protocol):
    """A generator that can tell its text while it writes; those that choose sentences have nothing to tell."""

    def telling(self, show: Show) -> Generator:
        """The same generator, calling `show` with the whole text so far whenever there is more of it."""
        ...


def listened(generator: Generator, show: Show) -> Generator:
    """The generator, telling what it writes where it can."""
    return generator.telling(show) if isinstance(generator, Telling) else generator
