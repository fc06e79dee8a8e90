"""The public sets for routing: what each trains on, what it is tested on, and which contenders take part.

Their folders are as the manual's page "Command line" says. A set whose folder is missing is left out.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nlp.training.data import Example, read_examples

_QUICK_TRAIN, _QUICK_TEST = 1_500, 500


@dataclass(frozen=True)
class RoutingSet:
    """Training rows, test rows by name, and out-of-scope texts if there are any.

    `encoder` is whether the bundled encoder reads the language; `long` is whether texts are so long that one run of
    the fused and the lstm router must do.
    """

    name: str
    train: list[Example]
    tests: dict[str, list[Example]]
    strange: list[str]
    encoder: bool = True
    long: bool = False


def read_sets(data: Path, names: Sequence[str], *, quick: bool = False) -> list[RoutingSet]:
    """The sets of those names that `data` holds, in order.

    Raises:
        SystemExit: a name is not known, or none of the sets is there.
        DataError: a file is missing or damaged.
    """
    if unknown := [name for name in names if name not in SETS]:
        raise SystemExit(f"set {unknown[0]!r} is not known: use {', '.join(SETS)}")
    present = [name for name in names if _folder(data, name).is_dir()]
    if not present:
        raise SystemExit(f"{str(data)!r} holds none of {', '.join(names)}: give the folder of the public sets")
    found = [routing_set for name in present for routing_set in SETS[name](_folder(data, name))]
    return [_few(routing_set) for routing_set in found] if quick else found


def has_sets(data: Path) -> bool:
    """Whether `data` holds any of the usual sets."""
    return any(_folder(data, name).is_dir() for name in USUAL)


def _folder(data: Path, name: str) -> Path:
    return data / ("banking77" if name == "banking77-fewshot" else name)


def _clinc(folder: Path) -> list[RoutingSet]:
    train, test, strange = (read_examples(folder / f"{part}.jsonl") for part in ("train", "test", "oos_test"))
    return [RoutingSet("CLINC150", train, {"test": test}, [e.text for e in strange])]


def _banking(folder: Path) -> list[RoutingSet]:
    train, test = (read_examples(folder / f"{part}.jsonl") for part in ("train", "test"))
    return [RoutingSet("Banking77", train, {"test": test}, [])]


def _few_shot(folder: Path) -> list[RoutingSet]:
    train, test = (read_examples(folder / f"{part}.jsonl") for part in ("fewshot_train_10", "fewshot_test"))
    return [RoutingSet("Banking77, 10 a class", train, {"test": test}, [])]


def _massive(folder: Path) -> list[RoutingSet]:
    train = {tag: read_examples(folder / f"{tag}.train.jsonl") for tag in ("en-US", "zh-CN")}
    english, chinese = ({name: read_examples(folder / f"{name}.dev.jsonl")} for name in train)
    chinese["zh-CN in traditional characters"] = traditional(chinese["zh-CN"])
    return [
        RoutingSet("MASSIVE, both", train["en-US"] + train["zh-CN"], {**english, **chinese}, []),
        RoutingSet("MASSIVE, English", train["en-US"], english, []),
        RoutingSet("MASSIVE, Chinese", train["zh-CN"], chinese, []),
    ]


def _titles(folder: Path) -> list[RoutingSet]:
    train, test = (read_examples(folder / f"{part}.jsonl") for part in ("train", "dev"))
    return [RoutingSet("THUCNews titles", train, {"dev": test}, [], encoder=False)]


def _reviews(folder: Path) -> list[RoutingSet]:
    train, test = (read_examples(folder / f"{part}.jsonl.gz") for part in ("train", "test"))
    return [RoutingSet("IMDB", train, {"test": test}, [], long=True)]


SETS: dict[str, Callable[[Path], list[RoutingSet]]] = {
    "clinc150": _clinc,
    "banking77": _banking,
    "banking77-fewshot": _few_shot,
    "massive": _massive,
    "thucnews_titles": _titles,
    "imdb": _reviews,
}
USUAL = tuple(name for name in SETS if name != "imdb")


def traditional(examples: Sequence[Example]) -> list[Example]:
    """The same rows in traditional characters and the words of Taiwan, as OpenCC turns them."""
    from opencc import OpenCC

    converter = OpenCC("s2twp")
    return [replace(e, text=str(converter.convert(e.text))) for e in examples]


def _few(whole: RoutingSet) -> RoutingSet:
    """A part of a set, for a first look; the same rows of tests that belong together."""
    tests = {name: _sample(rows, _QUICK_TEST) for name, rows in whole.tests.items()}
    return replace(
        whole,
        train=_sample(whole.train, _QUICK_TRAIN),
        tests=tests,
        strange=whole.strange[:_QUICK_TEST],
    )


def _sample(rows: list[Example], most: int) -> list[Example]:
    picked = random.Random(0).sample(range(len(rows)), min(most, len(rows)))
    return [rows[i] for i in sorted(picked)]
