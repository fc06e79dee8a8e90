"""The bundled encoder and its fine-tuning on a GPU: texts a second by batch and precision, seconds of an epoch.

    python -m benchmarks.router_gpu --train clinc150/train.jsonl [--encoder FOLDER] [--json FILE]

Needs only torch, transformers and what comes with them. An encoder's FOLDER without `model.safetensors` gets random
weights of the shape that its `config.json` says, which take the same time. Without a GPU nothing is measured.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from nlp.encoder import bundled_folder, pool, quiet_transformers
from nlp.training import Step, run
from nlp.training.data import Example, read_examples

if TYPE_CHECKING:
    import torch

BATCHES = (1, 8, 64, 256, 1024)
PRECISIONS = ("fp32", "bf16", "fp16")
_ROUNDS = 3
_TUNED_AT = 64  # rows in a batch of fine-tuning
_WEIGHTS = "model.safetensors"

Embed = Callable[[Sequence[str], int], Any]


@dataclass(frozen=True)
class Rate:
    """Texts a second, from text to features in the memory of the processor; the median of three rounds.

    None where torch.compile cannot be had.
    """

    batch: int
    precision: str
    compiled: bool
    texts_per_s: float | None


@dataclass(frozen=True)
class Epoch:
    """Seconds of one epoch of fine-tuning the whole encoder on so many rows, in batches of 64."""

    precision: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class GpuReport:
    """What the device did; `weights` says whether they were the folder's or random."""

    device: str
    torch: str
    weights: str
    rates: list[Rate]
    epochs: list[Epoch]


def measure_gpu(examples: Sequence[Example], folder: Path | None = None) -> GpuReport | None:
    """Measure and print as it comes; None, and one line, where torch finds no GPU."""
    import torch

    if not torch.cuda.is_available():
        print("no GPU found: skipped")
        return None
    return measure_device(examples, folder or bundled_folder(), "cuda", torch.cuda.get_device_name())


def measure_device(
    examples: Sequence[Example],
    folder: Path,
    device: str,
    name: str,
    batches: Sequence[int] = BATCHES,
    precisions: Sequence[str] = PRECISIONS,
    compiled: Sequence[bool] = (False, True),
) -> GpuReport:
    """Measure on a torch device, with the encoder of a folder."""
    import torch

    rates, epochs = [], []
    with tempfile.TemporaryDirectory(prefix="dawen-gpu-") as scratch:
        ready = folder if (folder / _WEIGHTS).exists() else _with_random_weights(folder, Path(scratch))
        for precision in precisions:
            epochs.append(_epoch(examples, ready, device, precision))
            print(
                f"one epoch of fine-tuning, {precision}, {len(examples)} rows: {epochs[-1].seconds:.2f} s", flush=True
            )
        print("| precision | torch.compile | batch | texts/s |\n|---|---|---|---|")
        for rate in _rates([e.text for e in examples], ready, device, batches, precisions, compiled):
            print(f"| {rate.precision} | {rate.compiled} | {rate.batch} | {_shown(rate.texts_per_s)} |", flush=True)
            rates.append(rate)
    return GpuReport(name, str(torch.__version__), "the folder's" if ready == folder else "random", rates, epochs)


def _shown(rate: float | None) -> str:
    return "cannot be had" if rate is None else f"{rate:.0f}"


def _with_random_weights(folder: Path, scratch: Path) -> Path:
    from transformers import BertConfig, BertModel

    with quiet_transformers():
        BertModel(BertConfig.from_pretrained(folder), add_pooling_layer=False).save_pretrained(scratch)
    for file in folder.glob("*token*"):
        shutil.copy(file, scratch)
    return scratch


def _rates(
    texts: Sequence[str],
    folder: Path,
    device: str,
    batches: Sequence[int],
    precisions: Sequence[str],
    compiled: Sequence[bool],
) -> Iterator[Rate]:
    for precision in precisions:
        for fast in compiled:
            embed = _embedder(folder, device, precision, fast=fast)
            for batch in batches:
                yield Rate(batch, precision, fast, _texts_per_s(embed, texts, batch))


def _texts_per_s(embed: Embed, texts: Sequence[str], batch: int) -> float | None:
    few = list(islice(cycle(texts), max(64, 10 * batch)))
    try:
        embed(few, batch)  # the same texts, so that every shape has been met
    except RuntimeError as error:  # torch.compile wants a compiler, of which a machine may have none
        print(f"batch {batch}: {str(error).splitlines()[0]}")
        return None
    seconds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        embed(few, batch)
        seconds.append(time.perf_counter() - start)
    return len(few) / median(seconds)


def _embedder(folder: Path, device: str, precision: str, *, fast: bool) -> Embed:
    """From texts and a batch size to features (n, k) in main memory; the device is not waited for between batches."""
    import torch

    from nlp.backends.torch_backend import load_bert
    from nlp.minilm import pad, read_tokenizer

    model = load_bert(folder).to(device, _types()[precision])
    tokenizer = read_tokenizer(folder)

    def features(ids: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        states = model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        return pool([state.float() for state in states], ids, mask)[1]

    torch.compiler.reset()  # else what was compiled before counts, and after eight times nothing is compiled any more
    forward = torch.compile(features, dynamic=True) if fast else features

    def embed(texts: Sequence[str], batch: int) -> Any:
        rows = sorted((row.ids for row in tokenizer.encode_batch(list(texts))), key=len)
        with torch.inference_mode():
            parts = [
                forward(*(torch.from_numpy(array).to(device) for array in pad(rows[i : i + batch])))
                for i in range(0, len(rows), batch)
            ]
            return torch.cat(parts).cpu()

    return embed


def _types() -> "dict[str, torch.dtype]":
    import torch

    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def _epoch(examples: Sequence[Example], folder: Path, device: str, precision: Any) -> Epoch:
    """Timed from the first batch, which warms up, to the last, and stretched to all batches."""
    from nlp.training.configs import TransformerConfig
    from nlp.training.transformer import train_transformer

    config = TransformerConfig(epochs=1, batch_size=_TUNED_AT, base=str(folder), precision=precision, device=device)
    ends: list[float] = []

    def on_step(step: Step) -> None:
        if step.stage == "fit" and "valid_loss" not in step.metrics:
            ends.append(time.perf_counter())

    run(train_transformer(examples, config), on_step)
    return Epoch(precision, len(examples), (ends[-1] - ends[0]) * len(ends) / max(1, len(ends) - 1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True, help="JSON Lines to embed and to fine-tune on")
    parser.add_argument("--encoder", type=Path, help="folder of the encoder; else the bundled one")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    found = measure_gpu(read_examples(options.train), options.encoder)
    if options.json:
        options.json.write_text(json.dumps(found and asdict(found), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
