"""The loop over a simulated population: messages, opinions, snapshot, training, gate, roll-out.

    python -m benchmarks.learning [--quick] [--json] [--data FOLDER] [--rounds 20] [--hostile 0 0.2] [--seed 1]
                                  [--warm] [--out DIR]

Every message of the population (`benchmarks.population`) goes through the real conversation and database, every round
through the real training run in a process of its own, at the pace of one round a day. Without `--data` the population
speaks the project's own seeds, which last for some twenty rounds, and a story ends when all is said; FOLDER holds
massive/. Another `--seed` is another population. `--warm` keeps the trainer's process for all rounds, which saves its
start each time. `--out` gets a picture. The last figures are final_gap (accuracy of training at once on all that
anybody has labelled, with the right labels, less that of the version that serves at the end), mean_forgotten (accuracy
that a label lost on average since it was first known), round_seconds (median) and bad_promotions (versions that served
and were more than 0.5 points worse on the truth than the one before).
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self

from benchmarks.population import SLIPS, Member, Population, Trick, Utterance, World, read_world
from bot.app import App, assemble, open_database
from bot.commands.talk import log
from bot.dialogue import Incoming, Person, Place
from bot.errors import RunError
from bot.inference import Models
from bot.jobs import Job, open_job_encoder
from bot.launching import Launch, Tell, Told, launch_trainer
from bot.learning import ensure_router
from bot.plans import read_plan
from bot.progress import Silence
from bot.settings import Settings, load_settings
from bot.sites import open_encoder
from bot.trainer import carry_out
from nlp.encoder import Encoder
from nlp.generator import ExtractiveGenerator
from nlp.model_store import ModelStore
from nlp.router import KIND, Router, load_router
from nlp.summarizer import Summarizer
from nlp.text import detect_language
from nlp.training import run
from nlp.training.data import Example
from nlp.training.router import train_router
from storage.records import NewRun, Role

HOSTILE = (0.0, 0.01, 0.05, 0.2)
MARGIN = 0.005
_MESSAGES, _REVIEWED, _FLOOD = 160, 60, 40  # in a round
_SETTLES_IN = 3  # rounds that are left at least when new labels arrive
_DAY = 86_400
_OPEN: dict[str, Encoder] = {}  # in a trainer that is kept, by name
_CLOCKS = {
    "users": ("created_at", "seen_at"),
    "messages": ("created_at",),
    "answers": ("created_at",),
    "labels": ("created_at",),
    "feedback": ("created_at", "updated_at"),
    "training_runs": ("started_at", "finished_at"),
    "rollouts": ("started_at",),
}


@dataclass(frozen=True)
class Round:
    """One round: whether a version was promoted, the true accuracy of what serves then, on all labels known so far and
    in each language, and that of the `candidate`, the seconds from the wish to the verdict, and the codes of the
    verdict's reasons."""

    number: int
    labels: int
    promoted: bool
    accuracy: float
    before: float
    candidate: float
    by_language: Mapping[str, float]
    by_label: Mapping[str, float]
    seconds: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """All rounds of one population, and what training on everything at once would have come to."""

    hostile: float
    rounds: tuple[Round, ...]
    at_once: float

    @property
    def final_gap(self) -> float:
        """How much better training on everything at once is, as a fraction."""
        return self.at_once - self.rounds[-1].accuracy

    @property
    def bad_promotions(self) -> int:
        """How often what began to serve was worse than what it replaced."""
        return sum(one.promoted and one.accuracy < one.before - MARGIN for one in self.rounds)

    @property
    def mean_forgotten(self) -> float:
        """By how much labels fell on average from the round that first knew them to the end, as a fraction."""
        first: dict[str, float] = {}
        for one in self.rounds:
            first = {**{label: share for label, share in one.by_label.items() if share > 0}, **first}
        last = self.rounds[-1].by_label
        drops = [share - last[label] for label, share in first.items()]
        return sum(drops) / len(drops) if drops else 0.0


