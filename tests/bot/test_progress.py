"""Bars on stderr."""

import io

import pytest
from rich.console import Console

from bot.progress import Progress, Silence, no_advance


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def progress(stream: io.StringIO, *, terminal: bool = False) -> Progress:
    return Progress(Console(file=stream, width=100, force_terminal=terminal))


def test_a_job_says_that_it_begins_and_how_it_ended_where_nobody_watches(stream: io.StringIO) -> None:
    with progress(stream).job("Reading [the] manual :smile:") as advance:
        for done in range(1, 19):
            advance(done, 18)
    begun, ended = stream.getvalue().splitlines()
    assert begun == "Reading [the] manual :smile: …"
    assert ended.startswith("Reading [the] manual :smile: ")
    assert " 18/18 " in ended


def test_stages_appear_as_they_begin(stream: io.StringIO) -> None:
    with progress(stream).stages({"embed": "Reading the examples", "fit": "Training"}) as show:
        show("embed", 1, 2)
        show("embed", 2, 2)
        show("unnamed", 1, 1)
    *begun, first, second = stream.getvalue().splitlines()
    assert begun == ["Reading the examples …", "unnamed …"]
    lines = [first, second]
    assert [line.split("━")[0].strip() for line in lines] == ["Reading the examples", "unnamed"]
    assert ["2/2" in lines[0], "1/1" in lines[1]] == [True, True]


def test_a_job_that_fails_still_ends_its_bar_and_passes_the_failure_on(stream: io.StringIO) -> None:
    bars = progress(stream, terminal=True)
    with pytest.raises(ZeroDivisionError), bars.job("First"):
        raise ZeroDivisionError
    with bars.job("Second") as advance:
        advance(1, 1)
    assert "Second" in stream.getvalue()
    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h")


def test_bars_never_reach_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress().job("Reading") as advance:
        advance(1, 1)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Reading" in err


def test_silence_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Silence().job("Reading") as advance, Silence().stages({}) as show:
        advance(1, 2)
        show("fit", 1, 2)
    no_advance(1, 2)
    assert capsys.readouterr() == ("", "")
