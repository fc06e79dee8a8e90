"""Routers side by side in one process: Dawen's, and what people build from well-known libraries.

    python -m benchmarks.router --data FOLDER [--sets clinc150,massive] [--repeats 5] [--quick] [--json FILE]

Prints a Markdown table and one JSON object. FOLDER holds the public sets clinc150/, banking77/, massive/ and
thucnews_titles/; what is missing is left out. `--lstm` adds the LSTM router, `--imdb` the long reviews of imdb/: both
take long. `--sets` may name imdb too.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.adding import Adding, measure_adding, shown
from benchmarks.contenders import Contender, Fused, Lstm, SentenceTransformerLogistic, TfidfSvm, sentence_transformer
from benchmarks.encoders import NoEncoder
from benchmarks.footprint import Footprint, footprint
from benchmarks.machine import describe_machine
from benchmarks.router_gpu import measure_gpu
from benchmarks.router_sets import USUAL, RoutingSet, read_sets
from benchmarks.routing import Quality, Result, measure_set
from nlp.encoder import BUNDLED, Encoder, load_encoder

REPEATS, QUICK_REPEATS = 5, 2
_COLUMNS = (
    "Set | Router | Intents right | Topics right | OOS AUROC | ECE | Embedding | Training | One message p50, p95 | "
    "Texts/s, 64 at once | Share of peak | Size without encoder"
)
Encode = Callable[[Sequence[str]], Any]


@dataclass(frozen=True)
class Plan:
    """What to measure. The encoder and sentence-transformers' way of embedding are given, so that tests can."""

    sets: Sequence[RoutingSet]
    encoder: Encoder
    peer: Encode
    repeats: int = REPEATS
    lstm: bool = False

    def contenders(self, routing_set: RoutingSet) -> list[Contender]:
        """Those who take part in a set; without the encoder, sentence-transformers has nothing to say."""
        ours = Fused(self.encoder if routing_set.encoder else NoEncoder())
        slow: list[Contender] = [Lstm()] if self.lstm or routing_set.long else []
        if routing_set.long:
            return [ours, *slow]
        peers: list[Contender] = [SentenceTransformerLogistic(self.peer)] if routing_set.encoder else []
        return [ours, *peers, TfidfSvm(), *slow]


def measure(plan: Plan) -> Iterator[Result]:
    """Every contender on every set."""
    for routing_set in plan.sets:
        yield from measure_set(routing_set, plan.contenders(routing_set), plan.repeats)


