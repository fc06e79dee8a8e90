"""Documents made to exhaust, confuse or mislead whoever reads them, by kind: file names with their bytes.

`python -m tests.support.hostile [KIND...]` reads them all as a chat would, and prints what came of each.
"""

from collections.abc import Callable, Iterator

from tests.support.hostile import archives, encodings, pages, pdfs, texts

Family = Callable[[], Iterator[tuple[str, bytes]]]

FAMILIES: dict[str, Family] = {
    "packed": archives.packed,
    "bombs": archives.bombs,
    "entities": archives.entities,
    "broken archives": archives.broken,
    "lying archives": archives.lying,
    "looping pdf": pdfs.loops,
    "pdf bombs": pdfs.bombs,
    "broken pdf": pdfs.broken,
    "deep pages": pages.deep,
    "huge pages": pages.huge,
    "texts": texts.texts,
    "markdown": texts.markdown,
    "tables": texts.tables,
    "json": texts.json_files,
    "encodings": encodings.mislabelled,
}
