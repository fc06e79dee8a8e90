"""A router that goes on learning: the domains of CLINC150 arrive two by two, and each round trains what served before.

    python -m benchmarks.stream --data FOLDER [--on test|val] [--rounds 20] [--most 10000] [--json FILE]

FOLDER holds clinc150/. Ten domains of fifteen intents come as new labels in five stages over the rounds, their rows
evenly over the rounds of their stage; each round trains on its new rows and a replay of earlier ones, together no more
than `--most`. Features are cached on disk, so that a round embeds only what is new. Prints a line a round and one JSON
object. Settings are chosen with `--on val`. On a machine that others use set OMP_WAIT_POLICY=PASSIVE, or threads
spin as they wait and the times say little.
"""

import argparse
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.router import show
from nlp.encoder import BUNDLED, Encoder, load_encoder
from nlp.router import Router
from nlp.training import run
from nlp.training.configs import FusedConfig
from nlp.training.continual import continue_router
from nlp.training.data import Example, read_examples
from nlp.training.feature_cache import CachedEncoder
from nlp.training.router import DEFAULT, train_router

ROUNDS, STAGES, MOST = 20, 5, 10_000
ByLabel = Mapping[str, float]


@dataclass(frozen=True)
class Stream:
    """What comes new in each round, and the rows that each label is measured on."""

    arrivals: list[list[Example]]
    tests: dict[str, list[Example]]


@dataclass(frozen=True)
class Round:
    """One round: rows trained on and those of them that are new; wall and processor seconds of training with embedding.

    `accuracy` is that on all labels seen so far, `by_label` that of each.
    """

    number: int
    labels: int
    rows: int
    new: int
    seconds: float
    cpu_seconds: float
    accuracy: float
    by_label: ByLabel


@dataclass(frozen=True)
class Forgotten:
    """By how many points the labels of earlier stages fell on average: from their first round, from the last round of
    their stage, when all their rows had come, and from their best round, which chance favours.

    Part of the last two is no forgetting: among more labels each is harder to tell. What training on everything at
    once says of the same labels, beside the same rounds, shows how large that part is.
    """

    since_first: float
    since_complete: float
    since_best: float


def read_stream(folder: Path, on: str, rounds: int = ROUNDS) -> Stream:
    """The stream of a folder with domains.json, train.jsonl and the file of measured rows `on`.

    Raises:
        DataError: a file of rows is missing or damaged.
    """
    domains: dict[str, list[str]] = json.loads((folder / "domains.json").read_text(encoding="utf-8"))
    train, tests = read_examples(folder / "train.jsonl"), read_examples(folder / f"{on}.jsonl")
    by_stage = np.array_split(list(domains), min(STAGES, len(domains)))
    by_round = np.array_split(range(rounds), len(by_stage))
    arrivals = []
    for names, own_rounds in zip(by_stage, by_round, strict=True):
        labels = {label for name in names for label in domains[name]}
        arrivals += _evenly([e for e in train if e.intent in labels], len(own_rounds))
    return Stream(arrivals, _by_label(tests))


