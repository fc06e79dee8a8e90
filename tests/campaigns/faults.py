"""What networks and servers do to a bot, by a proxy before the Bot API server, or before the bot's webhook.

Every fault befalls one request: a message on its way to a chat, a getUpdates, an update that is posted. The question
that it concerns must be answered within thirty seconds, once; in no chat may anything be said while Telegram has asked
to wait. Where Telegram takes a message and its answer is lost ("reply lost"), nobody can know, and the message comes a
second time: `in_window` counts these. The bot waits a second for an answer of Telegram here, so that many faults take
little time; `patient` faults, a few, are with the waits of the program.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from bot.simulator.server import SimulatorServer
from tests.campaigns.life import Life
from tests.campaigns.proxy import Fault, Proxy
from tests.campaigns.report import Report
from tests.campaigns.stage import Stage, telegram
from tests.campaigns.town import Town

REPLY_LOST = "reply lost"
KINDS = (
    "time-out",
    "reset",
    "half-open",
    "truncated JSON",
    "wrong JSON",
    "401",
    "403",
    "409",
    "429",
    "500",
    "502",
    "503",
)
SENDING, POLLING, POSTING = "sendMessage", "getUpdates", "telegram"  # the last is the path of the webhook
POSTED = ("reset", "truncated JSON", "500", "502", "503", REPLY_LOST)  # what can befall an update that is posted
FULL = {SENDING: 1_419, POLLING: 456, POSTING: 144}
QUICK = {SENDING: 27, POLLING: 13, POSTING: 6}
PATIENT = ("time-out", "half-open")
_RECOVERED_WITHIN = 30.0  # seconds


def report(stage: Stage, quick: bool) -> Report:
    """Faults of every kind in every place, in all places at the same time."""
    many, total = QUICK if quick else FULL, Report()
    parts = [
        lambda: sending(stage, many[SENDING]),
        lambda: polling(stage, many[POLLING]),
        lambda: posting(stage, many[POSTING]),
    ]
    if not quick:
        parts.append(lambda: sending(stage, 6, PATIENT, patient=True))
        parts.append(lambda: polling(stage, 2, PATIENT, patient=True))
    with ThreadPoolExecutor(len(parts)) as pool:
        for part in pool.map(lambda play: play(), parts):
            total += part
    return total


def sending(stage: Stage, faults: int, kinds: Iterable[str] = (*KINDS, REPLY_LOST), *, patient: bool = False) -> Report:
    """Faults of messages to the chats, in all chats at the same time."""
    with _series(stage, SENDING, patient) as series:
        turns = itertools.cycle(kinds)
        while sum(series.result.done.values()) < faults and not stage.is_over:
            series.befall_chats({chat: next(turns) for chat in series.town.ledgers})
        return series.close()


def polling(stage: Stage, faults: int, kinds: Iterable[str] = (*KINDS, REPLY_LOST), *, patient: bool = False) -> Report:
    """Faults of getUpdates."""
    with _series(stage, POLLING, patient) as series:
        for kind in _turns(stage, kinds, faults):
            series.befall(Fault(kind, POLLING))
        return series.close()


def posting(stage: Stage, faults: int, kinds: Iterable[str] = POSTED) -> Report:
    """Faults of updates on their way to the webhook."""
    with _series(stage, POSTING, False) as series:
        for kind in _turns(stage, kinds, faults):
            series.befall(Fault(kind, POSTING))
        return series.close()


def _turns(stage: Stage, kinds: Iterable[str], many: int) -> Iterator[str]:
    """The kinds in turn, until there were many or the time is over."""
    return itertools.takewhile(lambda _: not stage.is_over, itertools.islice(itertools.cycle(kinds), many))


@contextmanager
def _series(stage: Stage, place: str, patient: bool) -> Iterator["_Series"]:
    """A bot with a network that can fail in one place."""
    name = f"faults-{place.lower()}" + ("-patient" if patient else "")
    with telegram() as server:
        if place == POSTING:
            setup = stage.setup(name, "postgresql", "webhook", server.api_url)
            with Proxy(setup.web_port or 0) as proxy:
                yield _Series(server, proxy, Life(replace(setup, posted_to=proxy.port)))
        else:
            with Proxy(server.port) as proxy:
                yield _Series(server, proxy, Life(stage.setup(name, "sqlite", "polling", proxy.url, patient=patient)))


class _Series:
    """A bot that runs, and what befalls it."""

    def __init__(self, server: SimulatorServer, proxy: Proxy, life: Life) -> None:
        self.result = Report()
        self.town = Town(server)
        self._proxy = proxy
        self._life = life
        if not life.wait_until_ready():
            self.result.wrong.append("the bot did not start")

    def befall_chats(self, kinds: Mapping[int, str]) -> None:
        """A fault for the next message to each of some chats."""
        before = {chat: len(ledger.repeated) for chat, ledger in self.town.ledgers.items()}
        unheard = dict(self._proxy.unheard)
        faults = [self._proxy.plan(Fault(kind, SENDING, chat)) for chat, kind in kinds.items()]
        self.town.ask()
        self._settle([chat for chat, kind in kinds.items() if kind == REPLY_LOST], before)
        for fault in faults:
            self._note(fault, self.town.ledgers[fault.chat or 0].newest_at)
        for chat, ledger in self.town.ledgers.items():
            copies = len(ledger.repeated) - before[chat]
            slow = self._proxy.unheard[chat] - unheard.get(chat, 0)
            excused = min(copies, slow + (kinds[chat] == REPLY_LOST))
            if excused:
                self.result.in_window[_title(REPLY_LOST, SENDING)] += excused
            self.result.duplicates += copies - excused

    def befall(self, fault: Fault) -> None:
        """A fault for the next request that brings updates: what was asked before and what is asked after it."""
        before, unheard = len(self.town.repeated), sum(self._proxy.unheard[chat] for chat in self.town.ledgers)
        self._proxy.plan(fault)
        self.town.ask()
        fault.hit.wait(_RECOVERED_WITHIN)
        self.town.ask()
        self._settle([], {})
        self._note(fault, max(ledger.newest_at for ledger in self.town.ledgers.values()))
        slow = sum(self._proxy.unheard[chat] for chat in self.town.ledgers) - unheard
        self.result.duplicates += max(0, len(self.town.repeated) - before - slow)

    def close(self) -> Report:
        """End the bot, and count."""
        self._life.kill()
        result, town = self.result, self.town
        result.asked, result.lost, result.out_of_order = town.asked, town.unanswered, town.out_of_order
        result.early = self._proxy.early
        result.wrong += [f"the bot said {text!r}" for text in town.strange]
        return result

    def _settle(self, copied: list[int], before: Mapping[int, int]) -> None:
        """Wait until all is answered, and in some chats for the copy that must come."""

        def done() -> bool:
            ledgers = self.town.ledgers
            return not self.town.unanswered and all(len(ledgers[chat].repeated) > before[chat] for chat in copied)

        self.town.wait_until(done, 2 * _RECOVERED_WITHIN)

    def _note(self, fault: Fault, until: float) -> None:
        title = _title(fault.kind, fault.name)
        if not fault.hit.is_set():
            self.result.wrong.append(f"{title} did not come about")
            return
        seconds = until - fault.hit_at
        self.result.done[title] += 1
        self.result.took(title, seconds)
        if not 0 <= seconds <= _RECOVERED_WITHIN:
            self.result.wrong.append(f"{title}: recovered after {seconds:.1f} s")


def _title(kind: str, name: str) -> str:
    return f"{name if name != POSTING else 'webhook'}: {kind}"
