"""The card of an exported data set: what `datasets` reads to find splits and columns, and what people read."""

from collections.abc import Mapping, Sequence

FILES = {"train": "data/train.jsonl", "test": "data/test.jsonl"}
_FEATURES = {"text": "string", "intent": "string", "topic": "string", "language": "string", "golden": "bool"}
_WORDS = """
# Labelled messages of a Dawen bot

One JSON object a line: what somebody wrote (`text`), what it was (`intent`, and `topic` where it is known), and its
`language`. The rows of the split `test` are golden: they are never trained on, and every new version must get them
right.

The messages are of people who agreed that they may teach. E-mail addresses, phone, card and ID numbers, postal
addresses and names were replaced by rules, which miss some; read the rows before you hand them on.
"""


def card(splits: Mapping[str, int], languages: Sequence[str]) -> str:
    """The text of README.md for splits with so many rows each."""
    meta = ["---", "language:", *(f"- {language}" for language in languages)]
    meta += ["task_categories:", "- text-classification", "configs:", "- config_name: default", "  data_files:"]
    for name in splits:
        meta += [f"  - split: {name}", f"    path: {FILES[name]}"]
    meta += ["dataset_info:", "  features:"]
    for name, kind in _FEATURES.items():
        meta += [f"  - name: {name}", f"    dtype: {kind}"]
    meta.append("  splits:")
    for name, rows in splits.items():
        meta += [f"  - name: {name}", f"    num_examples: {rows}"]
    return "\n".join([*meta, "---", *_WORDS.splitlines()]) + "\n"
