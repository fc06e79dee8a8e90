"""An optional second look at what was found: a cross-encoder that reads question and passage together.

Any sentence-transformers or transformers cross-encoder serves, by folder or Hugging Face id. It is asked only in
languages in which it was seen to rank held-out questions at least as well as the search alone (`served_languages`):
the mean reciprocal rank of the first right passage must not fall, over ten questions of that language or more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nlp.encoder import quiet_transformers
from nlp.errors import EncoderError, ModelError
from nlp.pretrained import check_configuration, digest
from nlp.text import detect_language
from nlp.types import LANGUAGES, Hit, Language, Passage

if TYPE_CHECKING:
    from torch import nn

ENOUGH = 10  # questions of a language without which nothing is known of it
Score = Callable[[Sequence[tuple[str, str]]], Sequence[float]]


@dataclass(frozen=True)
class Reranker:
    """`score` gives each pair of question and passage a number that is higher where they belong together."""

    score: Score
    fingerprint: str

    def order(self, question: str, passages: Sequence[str]) -> list[int]:
        """The places of the passages, best first; equals stay in their order."""
        scores = self.score([(question, passage) for passage in passages]) if passages else ()
        return sorted(range(len(passages)), key=lambda place: -scores[place])


@dataclass(frozen=True)
class Reranking:
    """A reranker with the languages that it serves."""

    reranker: Reranker
    languages: frozenset[Language]

    def apply(self, question: str, found: Sequence[tuple[Passage, Hit]]) -> list[tuple[Passage, Hit]]:
        """The found passages in the reranker's order, or as they were in a language that it does not serve."""
        if detect_language(question) not in self.languages:
            return list(found)
        places = self.reranker.order(question, [passage.searchable for passage, _ in found])
        return [found[place] for place in places]


@dataclass(frozen=True, slots=True)
class Trial:
    """A held-out question with the passages that the search found, best first; `right` are the places that answer."""

    question: str
    language: Language
    passages: tuple[str, ...]
    right: frozenset[int]


def served_languages(reranker: Reranker, trials: Sequence[Trial]) -> frozenset[Language]:
    """The languages in which the reranker ranks the right passage at least as high as the search does."""
    served: set[Language] = set()
    for language in LANGUAGES:
        here = [trial for trial in trials if trial.language == language and trial.right]
        if len(here) < ENOUGH:
            continue
        searched = [1 / (1 + min(trial.right)) for trial in here]
        reranked = [_reciprocal_rank(trial, reranker.order(trial.question, trial.passages)) for trial in here]
        if np.mean(reranked) >= np.mean(searched):
            served.add(language)
    return frozenset(served)


def _reciprocal_rank(trial: Trial, places: Sequence[int]) -> float:
    return next(1 / rank for rank, place in enumerate(places, 1) if place in trial.right)


def load_reranker(name: str, device: str) -> Reranker:
    """The cross-encoder `name`, a folder or a Hugging Face id, on a torch device.

    Raises:
        EncoderError: it cannot be loaded, gives more than one score, or its configuration names code to be fetched.
    """
    try:
        with quiet_transformers():
            model = _load(name, device)
    except (EncoderError, ModelError) as error:
        raise EncoderError(f"reranker {name!r} {error}") from error
    except Exception as error:  # the library raises whatever its many back ends raise
        raise EncoderError(
            f"reranker {name!r} cannot be loaded: give the folder of a cross-encoder with config.json, "
            "model.safetensors and tokenizer.json, or a Hugging Face id that this machine can reach"
        ) from error
    network: nn.Module = model
    return Reranker(lambda pairs: _predict(model, pairs), digest(network))


def _load(name: str, device: str) -> Any:
    from sentence_transformers import CrossEncoder
    from transformers import PretrainedConfig

    configuration = PretrainedConfig.get_config_dict(name)[0]
    check_configuration(configuration)
    model = CrossEncoder(name, device=device, trust_remote_code=False, model_kwargs={"use_safetensors": True})
    if model.num_labels != 1:
        raise EncoderError(f"gives {model.num_labels} scores to a pair instead of one: use a cross-encoder for ranking")
    return model


def _predict(model: Any, pairs: Sequence[tuple[str, str]]) -> list[float]:
    scores: list[float] = model.predict(list(pairs), show_progress_bar=False).tolist()
    return scores
