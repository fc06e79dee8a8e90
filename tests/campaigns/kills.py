"""SIGKILL, again and again: at every named point of a message's way and at random times.

Each life of the bot finds what the life before it left, answers it, and gets new questions in every chat; then it ends
at its point. One life in four is armed from its first moment, so that it may end while it still mends what the one
before it left. When all kills are done, a last life answers what is left, and the chats are counted.

A second copy of an answer can be seen only when the process died after Telegram had taken the first and before that
was written down. So after each kill the database is asked whether it knows of the last message that Telegram has taken
in each chat: where it does not, that message was in this window, and a copy of it has its excuse. `in_window` counts
such copies by the place of the kill: at the window's own point, at another one (which other chats pass meanwhile), or
at a random time. `duplicates` counts every other copy: there must be none.
"""

import itertools
import random
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.points import MESSAGE_POINTS, POLLING_POINT, WEBHOOK_POINT
from bot.simulator.server import SimulatorServer
from tests.campaigns.life import Life, Setup
from tests.campaigns.marks import Copy, marked
from tests.campaigns.report import Report
from tests.campaigns.stage import KINDS, WAYS, Kind, Stage, Way, telegram
from tests.campaigns.town import Town

AT_RANDOM = "random time"
FULL, QUICK = 2_000, 48  # kills, of four bots together
_ANSWERED_WITHIN = 60.0  # seconds, on a busy machine
_REACHED_WITHIN = 60.0
_LIFE = 0.5  # seconds within which a random kill comes
_ON_THE_WAY = 0.02  # seconds until what a dead process has sent is taken
_ONCE_A_FETCH = (POLLING_POINT, "update.committed")  # the questions of all chats may come with one
_HASTY = 4  # one life in so many is armed at once


def report(stage: Stage, quick: bool) -> Report:
    """Kills of bots of all four kinds, two at a time, and how their chats look afterwards."""
    total, bots = Report(), list(itertools.product(KINDS, WAYS))
    kills = (QUICK if quick else FULL) // len(bots)
    with ThreadPoolExecutor(2) as pool:
        for part in pool.map(lambda bot: campaign(stage, bot[0], bot[1], kills, seed=bots.index(bot)), bots):
            total += part
    return total


def points_of(way: Way) -> tuple[str, ...]:
    """Where a bot can be killed that gets its updates in this way; a random time comes as often as four points."""
    return (*MESSAGE_POINTS, POLLING_POINT if way == "polling" else WEBHOOK_POINT, *[AT_RANDOM] * 4)


def campaign(stage: Stage, kind: Kind, way: Way, kills: int, points: Sequence[str] = (), seed: int = 0) -> Report:
    """So many kills of one bot, spread over the points in a random order."""
    chance = random.Random(seed)  # noqa: S311 - the same campaign again for the same seed
    chosen = points or points_of(way)
    turns = itertools.chain.from_iterable(chance.sample(chosen, len(chosen)) for _ in itertools.count())
    places = itertools.takewhile(lambda _: not stage.is_over, itertools.islice(turns, kills))
    with telegram() as server:
        setup = stage.setup(f"kills-{way}-{kind}-{seed}", kind, way, server.api_url)
        return _Series(server, setup, chance).run(places)


class _Series:
    """One bot that is killed many times."""

    def __init__(self, server: SimulatorServer, setup: Setup, chance: random.Random) -> None:
        self._server = server
        self._setup = setup
        self._chance = chance
        self._town = Town(server)
        self._open: dict[Copy, str] = {}  # taken by Telegram, not written down, and where the kill was
        self._place = ""  # of the last kill
        self._result = Report()

    def run(self, places: Iterable[str]) -> Report:
        """Kill at each place in turn, then let all be answered."""
        for number, place in enumerate(places):
            self._kill(place, hasty=number % _HASTY == _HASTY - 1)
        self._last_life()
        result, town = self._result, self._town
        result.asked, result.lost, result.out_of_order = town.asked, town.unanswered, town.out_of_order
        for message in town.repeated:
            where = self._open.pop((message.chat_id, message.message_id), None)
            if where is None:
                result.duplicates += 1
            else:
                result.in_window[where] += 1
        result.wrong += [f"{self._setup.home.name}: the bot said {text!r}" for text in town.strange]
        return result

    def _kill(self, place: str, *, hasty: bool) -> None:
        together = self._setup.web_port is None and place in _ONCE_A_FETCH
        times = 1 if together else self._chance.randint(1, len(self._town.ledgers))
        point = "" if place == AT_RANDOM else f"{place}:{times}"
        life = Life(self._setup, point if hasty else "")
        try:
            if not hasty and not self._recover(life, point):
                return
            self._town.ask()
            self._end(life, place)
        finally:
            life.kill()
        self._look()

    def _recover(self, life: Life, point: str) -> bool:
        """Let it answer what was left, then arm it; false where it does not."""
        if not life.wait_until_ready() or not self._town.wait_until_answered(_ANSWERED_WITHIN):
            self._result.wrong.append(f"{self._setup.home.name}: a life did not answer what was left")
            return False
        return not point or life.arm(point)

    def _end(self, life: Life, place: str) -> None:
        if place == AT_RANDOM:
            time.sleep(self._chance.uniform(0, _LIFE))
            life.kill()
        elif not life.wait_for_end(_REACHED_WITHIN):
            self._result.wrong.append(f"{self._setup.home.name}: {place} was not reached")
            return
        self._result.done[place] += 1
        self._result.kills += 1
        self._place = place

    def _look(self) -> None:
        """Remember where Telegram has taken a message, the last of its chat, that the database knows nothing of."""
        time.sleep(_ON_THE_WAY)
        newest = {chat: ledger.newest for chat, ledger in self._town.ledgers.items() if ledger.newest}
        for copy in set(newest.items()) - marked(self._setup.database, newest.items()):
            self._open.setdefault(copy, self._place)

    def _last_life(self) -> None:
        life = Life(self._setup)
        if not life.wait_until_ready() or not self._town.wait_until_answered(_ANSWERED_WITHIN):
            self._result.wrong.append(f"{self._setup.home.name}: the last life did not answer what was left")
        life.kill()
