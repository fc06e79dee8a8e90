"""A terminal in a folder of its own, over small models."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.encoder import Encoder
from nlp.training.configs import FusedConfig
from tests.support.models import BagEncoder
from tests.support.terminal import Terminal, logs_as_before, write_seeds


@pytest.fixture
def logs_restored() -> Iterator[None]:
    """Logging as it was before a command set it up."""
    with logs_as_before():
        yield


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs_restored: None) -> Terminal:
    """Commands with nothing set but a home folder, few training examples, and no manual."""

    def load_small(name: str, *_: object) -> Encoder:
        return BagEncoder(name)

    monkeypatch.setattr("bot.sites.load_encoder", load_small)
    monkeypatch.setattr("bot.sites.open_span_reader", lambda *_: None)
    monkeypatch.setattr("bot.learning.DEFAULT", FusedConfig(iterations=15))
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_BOT_TOKEN", "DAWEN_TELEGRAM_BOT_TOKEN", "DAWEN_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    seeds = write_seeds(tmp_path / "seeds")
    return Terminal({"DAWEN_HOME": str(tmp_path / "home"), "DAWEN_SEEDS": str(seeds), "DAWEN_MANUAL": "false"})
