"""The whole program as people run it: a process of its own, real weights, the bundled encoder."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.support.terminal import Outcome


@pytest.fixture(scope="session")
def trained_home(first_start: tuple[Path, Outcome]) -> Path:
    """A home folder as the first start leaves it: router trained, manual read."""
    home, said = first_start
    assert said.code == 0, said.err
    return home


@pytest.fixture
def program(trained_home: Path, tmp_path: Path) -> Program:
    """The program with a home folder of its own, not yet started."""
    shutil.copytree(trained_home, tmp_path / "home")
    return Program(tmp_path / "home")
