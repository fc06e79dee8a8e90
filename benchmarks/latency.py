"""How fast one message, and a batch of 64, is routed; beside sentence-transformers' encoding alone, in one process.

    python -m benchmarks.latency --data CLINC150/val.jsonl [--train FILE...] [--json FILE]

Both sides take turns, sixty messages at a time, so that a busy machine slows both and neither's waiting threads slow
the other; figures are medians of the rounds. The router is measured as it was trained, which is with the encoder in
int8 if that cost nothing on held-out rows, and with the encoder in fp32. The share of the peak compares the encoder's
arithmetic with the fastest fp32 matrix product here (`benchmarks.peak`).
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.contenders import sentence_transformer
from benchmarks.peak import matmul_gflops
from nlp.architectures.fused import fused_scorer
from nlp.backends import Choice
from nlp.encoder import BUNDLED, Encoder, bundled_folder, load_encoder
from nlp.minilm import read_tokenizer
from nlp.router import Router
from nlp.training import run
from nlp.training.data import read_examples, seed_files
from nlp.training.readers import read_jsonl
from nlp.training.router import train_router

ROUNDS = 5
_MESSAGES = 60
_BATCH = 64
_BATCHES = 4
T = TypeVar("T")
Encode = Callable[[Sequence[str]], Any]


@dataclass(frozen=True)
class Latency:
    """Medians over rounds: milliseconds a message at p50 and p95, texts a second in batches of 64, shares of peak."""

    backend: str
    threads: int
    tokens: float
    route_ms_p50: float
    route_ms_p95: float
    peer_ms_p50: float
    latency_ratio: float
    texts_per_s: float
    peer_texts_per_s: float
    throughput_ratio: float
    peak_gflops: float
    peak_share_single: float
    peak_share_batch: float


def measure_latency(router: Router, texts: Sequence[str], backend: str, rounds: int = ROUNDS) -> Latency:
    """Route texts one by one and in batches, while sentence-transformers encodes the same texts."""
    import torch

    peer = sentence_transformer()
    singles, batches = texts[:_MESSAGES], [texts[i : i + _BATCH] for i in range(0, _BATCH * _BATCHES, _BATCH)]
    found = [_round(router, peer, singles, batches) for _ in range(rounds + 1)][1:]  # the first one warms up
    ours, slow, theirs, rate, peer_rate = (float(np.median(column)) for column in zip(*found, strict=True))
    flops, tokens = encoder_flops(texts)
    peak = matmul_gflops()
    return Latency(
        backend=backend,
        threads=torch.get_num_threads(),
        tokens=tokens,
        route_ms_p50=ours,
        route_ms_p95=slow,
        peer_ms_p50=theirs,
        latency_ratio=float(np.median([row[0] / row[2] for row in found])),
        texts_per_s=rate,
        peer_texts_per_s=peer_rate,
        throughput_ratio=float(np.median([row[3] / row[4] for row in found])),
        peak_gflops=peak,
        peak_share_single=flops / (ours / 1000) / 1e9 / peak,
        peak_share_batch=flops * rate / 1e9 / peak,
    )


def _round(
    router: Router, encode: Encode, singles: Sequence[str], batches: Sequence[Sequence[str]]
) -> tuple[float, float, float, float, float]:
    ours = [_seconds(router.route, text) * 1000 for text in singles]
    theirs = [_seconds(encode, [text]) * 1000 for text in singles]
    ours_many = [_seconds(router.route_many, batch) for batch in batches]
    theirs_many = [_seconds(encode, batch) for batch in batches]
    rates = [_BATCH * len(batches) / sum(seconds) for seconds in (ours_many, theirs_many)]
    return float(np.median(ours)), float(np.percentile(ours, 95)), float(np.median(theirs)), rates[0], rates[1]


def _seconds(work: Callable[[T], object], given: T) -> float:
    start = time.perf_counter()
    work(given)
    return time.perf_counter() - start


def encoder_flops(texts: Sequence[str]) -> tuple[float, float]:
    """Operations of the encoder's matrix products for a text of mean length, and that length in tokens."""
    config = json.loads((bundled_folder() / "config.json").read_text(encoding="utf-8"))
    width, layers, inner = config["hidden_size"], config["num_hidden_layers"], config["intermediate_size"]
    lengths = [len(row.ids) for row in read_tokenizer(bundled_folder()).encode_batch(list(texts))]
    products = 2 * (4 * width * width + 2 * width * inner)
    counts = [layers * (length * products + 4 * width * length * length) for length in lengths]
    return float(np.mean(counts)), float(np.mean(lengths))


def in_full_precision(router: Router) -> Router:
    """The router with the fp32 encoder alone."""
    scorer = fused_scorer(router)
    full = replace(scorer, light=None, packing=replace(scorer.packing, int8_encoder=False))
    return Router(full, router.calibration, router.version)


def _encoder(cache: Path, backend: Choice) -> Encoder:
    return load_encoder(BUNDLED, "cpu", cache, backend)


def main() -> None:
    """Measure every back end and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines with short texts")
    parser.add_argument("--train", type=Path, nargs="*", help="files to train the router on; else the seeds")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    texts = [str(row["text"]) for _, row in read_jsonl(options.data)]
    step = max(1, len(texts) // (_BATCH * _BATCHES))
    with tempfile.TemporaryDirectory(prefix="dawen-latency-") as cache:
        found = _measure_all(Path(cache), options.train or seed_files(), texts[::step])
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n", encoding="utf-8")
    for name in asdict(found[0]):
        values = (getattr(row, name) for row in found)
        print(f"{name:20}", *(f"{v:>12.3f}" if isinstance(v, float) else f"{v:>12}" for v in values))


def _measure_all(cache: Path, train: Sequence[Path], texts: Sequence[str]) -> list[Latency]:
    router = run(train_router(read_examples(*train), _encoder(cache, "onnx")))
    full = measure_latency(in_full_precision(router), texts, "onnx fp32")
    return [measure_latency(router, texts, "onnx int8"), full] if fused_scorer(router).light else [full]


if __name__ == "__main__":
    main()
