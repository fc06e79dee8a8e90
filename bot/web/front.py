"""What the web server stands in front of: the application, and the bot as soon as it runs."""

from dataclasses import dataclass

from bot.app import App
from bot.inbox import Lanes
from bot.receiving import Receiver


@dataclass(slots=True)
class Front:
    """The application; the bot's lanes and receiver once there are some; whether everything is about to end;
    the port of the web server, if there is one."""

    app: App
    lanes: Lanes | None = None
    receiver: Receiver | None = None
    stopping: bool = False
    port: int | None = None
