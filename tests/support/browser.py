"""The system's Chromium."""

import os
import shutil

import pytest

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Where it is; without one the test is skipped, or fails if REQUIRE_BROWSER is set."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        assert "REQUIRE_BROWSER" not in os.environ, "REQUIRE_BROWSER is set and there is no Chromium"
        pytest.skip("no Chromium on this machine: install it (Debian: apt-get install chromium)")
    return found
