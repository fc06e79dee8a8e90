"""What was learned: the store of it, and what serves beside the router, done without where it cannot be used."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.parts import KINDS
from bot.settings import Settings
from nlp.errors import ModelError
from nlp.model_store import ModelStore
from nlp.router import KIND as ROUTER
from nlp.shared_store import open_store

_log = logging.getLogger(__name__)
T = TypeVar("T")


def open_models(settings: Settings) -> ModelStore:
    """The model store of the settings, with what other machines have shared and put into service meanwhile.

    Raises:
        ModelError: where it is shared cannot be reached, and no router lies here that could serve until then.
    """
    store = open_store(settings.models_folder, settings.models)
    try:
        store.catch_up(KINDS)
    except ModelError as error:
        if store.current(ROUTER) is None:
            raise
        _log.warning("%s; what lies here serves", error)
    return store


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
