"""Updates on their way to the bot by getUpdates.

An update waits until the bot confirms it by asking for a later one, for a day at most. One request may wait
at a time: a second one ends the first, as on Telegram's servers.
"""

import asyncio
from collections.abc import Iterable

from bot.simulator.errors import conflict
from bot.simulator.events import UpdatesTaken
from bot.simulator.model import JsonObject, Update
from bot.simulator.world import World

_TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


def waiting(world: World) -> list[Update]:
    """The updates that wait, oldest first; those that were kept for too long are dropped."""
    oldest = world.clock() - world.limits.update_seconds
    take(world, [update.update_id for update in world.state.updates.values() if update.date < oldest])
    return list(world.state.updates.values())


def take(world: World, update_ids: Iterable[int]) -> None:
    """These updates will not be delivered again."""
    taken = tuple(update_ids)
    if taken:
        world.record(UpdatesTaken(update_ids=taken))


async def get_updates(world: World, offset: int, limit: int, seconds: float) -> list[JsonObject]:
    """The oldest `limit` updates from `offset` on, as soon as there is one; nothing after `seconds`.

    Everything before `offset` is confirmed; a negative one counts from the end.

    Raises:
        ApiError: a webhook is set, or another request came meanwhile.
    """
    poll = world.latest_poll = object()
    world.bell.ring()
    _confirm(world, offset)
    try:
        async with asyncio.timeout(seconds):
            while True:
                _check(world, poll)
                if found := waiting(world)[:limit]:
                    return [update.json_object() for update in found]
                await world.bell.wait()
    except TimeoutError:
        return []


def _check(world: World, poll: object) -> None:
    if world.state.webhook.url:
        raise conflict(_WEBHOOK)
    if world.latest_poll is not poll:
        raise conflict(_TERMINATED)


def _confirm(world: World, offset: int) -> None:
    update_ids = list(world.state.updates)
    if offset < 0:
        take(world, update_ids[:offset])
    else:
        take(world, [update_id for update_id in update_ids if update_id < offset])
