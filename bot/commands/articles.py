"""`dawen evaluate articles`: how well the article of a web page is found."""

from pathlib import Path

from bot.commands.models import print_report
from bot.progress import Progress
from nlp.evaluation.articles import evaluate_articles, read_pages


def articles_report(data: Path, *, as_json: bool) -> None:
    """Measure the extraction of articles on a folder of pages.

    Raises:
        DataError: a file of the folder is missing or cannot be read.
    """
    pages = read_pages(data)
    with Progress().job(f"Reading the pages of {data.name}") as advance:
        report = evaluate_articles(pages, on_page=advance)
    print_report(report.as_dict(), as_json=as_json)
