"""`python -m bot.trainer FOLDER`: does one training run in a process of its own, at the lowest priority.

It reads the plan in the folder and writes the result there; it touches no database, so that a bot on SQLite stays the
only process that writes to its own. It tells how far it is in lines of JSON on stdout. It ends when its stdin does: a
bot that was killed leaves no trainer behind.
"""

import os
import sys
import threading
from pathlib import Path

from bot.errors import BotError
from bot.launching import Tell, Told, line
from bot.plans import Plan, Result, read_plan, write_result
from bot.points import arm, reached
from bot.settings import kill_point
from nlp.encoder import Encoder
from nlp.errors import NlpError, TooLittleData

LOWEST = 19


def main(folder: Path) -> int:
    """Do the run whose plan is in a folder; the exit code."""
    os.nice(LOWEST)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    arm(kill_point())
    plan = read_plan(folder)
    if plan is None:
        sys.stderr.write(f"{str(folder)!r} holds no plan of a training run\n")
        return 1
    carry_out(plan, folder, _print, None)
    return 0


def carry_out(plan: Plan, folder: Path, tell: Tell, encoder: Encoder | None) -> None:
    """Do what a plan says and write the result; what cannot be learned from is a result too.

    `encoder` is the one that the plan names, where it is open already.
    """
    from bot.jobs import Job
    from bot.teachers import TEACHERS  # which loads torch

    reached("trainer.plan.read")
    try:
        result = TEACHERS[plan.kind](Job(plan, folder, tell, encoder))
    except TooLittleData as error:
        result = Result(error=str(error), reason="few")
    except (BotError, NlpError) as error:
        result = Result(error=str(error))
    write_result(folder, result)
    reached("trainer.result.written")


def _print(told: Told) -> None:
    sys.stdout.write(line(told) + "\n")
    sys.stdout.flush()


def _end_with_stdin() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
