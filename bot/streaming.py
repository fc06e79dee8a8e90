"""Text that grows while a generator writes it: how a use case hands it on, without knowing where it is shown."""

from bot.phrasing import Hear, Show
from nlp.types import Language, Statement

__all__ = ["Show", "heard", "silent"]


def silent(_text: str) -> None:
    """Show nothing."""


def heard(show: Show, language: Language) -> Hear:
    """What to tell a generator's checked sentences to, so that `show` gets the whole text so far with each."""
    said: list[str] = []

    def hear(statement: Statement) -> None:
        said.append(statement.text)
        show(("" if language == "zh" else " ").join(said))

    return hear
