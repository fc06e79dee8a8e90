"""Where models compute, as the settings say it."""

import sys
from pathlib import Path

import pytest

from bot.errors import SettingsError, StartError
from bot.settings import load_settings
from bot.sites import open_site


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No dawen.toml."""
    monkeypatch.chdir(tmp_path)


async def test_it_is_this_process_where_nothing_else_is_said(tmp_path: Path) -> None:
    async with open_site(load_settings(home=tmp_path)) as site:
        assert (site.lanes, site.there) == (1, None)


@pytest.mark.parametrize("value", ["ray://auto", "ray://10.0.0.1:10001", "ray://head.example.org:10001"])
def test_a_cluster_is_named_by_its_address(value: str) -> None:
    assert load_settings(inference=value).inference == value


@pytest.mark.parametrize("value", ["ray", "ray://", "ray://host", "http://host:10001", "ray://host:port", "auto"])
def test_what_names_no_cluster_is_refused(value: str) -> None:
    with pytest.raises(
        SettingsError, match=f"'inference' cannot be used with the value '{value}': use 'ray://host:port'"
    ):
        load_settings(inference=value)


async def test_without_ray_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bot.remote.site", None)
    with pytest.raises(StartError, match="pip install"):
        async with open_site(load_settings(home=tmp_path, inference="ray://auto")):
            pass


async def test_no_cluster_at_the_address_ends_the_start_before_models_are_loaded(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no cluster answers at"):
        async with open_site(load_settings(home=tmp_path, inference="ray://127.0.0.1:1")):
            pass
