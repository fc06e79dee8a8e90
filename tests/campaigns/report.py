"""How a part of a campaign went, in the same terms for all parts."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """What was done, by kind; what came of it; `wrong` says in words what should not have been.

    `in_window` are second copies of answers that nobody can avoid, by what led to them; `seconds` how long the bot took
    to recover, by kind, the longest.
    """

    done: Counter[str] = field(default_factory=Counter)
    in_window: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    asked: int = 0
    lost: int = 0
    out_of_order: int = 0
    duplicates: int = 0
    kills: int = 0
    early: int = 0  # messages to a chat while Telegram had asked to wait
    wrong: list[str] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)  # what a part measures besides

    @property
    def failed(self) -> bool:
        """True where something is not as it must be."""
        return bool(self.lost or self.out_of_order or self.duplicates or self.early or self.wrong)

    def took(self, kind: str, seconds: float) -> None:
        """Remember how long a recovery took."""
        self.seconds[kind] = max(self.seconds.get(kind, 0.0), seconds)

    def __iadd__(self, other: "Report") -> "Report":
        """Both together."""
        self.done.update(other.done)
        self.in_window.update(other.in_window)
        for kind, seconds in other.seconds.items():
            self.took(kind, seconds)
        for name in ("asked", "lost", "out_of_order", "duplicates", "kills", "early"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wrong += other.wrong
        self.measured |= other.measured
        return self

    def figures(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "done": dict(sorted(self.done.items())),
            "in_window": dict(sorted(self.in_window.items())),
            "longest_recovery_seconds": {kind: round(seconds, 2) for kind, seconds in sorted(self.seconds.items())},
            "asked": self.asked,
            "sends_inside_retry_after": self.early,
            "wrong": self.wrong,
            **self.measured,
            "lost": self.lost,
            "out_of_order": self.out_of_order,
            "duplicates": self.duplicates,
        }


def totals(reports: Iterable[Report]) -> dict[str, int]:
    """The last keys of the JSON object."""
    every = list(reports)
    names = ("lost", "out_of_order", "duplicates", "kills")
    return {name: sum(getattr(report, name) for report in every) for name in names}


def print_table(reports: Mapping[str, Report]) -> None:
    """A table for each part, and one line about all."""
    for name, report in reports.items():
        sys.stdout.write(f"\n{name}: {sum(report.done.values())}, {report.asked} messages\n")
        sys.stdout.write(f"  {'what':38} {'times':>6} {'in window':>10} {'recovery s, longest':>20}\n")
        for kind, times in sorted(report.done.items()):
            longest = f"{report.seconds[kind]:.2f}" if kind in report.seconds else "-"
            sys.stdout.write(f"  {kind:38} {times:6} {report.in_window[kind]:10} {longest:>20}\n")
        if report.early:
            sys.stdout.write(f"  {report.early} messages were sent while Telegram had asked to wait\n")
        for kind, value in report.measured.items():
            sys.stdout.write(f"  {kind.replace('_', ' '):38} {value:6g}\n")
        for line in report.wrong:
            sys.stdout.write(f"  wrong: {line}\n")
    sums = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in totals(reports.values()).items())
    sys.stdout.write(f"\n{sums}\n")
