"""Where models compute: in this process, or on a cluster that the settings name. Nothing above them can tell."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial

from bot.errors import StartError
from bot.launching import Launch, launch_trainer
from bot.learned import serving_folder
from bot.parts import ReadRouter, read_router
from bot.reranking import ReadReranker, read_reranker
from bot.settings import Settings
from nlp.encoder import Encoder, load_encoder
from nlp.generator import Generator, GeneratorConfig, open_generator
from nlp.generators.lora import KIND as GENERATOR
from nlp.model_store import ModelStore
from nlp.reader import open_span_reader
from nlp.span_reader import SpanReader


@dataclass(frozen=True)
class Site:
    """What opens each model where it is to compute, and how trainings are started there.

    `lanes` is how many questions to the models may be under way at a time; `there` says whether the other machines
    answer, and is None where there are none.
    """

    encoder: Callable[[], Encoder]
    spans: Callable[[], SpanReader | None]
    generator: Callable[[], Generator]
    router: ReadRouter = read_router
    reranker: ReadReranker = read_reranker
    launch: Launch = launch_trainer
    lanes: int = 1
    there: Callable[[], bool] | None = None


def here(settings: Settings) -> Site:
    """This process."""
    return Site(partial(open_encoder, settings), partial(open_spans, settings), partial(build_generator, settings))


@asynccontextmanager
async def open_site(settings: Settings) -> AsyncIterator[Site]:
    """The site of the settings.

    Raises:
        StartError: no cluster answers where one is named, the models do not start there, or Ray is not installed here.
    """
    if not settings.inference:
        yield here(settings)
        return
    with needs_ray():
        from bot.remote.site import open_remote_site
    async with open_remote_site(settings, generator_config(settings), here(settings)) as there:
        yield there


@contextmanager
def needs_ray() -> Iterator[None]:
    """What is imported meanwhile needs Ray.

    Raises:
        StartError: it is not installed here.
    """
    try:
        yield
    except ImportError as error:
        raise StartError(
            "DAWEN_INFERENCE names a cluster, but Ray is not installed: pip install 'dawen[ray]'"
        ) from error


def open_encoder(settings: Settings) -> Encoder:
    """The encoder of the settings, compiled where there is a home to keep the result in.

    Raises:
        EncoderError: it cannot be loaded as it is set.
    """
    return load_encoder(settings.encoder, settings.device, settings.encoder_cache, settings.backend)


def open_spans(settings: Settings) -> SpanReader | None:
    """What reads sentences closely, compiled as the encoder is.

    Raises:
        EncoderError: it cannot be loaded as it is set.
    """
    return open_span_reader(settings.device, None if settings.backend == "torch" else settings.encoder_cache)


def build_generator(settings: Settings) -> Generator:
    """The generator of the settings, loaded.

    Raises:
        GeneratorError: it cannot be loaded as it is set.
    """
    return open_generator(generator_config(settings))


def generator_config(settings: Settings) -> GeneratorConfig:
    """The generator of the settings, with what it has learned."""
    key = settings.generator_key
    return GeneratorConfig(
        kind=settings.generator,
        model=settings.generator_model,
        url=settings.generator_url,
        key=key.get_secret_value() if key else "",
        device=settings.device,
        download=settings.generator_download,
        quantize=settings.generator_quantize,
        cache=settings.generator_cache,
        batch=settings.generator_batch,
        retries=settings.generator_retries,
        adapter=serving_folder(ModelStore(settings.models_folder), GENERATOR),
    )
