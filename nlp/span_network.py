"""Question and sentence read together by one network: does the sentence answer, and with which of its words?

The bundled encoder with low-rank adapters (Hu et al. 2022, "LoRA"), one head that scores the pair (Nogueira & Cho 2019,
"Passage Re-ranking with BERT"), and one for start and end of the short answer (Devlin et al. 2019, "BERT").
`nlp.training.spans` trains it.
"""

from functools import reduce
from operator import or_
from typing import Any

import torch
from torch import nn

from nlp.architectures import transformer
from nlp.architectures.transformer import adapters_of, add_adapters, merge_adapters
from nlp.errors import ModelError
from nlp.model_store import Arrays, below
from nlp.pretrained import Pretrained

ALPHA = 2  # the adapters' scale, as a multiple of their rank
_FIRST_ADAPTER = "lora_A.weight"
_NOWHERE = -1e4


class SpanNetwork(nn.Module):
    """Token ids and mask (n, t) of pairs, question first, to scores (n,) and logits of start and end (n, t, 2)."""

    def __init__(self, encoder: Any, separator: int) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.separator = separator
        self.score = nn.Linear(2 * width, 1)
        self.places = nn.Linear(width, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-odds that each sentence answers, and where in it the answer may start and end."""
        ends = (ids == self.separator).long()
        second = ((ends.cumsum(1) - ends) > 0).long() * mask
        states = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=second).last_hidden_state.float()
        known = mask[..., None].float()
        mean = (states * known).sum(1) / known.sum(1)
        scores = self.score(torch.cat([states[:, 0], mean], dim=1))[:, 0]
        inside = (second * (1 - ends)).bool()
        return scores, self.places(states).masked_fill(~inside[..., None], _NOWHERE)

    def heads(self) -> dict[str, nn.Linear]:
        """The heads by name."""
        return {"score": self.score, "places": self.places}


def adapted_network(base: Pretrained, separator: int, rank: int) -> SpanNetwork:
    """A network over an encoder with new adapters, which alone are trained with the heads."""
    return SpanNetwork(add_adapters(base.network, rank, ALPHA * rank), separator)


def arrays_of(network: SpanNetwork) -> Arrays:
    """What training has changed of an adapted network."""
    heads = (transformer.arrays_of(head, name) for name, head in network.heads().items())
    return reduce(or_, heads, adapters_of(network.encoder))


def merged_network(base: Pretrained, separator: int, arrays: Arrays) -> SpanNetwork:
    """The trained network, its adapters merged into the encoder.

    Raises:
        ModelError: the arrays do not fit.
    """
    tensors = {name: torch.from_numpy(array).float() for name, array in arrays.items()}
    try:
        rank = next(len(tensor) for name, tensor in tensors.items() if name.endswith(_FIRST_ADAPTER))
        network = SpanNetwork(merge_adapters(base.network, rank, ALPHA * rank, tensors), separator)
        for name, head in network.heads().items():
            head.load_state_dict(below(tensors, name))
    except (StopIteration, RuntimeError) as error:
        raise ModelError("has arrays that do not fit its network") from error
    return network.eval()
