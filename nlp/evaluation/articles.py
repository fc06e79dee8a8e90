"""How well the article of a page is found, by the measure of scrapinghub's article-extraction-benchmark (evaluate.py).

A text is the multiset of its shingles: four words in a row, where a word is a run of letters, digits and underscores.
What a page's text shares with the true one, has too much and lacks of it are shares of their sum, so a long page weighs
no more than a short one. Precision and recall are means over pages; F1 is of these means.
"""

import gzip
import random
import re
import statistics
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nlp.articles import html_document
from nlp.documents import decode
from nlp.errors import DataError, DocumentError
from nlp.training.readers import read_jsonl

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_SAMPLES = 1000  # of the bootstrap, as many as evaluate.py takes

Extract = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was fetched, and the text of its article."""

    name: str
    html: bytes
    article: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """The shingles that two texts share, those too many and those missing, as shares in [0, 1] of their sum."""

    shared: float
    extra: float
    missing: float

    @property
    def precision(self) -> float | None:
        """The share of the found shingles that are right; None where nothing was found."""
        found = self.shared + self.extra
        return self.shared / found if found else None

    @property
    def recall(self) -> float | None:
        """The share of the right shingles that were found; None where there are none."""
        right = self.shared + self.missing
        return self.shared / right if right else None

    @property
    def f1(self) -> float:
        """The F1 of this page alone; two empty texts are equal."""
        total = 2 * self.shared + self.extra + self.missing
        return 2 * self.shared / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over pages, in [0, 1], and the F1 of the two."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """`f1_stderr` is the standard error of F1; `ms_per_page` the mean time from bytes to text in milliseconds."""

    precision: float
    recall: float
    f1: float
    f1_stderr: float
    ms_per_page: float

    def as_dict(self) -> dict[str, float]:
        """The figures under their usual names."""
        return {name: round(value, 2 if name == "ms_per_page" else 4) for name, value in asdict(self).items()}


def read_pages(folder: Path) -> list[Page]:
    """The pages of a data folder: `ground_truth.jsonl` with id and articleBody, and `html/<id>.html.gz`.

    Raises:
        DataError: a file is missing, damaged or empty, or a line lacks its id or its article.
    """
    truth = folder / "ground_truth.jsonl"
    pages = []
    for number, row in read_jsonl(truth):
        name, article = row.get("id"), row.get("articleBody")
        if not isinstance(name, str) or not isinstance(article, str) or Path(name).name != name:
            raise DataError(f"{str(truth)!r}, line {number} lacks an 'id' or an 'articleBody': both must be strings")
        pages.append(Page(name, _unpack(folder / "html" / f"{name}.html.gz"), article))
    if not pages:
        raise DataError(f"{str(truth)!r} has no rows: expected one page with its article a line")
    return pages


def _unpack(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{str(path)!r} is not an intact .gz file: make it again") from error
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be read ({error.strerror}): check the path") from error


def page_text(html: bytes) -> str:
    """The text that the bot reads on a page; none where it says that there is none."""
    try:
        return html_document(decode(html), "").text
    except DocumentError:
        return ""


def evaluate_articles(
    pages: Sequence[Page], extract: Extract = page_text, on_page: Callable[[int, int], object] = lambda *_: None
) -> ArticleReport:
    """Extract the article of every page, and compare."""
    extract(pages[0].html)  # what is loaded at first use is no page's time
    overlaps: list[Overlap] = []
    seconds = 0.0
    for number, page in enumerate(pages, 1):
        start = time.perf_counter()
        text = extract(page.html)
        seconds += time.perf_counter() - start
        overlaps.append(compare(page.article, text))
        on_page(number, len(pages))
    return report(overlaps, seconds)


def report(overlaps: Sequence[Overlap], seconds: float) -> ArticleReport:
    """The figures of pages that took so many seconds together."""
    found = scores(overlaps)
    return ArticleReport(found.precision, found.recall, found.f1, f1_error(overlaps), seconds / len(overlaps) * 1000)


def compare(truth: str, found: str) -> Overlap:
    """The overlap of the true text of a page with the found one."""
    right, ours = _shingles(truth), _shingles(found)
    counts = (right & ours).total(), (ours - right).total(), (right - ours).total()
    total = sum(counts) or 1
    return Overlap(*(count / total for count in counts))


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    """Every four words in a row; a shorter text is one shingle, an empty text none."""
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - _SHINGLE + 1)) if words else ()
    return Counter(tuple(words[start : start + _SHINGLE]) for start in starts)


def scores(overlaps: Sequence[Overlap]) -> Scores:
    """Precision over the pages where something was found, recall over those with something to find, and their F1."""
    precision = _mean([overlap.precision for overlap in overlaps])
    recall = _mean([overlap.recall for overlap in overlaps])
    both = precision + recall
    return Scores(precision, recall, 2 * precision * recall / both if both else 0.0)


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else 0.0


def f1_error(overlaps: Sequence[Overlap]) -> float:
    """The standard error of F1: its deviation over bootstrap samples of the pages; the same pages give the same."""
    rng = random.Random(0)  # noqa: S311 - samples, no secrets
    samples = (rng.choices(overlaps, k=len(overlaps)) for _ in range(_SAMPLES))
    return statistics.stdev(scores(sample).f1 for sample in samples)
