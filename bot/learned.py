"""What was learned beside the router and serves: read from the model store, done without where it cannot be used."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from nlp.errors import ModelError
from nlp.model_store import ModelStore

_log = logging.getLogger(__name__)
T = TypeVar("T")


def serving_folder(store: ModelStore, kind: str) -> Path | None:
    """The folder of the version of a kind that serves; None where nothing was learned, or the pointer is damaged."""
    version = store.current(kind)
    try:
        return store.folder(kind, version) if version else None
    except ModelError as error:
        _log.warning("%s; the bot goes on without what it learned", error)
        return None


def serving(store: ModelStore, kind: str, load: Callable[[Path], T]) -> T | None:
    """The version of a kind that serves, as `load` reads it; None where there is none that can be used."""
    folder = serving_folder(store, kind)
    try:
        return load(folder) if folder else None
    except ModelError as error:
        _log.warning("%s; the bot goes on without what it learned", error)
        return None
