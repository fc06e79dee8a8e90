"""Settings from the environment and from dawen.toml."""

import re
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.own_manual import manual_folder
from bot.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without settings, and none in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)


def test_defaults_need_nothing() -> None:
    settings = load_settings()
    assert settings.telegram_bot_token is None
    assert settings.database_url == "sqlite:///data/dawen.db"
    assert (settings.models_folder, settings.index_folder) == (Path("data/models"), Path("data/index"))


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("dawen.toml").write_text('port = 1234\nadmins = [1, 2]\nencoder = "from-file"\n')
    monkeypatch.setenv("DAWEN_ENCODER", "from-environment")
    settings = load_settings()
    assert (settings.port, settings.admins, settings.encoder) == (1234, frozenset({1, 2}), "from-environment")


@pytest.mark.parametrize(
    ("value", "ids"), [("1,2", {1, 2}), ("1 2, 3", {1, 2, 3}), ("-100123", {-100123}), ("", set())]
)
def test_ids_are_lists(monkeypatch: pytest.MonkeyPatch, value: str, ids: set[int]) -> None:
    monkeypatch.setenv("DAWEN_ALLOWED_CHATS", value)
    assert load_settings().allowed_chats == ids


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN", "DAWEN_TELEGRAM_BOT_TOKEN"])
def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "123456:secret")
    settings = load_settings()
    assert settings.telegram_bot_token is not None
    assert settings.telegram_bot_token.get_secret_value() == "123456:secret"
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DAWEN_PORT", "99999", "setting 'port' cannot be used"),
        ("DAWEN_PORT", "many", "setting 'port' cannot be used with the value 'many': use a whole number from 0 to"),
        (
            "DAWEN_ADMINS",
            "ada",
            "setting 'admins' cannot be used with the value 'ada': use Telegram ids, whole",
        ),
        ("DAWEN_OPEN", "maybe", "setting 'open' cannot be used with the value 'maybe': use true or false;"),
        ("DAWEN_GENERATOR", "oracle", "setting 'generator' cannot be used"),
        (
            "DAWEN_GENERATOR_TOKENS",
            "3",
            "'generator_tokens' cannot be used with the value '3': use a whole number from 16",
        ),
        (
            "DAWEN_GENERATOR_SECONDS",
            "soon",
            "'generator_seconds' cannot be used with the value 'soon': use seconds from",
        ),
        (
            "DAWEN_GENERATOR_QUANTIZE",
            "2bit",
            "'generator_quantize' cannot be used with the value '2bit': use 'none' or",
        ),
        ("DAWEN_OTLP_ENDPOINT", "127.0.0.1:4318", "use an address like 'http://127.0.0.1:4318', or nothing;"),
        (
            "DAWEN_OTLP_ENDPOINT",
            "http://127.0.0.1:99999",
            "setting 'otlp_endpoint' cannot be used with the value 'http",
        ),
        ("DAWEN_OTLP_ENDPOINT", "http:///v1/traces", "setting 'otlp_endpoint' cannot be used"),
        ("DAWEN_OTLP_ENDPOINT", "https://collector.example.org/?key=1", "setting 'otlp_endpoint' cannot be used"),
        ("DAWEN_OTLP_ENDPOINT", "https://collector.example.org /v1", "setting 'otlp_endpoint' cannot be used"),
        (
            "DAWEN_GENERATOR_URL",
            "127.0.0.1",
            "'generator_url' cannot be used with the value '127.0.0.1': use an address",
        ),
        ("DAWEN_LOG_LEVEL", "loud", "setting 'log_level' cannot be used with the value 'loud': use 'debug', 'info'"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        load_settings()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"generator": "transformers"}, "generator_model"),
        ({"generator": "openai", "generator_url": "http://127.0.0.1:8000/v1"}, "generator_model"),
        ({"generator": "openai", "generator_model": "qwen"}, "generator_url"),
    ],
)
def test_what_a_generator_needs_beside_it_is_named(given: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError, match=f"setting 'generator' is '{given['generator']}', which needs '{missing}'"):
        load_settings(**given)


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:4318", "https://[::1]:4318/otlp/v1/traces"])
def test_a_collector_is_an_address_or_none(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DAWEN_OTLP_ENDPOINT", address)
    assert load_settings().otlp_endpoint == address


def test_the_key_of_a_server_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAWEN_GENERATOR_KEY", " geheim\n")
    settings = load_settings()
    assert settings.generator_key is not None
    assert settings.generator_key.get_secret_value() == "geheim"
    assert "geheim" not in repr(settings)
    Path("dawen.toml").write_text("generator_key = [12345]\n")
    monkeypatch.delenv("DAWEN_GENERATOR_KEY")
    with pytest.raises(SettingsError, match="setting 'generator_key' cannot be used;") as caught:
        load_settings()
    assert "12345" not in str(caught.value)


def test_an_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAWEN_ADMIN", "1")
    with pytest.raises(SettingsError, match="variable 'DAWEN_ADMIN' is not a setting"):
        load_settings()


def test_an_unknown_line_in_the_file_is_named() -> None:
    Path("dawen.toml").write_text("prot = 1\n")
    with pytest.raises(SettingsError, match="setting 'prot' is not a setting"):
        load_settings()


def test_a_broken_file_is_named() -> None:
    Path("dawen.toml").write_text("port = = 1\n")
    with pytest.raises(SettingsError, match=r"'dawen\.toml'"):
        load_settings()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_manual_tells_every_setting_and_no_other(language: str) -> None:
    page = (manual_folder() / language / "settings.md").read_text(encoding="utf-8")
    told = [line.split("|")[1].strip() for line in page.splitlines() if re.match(r"\| [A-Z]+_", line)]
    token, *others = Settings.model_fields
    assert sorted(told) == sorted([token.upper(), *(f"DAWEN_{name.upper()}" for name in others)])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"webhook_url": "https://bot.example.org/telegram"}, "'webhook_url' needs 'web_port'"),
        ({"webhook_url": "http://bot.example.org/telegram", "web_port": 1}, "'webhook_url' cannot be used"),
        ({"webhook_url": "https://bot.example.org", "web_port": 1}, "'webhook_url' cannot be used"),
        ({"webhook_url": "https://bot.example.org:8091/telegram", "web_port": 1}, "port 443, 80, 88 or 8443"),
        ({"webhook_url": "https://bot.example.org:x/telegram", "web_port": 1}, "'webhook_url' cannot be used"),
        ({"webhook_addresses": "everybody"}, "use 'telegram', or networks such as"),
    ],
)
def test_a_webhook_is_a_public_address_that_telegram_posts_to(changes: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings(**changes)


def test_a_webhook_of_ones_own_server_may_be_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAWEN_WEBHOOK_ADDRESSES", "telegram")
    url = "https://bot.example.org:8443/telegram"
    settings = load_settings(webhook_url=url, web_port=8091)
    assert [str(network) for network in settings.webhook_addresses] == ["149.154.160.0/20", "91.108.4.0/22"]
    monkeypatch.setenv("DAWEN_WEBHOOK_ADDRESSES", "10.0.0.0/8, 192.0.2.7")
    own = load_settings(webhook_url="http://127.0.0.1:1/x", web_port=8091, telegram_api="http://127.0.0.1:2")
    assert [str(network) for network in own.webhook_addresses] == ["10.0.0.0/8", "192.0.2.7/32"]