def _evenly(rows: Sequence[Example], parts: int) -> list[list[Example]]:
    """The rows in parts, with a part of every label in each."""
    found: list[list[Example]] = [[] for _ in range(parts)]
    for own in _by_label(rows).values():
        shuffled = random.Random(0).sample(own, len(own))
        for number, example in enumerate(shuffled):
            found[number * parts // len(own)].append(example)
    return found


def _by_label(rows: Sequence[Example]) -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = defaultdict(list)
    for example in rows:
        found[example.intent].append(example)
    return dict(found)


def rounds_of(stream: Stream, encoder: Encoder, config: FusedConfig = DEFAULT, most: int = MOST) -> Iterator[Round]:
    """Train round after round, each from the router of the last."""
    router: Router | None = None
    earlier: list[Example] = []
    for number, new in enumerate(stream.arrivals, 1):
        replay = random.Random(number).sample(earlier, max(0, min(len(earlier), most - len(new))))
        earlier += new
        rows = [*replay, *new]
        start, cpu = time.perf_counter(), time.process_time()
        steps = continue_router(router, rows, encoder, config) if router else train_router(rows, encoder, config)
        router = run(steps)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        labels = {example.intent for example in earlier}
        overall, by_label = _accuracy(router, {label: stream.tests[label] for label in sorted(labels)})
        yield Round(number, len(labels), len(rows), len(new), seconds, cpu, overall, by_label)


def at_once(stream: Stream, encoder: Encoder, config: FusedConfig = DEFAULT) -> Round:
    """Train from nothing on all rows of all rounds."""
    everything = [example for new in stream.arrivals for example in new]
    return next(rounds_of(Stream([everything], stream.tests), encoder, config))


def _accuracy(router: Router, tests: Mapping[str, Sequence[Example]]) -> tuple[float, ByLabel]:
    found = {}
    for label, rows in tests.items():
        routes = router.route_many([example.text for example in rows])
        found[label] = sum(route.intent.label == label for route in routes)
    overall = sum(found.values()) / sum(map(len, tests.values()))
    return overall, {label: right / len(tests[label]) for label, right in found.items()}


def forgotten(rounds: Sequence[Round], now: ByLabel) -> Forgotten:
    """What `now` says of the labels of all stages but the last one, beside what the rounds said."""
    drops = []
    for label in rounds[-1].by_label:
        known = [one for one in rounds if label in one.by_label]
        stage = [one for one in known if one.labels == known[0].labels]
        if stage[-1] is not rounds[-1]:
            shares = [one.by_label[label] for one in known]
            then = (shares[0], stage[-1].by_label[label], max(shares))
            drops.append([100 * (share - now[label]) for share in then])
    return Forgotten(*np.mean(drops, axis=0).tolist()) if drops else Forgotten(0.0, 0.0, 0.0)


def report(options: argparse.Namespace, encoder: Encoder) -> dict[str, Any]:
    """Measure, print a line a round, and return everything."""
    stream = read_stream(options.data / "clinc150", options.on, options.rounds)
    rounds = []
    for one in rounds_of(stream, encoder, most=options.most):
        rounds.append(one)
        lost = forgotten(rounds, one.by_label)
        print(
            f"round {one.number}: {one.labels} labels, {one.rows} rows, {one.new} new; accuracy {one.accuracy:.4f}, "
            f"forgotten since first {lost.since_first:.2f}, complete {lost.since_complete:.2f}, best "
            f"{lost.since_best:.2f} points; {one.seconds:.1f} s, of the processor {one.cpu_seconds:.1f} s",
            flush=True,
        )
    together, last = at_once(stream, encoder), rounds[-1]
    full = [one for one in rounds if one.rows == last.rows]
    return {
        "machine": asdict(describe_machine()),
        "on": options.on,
        "rounds": [_figures(one) for one in rounds],
        "at_once": _figures(together),
        "round_cpu_seconds": float(np.median([one.cpu_seconds for one in full])),
        "slowest_round_seconds": max(one.seconds for one in rounds),
        "final_accuracy": last.accuracy,
        "forgotten": asdict(forgotten(rounds, last.by_label)),
        "forgotten_at_once": asdict(forgotten(rounds, together.by_label)),
        "final_gap": together.accuracy - last.accuracy,
        "mean_forgotten": forgotten(rounds, last.by_label).since_first,
        "round_seconds": float(np.median([one.seconds for one in full])),
    }


def _figures(one: Round) -> dict[str, float]:
    return {name: value for name, value in asdict(one).items() if name != "by_label"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with clinc150/")
    parser.add_argument("--on", choices=("test", "val"), default="test", help="the rows that accuracy is measured on")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds, at least {STAGES} ({ROUNDS})")
    parser.add_argument("--most", type=int, default=MOST, help=f"rows of a round ({MOST})")
    parser.add_argument("--json", type=Path, help="where to write the figures as JSON too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dawen-bench-") as folder:
        cache = Path(folder)
        encoder = CachedEncoder(load_encoder(BUNDLED, "cpu", cache, "onnx"), cache / "features")
        show(report(options, encoder), options.json)


if __name__ == "__main__":
    main()
