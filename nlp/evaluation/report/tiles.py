"""The figures at the head of a report, each with what it means in plain words, in English and Chinese."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nlp.evaluation.report.outcome import HeadOutcome
from nlp.evaluation.router import RouterReport


@dataclass(frozen=True)
class Tile:
    """One figure: its names, its value as it is shown, and what it means."""

    english: str
    chinese: str
    value: str
    meaning: str
    sense: str


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _fraction(value: float) -> str:
    return f"{value:.3f}"


def _seconds(value: float) -> str:
    return f"{value:.1f} s"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


_Row = tuple[str, str, str, Callable[[float], str], str, str]
_TILES: tuple[_Row, ...] = (
    (
        "accuracy",
        "Accuracy",
        "准确率",
        _percent,
        "Of 100 test texts, so many got the right intent.",
        "每 100 条测试文本中，意图判断正确的条数。",
    ),
    (
        "accuracy@3",
        "Accuracy at 3",
        "前三准确率",
        _percent,
        "The right intent was among the best three, as shown on buttons.",
        "正确意图出现在前三名之内的比例（即按钮中可选到）。",
    ),
    (
        "macro_f1",
        "Macro F1",
        "宏平均 F1",
        _fraction,
        "Like accuracy, but rare classes count as much as common ones.",
        "与准确率类似，但少见类别与常见类别同等重要。",
    ),
    (
        "topic_accuracy",
        "Topic accuracy",
        "话题准确率",
        _percent,
        "Of 100 test texts, so many got the right topic.",
        "每 100 条测试文本中，话题判断正确的条数。",
    ),
    (
        "ece",
        "Calibration error",
        "校准误差 ECE",
        _fraction,
        "The gap between how sure it is and how often it is right; 0 is best.",
        "置信度与实际正确率之间的平均差距，越接近 0 越好。",
    ),
    (
        "oos_auroc",
        "Out-of-scope AUROC",
        "范围外 AUROC",
        _fraction,
        "How well out-of-scope texts are told from known ones: 1 is perfect, 0.5 is guessing.",
        "区分范围外文本与已知文本的能力：1 为完美，0.5 等于瞎猜。",
    ),
    (
        "route_ms_p50",
        "Time a message",
        "单条耗时（中位数）",
        "{:.1f} ms".format,
        "Half of the messages are routed faster.",
        "一半的消息比这更快。",
    ),
    (
        "route_ms_p95",
        "Slow messages",
        "单条耗时（95 分位）",
        "{:.1f} ms".format,
        "95 of 100 messages are routed faster.",
        "每 100 条消息中有 95 条比这更快。",
    ),
    (
        "texts_per_s",
        "Texts a second",
        "每秒条数",
        _whole,
        "In large batches on this machine.",
        "本机大批量处理时的速度。",
    ),
    (
        "encode_seconds",
        "Reading the examples",
        "编码样本用时",
        _seconds,
        "Time to embed the training texts.",
        "将训练文本编码为向量所用的时间。",
    ),
    (
        "train_seconds",
        "Training",
        "训练用时",
        _seconds,
        "Time to fit and calibrate after that.",
        "此后拟合与校准所用的时间。",
    ),
    (
        "model_mb",
        "Model size",
        "模型大小",
        "{:.1f} MB".format,
        "Beside the encoder, which is shared.",
        "不含共用的编码器。",
    ),
    (
        "train_rows",
        "Training rows",
        "训练样本数",
        _whole,
        "Labelled texts that it learned from.",
        "用于学习的标注文本数。",
    ),
    (
        "test_rows",
        "Test rows",
        "测试样本数",
        _whole,
        "Labelled texts that it was measured on.",
        "用于测量的标注文本数。",
    ),
    (
        "classes",
        "Classes",
        "类别数",
        _whole,
        "Different intents in the test rows and the answers.",
        "测试样本与预测中出现的意图数。",
    ),
)


def make_tiles(figures: RouterReport, heads: Sequence[HeadOutcome]) -> list[Tile]:
    """The tiles of all figures that there are."""
    values: dict[str, Any] = {
        **figures.as_dict(),
        "accuracy@3": heads[0].accuracy_at_3,
        "classes": len(heads[0].labels),
    }
    return [
        Tile(english, chinese, shown(values[name]), meaning, sense)
        for name, english, chinese, shown, meaning, sense in _TILES
        if values[name] is not None
    ]
