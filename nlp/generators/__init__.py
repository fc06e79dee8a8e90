"""Generators: what words an answer. One dictionary of factories; libraries are imported when a generator is built."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nlp.errors import GeneratorError
from nlp.generators.base import Generator
from nlp.generators.extractive import ExtractiveGenerator

Quantize = Literal["none", "4bit"]
Cache = Literal["dynamic", "static"]


@dataclass(frozen=True, slots=True, repr=False)
class GeneratorConfig:
    """Which generator, and how it is reached. It has no `repr`, because it holds a key.

    `model` is a folder, a Hugging Face id, or a server's name for its model; `url` is the server's address up to and
    including `/v1`. `device`, `download` (whether weights may be fetched), `quantize`, `cache` and `batch` (chats
    that share a forward pass) are for models in this process, as is `adapter`, the folder of what was learned on top of
    the model (`nlp.generators.lora`); `retries` is for servers.
    """

    kind: str = "extractive"
    model: str = ""
    url: str = ""
    key: str = ""
    device: str = "auto"
    download: bool = False
    quantize: Quantize = "none"
    cache: Cache = "dynamic"
    batch: int = 8
    retries: int = 2
    adapter: Path | None = None


def open_generator(config: GeneratorConfig) -> Generator:
    """The generator of a configuration, loaded; a server is not asked yet whether it is there.

    Raises:
        GeneratorError: an unknown kind, a missing library, or a model that cannot be loaded.
    """
    try:
        factory = GENERATORS[config.kind]
    except KeyError as error:
        raise GeneratorError(f"generator {config.kind!r} is not known: use {', '.join(GENERATORS)}") from error
    return factory(config)


def _extractive(_: GeneratorConfig) -> Generator:
    return ExtractiveGenerator()


def _transformers(config: GeneratorConfig) -> Generator:
    from nlp.generators.in_process import TransformersGenerator
    from nlp.generators.loading import load_chat_model

    return TransformersGenerator(load_chat_model(config), config.batch)


def _openai(config: GeneratorConfig) -> Generator:
    from nlp.generators.server import OpenAIGenerator

    return OpenAIGenerator(config)


GENERATORS: dict[str, Callable[[GeneratorConfig], Generator]] = {
    "extractive": _extractive,
    "transformers": _transformers,
    "openai": _openai,
}
