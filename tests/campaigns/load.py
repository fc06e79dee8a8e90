"""Load: the whole bot with the real models before a crowd, as `dawen bench load` does it."""

import asyncio
from collections import Counter
from dataclasses import asdict

from bot.commands.load import Plan, measure
from bot.settings import load_settings
from tests.campaigns.report import Report
from tests.campaigns.stage import Stage


def report(_: Stage, quick: bool) -> Report:
    """The figures of `dawen bench load`; what nobody answered is lost."""
    plan = Plan().shorter() if quick else Plan()
    figures = asdict(asyncio.run(measure(load_settings(), plan)))
    done, lost = figures.pop("messages"), figures.pop("unanswered")
    measured = {name: round(value, 2) for name, value in figures.items()}
    return Report(done=Counter({"messages at a steady rate": done}), asked=done, lost=lost, measured=measured)
