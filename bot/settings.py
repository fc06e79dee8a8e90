"""Settings: the only place that reads the environment. Variables DAWEN_*, then `dawen.toml`, then the defaults here."""

import os
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import (
    SettingsError as SourceError,
)

from bot.errors import SettingsError
from bot.logs import LogFormat

FILE = "dawen.toml"
_KILL_POINT = "DAWEN_TEST_KILL_AT"
_IDS = "Telegram ids, whole numbers with commas between"
_WANTED = {
    "port": "a whole number from 0 to 65535",
    "concurrency": "a whole number from 1 to 1024",
    "retention_days": "a whole number from 0 to 36500",
    "generator_tokens": "a whole number from 16 to 8192",
    "generator_seconds": "seconds from 0.1 to 600",
    "generator_tokens_a_day": "a whole number from 16 to 1000000000",
    "generator_retries": "a whole number from 0 to 10",
    "generator_batch": "a whole number from 1 to 256",
    "retrain_at": "a time of day like 03:30",
    "retrain_after": "a whole number from 0 to 1000000",
    "canary": "a share from 0 to 0.5",
    "canary_messages": "a whole number from 20 to 1000000",
    "messages_per_minute": "a whole number from 1 to 1000000",
    "deadline": "seconds from 0.1 to 3600",
    "admins": _IDS,
    "allowed_users": _IDS,
    "allowed_chats": _IDS,
    "web_port": "a whole number from 0 to 65535",
    "webhook_addresses": "'telegram', or networks such as 149.154.160.0/20 with commas between",
    "api_rate": "a whole number from 1 to 100000",
    "api_seconds": "seconds from 1 to 600",
    "models": "an address like 's3://bucket/dawen', or nothing",
    "inference": "'ray://host:port', 'ray://auto', or nothing",
    "otlp_endpoint": "an address like 'http://127.0.0.1:4318', or nothing",
}
_KINDS = {"bool": "true or false", "literal": "{expected}", "string": "a text", "path": "a path"}
_FORMS = {  # of texts that may be empty
    "models": re.compile(r"[a-z][a-z0-9+.-]*://\S+"),
    "inference": re.compile(r"ray://(auto|[\w.-]+:\d{1,5})"),
    "retrain_at": re.compile(r"([01]\d|2[0-3]):[0-5]\d"),
}
Ids = Annotated[frozenset[int], NoDecode]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode]
TELEGRAM_API = "https://api.telegram.org"
_TELEGRAM_NETWORKS = ["149.154.160.0/20", "91.108.4.0/22"]  # that Telegram posts from
_TELEGRAM_PORTS = (443, 80, 88, 8443)  # that Telegram posts to


