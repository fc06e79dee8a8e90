"""The rows of a dense index: the key in each, whether it still counts, and the label it is filtered by.

A row that is removed stays where it is and is only marked, so that removing costs nothing and the positions that an
approximate index holds stay true. Which rows a filter admits is worked out once between two changes, not per search.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from nlp.filters import Filter, Label

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
_ROW = np.dtype(
    [("key", "<i8"), ("document", "<i8"), ("scope", "<i4"), ("language", "<i4"), ("day", "<i4"), ("live", "?")]
)
_SAVED = ("key", "document", "scope", "language", "day")
_REMEMBERED = 256  # filters whose rows are kept until the next change


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rows that may be found: how many, and one bit for each row, lowest first."""

    count: int
    bits: NDArray[np.uint8]

    def admits(self, places: Places) -> Flags:
        """For each place whether it may be found; a negative one may not."""
        inside: Flags = (self.bits[places >> 3] >> (places & 7).astype(np.uint8)) & 1 != 0
        return inside & (places >= 0)


class Rows:
    """A growing table with one row per vector."""

    def __init__(self) -> None:
        self._table = np.zeros(64, _ROW)
        self._size = 0
        self._places: dict[int, int] = {}
        self._names: dict[str, int] = {}  # scopes and languages, numbered
        self._allowed: dict[Filter, Allowed] = {}

    def __len__(self) -> int:
        """How many rows there are, removed ones included."""
        return self._size

    @property
    def places(self) -> Mapping[int, int]:
        """The row of each key that counts."""
        return self._places

    @property
    def removed(self) -> int:
        """How many rows no longer count."""
        return self._size - len(self._places)

    def append(self, keys: Sequence[int], labels: Sequence[Label]) -> None:
        """Add rows with keys that are not there."""
        start, end = self._size, self._size + len(keys)
        if end > len(self._table):
            self._table = np.concatenate([self._table[:start], np.zeros(end, _ROW)])
        new = self._table[start:end]
        new["key"], new["live"] = keys, True
        new["document"] = [label.document for label in labels]
        new["scope"] = [self._number(label.scope) for label in labels]
        new["language"] = [self._number(label.language) for label in labels]
        new["day"] = [label.day.toordinal() for label in labels]
        self._size = end
        self._places.update(zip(keys, range(start, end), strict=True))
        self._allowed.clear()

    def drop(self, keys: Collection[int]) -> None:
        """Mark the rows of these keys as removed."""
        self._table["live"][[self._places.pop(key) for key in keys]] = False
        self._allowed.clear()

    def keys_at(self, places: Places) -> list[int]:
        """The keys in these rows."""
        found: list[int] = self._table["key"][places].tolist()
        return found

    def labels(self, keys: Sequence[int]) -> list[Label]:
        """The labels of keys that count."""
        names = self.names
        rows = self._table[[self._places[key] for key in keys]] if keys else ()
        return [
            Label(names[r["scope"]], int(r["document"]), names[r["language"]], date.fromordinal(int(r["day"])))
            for r in rows
        ]

    def keys_of(self, documents: Collection[int]) -> list[int]:
        """The keys of these documents."""
        rows = self._table[: self._size]
        return self.keys_at(np.flatnonzero(rows["live"] & np.isin(rows["document"], list(documents))))

    def allowed(self, wanted: Filter, excluded: Collection[int] = ()) -> Allowed:
        """The rows that a filter admits, less those of some keys."""
        if excluded:
            admitted = self._admitted(wanted)
            admitted[[self._places[key] for key in excluded if key in self._places]] = False
            return _packed(admitted)
        if wanted not in self._allowed:
            if len(self._allowed) >= _REMEMBERED:
                self._allowed.clear()
            self._allowed[wanted] = _packed(self._admitted(wanted))
        return self._allowed[wanted]

    def _admitted(self, wanted: Filter) -> Flags:
        rows = self._table[: self._size]
        admitted: Flags = rows["live"].copy()
        for column, values in (("scope", wanted.scopes), ("language", wanted.languages)):
            if values is not None:
                admitted &= np.isin(rows[column], [self._names.get(value, -1) for value in values])
        if wanted.documents is not None:
            admitted &= np.isin(rows["document"], list(wanted.documents))
        if wanted.since is not None:
            admitted &= rows["day"] >= wanted.since.toordinal()
        if wanted.until is not None:
            admitted &= rows["day"] <= wanted.until.toordinal()
        return admitted

    def _number(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))

    def take(self, places: Sequence[int] | Places) -> "Rows":
        """A table of these rows alone, in this order."""
        return Rows.restored({name: self._table[name][places] for name in _SAVED}, list(self._names))

    def live(self) -> Places:
        """The rows that count, in their order."""
        return np.flatnonzero(self._table["live"][: self._size])

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """The table as arrays, one value per row that counts."""
        places = self.live()
        return {name: np.ascontiguousarray(self._table[name][places]) for name in _SAVED}

    @property
    def names(self) -> list[str]:
        """Scopes and languages by their number."""
        return list(self._names)

    @classmethod
    def restored(cls, columns: Mapping[str, NDArray[np.generic]], names: Sequence[str]) -> "Rows":
        """The table of such columns, all rows counting.

        Raises:
            KeyError, ValueError: a column is missing, too short, or holds a key twice.
        """
        rows = cls()
        rows._table = np.zeros(len(columns["key"]), _ROW)
        for name in _SAVED:
            rows._table[name] = columns[name]
        rows._table["live"] = True
        rows._size = len(rows._table)
        rows._places = {key: place for place, key in enumerate(rows._table["key"].tolist())}
        rows._names = {name: number for number, name in enumerate(names)}
        if len(rows._places) != rows._size or len(rows._names) != len(names):
            raise ValueError("a key or a name is there twice")
        return rows


def _packed(admitted: Flags) -> Allowed:
    return Allowed(int(admitted.sum()), np.packbits(admitted, bitorder="little"))
