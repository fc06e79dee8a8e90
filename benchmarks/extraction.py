"""Articles of web pages, beside readability-lxml, jusText and trafilatura with its defaults: one run, one measure.

    python -m benchmarks.extraction --data FOLDER

FOLDER is as for `dawen evaluate articles`. readability-lxml takes part where it is installed (`pip install
readability-lxml`; in one command with the rest, pip 23 stumbles over two spellings of an extra of lxml). Every
contender gets the page decoded in the same way. Two further tables hold tenths: of each contender's own pages,
worst first; and of the same pages for all, from the hardest (on which the contenders' mean F1 is lowest) to the
easiest.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from nlp.documents import decode
from nlp.evaluation.articles import ArticleReport, Extract, Overlap, Page, compare, page_text, read_pages, report
from nlp.markup import tree_blocks

TENTHS = 10


@dataclass(frozen=True)
class Result:
    """What one contender made of every page."""

    name: str
    overlaps: tuple[Overlap, ...]
    report: ArticleReport

    @property
    def scores(self) -> list[float]:
        """F1 page by page."""
        return [overlap.f1 for overlap in self.overlaps]


def readability(html: bytes) -> str:
    """The summary of readability-lxml as text."""
    from lxml.html import document_fromstring
    from readability import Document

    return "\n\n".join(block.text for block in tree_blocks(document_fromstring(Document(decode(html)).summary())))


def justext(html: bytes) -> str:
    """The paragraphs that jusText takes for content, by its list of English words."""
    from justext import get_stoplist
    from justext import justext as classify

    return "\n\n".join(p.text for p in classify(decode(html), get_stoplist("English")) if not p.is_boilerplate)


def trafilatura(html: bytes) -> str:
    """trafilatura with its defaults."""
    from trafilatura import extract

    return extract(decode(html)) or ""


CONTENDERS: dict[str, Extract] = {
    "Dawen": page_text,
    **({"readability-lxml": readability} if find_spec("readability") else {}),
    "jusText": justext,
    "trafilatura": trafilatura,
}


def measure(pages: Sequence[Page], tell: Callable[[str], object] = lambda _: None) -> list[Result]:
    """All contenders on all pages; they take turns page by page, so that a busy machine is unfair to none."""
    overlaps: dict[str, list[Overlap]] = {name: [] for name in CONTENDERS}
    seconds = dict.fromkeys(CONTENDERS, 0.0)
    for extract in CONTENDERS.values():
        extract(pages[0].html)  # what is loaded at first use is no page's time
    for number, page in enumerate(pages, 1):
        for name, extract in CONTENDERS.items():
            start = time.perf_counter()
            text = extract(page.html)
            seconds[name] += time.perf_counter() - start
            overlaps[name].append(compare(page.article, text))
        tell(f"{number} of {len(pages)} pages")
    return [Result(name, tuple(found), report(found, seconds[name])) for name, found in overlaps.items()]


def own_tenths(result: Result) -> list[float]:
    """The mean F1 of each tenth of the pages, from those it does worst to those it does best."""
    return _tenths(sorted(result.scores))


def shared_tenths(results: Sequence[Result]) -> list[list[float]]:
    """For each contender the mean F1 of each tenth of the pages, from those hardest for all to the easiest."""
    difficulty = [statistics.fmean(scores) for scores in zip(*(result.scores for result in results), strict=True)]
    order = sorted(range(len(difficulty)), key=difficulty.__getitem__)
    return [_tenths([result.scores[place] for place in order]) for result in results]


def _tenths(scores: Sequence[float]) -> list[float]:
    edges = [round(len(scores) * tenth / TENTHS) for tenth in range(TENTHS + 1)]
    parts = (scores[start:end] for start, end in pairwise(edges))
    return [statistics.fmean(part) for part in parts if part]


def table(results: Sequence[Result]) -> str:
    """The figures as Markdown tables."""
    lines = ["| | precision | recall | F1 | ms a page |", "|---|---|---|---|---|"]
    for result in results:
        found = result.report
        lines.append(
            f"| {result.name} | {found.precision:.4f} | {found.recall:.4f} | {found.f1:.4f} ± {found.f1_stderr:.4f} "
            f"| {found.ms_per_page:.0f} |"
        )
    lines += _tenth_table("Tenths of each one's pages, worst first", results, list(map(own_tenths, results)))
    lines += _tenth_table("Tenths of the pages, hardest for all first", results, shared_tenths(results))
    return "\n".join(lines)


def _tenth_table(title: str, results: Sequence[Result], rows: Sequence[Sequence[float]]) -> list[str]:
    numbers = range(1, len(rows[0]) + 1)
    head = f"| {title} | {' | '.join(map(str, numbers))} |"
    cells = (" | ".join(f"{score:.3f}" for score in row) for row in rows)
    body = (f"| {result.name} | {line} |" for result, line in zip(results, cells, strict=True))
    return ["", head, "|---" * (len(rows[0]) + 1) + "|", *body]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with ground_truth.jsonl and html/")
    print(table(measure(read_pages(parser.parse_args().data))))


if __name__ == "__main__":
    main()