class Settings(BaseSettings):
    """Everything that can be set. Every field is DAWEN_<NAME> in the environment and <name> in dawen.toml."""

    model_config = SettingsConfigDict(
        env_prefix="DAWEN_", toml_file=FILE, extra="forbid", frozen=True, env_ignore_empty=True
    )

    telegram_bot_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("TELEGRAM_BOT_TOKEN", "DAWEN_TELEGRAM_BOT_TOKEN", "telegram_bot_token")
    )
    role: Literal["all", "receiver", "worker", "trainer"] = "all"  # what this process does; parts need PostgreSQL
    telegram_api: str = TELEGRAM_API  # the Bot API server: Telegram's, your own, or the simulator's
    home: Path = Path("data")  # database, models, indexes
    database: str = ""  # sqlite:///FILE or postgresql://…; empty is a SQLite file in `home`
    models: str = ""  # an fsspec URL where machines that share no home folder share model versions; empty is none
    encoder: str = "all-MiniLM-L6-v2"  # or a folder, or a Hugging Face id
    reranker: str = ""  # folder or Hugging Face id of a cross-encoder that orders found passages anew; empty is none
    device: str = "auto"  # auto, cpu, cuda, cuda:N
    backend: Literal["auto", "torch", "onnx"] = "auto"  # what computes the bundled encoder
    inference: str = ""  # a Ray cluster that computes: ray://host:port, or ray://auto; empty is this process
    generator: Literal["extractive", "transformers", "openai"] = "extractive"
    generator_model: str = ""  # a folder, a Hugging Face id, or the server's name for its model
    generator_url: str = ""  # of an OpenAI-compatible server, up to and including /v1
    generator_key: SecretStr | None = None  # for the server
    generator_tokens: int = Field(256, ge=16, le=8192)  # new tokens in one answer
    generator_seconds: float = Field(20.0, ge=0.1, le=600)  # until the whole answer is there; else it is quoted
    generator_tokens_a_day: int = Field(100_000, ge=16, le=1_000_000_000)  # for one person who is no admin
    generator_retries: int = Field(2, ge=0, le=10)  # further tries where the server fails
    generator_batch: int = Field(8, ge=1, le=256)  # chats that share a forward pass of a model in this process
    generator_quantize: Literal["none", "4bit"] = "none"  # of a model in this process, on a GPU
    generator_cache: Literal["dynamic", "static"] = "dynamic"  # keys and values of a model in this process
    generator_download: bool = False  # whether the weights may be fetched from Hugging Face
    seeds: Path | None = None  # folder of your own training examples for the router; else those that come with Dawen
    manual: bool = True  # put Dawen's own manual into the knowledge
    open: bool = False  # let everybody in
    consent: Literal["ask", "assumed"] = "ask"  # whether people are asked before their messages teach
    admins: Ids = frozenset()  # Telegram user ids that are admins without claiming
    allowed_users: Ids = frozenset()  # Telegram user ids that are let in
    allowed_chats: Ids = frozenset()  # group ids whose members are let in
    port: int = Field(8090, ge=0, le=65535)  # of the local chat page; 0 takes any free port
    fetch_private: bool = False  # open links to this machine and its private network: for tests and intranets only
    retention_days: int = Field(0, ge=0, le=36500)  # after which messages are deleted; 0 keeps them
    concurrency: int = Field(64, ge=1, le=1024)  # chats that are served at the same time
    retrain_at: str = ""  # time of day, like 03:30, at which the router is trained anew; empty is never
    retrain_after: int = Field(50, ge=0, le=1_000_000)  # new labels after which it is; 0 is never
    canary: float = Field(0.0, ge=0, le=0.5)  # share of the chats that a new version serves first; 0 is all at once
    canary_messages: int = Field(200, ge=20, le=1_000_000)  # that it routes there before it serves all
    messages_per_minute: int = Field(30, ge=1, le=1_000_000)  # that are taken from one person who is no admin
    deadline: float = Field(120.0, ge=0.1, le=3600)  # seconds for the reply to one message; then it is given up
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    log_format: LogFormat = "text"
    otlp_endpoint: str = ""  # of an OpenTelemetry collector that takes traces over HTTP; empty is none
    web_port: int | None = Field(None, ge=0, le=65535)  # of health, metrics, REST API and webhook; None is off
    web_host: str = "127.0.0.1"  # the address that they are served on
    webhook_url: str = ""  # where Telegram posts updates; empty is polling
    webhook_addresses: Networks = ()  # that may post updates; empty is all
    api_rate: int = Field(60, ge=1, le=100_000)  # requests a minute for each API key
    api_seconds: float = Field(60.0, ge=1, le=600)  # until a request to the REST API is given up

    @field_validator("telegram_bot_token", "generator_key", mode="before")
    @classmethod
    def _strip_secret(cls, value: Any) -> Any:
        """Without the spaces and line ends that come along when a secret is copied; an empty one is none."""
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("admins", "allowed_users", "allowed_chats", mode="before")
    @classmethod
    def _split_ids(cls, value: Any) -> Any:
        return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value

    @field_validator(*_FORMS)
    @classmethod
    def _check_form(cls, value: str, info: ValidationInfo) -> str:
        if value and not _FORMS[str(info.field_name)].fullmatch(value):
            raise ValueError("another form")
        return value

    @field_validator("otlp_endpoint")
    @classmethod
    def _check_collector(cls, value: str) -> str:
        if value and not _is_collector(value):
            raise ValueError("no address")
        return value

    @field_validator("webhook_addresses", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:
        names = value.replace(",", " ").split() if isinstance(value, str) else value
        return _TELEGRAM_NETWORKS if names in (["telegram"], ("telegram",)) else names

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - given by the library
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - given by the library
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def database_url(self) -> str:
        """The database to use."""
        return self.database or f"sqlite:///{(self.home / 'dawen.db').as_posix()}"

    @property
    def consent_assumed(self) -> bool:
        """Whether the messages of people who have said nothing about it may teach."""
        return self.consent == "assumed"

    @property
    def learned_folder(self) -> Path:
        """Where labelled texts that were imported lie, beside the seeds."""
        return self.home / "learned"

    @property
    def models_folder(self) -> Path:
        """Where model versions are stored."""
        return self.home / "models"

    @property
    def runs_folder(self) -> Path:
        """Where plans and results of training runs are kept."""
        return self.home / "runs"

    @property
    def snapshots_folder(self) -> Path:
        """Where frozen training data is kept."""
        return self.home / "snapshots"

    @property
    def features_folder(self) -> Path:
        """Where what the encoder made of training texts is kept."""
        return self.home / "features"

    @property
    def encoder_cache(self) -> Path | None:
        """Where the encoder's compiled graph is kept; None as long as there is no home."""
        return self.models_folder / "encoder" if self.home.is_dir() else None

    @property
    def index_folder(self) -> Path:
        """Where index caches are stored."""
        return self.home / "index"

    def index_of(self, seat: int) -> Path:
        """Where the process with this number on the home folder stores its index caches."""
        return self.home / ".workers" / f"index-{seat}" if seat else self.index_folder


def kill_point() -> str:
    """For tests alone, and so no setting: where this process shall end, as `bot.points` reads it; empty for nowhere."""
    return os.environ.get(_KILL_POINT, "")


def _refuse_unknown_variables() -> None:
    prefix = str(Settings.model_config["env_prefix"])
    for name in sorted(set(os.environ) - {_KILL_POINT}):
        if name.upper().startswith(prefix) and name[len(prefix) :].lower() not in Settings.model_fields:
            raise SettingsError(f"variable {name!r} is not a setting; see the page 'Settings' of the manual")


def _complaint(error: ErrorDetails) -> str:
    name, kind = str(error["loc"][0] if error["loc"] else ""), error["type"]
    if kind == "extra_forbidden":
        return f"setting {name!r} is not a setting"
    if name.lower().endswith(("token", "key")):
        return f"setting {name!r} cannot be used"
    wanted = _WANTED.get(name) or next((words for start, words in _KINDS.items() if kind.startswith(start)), "")
    wanted = wanted.format(**{"expected": "", **error.get("ctx", {})})
    return f"setting {name!r} cannot be used with the value {_shown(error['input'])}" + (wanted and f": use {wanted}")


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def load_settings(**overrides: Any) -> Settings:
    """The settings in force.

    Raises:
        SettingsError: a value cannot be used or another is missing beside it, `dawen.toml` cannot be read, or a name in
            either is not a setting.
    """
    _refuse_unknown_variables()
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{_complaint(first)}; see the page 'Settings' of the manual") from error
    except (SourceError, ValueError) as error:
        raise SettingsError(f"{FILE!r} or the environment cannot be read as settings: {error}") from error
    _check_generator(settings)
    _check_webhook(settings)
    return settings


def _check_generator(settings: Settings) -> None:
    wanted: dict[str, list[str]] = {
        "extractive": [],
        "transformers": ["generator_model"],
        "openai": ["generator_model", "generator_url"],
    }
    for name in wanted[settings.generator]:
        if not getattr(settings, name):
            raise SettingsError(
                f"setting 'generator' is {settings.generator!r}, which needs {name!r}; see the page 'Generators' of "
                "the manual"
            )
    if settings.generator_url and not settings.generator_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"setting 'generator_url' cannot be used with the value {settings.generator_url!r}: use an address like "
            "'http://127.0.0.1:8000/v1'"
        )


