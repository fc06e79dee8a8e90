"""The whole program as people run it: a process of its own, real weights, the bundled encoder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.program import Program


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder as the first start leaves it: router trained, manual read."""
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "DAWEN_HOME": str(home)}
    subprocess.run([sys.executable, "-m", "bot", "ask", "hello", "--json"], env=environment, check=True, timeout=300)
    return home


@pytest.fixture
def program(trained_home: Path, tmp_path: Path) -> Program:
    """The program with a home folder of its own, not yet started."""
    shutil.copytree(trained_home, tmp_path / "home")
    return Program(tmp_path / "home")
