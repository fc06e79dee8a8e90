"""`dawen train reader`: teach which sentences answer, from questions whose answers are known."""

from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from bot.commands.models import report_training
from bot.progress import Progress
from bot.settings import Settings
from bot.sites import open_encoder
from nlp.evaluation.qa_data import read_qa
from nlp.model_store import DataSnapshot, Manifest, check_unused, write_model
from nlp.reader import EVIDENCE, INPUTS
from nlp.reader_weights import ARCHITECTURE, KIND, bundled_weights
from nlp.training import run
from nlp.training.configs import Precision
from nlp.training.reader import train_reader
from nlp.training.reader_cases import ReaderConfig
from nlp.training.spans import SpanConfig

_TITLES = {
    "ask": "Asking the questions",
    "learn": "Learning to read closely",
    "read": "Training: questions that are read closely",
    "reread": "Reading closely",
    "read, trial": "Trying: questions that are read closely",
    "trusted, trial": "Trying: questions that the encoder knows",
    "trusted": "Training: questions that the encoder knows",
    "alone, trial": "Trying: questions that it does not know",
    "alone": "Training: questions that it does not know",
}


def teach_reader(
    settings: Settings, files: Sequence[Path], out: Path, precision: Precision, *, keep_reading: bool, as_json: bool
) -> None:
    """Train a reader on question-answering files and write it to a folder.

    `keep_reading` leaves how sentences are read closely as it is in the weights that come with Dawen.

    Raises:
        DataError: a file cannot be read, or there are too few questions of a kind.
        ModelError: the folder is in use, or cannot be written.
    """
    check_unused(out)
    data = [read_qa(path) for path in files]
    config = ReaderConfig(spans=SpanConfig(device=settings.device, precision=precision))
    encoder = open_encoder(settings)
    with Progress().stages(_TITLES) as show:
        reading = bundled_weights(INPUTS, EVIDENCE).spans if keep_reading else None
        steps = train_reader(data, encoder, config, reading)
        weights, scores = run(steps, lambda step: show(step.stage, step.done, step.total))
    told = {"inputs": list(INPUTS), "evidence": list(EVIDENCE), "encoder": encoder.fingerprint, **asdict(config)}
    digest = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    snapshot = DataSnapshot(digest, sum(len(part.questions) for part in data), tuple(path.name for path in files))
    manifest = Manifest(KIND, ARCHITECTURE, told, snapshot, config.seed, scores)
    report_training(write_model(out, manifest, weights.to_arrays()), "questions", as_json=as_json)
