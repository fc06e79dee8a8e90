"""`dawen train labels`: new labels for the router that serves, in seconds."""

import random
from dataclasses import asdict
from pathlib import Path

from bot import console
from bot.app import check_home, open_database
from bot.commands.versions import router_folder
from bot.learned import open_models
from bot.learning import put_into_service
from bot.settings import Settings
from bot.sites import open_encoder
from nlp.router import load_router
from nlp.training import run
from nlp.training.data import SEEDS, read_examples, seed_files
from nlp.training.incremental import REPLAYED, add_labels
from nlp.training.runlog import RunLog


async def train_labels(settings: Settings, train: Path, replay: Path | None, *, as_json: bool) -> None:
    """Add the labels of a file that the serving router lacks; `replay` holds what taught it, else the seeds do.

    Raises:
        DataError: no label is new, or nothing can be replayed.
        ModelError: no router serves yet, or the new version cannot be written; the serving one stays.
    """
    check_home(settings.home)
    store = open_models(settings)
    folder = router_folder(settings, store, None)
    examples = read_examples(train)
    earlier = read_examples(*([replay] if replay else seed_files(settings.seeds or SEEDS)))
    sample = random.Random(0).sample(earlier, min(REPLAYED, len(earlier)))  # noqa: S311 - a reproducible sample
    router, _ = load_router(folder, open_encoder(settings))
    wider = run(add_labels(router, examples, sample), log := RunLog())
    async with open_database(settings) as database:
        manifest = await put_into_service(database, store, wider, [*examples, *sample], [train.name], None, log)
    if as_json:
        console.print_json(asdict(manifest))
        return
    added = wider.heads[0].labels[len(router.heads[0].labels) :]
    console.out.print(f"router {manifest.version}: {len(added)} labels added ({', '.join(added)})", markup=False)
