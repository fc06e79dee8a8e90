"""The cluster of the settings as the place where models compute and trainings run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.remote.cluster import LANES, Cluster, open_models
from bot.remote.connection import connect, disconnect
from bot.remote.recipes import Recipe, recipe_of
from bot.remote.training import ClusterTrainer
from bot.remote.twins import RemoteEncoder, RemoteGenerator, remote_reranker, remote_router, remote_spans
from bot.settings import Settings
from bot.sites import Site
from nlp.encoder import Encoder
from nlp.generator import GeneratorConfig
from nlp.router import Router


@asynccontextmanager
async def open_remote_site(settings: Settings, generator: GeneratorConfig, here: Site) -> AsyncIterator[Site]:
    """Models on the cluster, with `here` to fall back on; they stay there when the bot stops, for it and for others.

    Raises:
        StartError: no cluster answers, or the models do not start there.
    """
    await asyncio.to_thread(connect, settings.inference)
    try:
        recipe = recipe_of(settings, generator)
        cluster = await asyncio.to_thread(open_models, settings.inference, recipe)
        try:
            yield remote_site(cluster, recipe, here, ClusterTrainer())
        finally:
            await asyncio.to_thread(cluster.close)
    finally:
        await asyncio.to_thread(disconnect)


def remote_site(cluster: Cluster, recipe: Recipe, here: Site, trainer: ClusterTrainer) -> Site:
    """What stands in for the models of a recipe on a cluster; what the recipe lacks is opened here."""

    def read_router(folder: Path, encoder: Encoder) -> Router:
        assert isinstance(encoder, RemoteEncoder)  # noqa: S101 - that of this site
        return remote_router(cluster, folder, encoder)

    return Site(
        encoder=lambda: RemoteEncoder(cluster, here.encoder),
        spans=(lambda: remote_spans(cluster, here.spans)) if recipe.spans else here.spans,
        generator=(lambda: RemoteGenerator(cluster)) if recipe.generator else here.generator,
        router=read_router,
        reranker=(lambda *_: remote_reranker(cluster)) if recipe.reranker else here.reranker,
        launch=trainer,
        lanes=LANES,
        there=lambda: cluster.there,
    )
