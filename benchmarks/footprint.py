"""What a contender holds in memory, each in a process of its own: in one process nobody can tell whose memory it is."""

import ctypes
import gc
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from benchmarks.contenders import Contender
from benchmarks.machine import resident_mb
from nlp.training.data import Example


@dataclass(frozen=True)
class Footprint:
    """In 10^6 bytes: what the process holds when it answers, and the most while it trained.

    `start_mb` of it are the libraries that the benchmark imports for all of them, needed or not.
    """

    contender: str
    start_mb: float
    serving_mb: float
    training_mb: float


def footprint(make: Callable[[], Contender], examples: Sequence[Example]) -> Footprint | None:
    """Make and train a contender in a new process; `make` is a function that can be imported. None outside Linux."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_hold, make, list(examples)).result()


def _hold(make: Callable[[], Contender], examples: list[Example]) -> Footprint | None:
    started = resident_mb()
    contender = make()
    contender.fit(examples)
    trained = resident_mb()
    contender.forget()
    gc.collect()
    if os.name == "posix":
        with suppress(OSError, AttributeError):  # another C library than GNU's has nothing to give back
            ctypes.CDLL(None).malloc_trim(0)
    contender.decide([example.text for example in examples[:16]])
    held = resident_mb()
    if not started or not trained or not held:
        return None
    return Footprint(contender.name, started[0], held[0], trained[1])
