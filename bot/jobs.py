"""What a trainer is given to do."""

from dataclasses import dataclass
from pathlib import Path

from bot.launching import Tell
from bot.plans import Plan
from nlp.encoder import Encoder, load_encoder


@dataclass(frozen=True, slots=True)
class Job:
    """A plan, the folder of its run, whom to tell how far it is, and the encoder where it is open already."""

    plan: Plan
    folder: Path
    tell: Tell
    encoder: Encoder | None = None


def open_job_encoder(job: Job) -> Encoder:
    """The encoder of the plan.

    Raises:
        EncoderError: it cannot be loaded.
    """
    plan = job.plan
    cache = Path(plan.cache) if plan.cache else None
    return job.encoder or load_encoder(plan.encoder, plan.device, cache, plan.backend)
