import math
from pathlib import Path

import pytest

from bench.drawing import Curve, Growth
from bench.report import (
    AtLeast,
    AtMost,
    Exactly,
    Findings,
    Row,
    Section,
    document,
    number,
    with_sections,
    write,
)

ROWS = (
    Row("speed beside bare", "speed", "bare", bound=AtLeast(0.4)),
    Row("seconds", "seconds", bound=AtMost(10)),
    Row("queries beside those before", "queries", "before", bound=Exactly(1)),
    Row("share", "share", ratio="share_ratio", bound=AtMost(3)),
)


def found(**values: float) -> Findings:
    findings = Findings(Section("Things", "About things.", ROWS))
    for name, value in values.items():
        findings.report(name, value, "s", "a note")
    return findings


@pytest.mark.parametrize(
    ("values", "missed"),
    [
        pytest.param({"speed": 5, "bare": 10, "seconds": 10}, 0, id="both hold"),
        pytest.param({"speed": 3, "bare": 10}, 1, id="ratio too small"),
        pytest.param({"seconds": 10.1}, 1, id="too slow"),
        pytest.param({"queries": 0, "before": 0}, 0, id="none beside none"),
        pytest.param({"queries": 3, "before": 0}, 1, id="some beside none"),
        pytest.param({"queries": 6, "before": 7}, 1, id="fewer is not the same"),
        pytest.param({"share": 9, "share_ratio": 2}, 0, id="ratio of its own"),
        pytest.param({"share": 9, "share_ratio": 4}, 1, id="ratio of its own too large"),
        pytest.param({"seconds": math.nan}, 0, id="not measured binds nothing"),
        pytest.param({"other": 1e9}, 0, id="nothing binds what no row names"),
    ],
)
def test_findings_are_judged_by_their_bounds(values: dict[str, float], missed: int) -> None:
    assert len(found(**values).missed()) == missed


def test_failed_benchmark_is_missed() -> None:
    findings = found()
    findings.failure = "the server did not answer"
    assert findings.missed() == ["Things: the server did not answer"]


def test_document_shows_rows_in_their_order_and_figures_that_no_row_names() -> None:
    text = document(
        [found(seconds=12.5, other=7)], command="bench", load="idle", databases=["SQLite 3"]
    )
    table = text[text.index("| what") :].splitlines()
    assert table == [
        "| what | result | baseline | ratio | bound | holds |",
        "| --- | --- | --- | --- | --- | --- |",
        "| seconds | 12.5 s (a note) |  |  | at most 10 | **no** |",
        "| other | 7 s (a note) |  |  |  |  |",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4, "0.4"), (12.345, "12.3"), (7, "7"), (123456.7, "123,457"), (math.nan, "not measured")],
)
def test_number_has_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


def test_some_sections_take_the_place_of_the_old_and_the_rest_stays() -> None:
    before = document(
        [Findings(Section(title, f"About {title}.", ROWS)) for title in ("Others", "Things")],
        command="bench",
        load="idle",
        databases=["SQLite 3"],
    )
    again = Findings(Section("New", "About what is new.", ROWS))
    text = with_sections(before, [found(seconds=12.5), again], load="busy")
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == ["## Others", "## Things", "## New"]
    assert text.startswith(before[: before.index("## Things")])
    assert text.count("Measured by itself on") == 2
    assert "when busy." in text
    assert "| seconds | 12.5 s (a note) |" in text
    assert with_sections(text, [found(seconds=1)], load="idle").count("| seconds |") == 1


def test_growth_is_drawn_from_what_was_measured_and_written_beside_the_document(
    tmp_path: Path,
) -> None:
    curves = (
        Curve("DuckDB", {10: "small", 20: "large"}),
        Curve("Spark", {10: "small_there", 20: "large_there"}),
    )
    growth = Growth("things", "Seconds by things", "things", curves)
    findings = Findings(Section("Things", "About things.", (), [growth]))
    findings.report("small", 1, "s", "")
    findings.report("large_there", math.nan, "s", "no Spark")
    assert findings.drawings() == []
    findings.report("large", 2.5, "s", "")
    [(drawn, svg)] = findings.drawings()
    assert drawn is growth
    assert ">DuckDB<" in svg
    assert ">Spark<" not in svg

    text = with_sections("# Benchmarks\n", [findings], load="idle")
    assert text.rstrip().endswith("![Seconds by things](../images/growth-things.svg)")
    write(tmp_path / "reference" / "benchmarks.md", text, [findings])
    assert (tmp_path / "reference" / "benchmarks.md").read_text() == text
    assert (tmp_path / "images" / "growth-things.svg").read_text() == svg
