"""`python -m benchmarks.load`: the whole bot before a crowd, with what it was measured on beside the figures.

The measuring itself is that of `dawen bench load`.
"""

import argparse
import asyncio
import json
from dataclasses import asdict

from benchmarks.machine import describe_machine
from bot.commands.load import Plan, measure
from bot.settings import load_settings


def main() -> None:
    """Measure and print one JSON object."""
    usual = Plan()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="how long messages come at a steady rate")
    parser.add_argument("--people", type=int, default=usual.people)
    parser.add_argument("--rate", type=float, default=usual.rate, help="messages a second")
    parser.add_argument("--backlog", type=int, default=usual.backlog, help="messages that wait at once")
    parser.add_argument("--quick", action="store_true", help="a few minutes, to see that it works")
    options = parser.parse_args()
    plan = Plan(options.people, options.rate, options.seconds, usual.flood, options.backlog)
    plan = plan.shorter() if options.quick else plan
    figures = asyncio.run(measure(load_settings(), plan))
    print(json.dumps({"plan": asdict(plan), "figures": asdict(figures), "machine": asdict(describe_machine())}))


if __name__ == "__main__":
    main()