@dataclass(frozen=True)
class Heard:
    """A stored message: its number, and how sure the router was of its intent, in [0, 1]."""

    message: int
    sure: float


async def tell(
    world: World, hostile: float, rounds: int, home: Path, launch: Launch = launch_trainer, seed: int = 1
) -> Story:
    """Let a population live with a bot for some rounds, or until it has nothing more to say."""
    population = Population(world, hostile, seed=round(1000 * hostile) + seed)
    chosen = {"home": home, "manual": False, "open": True, "consent": "assumed", "seeds": _write_seeds(world, home)}
    settings = load_settings(**chosen)
    async with _bot(settings, launch) as app:
        for person in population.people:
            await _meet(app, person)
        told: list[Round] = []
        for number in range(rounds):
            if told and population.is_done:
                break
            population.arrive(2 if number % 3 == 1 and number + _SETTLES_IN < rounds else 0)
            told.append(await _round(app, population, number, settings))
            _print(hostile, told[-1])
        story = Story(hostile, tuple(told), _at_once(app.inference.models.encoder, population))
        _print_end(story)
        return story


@asynccontextmanager
async def _bot(settings: Settings, launch: Launch) -> AsyncIterator[App]:
    settings.home.mkdir(parents=True, exist_ok=True)
    async with open_database(settings) as database:
        encoder: Encoder = await asyncio.to_thread(open_encoder, settings)
        store = ModelStore(settings.models_folder)
        router = await ensure_router(database, store, encoder, settings.seeds or Path(), Silence())
        models = Models(encoder, router, ExtractiveGenerator(), Summarizer())
        async with assemble(settings, database, models, Silence(), launch) as app:
            yield app


def _write_seeds(world: World, home: Path) -> Path:
    """The folder of seeds of the simulated owner, with those that the gate judges on."""
    folder, files = home / "seeds", defaultdict(list)
    for ending, rows in ((".jsonl", world.seeds), (".test.jsonl", world.held_out)):
        for row in rows:
            files[f"{detect_language(row.text)}{ending}"].append(row)
    folder.mkdir(parents=True)
    for name, found in files.items():
        lines = [json.dumps({"text": row.text, "intent": row.intent, "topic": row.topic}) for row in found]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


async def _round(app: App, population: Population, number: int, settings: Settings) -> Round:
    before = _measure(app.inference.models.router, population)
    await _live(app, population, number)
    start = time.perf_counter()
    version = app.inference.models.router.version
    runs = await app.retraining.request([KIND], NewRun(KIND))
    await app.retraining.work_off()
    seconds = time.perf_counter() - start
    async with app.database.read() as tx:
        done = [await tx.runs.get(one.id) for one in runs]
    after = _measure(app.inference.models.router, population)
    _a_day_passes(settings.home / "dawen.db")
    verdicts = [one.verdict or {} for one in done if one]
    versions = [one.version for one in done if one and one.version]
    return Round(
        number + 1,
        len(after.by_label),
        app.inference.models.router.version != version,
        after.accuracy,
        before.accuracy,
        _measure(_read(app, versions[-1]), population).accuracy if versions else before.accuracy,
        after.by_language,
        after.by_label,
        seconds,
        tuple(reason["code"] for verdict in verdicts for reason in verdict.get("reasons", ())),
    )


def _read(app: App, version: str) -> Router:
    store = ModelStore(app.settings.models_folder)
    return load_router(store.folder(KIND, version), app.inference.models.encoder)[0]


async def _live(app: App, population: Population, number: int) -> None:
    """A day of the population: people write and are answered, some vote and say what they meant, admins review what the
    router was least sure of."""
    said: list[tuple[Utterance, Heard]] = []
    for utterance in population.speak(_MESSAGES, number):
        times = _FLOOD if utterance.person.trick is Trick.FLOOD and population.happens(0.1) else 1
        said += [(utterance, await _say(app, population, utterance)) for _ in range(times)]
    said.sort(key=lambda one: one[1].sure)
    for (utterance, heard), admin in zip(said[:_REVIEWED], population.admins * _REVIEWED, strict=False):
        async with app.database.write() as tx:
            label = population.slip(utterance.truth, SLIPS)
            await tx.feedback.label(heard.message, admin.id, "review", intent=label)
        population.world.label(utterance)


