"""How updates come to the bot: fetched by polling, or posted to a webhook."""

from typing import Protocol


class Receiver(Protocol):
    """What brings updates into the inbox."""

    @property
    def silent_for(self) -> float:
        """Seconds since the last sign that updates would come if there were any."""

    async def start(self) -> None:
        """Begin to receive; what Telegram holds for the bot is kept.

        Raises:
            TelegramError: Telegram cannot be reached, or refuses.
        """

    async def watch(self) -> None:
        """Keep receiving, whatever happens; runs until cancelled."""

    async def stop(self) -> None:
        """End receiving, whatever state it is in."""