def table(results: Iterable[Result]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield f"| {_COLUMNS} |"
    yield "|---" * (_COLUMNS.count("|") + 1) + "|"
    for result in results:
        yield f"| {' | '.join(_cells(result))} |"


def _cells(result: Result) -> list[str]:
    quality, speed = result.quality, result.speed
    return [
        f"{result.set}, {result.train_rows} rows",
        result.contender,
        _each(quality, lambda found: found.accuracy, ".4f"),
        _each(quality, lambda found: found.topic_accuracy, ".4f"),
        _number(result.oos_auroc, ".4f"),
        _each(quality, lambda found: found.ece, ".3f"),
        f"{result.embed_seconds:.1f} s",
        f"{result.train_seconds:.2f} s",
        f"{speed.ms_p50:.2f}, {speed.ms_p95:.2f} ms",
        f"{speed.texts_per_s:.0f}",
        _number(speed.peak_share, ".0%"),
        f"{result.size_mb:.1f} MB",
    ]


def _each(quality: dict[str, Quality], pick: Callable[[Quality], float | None], form: str) -> str:
    """One figure of every file of tests, named where there are several."""
    found = {name: pick(one) for name, one in quality.items()}
    if all(figure is None for figure in found.values()):
        return "–"
    return ", ".join(_number(x, form) if len(found) == 1 else f"{name} {_number(x, form)}" for name, x in found.items())


def _number(figure: float | None, form: str) -> str:
    return "–" if figure is None else format(figure, form)


def make_fused(cache: Path) -> Contender:
    """The default router on a fresh encoder, for a process of its own; `cache` holds the encoder's graph."""
    return Fused(load_encoder(BUNDLED, "cpu", cache, "onnx"))


def make_logistic() -> Contender:
    """Sentence-transformers and logistic regression, for a process of its own."""
    return SentenceTransformerLogistic(sentence_transformer())


def footprints(routing_set: RoutingSet, cache: Path, *, lstm: bool) -> list[Footprint]:
    """What each contender holds in memory with this set."""
    makers: list[Callable[[], Contender]] = [
        partial(make_fused, cache),
        make_logistic,
        TfidfSvm,
        *([Lstm] if lstm else []),
    ]
    return [found for make in makers if (found := footprint(make, routing_set.train))]


def add_to_first(plan: Plan) -> list[Adding]:
    """Add classes to the first set that the encoder reads and that has three classes or more."""
    fit = (one for one in plan.sets if one.encoder and not one.long and len({e.intent for e in one.train}) > 2)
    if (chosen := next(fit, None)) is None:
        return []
    found = measure_adding(chosen, plan.encoder, plan.repeats)
    print(f"\n{shown(found)}", flush=True)
    return found


def _read(options: argparse.Namespace) -> list[RoutingSet]:
    names = options.sets.split(",") if options.sets else [*USUAL]
    wanted = [*names, *(["imdb"] if options.imdb and "imdb" not in names else [])]
    return read_sets(options.data, wanted, quick=options.quick)


def report(options: argparse.Namespace) -> dict[str, Any]:
    """Measure, print the table as it comes, and return everything."""
    sets = _read(options)
    repeats = options.repeats or (QUICK_REPEATS if options.quick else REPEATS)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="dawen-bench-") as folder:
        cache = Path(folder)
        plan = Plan(sets, load_encoder(BUNDLED, "cpu", cache, "onnx"), sentence_transformer(), repeats, options.lstm)
        for line in table(_kept(measure(plan), results)):
            print(line, flush=True)
        added = add_to_first(plan)
        print(
            f"\nMemory with {sets[0].name}, in processes of their own (libraries alone; answering; most in training):"
        )
        memory = footprints(sets[0], cache, lstm=options.lstm)
    for held in memory:
        print(f"{held.contender}: {held.start_mb:.0f}; {held.serving_mb:.0f}; {held.training_mb:.0f} MB", flush=True)
    print("\nOn a GPU:", flush=True)
    gpu = measure_gpu(sets[0].train)
    return {
        "machine": asdict(describe_machine()),
        "repeats": repeats,
        "quick": options.quick,
        "routers": [asdict(result) for result in results],
        "adding": [asdict(one) for one in added],
        "memory": [asdict(held) for held in memory],
        "gpu": gpu and asdict(gpu),
    }


def _kept(results: Iterable[Result], kept: list[Result]) -> Iterator[Result]:
    for result in results:
        kept.append(result)
        yield result


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that `report` reads, but for `--data`."""
    parser.add_argument("--sets", help=f"names, with commas between: of {', '.join((*USUAL, 'imdb'))}")
    parser.add_argument("--repeats", type=_positive, help=f"trainings and rounds of timing ({REPEATS})")
    parser.add_argument("--quick", action="store_true", help="a first look: few rows, two rounds")
    parser.add_argument("--lstm", action="store_true", help="also the LSTM router")
    parser.add_argument("--imdb", action="store_true", help="also the long reviews of imdb/")
    parser.add_argument("--json", type=Path, help="where to write the figures as JSON too")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with public sets")
    add_options(parser)
    options = parser.parse_args()
    show(report(options), options.json)


def show(found: dict[str, Any], path: Path | None) -> None:
    """Print the figures as JSON, and write them to `path` if there is one."""
    text = json.dumps(found, indent=2, ensure_ascii=False)
    print(f"\n{text}")
    if path:
        path.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
