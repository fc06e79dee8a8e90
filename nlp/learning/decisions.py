"""What routers say of the same texts, each text read once: routers of one encoder share its features.

Kept by version, so that the live router and the base are asked once, however many candidates they meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nlp.architectures.fused import FusedScorer
from nlp.evaluation.remembering import RememberingEncoder
from nlp.router import Router

UNSAVED = "unsaved"  # the version of a router that is not stored, of which there may be many


@dataclass(frozen=True, slots=True)
class Decision:
    """What a router says of one text, as far as the gate looks at it; `probability` in [0, 1] is that of the intent."""

    intent: str
    probability: float
    topic: str | None
    in_scope: bool


class Decider:
    """Asks routers, and remembers what texts look like and what stored versions said of them.

    Not for measuring speed. It holds a few kilobytes a text: make a new one when the sets are other ones.
    """

    def __init__(self) -> None:
        self._encoders: dict[tuple[str, str], RememberingEncoder] = {}
        self._said: dict[str, dict[str, Decision]] = {}

    def __call__(self, router: Router, texts: Sequence[str]) -> list[Decision]:
        """One decision a text."""
        said = {} if router.version == UNSAVED else self._said.setdefault(router.version, {})
        if missing := [text for text in dict.fromkeys(texts) if text not in said]:
            routes = self._remembering(router).route_many(missing)
            for text, route in zip(missing, routes, strict=True):
                topic = route.topic.label if route.topic else None
                said[text] = Decision(route.intent.label, route.intent.score, topic, route.in_scope)
        return [said[text] for text in texts]

    def _remembering(self, router: Router) -> Router:
        """The router with an encoder that remembers, where its architecture reads features of one."""
        scorer = router.scorer
        if not isinstance(scorer, FusedScorer):
            return router
        if isinstance(scorer.encoder, RememberingEncoder):
            return router
        key = (scorer.encoder.fingerprint, scorer.encoder.reading)
        memory = self._encoders.setdefault(key, RememberingEncoder(scorer.encoder))
        light = memory.quantized() if scorer.light else None
        return Router(replace(scorer, encoder=memory, light=light), router.calibration, router.version)