async def _say(app: App, population: Population, utterance: Utterance) -> Heard:
    """One message with its answer, and what its writer, or a brigade, thinks of that."""
    person = utterance.person
    incoming = _incoming(person, utterance.text)
    reply = await app.conversation.respond(incoming)
    answer = await log(app, incoming, reply)
    routed = reply.route.intent.label if reply.route else ""
    async with app.database.write() as tx:
        if person.trick is not None or (routed != utterance.named and population.happens(0.5)):
            await tx.feedback.label(answer.message_id, person.id, "clarification", intent=utterance.named)
            population.world.label(utterance)
        elif population.happens(0.3):
            await tx.feedback.vote(answer.id, person.id, "button", 1 if routed == utterance.named else -1)
        if person.trick is Trick.BRIGADE:
            for foe in population.foes:
                await tx.feedback.vote(answer.id, foe.id, "button", 1 if routed == utterance.named else -1)
    return Heard(answer.message_id, reply.route.intent.score if reply.route else 0.0)


async def _meet(app: App, person: Member) -> None:
    """Let the bot know somebody, who is not an admin of it by any setting."""
    incoming = _incoming(person, "")
    await app.access.admit(incoming.person, incoming.place)
    if person.admin:
        async with app.database.write() as tx:
            await tx.people.set_role(person.id, Role.ADMIN)


def _incoming(person: Member, text: str) -> Incoming:
    language = detect_language(text)
    return Incoming(Person(person.id, f"person {person.id}", language), Place(person.id, "private"), text)


