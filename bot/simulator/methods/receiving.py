"""Methods by which the bot gets its updates: long polling and the webhook."""

import ipaddress
import re
from urllib.parse import urlsplit

from bot.simulator import updates
from bot.simulator.errors import bad_request
from bot.simulator.events import AllowedUpdatesChanged, Event, WebhookChanged
from bot.simulator.model import JsonObject, Webhook
from bot.simulator.parameters import Parameters
from bot.simulator.world import World

_MOST_UPDATES = 100
_LONGEST_POLL = 50  # seconds
_CONNECTIONS = 40


async def get_updates(world: World, parameters: Parameters) -> list[JsonObject]:
    """getUpdates."""
    world.record(*_allowed_updates(world, parameters))
    limit = min(max(parameters.integer("limit", _MOST_UPDATES), 1), _MOST_UPDATES)
    seconds = min(max(parameters.integer("timeout"), 0), _LONGEST_POLL)
    return await updates.get_updates(world, parameters.integer("offset"), limit, seconds)


def set_webhook(world: World, parameters: Parameters) -> bool:
    """setWebhook: a place on this machine, or none."""
    url, secret = parameters.text("url"), parameters.text("secret_token")
    if url and not _is_local(url):
        raise bad_request("bad webhook: only addresses of this machine are accepted by the local server")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    connections = min(max(parameters.integer("max_connections", _CONNECTIONS), 1), 100)
    webhook = Webhook(url=url, secret_token=secret, max_connections=connections)
    _drop_if_asked(world, parameters)
    world.record(*_allowed_updates(world, parameters), WebhookChanged(webhook=webhook))
    return True


def delete_webhook(world: World, parameters: Parameters) -> bool:
    """deleteWebhook."""
    _drop_if_asked(world, parameters)
    if world.state.webhook.url:
        world.record(WebhookChanged(webhook=Webhook()))
    return True


def get_webhook_info(world: World, _: Parameters) -> JsonObject:
    """getWebhookInfo."""
    state = world.state
    waiting = len(updates.waiting(world))
    info: JsonObject = {
        "url": state.webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": waiting,
    }
    if state.allowed_updates:
        info["allowed_updates"] = list(state.allowed_updates)
    if state.webhook.url:
        info["max_connections"] = state.webhook.max_connections
    if state.webhook_failure:
        info["last_error_date"], info["last_error_message"] = state.webhook_failure
    return info


def end_session(_world: World, _: Parameters) -> bool:
    """logOut, close: a bot may say good-bye; nothing here depends on it."""
    return True


def _drop_if_asked(world: World, parameters: Parameters) -> None:
    if parameters.flag("drop_pending_updates"):
        updates.take(world, list(world.state.updates))


def _allowed_updates(world: World, parameters: Parameters) -> list[Event]:
    """The change that `allowed_updates` makes; none when it is missing or the same as before."""
    if "allowed_updates" not in parameters:
        return []
    kinds = parameters.structure("allowed_updates")
    if kinds is not None and not isinstance(kinds, list):
        raise bad_request("can't parse allowed_updates: expected an Array of String")
    wanted = tuple(str(kind) for kind in kinds or ())
    return [] if wanted == world.state.allowed_updates else [AllowedUpdatesChanged(kinds=wanted)]


def _is_local(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
        return is_loopback and parts.port != 0 and parts.scheme in ("http", "https")
    except ValueError:  # no address, or no port
        return False
