"""Updates on their way to the bot by a webhook: posted in order per chat, chats side by side, until taken.

An answer other than 2xx, or none, means that the update comes again, after a pause that grows. A chat whose
update is refused waits; the others go on.
"""

import asyncio

import httpx

from bot.simulator.events import DeliveryFailed
from bot.simulator.model import Update
from bot.simulator.updates import take, waiting
from bot.simulator.world import World

_TIMEOUT = 60.0
_LONGEST_PAUSE = 60.0
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


class WebhookDelivery:
    """Posts the updates of `world` for as long as `run` runs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._served: set[int] = set()  # chats

    async def run(self) -> None:
        """Serve every chat that has updates, whenever a webhook is set. Ends by being cancelled."""
        while not self._world.state.webhook.url:
            await self._world.bell.wait()
        # Addresses of this machine must not be asked for at a proxy.
        async with (
            httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT) as client,
            asyncio.TaskGroup() as lanes,
        ):
            while True:
                for chat_id in self._unserved():
                    self._served.add(chat_id)
                    lanes.create_task(self._serve(client, chat_id))
                await self._world.bell.wait()

    def _unserved(self) -> set[int]:
        if not self._world.state.webhook.url:
            return set()
        return {update.chat_id for update in waiting(self._world)} - self._served

    def _next(self, chat_id: int) -> Update | None:
        if not self._world.state.webhook.url:
            return None
        return next((update for update in waiting(self._world) if update.chat_id == chat_id), None)

    async def _serve(self, client: httpx.AsyncClient, chat_id: int) -> None:
        """Deliver the updates of one chat, one after the other, until none is left."""
        pause = self._world.limits.webhook_retry_seconds
        while update := self._next(chat_id):
            failure = await self._post(client, update)
            if failure is None:
                take(self._world, [update.update_id])
                pause = self._world.limits.webhook_retry_seconds
            else:
                self._world.record(DeliveryFailed(date=self._world.now(), reason=failure))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        self._served.discard(chat_id)

    async def _post(self, client: httpx.AsyncClient, update: Update) -> str | None:
        """Why the update did not arrive; None when it did."""
        webhook = self._world.state.webhook
        headers = {_SECRET: webhook.secret_token} if webhook.secret_token else {}
        try:
            response = await client.post(webhook.url, json=update.json_object(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return str(error) or type(error).__name__
        if response.is_success:
            return None
        return f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
