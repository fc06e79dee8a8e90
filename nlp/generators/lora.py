"""What a generator has learned on top of its model: low-rank adapters (Hu et al. 2022, "LoRA"), as a model folder.

They belong to one model, which is known by a sample of its weights, whatever folder or number format it is loaded from,
and are merged into it when it is loaded, so that answers take no longer. `nlp.training.generator` makes them.
"""

import hashlib
from pathlib import Path
from typing import Any

from nlp.errors import ModelError
from nlp.model_store import read_model

KIND, ARCHITECTURE = "generator", "lora"
_SAMPLED = 1024  # values of each tensor, evenly spread


def fingerprint(network: Any) -> str:
    """What tells a model from others: a SHA-256 over names, shapes and a sample of all weights, in bfloat16."""
    import torch

    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        flat = value.detach().flatten()
        sample = flat[:: max(1, len(flat) // _SAMPLED)][:_SAMPLED]
        digest.update(f"{name} {tuple(value.shape)}".encode())
        digest.update(sample.to(torch.bfloat16).float().cpu().numpy().tobytes())
    return digest.hexdigest()


def merge_learned(network: Any, folder: Path) -> tuple[Any, str]:
    """The network with the adapters of a model folder merged into it, and their version.

    Raises:
        ModelError: the folder holds no intact ones, or ones for another model; the network stays as it is.
    """
    import torch

    from nlp.architectures.transformer import ADAPTERS, add_adapters, set_adapters
    from nlp.model_store import below

    manifest, arrays = read_model(folder)
    if manifest.kind != KIND:
        raise ModelError(f"{str(folder)!r} holds a {manifest.kind}, not a {KIND}: choose another version")
    told = manifest.configuration
    if told["fingerprint"] != fingerprint(network):
        raise ModelError(
            f"generator {manifest.version!r} was trained on top of model {told['base']!r}, not on the present one: "
            "set DAWEN_GENERATOR_MODEL to it, or train again"
        )
    adapted = add_adapters(network, told["rank"], told["alpha"])
    try:
        set_adapters(adapted, {name: torch.from_numpy(array) for name, array in below(arrays, ADAPTERS).items()})
    except (ModelError, RuntimeError) as error:
        adapted.unload()
        raise ModelError(f"generator {manifest.version!r} does not fit its model: train it again") from error
    return adapted.merge_and_unload(), manifest.version
