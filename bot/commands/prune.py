"""`dawen models prune`: versions that nobody needs any more."""

from bot import console
from bot.app import check_home, open_database
from bot.learned import open_models
from bot.parts import KINDS
from bot.rollout import Rollouts
from bot.settings import Settings


async def prune(settings: Settings, keep: int, *, as_json: bool) -> None:
    """Remove, of each kind, all versions but the newest `keep`, the one that serves, the one before, one on trial, and
    the first.

    Raises:
        ModelError: a version cannot be removed.
    """
    check_home(settings.home)
    open_models(settings)  # what others shared meanwhile may be needed
    gone: list[str] = []
    async with open_database(settings) as database:
        rollouts = Rollouts(settings, database)
        for kind in KINDS:
            gone += await _prune(rollouts, kind, keep)
    kept = sum(len(rollouts.store.versions(kind)) for kind in KINDS)
    if as_json:
        console.print_json({"removed": gone})
    else:
        console.out.print(f"{len(gone)} versions removed, {kept} kept", markup=False)


async def _prune(rollouts: Rollouts, kind: str, keep: int) -> list[str]:
    """What was removed of a kind."""
    needed, versions = await rollouts.needed(kind), rollouts.store.versions(kind)
    gone = [version for version in versions[: max(len(versions) - keep, 0)] if version not in needed]
    for version in gone:
        rollouts.store.remove(kind, version)
    return gone
