"""A router trained, measured and looked at from all sides, for `nlp.evaluation.report`."""

from collections.abc import Callable, Sequence

from nlp.encoder import Encoder
from nlp.evaluation.remembering import RememberingEncoder
from nlp.evaluation.report import RouterStudy
from nlp.evaluation.report.learning_curve import CurvePoint, learning_curve
from nlp.evaluation.report.outcome import judge
from nlp.evaluation.report.scope import judge_scope
from nlp.evaluation.router import evaluate_router
from nlp.training import Step
from nlp.training.checks import inspect
from nlp.training.data import Example
from nlp.training.router import DEFAULT, AnyConfig


def study_router(
    train: Sequence[Example],
    test: Sequence[Example],
    strange: Sequence[str],
    encoder: Encoder,
    config: AnyConfig = DEFAULT,
    on_step: Callable[[Step], object] = lambda _: None,
    names: tuple[str, str] = ("train", "test"),
    *,
    with_curve: bool = True,
) -> RouterStudy:
    """`evaluate_router` and what can be told from its routes; `names` are those of the data.

    The learning curve is left out unless asked for: it trains three more routers, though it embeds no text again.
    """
    memory = RememberingEncoder(encoder, recalling=False)
    measured = evaluate_router(train, test, strange, memory if with_curve else encoder, config, on_step)
    memory.recall()
    figures = measured.figures
    whole = CurvePoint(1.0, len(train), figures.accuracy, figures.topic_accuracy)
    curve = [*learning_curve(train, test, memory, config, on_step), whole] if with_curve else []
    return RouterStudy(
        measured.router.scorer.architecture,
        *names,
        figures,
        judge(test, measured.routes, [head.labels for head in measured.router.heads]),
        judge_scope(measured.routes, measured.strange),
        curve,
        inspect(train),
    )
