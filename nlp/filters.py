"""What a search can be narrowed down by: a label on each passage, and the filter that a search carries."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Label:
    """What a passage can be told apart by: who may find it, its document, its language and the day it was written.

    `scope` is any text of the caller's; an unlabelled passage belongs to the scope "".
    """

    scope: str = ""
    document: int = 0
    language: str = ""
    day: date = date.min


@dataclass(frozen=True, slots=True)
class Filter:
    """Which passages a search may find: those that fit every field; a field that is None fits them all.

    `since` and `until` are days, both included.
    """

    scopes: frozenset[str] | None = None
    documents: frozenset[int] | None = None
    languages: frozenset[str] | None = None
    since: date | None = None
    until: date | None = None

    def admits(self, label: Label) -> bool:
        """True when a passage of this label may be found."""
        return (
            (self.scopes is None or label.scope in self.scopes)
            and (self.documents is None or label.document in self.documents)
            and (self.languages is None or label.language in self.languages)
            and (self.since is None or label.day >= self.since)
            and (self.until is None or label.day <= self.until)
        )


EVERYTHING = Filter()
UNLABELLED = Label()
