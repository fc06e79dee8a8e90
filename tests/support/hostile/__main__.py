"""Read every hostile document as a chat would: `python -m tests.support.hostile [KIND...]`."""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from nlp.errors import DocumentError
from nlp.sandbox import CHAT, SafeReader
from tests.support.hostile import FAMILIES


def outcome(reader: SafeReader, path: Path) -> str:
    """What came of reading a file."""
    try:
        return f"{len(reader.read(path).text):,} characters"
    except DocumentError as error:
        return str(error)


def main(kinds: list[str]) -> None:
    """Print a line for each document: its name, size and seconds, and what came of it."""
    reader, process, times = SafeReader(CHAT), psutil.Process(), []
    before = most = process.memory_info().rss
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(CHAT.children) as pool:

        def measure(item: tuple[str, bytes]) -> None:
            path = Path(folder, item[0])
            path.write_bytes(item[1])
            start = time.perf_counter()
            said = outcome(reader, path)
            times.append(time.perf_counter() - start)
            print(f"{item[0]:24} {len(item[1]):>10,} B {times[-1]:6.2f} s  {said}", flush=True)  # noqa: T201

        for kind in kinds or FAMILIES:
            for _ in pool.map(measure, FAMILIES[kind]()):
                most = max(most, process.memory_info().rss)
    reader.close()
    print(f"{len(times)} documents, {max(times):.2f} s at most, parent +{(most - before) / 1e6:.0f} MB")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
