"""A terminal in a folder of its own, over small models."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.encoder import Encoder
from tests.support.models import BagEncoder
from tests.support.terminal import Terminal, write_seeds


@pytest.fixture
def logs_restored() -> Iterator[None]:
    """Logging as it was before a command set it up."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs_restored: None) -> Terminal:
    """Commands with nothing set but a home folder, few training examples, and no manual."""

    def load_small(name: str, device: str) -> Encoder:
        return BagEncoder(name)

    for module in ("bot.app", "bot.commands.models", "bot.commands.doctor"):
        monkeypatch.setattr(f"{module}.load_encoder", load_small)
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_BOT_TOKEN", "DAWEN_TELEGRAM_BOT_TOKEN", "DAWEN_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    seeds = write_seeds(tmp_path / "seeds")
    return Terminal({"DAWEN_HOME": str(tmp_path / "home"), "DAWEN_SEEDS": str(seeds), "DAWEN_MANUAL": "false"})
