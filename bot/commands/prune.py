"""`dawen models prune`: versions that nobody needs any more."""

from bot import console
from bot.app import check_home, open_database
from bot.rollout import Rollouts
from bot.settings import Settings
from nlp.router import KIND


async def prune(settings: Settings, keep: int, *, as_json: bool) -> None:
    """Remove all versions of the router but the newest `keep`, the one that serves, the one before, one on trial, and
    the first.

    Raises:
        ModelError: a version cannot be removed.
    """
    check_home(settings.home)
    async with open_database(settings) as database:
        rollouts = Rollouts(settings, database)
        needed = await rollouts.needed(KIND)
        versions = rollouts.store.versions(KIND)
        gone = [version for version in versions[: len(versions) - keep] if version not in needed]
        for version in gone:
            rollouts.store.remove(KIND, version)
    if as_json:
        console.print_json({"removed": gone})
    else:
        console.out.print(f"{len(gone)} versions removed, {len(versions) - len(gone)} kept", markup=False)
