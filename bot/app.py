"""The composition root: builds everything once, in order, and takes it down again. Nothing is built at import."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import AsyncFileLock, FileLock, Timeout

from bot.access import Access
from bot.budgets import Budgets
from bot.consent import Consent
from bot.conversation import Conversation
from bot.digests import Digests
from bot.errors import FolderTaken, StartError
from bot.fetching import open_fetcher
from bot.gaps import Gaps
from bot.indexing import Index
from bot.inference import Inference, Models
from bot.keys import ApiKeys
from bot.knowledge import Knowledge
from bot.launching import Launch
from bot.leading import turn
from bot.learned import open_models, serving
from bot.learning import ensure_router
from bot.memory import Memory
from bot.metrics import Metrics
from bot.own_manual import manual_folder, manual_questions
from bot.phrasing import Allowance
from bot.privacy import Privacy
from bot.progress import Progress
from bot.reading import SourceReader
from bot.reranking import ReadReranker, open_reranking
from bot.retraining import Retraining
from bot.review import ENOUGH, Review
from bot.rollout import Rollouts
from bot.settings import Settings
from bot.signals import Signals
from bot.sites import Site, here, open_site
from bot.summaries import Summaries
from bot.teaching import Teaching
from bot.unlearning import Unlearning
from bot.voting import Voting
from nlp.adapter import KIND as RETRIEVER
from nlp.adapter import load_adapter
from nlp.sandbox import CHAT
from nlp.summarizer import Summarizer
from nlp.thresholds import GIVEN, load_thresholds
from nlp.thresholds import KIND as THRESHOLDS
from nlp.training.data import SEEDS
from storage import migrate
from storage.database import Database

RUNNING = ".running"
_FIRST = ".first"
_MANUAL = "manual"  # the lease of whoever brings the manual up to date


@dataclass(frozen=True, slots=True)
class App:
    """Every use case, ready."""

    settings: Settings
    database: Database
    inference: Inference
    knowledge: Knowledge
    summaries: Summaries
    conversation: Conversation
    access: Access
    voting: Voting
    teaching: Teaching
    digests: Digests
    rollouts: Rollouts
    retraining: Retraining
    signals: Signals
    consent: Consent
    review: Review
    gaps: Gaps
    privacy: Privacy
    unlearning: Unlearning
    budgets: Budgets
    keys: ApiKeys
    metrics: Metrics
    site: Site


@asynccontextmanager
async def open_app(settings: Settings, progress: Progress, seat: int = 0) -> AsyncIterator[App]:
    """Everything that answers, from the settings; `seat` tells apart the processes on one home folder.

    Raises:
        StartError: the home folder cannot be written. StorageError, NlpError: a part cannot be opened.
    """
    check_home(settings.home)
    async with open_database(settings) as database, open_site(settings) as site:
        models = await _load_models(settings, database, progress, site)
        try:
            async with assemble(settings, database, models, progress, site=site, seat=seat) as app:
                yield app
        finally:
            models.generator.close()


@asynccontextmanager
async def assemble(
    settings: Settings,
    database: Database,
    models: Models,
    progress: Progress,
    launch: Launch | None = None,
    site: Site | None = None,
    seat: int = 0,
) -> AsyncIterator[App]:
    """Every use case over an open database and loaded models.

    `site` is where the models compute, if that is not this process; `launch` starts what trains, if not the site does.
    """
    place = site or here(settings)
    async with AsyncExitStack() as stack:
        allowance = Allowance(settings.generator_tokens, settings.generator_seconds, settings.generator_tokens_a_day)
        inference = await stack.enter_async_context(Inference(models, allowance, place.lanes))
        fetcher = open_fetcher(private=settings.fetch_private)
        sources = await stack.enter_async_context(SourceReader(fetcher))
        knowledge = await stack.enter_async_context(
            _open_knowledge(settings, database, inference, sources, progress, place.reranker, seat)
        )
        # What strangers send is read with less patience, and in children of its own: neither waits for the other.
        strangers = await stack.enter_async_context(SourceReader(fetcher, CHAT))
        summaries = Summaries(database, inference, strangers, knowledge)
        rollouts = Rollouts(settings, database, inference, place.router)
        await rollouts.open()
        retraining = Retraining(settings, database, rollouts, launch or place.launch)
        unlearning = Unlearning(settings, database, retraining)
        yield App(
            settings=settings,
            database=database,
            inference=inference,
            knowledge=knowledge,
            summaries=summaries,
            conversation=Conversation(Memory(database), inference, knowledge, summaries),
            access=Access(settings, database),
            voting=Voting(database),
            teaching=Teaching(database, knowledge),
            digests=Digests(database, inference),
            rollouts=rollouts,
            retraining=retraining,
            signals=Signals(database),
            consent=Consent(database, assumed=settings.consent_assumed),
            review=Review(
                database, inference, assumed=settings.consent_assumed, enough=settings.retrain_after or ENOUGH
            ),
            gaps=Gaps(database, inference, settings.admins),
            privacy=Privacy(database, knowledge, unlearning, settings.retention_days),
            unlearning=unlearning,
            budgets=Budgets(settings.messages_per_minute),
            keys=ApiKeys(database),
            metrics=Metrics(),
            site=place,
        )


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, reachable and up to date.

    Raises:
        StorageError: it cannot be reached, or belongs to a newer version.
    """
    database = Database(settings.database_url)
    try:
        await database.ping()
        await migrate.upgrade(database)
        yield database
    finally:
        await database.close()