def _a_day_passes(database: Path) -> None:
    """Everything that is stored was a day earlier: the simulation lives a day in each round."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for table, columns in _CLOCKS.items():
            for column in columns:
                earlier = f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-1 day')"
                connection.execute(f"UPDATE {table} SET {column} = {earlier} WHERE {column} IS NOT NULL")  # noqa: S608


@dataclass(frozen=True)
class _Measured:
    accuracy: float
    by_language: Mapping[str, float]
    by_label: Mapping[str, float]


def _measure(router: Router, population: Population) -> _Measured:
    """How often a router is right on the test texts of all labels that are spoken of by now."""
    tests = [row for row in population.world.tests if row.intent in population.known]
    routes = router.route_many([row.text for row in tests])
    right = [route.intent.label == row.intent for route, row in zip(routes, tests, strict=True)]
    return _Measured(
        statistics.fmean(right),
        _shares([detect_language(row.text) for row in tests], right),
        _shares([row.intent for row in tests], right),
    )


def _shares(names: Sequence[str], right: Sequence[bool]) -> dict[str, float]:
    groups = defaultdict(list)
    for name, one in zip(names, right, strict=True):
        groups[name].append(one)
    return {name: statistics.fmean(found) for name, found in groups.items()}


class WarmTrainer:
    """A trainer's process that is kept from one run to the next; use as a context manager."""

    def __init__(self) -> None:
        self._process = ProcessPoolExecutor(1, get_context("spawn"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.shutdown()

    async def __call__(self, folder: Path, tell: Tell) -> None:  # noqa: ARG002 - nobody looks on
        """See `bot.launching.Launch`."""
        await asyncio.get_running_loop().run_in_executor(self._process, _train, folder.resolve())


def _train(folder: Path) -> None:
    plan = read_plan(folder)
    if plan is None:
        raise RunError(f"{str(folder)!r} holds no plan", "data")
    if plan.encoder not in _OPEN:
        _OPEN[plan.encoder] = open_job_encoder(Job(plan, folder, _unheard))
    carry_out(plan, folder, _unheard, _OPEN[plan.encoder])


def _unheard(_: Told) -> None:
    pass


def _at_once(encoder: Encoder, population: Population) -> float:
    rows: list[Example] = population.world.together
    return _measure(run(train_router(rows, encoder)), population).accuracy


def figures(stories: Sequence[Story]) -> dict[str, Any]:
    """All figures; the four that sum them up come last."""
    rounds = [one for story in stories for one in story.rounds]
    honest = stories[0]
    return {
        "stories": [
            {
                "hostile": story.hostile,
                "at_once": round(story.at_once, 4),
                "final_gap": round(story.final_gap, 4),
                "mean_forgotten": round(story.mean_forgotten, 4),
                "bad_promotions": story.bad_promotions,
                "promotions": sum(one.promoted for one in story.rounds),
                "rounds": [_plain(one) for one in story.rounds],
            }
            for story in stories
        ],
        "final_gap": round(honest.final_gap, 4),
        "mean_forgotten": round(honest.mean_forgotten, 4),
        "round_seconds": round(statistics.median(one.seconds for one in rounds), 2),
        "bad_promotions": sum(story.bad_promotions for story in stories),
    }


def _plain(one: Round) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "by_label"}


def draw(stories: Sequence[Story], path: Path) -> None:
    """Accuracy by round, and which versions were promoted."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot(xlabel="round", ylabel="accuracy on the truth")
    for story in stories:
        numbers = [one.number for one in story.rounds]
        (line,) = axes.plot(numbers, [one.accuracy for one in story.rounds], label=f"{story.hostile:.0%} hostile")
        promoted = [one for one in story.rounds if one.promoted]
        axes.plot([one.number for one in promoted], [one.accuracy for one in promoted], "o", color=line.get_color())
        axes.axhline(story.at_once, color=line.get_color(), linestyle=":", linewidth=1)
    axes.legend(title="dots: promoted; dotted: all at once")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Tell the stories and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="six rounds, with none and with 20 %% hostile")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--data", type=Path, help="folder with massive/; else the project's own seeds")
    parser.add_argument("--rounds", type=int, help="rounds of each story (20)")
    parser.add_argument("--hostile", type=float, nargs="+", help="shares of hostile people (0 0.01 0.05 0.2)")
    parser.add_argument("--seed", type=int, default=1, help="which population (1)")
    parser.add_argument("--warm", action="store_true", help="keep the trainer's process for all rounds")
    parser.add_argument("--out", type=Path, help="folder for a picture")
    options = parser.parse_args()
    rounds = options.rounds or (6 if options.quick else 20)
    shares = options.hostile or ((0.0, 0.2) if options.quick else HOSTILE)
    stories = [_told(options, share, rounds) for share in shares]
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        draw(stories, options.out / "learning.png")
    print(json.dumps(figures(stories), indent=None if options.json else 1))


def _told(options: argparse.Namespace, share: float, rounds: int) -> Story:
    world, seed = read_world(options.data, options.seed), options.seed
    with tempfile.TemporaryDirectory(prefix="dawen-bench-") as folder, ExitStack() as stack:
        launch: Launch = stack.enter_context(WarmTrainer()) if options.warm else launch_trainer
        return asyncio.run(tell(world, share, rounds, Path(folder), launch, seed))


def _print(hostile: float, one: Round) -> None:
    change = "promoted" if one.promoted else "kept out"
    came = f"{one.before:.4f} -> {one.accuracy:.4f}, candidate {one.candidate:.4f}"
    line = f"{hostile:.0%} hostile, round {one.number}: {change}, accuracy {came}"
    print(f"{line}, {one.seconds:.1f} s ({', '.join(one.reasons)})", file=sys.stderr, flush=True)


def _print_end(story: Story) -> None:
    ends = f"gap {story.final_gap:.4f}, forgotten {story.mean_forgotten:.4f}, bad promotions {story.bad_promotions}"
    print(f"{story.hostile:.0%} hostile, at the end: {ends}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
