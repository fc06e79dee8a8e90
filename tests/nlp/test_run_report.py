"""What a training run leaves: its log, and the report made from it."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from nlp.model_store import ModelStore
from nlp.training import Step, run
from nlp.training.configs import FusedConfig
from nlp.training.data import Example
from nlp.training.router import describe_router, save_router, train_router
from nlp.training.run_report import report_files
from nlp.training.runlog import RunLog, thin
from tests.support.models import EXAMPLES, BagEncoder

QUICK = FusedConfig(iterations=10)


def test_a_log_times_the_stages_and_keeps_their_curves() -> None:
    times = iter([0.0, 1.0, 3.0, 7.0, 7.5])
    log = RunLog(lambda: next(times))
    for step in (
        Step("embed", 1, 2),
        Step("embed", 2, 2),
        Step("fit", 1, 2, 0.5, {"f1": 0.1}),
        Step("fit", 2, 2, 0.25),
    ):
        log(step)
    assert [(stage.name, stage.seconds, stage.steps) for stage in log.stages] == [("embed", 3.0, 2), ("fit", 4.5, 2)]
    assert log.stages[1].curves == {"loss": [(1, 0.5), (2, 0.25)], "f1": [(1, 0.1)]}
    assert log.seconds == 7.5


def test_long_curves_are_thinned_to_their_last_point() -> None:
    points = [(n, 1 / (n + 1)) for n in range(10_001)]
    thinned = thin(points)
    assert len(thinned) <= 402
    assert (thinned[0], thinned[-1]) == (points[0], points[-1])
    assert thin(points[:3]) == points[:3]
    assert thin([]) == []


def trained(examples: list[Example]) -> tuple[RunLog, dict[str, str]]:
    log = RunLog()
    router = run(train_router(examples, BagEncoder(), QUICK), log)
    manifest, _ = describe_router(router, examples, QUICK, sources=["<b>.jsonl"], scores={"accuracy": 0.75})
    return log, report_files(log, manifest, examples)


def test_a_report_holds_what_happened() -> None:
    examples = [*EXAMPLES, EXAMPLES[0], Example("hello there", "question", None, "x:1")]
    log, files = trained(examples)
    report = json.loads(files["report.json"])
    assert [stage["stage"] for stage in report["stages"]] == ["embed", "calibrate", "fit"]
    assert report["stages"][2]["curves"]["loss"] == [list(point) for point in log.stages[2].curves["loss"]]
    assert (report["data"]["duplicates"], report["data"]["contradicted"]) == (1, 1)
    assert report["data"]["contradictions"] == [{"greeting": "test:8", "question": "x:1"}]
    assert report["data"]["labels"]["question"] == 10
    assert report["data"]["languages"] == {"en": 18, "zh": 16}
    assert (report["configuration"]["iterations"], report["scores"], report["seed"]) == (10, {"accuracy": 0.75}, 0)
    assert report["encoder"] == "bag"
    assert report["libraries"]["numpy"]


def test_a_report_quotes_nobody() -> None:
    _, files = trained([*EXAMPLES, Example("hello there", "question", None, "x:1")])
    for text in files.values():
        assert "hello there" not in text.casefold()


def test_the_page_is_whole_and_escaped() -> None:
    page = trained(EXAMPLES)[1]["report.html"]
    assert "&lt;b&gt;.jsonl" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "http" not in page
    drawing = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])  # noqa: S314 - made above
    lines = drawing.findall("polyline")
    assert len(lines) == 2
    for line in lines:
        heights = [float(point.split(",")[1]) for point in line.attrib["points"].split()]
        assert heights == sorted(heights)  # a falling loss goes down the page
        assert 0 <= min(heights) <= max(heights) <= 200


def test_a_loss_that_is_no_number_is_left_out_of_the_drawing() -> None:
    log = RunLog()
    for loss in (1.0, float("nan"), float("inf")):
        log(Step("fit", 1, 1, loss))
    manifest, _ = describe_router(run(train_router(EXAMPLES, BagEncoder(), QUICK)), EXAMPLES, QUICK)
    files = report_files(log, manifest, EXAMPLES)
    assert json.loads(files["report.json"])["stages"][0]["curves"]["loss"] == [[1, 1.0], [1, None], [1, None]]
    assert files["report.html"].count("<polyline") == 1


def test_a_stored_router_has_its_report_beside_it(tmp_path: Path) -> None:
    store, log = ModelStore(tmp_path), RunLog()
    router = run(train_router(EXAMPLES, BagEncoder(), QUICK), log)
    manifest = save_router(router, store, EXAMPLES, QUICK, log)
    folder = store.folder("router", manifest.version)
    assert set(manifest.files) == {"model.safetensors", "report.json", "report.html"}
    assert json.loads((folder / "report.json").read_text())["data"]["rows"] == len(EXAMPLES)
