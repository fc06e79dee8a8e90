"""The encoder as an ONNX graph: ids and mask in, pooled unit vectors out.

Chosen by measurement (all-MiniLM-L6-v2, one core of an EPYC with AVX-512, CLINC150): plain attention written by
torch's graph tracer runs 790 texts/s, the newer `torch.export` exporter 670; fusing attention beforehand with
`onnxruntime.transformers` costs a fifth. ONNX Runtime does its own fusions when it opens the graph.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from nlp.encoder import POOLED, pool
from nlp.errors import EncoderError

if TYPE_CHECKING:
    from nlp.architectures.fused import FusedScorer, Hidden

_OPSET = 17
INPUTS = ("ids", "mask")
OUTPUTS = ("sentence", "features")


class _Pooled(torch.nn.Module):
    """The encoder with its pooling."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See `nlp.encoder.pool`."""
        states = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        return pool(states, ids, mask)


class _DenseHeads(torch.nn.Module):
    """Encoder and the dense half of the fused heads; coverage and its weight are computed inside."""

    def __init__(self, model: Any, scorer: "FusedScorer", unknown: int) -> None:
        from nlp.encoder import TRUST_FLOOR

        super().__init__()
        self.pooled = _Pooled(model)
        width = model.config.hidden_size * POOLED  # what follows in the weights is for glossed Chinese
        self.register_buffer("weights", torch.from_numpy(scorer.weights.dense[:width] * scorer.dense_scale))
        self.register_buffer("bias", torch.from_numpy(scorer.weights.bias))
        self.hidden = _hidden_layer(scorer.weights.hidden, width, scorer.dense_scale)
        self.unknown, self.floor = unknown, TRUST_FLOOR

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (n, c) without what n-grams add, and coverage (n,), for padded ids and mask (n, t)."""
        _, features = self.pooled(ids, mask)
        inner = mask.sum(1) - 2
        missing = ((ids == self.unknown) * mask).sum(1)
        coverage = torch.where(inner > 0, 1 - missing / inner.clamp(min=1), torch.zeros_like(features[:, 0]))
        trust = ((coverage - self.floor) / 0.25).clamp(0, 1)
        trusted = features * trust[:, None]
        logits = trusted @ self.weights + self.bias
        return logits if self.hidden is None else logits + self.hidden(trusted), coverage


def _hidden_layer(hidden: "Hidden | None", width: int, scale: float) -> torch.nn.Module | None:
    """The hidden layer for the first `width` features, as they are before they are scaled."""
    if hidden is None:
        return None
    inner = torch.nn.Linear(width, len(hidden.shift))
    outer = torch.nn.Linear(len(hidden.shift), hidden.outward.shape[1], bias=False)
    with torch.no_grad():
        inner.weight.copy_(torch.from_numpy(hidden.inward[:width].T * scale))
        inner.bias.copy_(torch.from_numpy(hidden.shift))
        outer.weight.copy_(torch.from_numpy(hidden.outward.T))
    return torch.nn.Sequential(inner, torch.nn.ReLU(), outer)


def export_encoder(model: Any, path: Path) -> None:
    """Write the encoder; `model` must compute its attention eagerly. Inputs ids and mask (n, t), int64."""
    _export(_Pooled(model), path, OUTPUTS)


def export_dense_heads(model: Any, scorer: "FusedScorer", unknown: int, path: Path) -> None:
    """Write encoder and dense heads for use elsewhere: outputs logits (n, c) of all heads and coverage (n,).

    A full route adds the n-grams' share of the logits, which are hashes of strings and no work for a graph.
    """
    _export(_DenseHeads(model, scorer, unknown), path, ("logits", "coverage"))


def export_spans(network: torch.nn.Module, path: Path) -> None:
    """Write a `nlp.span_network.SpanNetwork` whose encoder computes its attention eagerly."""
    _export(network, path, ("score", "places"), per_token=("places",))


def quantize(path: Path, out: Path) -> None:
    """Write an ONNX file again with int8 weights per output channel; activations are quantised as they come.

    Weights use seven bits: with eight, sums overflow on processors without VNNI.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    how = {"per_channel": True, "reduce_range": True, "weight_type": QuantType.QInt8}
    with _quiet():
        quantize_dynamic(path, out, op_types_to_quantize=["MatMul"], **how)


def _export(module: torch.nn.Module, path: Path, outputs: tuple[str, str], per_token: tuple[str, ...] = ()) -> None:
    ids = torch.tensor([[1, 2, 3, 4], [1, 2, 3, 0]])
    axes = {name: {0: "texts"} for name in outputs} | {
        name: {0: "texts", 1: "tokens"} for name in (*INPUTS, *per_token)
    }
    with _quiet(), torch.inference_mode():
        torch.onnx.export(
            module.eval(),
            (ids, (ids > 0).long()),
            path,
            input_names=list(INPUTS),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep remarks of the libraries about their own future off the terminal, and give what they raise one class."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except OSError:
        raise
    except Exception as error:  # the exporter and the quantiser raise whatever they meet
        raise EncoderError(f"the encoder cannot be written as ONNX with this torch ({error}): use 'torch'") from error
    finally:
        root.setLevel(level)
