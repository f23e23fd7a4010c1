"""What the network published: complete, sourced, conflicts kept, and the same as its table."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from lineshaft.kernel.datafile import parse_table
from lineshaft.kernel.errors import Invalid
from lineshaft.reference import PublishedPrecision, PublishedUnit, load_published_values
from lineshaft.reference.published import parse_published_values

FACTS = Path(__file__).parents[4].parent / "shared" / "facts" / "metrics.csv"


def test_published_values_have_source_and_confidence() -> None:
    published = load_published_values()
    assert (len(published.metrics), len(published.values)) == (24, 67)
    assert all(metric.sourced.source for metric in published.metrics)
    assert all(value.sourced.source for value in published.values)


def test_published_values_for_2022_are_those_of_the_plan() -> None:
    published = load_published_values()
    (members,) = published.values_of("members_total", 2022)
    assert (members.number, members.precision) == (Decimal(2500), PublishedPrecision.AT_LEAST)
    assert [value.number for value in published.values_of("projects", 2022)] == [700, 670]
    (ratio,) = published.values_of("leverage_ratio", 2022)
    assert (ratio.number, ratio.is_one_year) == (Decimal(3), True)


def test_published_values_in_conflict_stand_side_by_side() -> None:
    published = load_published_values()
    in_conflict = {
        (value.metric_id, value.period)
        for value in published.values
        if published.is_in_conflict(value)
    }
    assert in_conflict == {
        ("wf_total", "FY2017"),
        ("members_total", "FY2021"),
        ("wf_total", "FY2021"),
        ("projects", "FY2022"),
    }


def test_published_values_over_several_years_are_of_no_single_year() -> None:
    published = load_published_values()
    since_start = published.values_of("fed_total_since_start_musd")
    assert [(value.period, value.number) for value in since_start] == [
        ("2012-2017", Decimal(1000)),
        ("2012-2021", Decimal(1700)),
    ]
    assert published.values_of("fed_total_since_start_musd", 2012) == ()


def test_published_targets_of_one_institute_are_a_text() -> None:
    published = load_published_values()
    (targets,) = published.values_of("smart_usa_targets")
    (metric,) = (entry for entry in published.metrics if entry.id == "smart_usa_targets")
    assert (metric.unit, metric.institute_key) == (PublishedUnit.TEXT, "smart-usa")
    assert targets.number is None
    assert targets.text.startswith("cost -35%")


def test_published_metrics_know_the_figure_to_stand_beside() -> None:
    published = load_published_values()
    figures = {metric.figure for metric in published.metrics if metric.figure}
    assert figures == {
        "memberships.members",
        "memberships.members_by_kind",
        "memberships.sme_share",
        "network.institutes_by_status",
        "funding.federal_obligated",
        "funding.cost_share_total",
        "funding.match_ratio",
    }
    assert [metric.id for metric in published.metrics_of_figure("funding.match_ratio")] == [
        "leverage_ratio"
    ]


@pytest.mark.skipif(
    not FACTS.exists(), reason="the table of metrics that the file was made from is not here"
)
def test_published_file_says_what_the_table_says() -> None:
    with FACTS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["programme"] == "Manufacturing USA"]
    published = load_published_values()
    stated = [
        (row["id"], row["period"], row["value"], row["confidence"])
        for row in rows
        if row["record_type"] == "metric_value"
    ]
    assert stated == [
        (
            value.metric_id,
            value.period,
            "" if value.number is None else str(value.number),
            value.sourced.confidence.value,
        )
        for value in published.values
    ]
    defined = [row["id"] for row in rows if row["record_type"] == "metric_definition"]
    assert [metric.id for metric in published.metrics][: len(defined)] == defined


SOUND = """
[[categories]]
key = "c"
name = "C"
name_zh = "类"
[[metrics]]
id = "m"
name = "M"
name_zh = "量"
definition = "d"
definition_zh = "义"
unit = "count"
category = "c"
source = "s"
confidence = "high"
[[values]]
metric = "m"
period = "FY2022"
first_year = 2022
last_year = 2022
value = "1"
precision = "exact"
source = "s"
confidence = "high"
"""


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('category = "c"', 'category = "d"', "metrics[0].category"),
        ('metric = "m"', 'metric = "n"', "values[0].metric"),
        ("last_year = 2022", "last_year = 2021", "values[0].last_year"),
        ('value = "1"', "", "values[0].value"),
        ('unit = "count"', 'unit = "bushel"', "metrics[0].unit"),
    ],
    ids=["category", "metric", "years", "value", "unit"],
)
def test_published_file_with_a_fault_is_refused(old: str, new: str, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_published_values(parse_table(SOUND.replace(old, new, 1), "x.toml"))
    assert caught.value.errors[0].field == path


def test_published_file_with_a_metric_twice_is_refused() -> None:
    metric = SOUND[SOUND.index("[[metrics]]") : SOUND.index("[[values]]")]
    with pytest.raises(Invalid) as caught:
        parse_published_values(parse_table(SOUND + metric, "x.toml"))
    assert caught.value.errors[0].field == "metrics[1].id"
