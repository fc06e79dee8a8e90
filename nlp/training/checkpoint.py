"""Checkpoints: where a training run stands, in one file that is replaced whole, so that a kill at any time is borne.

`checkpoint.safetensors` holds the tensors, and a JSON text in its header: which run it is (`identity`) and how far it
has come (`progress`). No generator states are kept: chance is seeded anew from the run's seed at every step.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from nlp.errors import ModelError
from nlp.model_store import below

_NAME = "checkpoint.safetensors"

State = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stood: `progress` is plain JSON, `tensors` have dotted names such as "weights.head.bias"."""

    progress: Mapping[str, Any]
    tensors: State

    def part(self, name: str) -> State:
        """The tensors below `name`, by the rest of their names."""
        return below(self.tensors, name)


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoint of one run in a folder. `identity` says which run: its data, its settings."""

    folder: Path
    identity: Mapping[str, Any]

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / _NAME

    def write(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint: the new one is there whole, or the old one stays.

        Raises:
            ModelError: it cannot be written.
        """
        text = json.dumps({"identity": self.identity, "progress": checkpoint.progress})
        content = save({name: value.contiguous() for name, value in checkpoint.tensors.items()}, {"checkpoint": text})
        scratch = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(prefix=".new-", dir=self.folder, delete=False) as file:
                scratch = Path(file.name)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(self.path)
        except OSError as error:
            reason = f"the checkpoint {str(self.path)!r} was not written: {error.strerror}"
            raise ModelError(f"{reason}; free some space, and the training goes on from the last one") from error
        finally:
            if scratch is not None:
                scratch.unlink(missing_ok=True)

    def read(self) -> Checkpoint | None:
        """Where this run stood, None if it has not begun.

        Raises:
            ModelError: the file is damaged, or is another run's.
        """
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, framework="pt") as file:
                kept = json.loads(file.metadata()["checkpoint"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            identity, progress = kept["identity"], kept["progress"]
        except (OSError, SafetensorError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"checkpoint {str(self.path)!r} cannot be read: remove it to start anew") from error
        self._refuse_another(identity)
        return Checkpoint(progress, tensors)

    def _refuse_another(self, found: Mapping[str, Any]) -> None:
        mine = json.loads(json.dumps(self.identity))
        other = sorted(name for name in {*mine, *found} if mine.get(name) != found.get(name))
        if other:
            name = other[0]
            raise ModelError(
                f"checkpoint {str(self.path)!r} is of another run, whose {name} is {found.get(name)!r} instead of "
                f"{mine.get(name)!r}: use another folder, or remove it to start anew"
            )
