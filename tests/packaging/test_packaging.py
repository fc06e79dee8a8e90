"""What Dawen is deployed with fits the code: paths, settings and times. Neither Docker nor systemd is run."""

import re
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import telegram_bot
from bot.settings import Settings

ROOT = Path(__file__).parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read("compose.yaml"))
    return found


@pytest.fixture(scope="module")
def unit() -> ConfigParser:
    """The systemd unit; of a key that comes twice the last is kept."""
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.read_string(read("packaging/dawen.service"))
    return parser


def copied() -> set[str]:
    """What the image is built from."""
    lines = re.findall(r"^COPY (.+) \S+$", read("Dockerfile"), re.MULTILINE)
    return {name for line in lines for name in line.split()}


def test_the_image_holds_everything_that_the_package_is_built_from() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"], "pyproject.toml", "LICENSE"}
    missing = [name for name in needed if not any(name == c or name.startswith(f"{c}/") for c in copied())]
    assert missing == []
    assert all((ROOT / name).exists() for name in copied())


def test_what_is_copied_is_not_ignored_and_nothing_else_is_sent() -> None:
    first, *rest = read(".dockerignore").split()
    assert first == "*"
    assert {line.removeprefix("!") for line in rest if line.startswith("!")} == copied()


def test_the_kinds_of_devices_are_extras_of_the_package() -> None:
    extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
    assert {"cpu", "gpu"} <= set(extras)
    assert "ARG DEVICE=cpu" in read("Dockerfile")
    assert '".[${DEVICE}]"' in read("Dockerfile")


@pytest.mark.parametrize(
    "name", ["compose.yaml", "Dockerfile", "packaging/dawen.service", "docs/en/deploying.md", "docs/zh/deploying.md"]
)
def test_only_settings_that_there_are_are_named(name: str) -> None:
    named = set(re.findall(r"DAWEN_([A-Z_]+)", read(name)))
    assert named
    assert {setting.lower() for setting in named} <= set(Settings.model_fields)


def test_who_stops_the_bot_waits_until_it_has_finished(unit: ConfigParser) -> None:
    service = unit["Service"]
    assert float(service["TimeoutStopSec"]) > telegram_bot._FINISH_WITHIN
    assert float(compose()["services"]["bot"]["stop_grace_period"].removesuffix("s")) > telegram_bot._FINISH_WITHIN
    assert (service["KillSignal"], service["Restart"]) == ("SIGTERM", "on-failure")
    assert "STOPSIGNAL SIGTERM" in read("Dockerfile")


def test_data_outlives_the_container_and_backups_have_room_beside_it() -> None:
    services = compose()["services"]
    assert services["bot"]["volumes"] == ["data:/data"]
    assert "ENV DAWEN_HOME=/data/home" in read("Dockerfile")
    assert services["postgres"]["profiles"] == ["postgres"]
    assert services["bot"]["depends_on"]["postgres"]["required"] is False


def test_the_service_may_write_nowhere_but_in_its_folder(unit: ConfigParser) -> None:
    service = unit["Service"]
    assert (service["ProtectSystem"], service["ProtectHome"], service["NoNewPrivileges"]) == ("strict", "yes", "yes")
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert f"DAWEN_HOME={service['WorkingDirectory']}/" in service["Environment"]