def check_home(home: Path) -> None:
    """Make sure that the home folder exists and can be written.

    Raises:
        StartError: it cannot.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"folder {str(home)!r} cannot be made ({error.strerror}): set DAWEN_HOME to another"
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise StartError(f"folder {str(home)!r} cannot be written: change its permissions or set DAWEN_HOME to another")


@contextmanager
def only_bot(home: Path) -> Iterator[None]:
    """Keep other bots off the home folder: two on one inbox would answer each other's messages.

    The operating system lets go of the lock when the program ends, however it ends. Other commands may run beside it.

    Raises:
        FolderTaken: another bot runs on the folder. StartError: the folder cannot be written.
    """
    check_home(home)
    lock = FileLock(home / RUNNING, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise FolderTaken(
            f"another bot runs on folder {str(home)!r}: stop it, or set DAWEN_HOME to another folder"
        ) from error
    try:
        yield
    finally:
        lock.release()


async def _load_models(settings: Settings, database: Database, progress: Progress, site: Site) -> Models:
    encoder = await asyncio.to_thread(site.encoder)
    async with AsyncFileLock(settings.home / _FIRST):  # of several that start, one trains the first router
        store = await asyncio.to_thread(open_models, settings)
        router = await ensure_router(database, store, encoder, settings.seeds or SEEDS, progress, site.router)
    generator = await asyncio.to_thread(site.generator)
    spans = await asyncio.to_thread(site.spans)
    adapter = serving(store, RETRIEVER, lambda folder: load_adapter(folder, encoder))
    thresholds = serving(store, THRESHOLDS, load_thresholds) or GIVEN
    return Models(encoder, router, generator, Summarizer(encoder), spans, adapter, thresholds)


@asynccontextmanager
async def _open_knowledge(
    settings: Settings,
    database: Database,
    inference: Inference,
    sources: SourceReader,
    progress: Progress,
    read_reranker: ReadReranker,
    seat: int,
) -> AsyncIterator[Knowledge]:
    index = Index(database, inference, settings.index_of(seat))
    reranking = await open_reranking(
        settings.reranker,
        settings.device,
        inference.models.encoder,
        manual_folder(),
        manual_questions(),
        settings.models_folder / "reranker.json",
        progress,
        read_reranker,
    )
    knowledge = Knowledge(database, inference, index, sources, reranking)
    try:
        async with turn(database, _MANUAL):  # one process at a time; the others find it done
            if settings.manual:
                await knowledge.add_manual(manual_folder(), progress)
            else:
                await knowledge.drop_manual()
        await index.open(progress)
        yield knowledge
    finally:
        await index.close()
