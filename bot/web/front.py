"""What the web server stands in front of: the application and the bot as soon as it runs, or a receiver alone."""

from dataclasses import dataclass
from typing import Protocol

from bot.app import App
from bot.inbox import Lanes
from bot.receiving import Receiver
from bot.settings import Settings
from storage.database import Database


class Entrance(Protocol):
    """What is behind every web server: the receiver while this process receives, and whether all is about to end;
    the port of the web server, if there is one."""

    receiver: Receiver | None
    stopping: bool
    port: int | None

    @property
    def settings(self) -> Settings:
        """The settings in force."""

    @property
    def database(self) -> Database:
        """The database, open."""

    @property
    def ready(self) -> bool:
        """Whether the models work, where there are any."""

    @property
    def cluster(self) -> bool | None:
        """Whether the cluster that the models are on is there; None where they are on none."""


@dataclass(slots=True)
class Front:
    """The application; the bot's lanes and receiver once there are some; and as `Entrance`."""

    app: App
    lanes: Lanes | None = None
    receiver: Receiver | None = None
    stopping: bool = False
    port: int | None = None

    @property
    def settings(self) -> Settings:
        """See `Entrance`."""
        return self.app.settings

    @property
    def database(self) -> Database:
        """See `Entrance`."""
        return self.app.database

    @property
    def ready(self) -> bool:
        """See `Entrance`."""
        return self.app.inference.ready

    @property
    def cluster(self) -> bool | None:
        """See `Entrance`."""
        there = self.app.site.there
        return None if there is None else there()


@dataclass(slots=True)
class Porch:
    """An entrance with nothing behind it but the inbox."""

    settings: Settings
    database: Database
    receiver: Receiver | None = None
    stopping: bool = False
    port: int | None = None

    @property
    def ready(self) -> bool:
        """True: there are no models."""
        return True

    @property
    def cluster(self) -> bool | None:
        """None: there are no models."""
        return None