def _check_webhook(settings: Settings) -> None:
    url = settings.webhook_url
    if not url:
        return
    if settings.web_port is None:
        raise SettingsError(
            "setting 'webhook_url' needs 'web_port'; see the page 'Web server and REST API' of the manual"
        )
    if not _is_webhook(url, telegram=settings.telegram_api.rstrip("/") == TELEGRAM_API):
        raise SettingsError(
            f"setting 'webhook_url' cannot be used with the value {url!r}: use a public address like "
            "'https://bot.example.org/telegram', on port 443, 80, 88 or 8443"
        )


def _is_collector(url: str) -> bool:
    """True for an http(s) address that a path can be put behind."""
    parts = urlsplit(url)
    plain = url.isascii() and url.isprintable() and not set(url) & set(" ?#")
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0


def _is_webhook(url: str, *, telegram: bool) -> bool:
    """True for an address with a path that Telegram, or else a Bot API server of one's own, posts to."""
    try:
        parts, port = urlsplit(url), urlsplit(url).port or 443
    except ValueError:
        return False
    fits = parts.scheme == "https" and port in _TELEGRAM_PORTS if telegram else parts.scheme in ("http", "https")
    return fits and bool(parts.hostname) and len(parts.path) > 1 and not parts.query and url.isascii()
