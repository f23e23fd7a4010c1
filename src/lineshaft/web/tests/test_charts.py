"""Drawings: the same every time, no style attribute, said in words too."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from lineshaft.web import charts, maps
from lineshaft.web.charts import (
    Addend,
    Bar,
    Interval,
    Line,
    LinePoint,
    MapPoint,
    Reference,
    StackedBar,
    drawing,
    points,
)
from lineshaft.web.charts import lines as lines_of
from lineshaft.web.charts.axes import ROOM_FOR_VALUES, letters_px, room_for_values
from lineshaft.web.charts.drawing import LETTERING_PX, NARROW_PX, WIDE_PX

BARS = [
    Bar("America Makes", 2.59, "2.59", low=2.1, high=3),
    Bar("CyManII", 0.59, "0.59", is_marked=True),
]

INTERVALS = [
    Interval("1. Castings", 4.2, 3.6, 4.8, "4.20", other=4.5, band="Group 1", is_marked=True),
    Interval("2. Forgings", 3.9, 2.9, 4.7, "3.90", band="Group 1"),
    Interval("3. Welding", 1.8, 1.2, 2.6, "1.80", other=1.5, band="Group 2"),
]


@pytest.fixture(autouse=True)
def _own_cache(settings: Settings, tmp_path: Path) -> None:
    settings.CACHE_DIR = tmp_path
    drawing.kept_drawing.cache_clear()


def drawings() -> dict[str, str]:
    return {
        "bar": charts.bar_chart(
            BARS,
            title_alt="CyManII < 1 : 1",
            x_label="Match ratio",
            unit="to 1",
            reference=Reference(1, "rule"),
        ),
        "stacked": charts.stacked_bar_chart(
            [StackedBar("LIFT", (12, 9), "21")],
            parts=["Cash", "In-kind"],
            title_alt="LIFT brought 21",
            x_label="Cost share",
        ),
        "line": charts.line_chart(
            [
                Line(
                    "Members", (LinePoint("FY2021", 5, low=4, high=6), LinePoint("FY2022", 7, "7"))
                ),
                Line("Due", (LinePoint("FY2021", 1), LinePoint("FY2022", 2)), is_marked=True),
            ],
            title_alt="Seven members",
            y_label="Members",
            reference=Reference(3, "plan"),
        ),
        "map": charts.point_map(
            [MapPoint("LIFT", 42.3, -83.1), MapPoint("LIFT 2", 42.3, -83.1, is_marked=True)],
            title_alt="Two institutes",
            background=[(-83, 42)],
        ),
        "spark": charts.spark([1, 3, 2], title_alt="up"),
        "interval": charts.interval_chart(
            INTERVALS,
            ends=(1, 5),
            title_alt="Two of three stand apart",
            x_label="Score",
            other_label="raw mean",
        ),
        "waterfall": charts.waterfall_chart(
            [Addend("Before", -3, "−3"), Addend("Name", 5, "+5")],
            Addend("Together", 2, "+2"),
            title_alt="Two are one",
            x_label="Weight",
            unit="bits",
        ),
    }


def test_drawing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    first = drawings()
    drawing.kept_drawing.cache_clear()
    from_file = drawings()
    for path in (tmp_path / "charts").iterdir():
        path.unlink()
    drawing.kept_drawing.cache_clear()
    assert first == from_file == drawings()


@pytest.mark.parametrize("kind", ["bar", "stacked", "line", "map", "spark", "interval"])
def test_drawing_needs_neither_style_nor_script_nor_host(kind: str) -> None:
    drawing = drawings()[kind]
    for forbidden in ("style=", "<script", "http:", "https:", "font-family", "#010203"):
        assert forbidden not in drawing
    assert 'role="img"' in drawing


def test_colours_are_variables_of_the_page() -> None:
    assert 'fill="var(--belt)"' in drawings()["bar"]
    assert 'fill="var(--series-1)"' in drawings()["bar"]


def test_alternative_says_the_finding_and_is_escaped() -> None:
    drawing = drawings()["bar"]
    assert drawing.count(">CyManII &lt; 1 : 1</title>") == 2
    assert drawing.count(">Match ratio, to 1</desc>") == 2


def test_bars_start_at_zero_and_values_stand_beside_them() -> None:
    drawing = drawings()["bar"]
    assert drawing.count('d="M0,') >= 4
    assert ">2.59</text>" in drawing


def test_intervals_name_their_bands_and_the_second_value() -> None:
    drawing = drawings()["interval"]
    wide, narrow = drawing.split("</svg>", 1)
    for drawn in (wide, narrow):
        assert drawn.count(">Group 1</text>") == drawn.count(">Group 2</text>") == 1
    assert ">| raw mean</text>" in drawing
    assert ">4.20</text>" in drawing
    assert ">5</text>" in drawing
    assert 'stroke="var(--belt)"' in drawing


def test_intervals_leave_room_for_their_values_and_keep_within_the_scale() -> None:
    beyond = replace(INTERVALS[0], label="A name that is far too long to stand beside an interval")
    beyond = replace(beyond, value=5, high=6, text="5.00", other=7)
    drawing = charts.interval_chart([beyond], ends=(1, 5), title_alt="One", other_label="mean")
    wide, narrow = drawing.split("</svg>", 1)
    for drawn in (wide, narrow):
        ends = {label: _place_of(drawn, label)[0] for label in ("5", "5.00")}
        assert ends["5.00"] >= ends["5"]  # the value stands behind the end of the scale
    name, value = _place_of(narrow, "A name that"), _place_of(narrow, "5.00")
    assert name[0] < value[0]
    assert value[1] - name[1] >= LETTERING_PX  # in a line above
    assert abs(_place_of(wide, "A name that")[1] - _place_of(wide, "5.00")[1]) < LETTERING_PX / 2


def test_intervals_run_from_left_to_right_also_where_values_take_all_the_room() -> None:
    long = [replace(one, text="4.20 " * 9, band="Band of them all") for one in INTERVALS]
    drawing = charts.interval_chart(long, ends=(1, 5), title_alt="Long")
    for drawn in drawing.split("</svg>", 1):
        assert _place_of(drawn, "1</text>")[0] <= _place_of(drawn, "5</text>")[0]


def _place_of(drawn: str, text: str) -> tuple[float, float]:
    """Where a text stands in its group of the drawing, from the left and from above."""
    found = re.search(r"translate\(([-\d.]+),([-\d.]+)\)[^>]*>" + re.escape(text), drawn)
    assert found is not None, text
    return float(found[1]), float(found[2])


def test_intervals_stay_in_their_order_where_bands_start_among_them() -> None:
    rows = [
        replace(INTERVALS[0], label=label, band=band)
        for label, band in (("One", "A"), ("Two", "A"), ("Three", "B"), ("Four", "B"))
    ]
    wide = charts.interval_chart(rows, ends=(1, 5), title_alt="Four").split("</svg>", 1)[0]
    assert re.findall(">(One|Two|Three|Four)</text>", wide) == ["One", "Two", "Three", "Four"]


def test_intervals_without_bands_or_a_second_value_are_plain() -> None:
    plain = [replace(one, band="", other=None) for one in INTERVALS]
    drawing = charts.interval_chart(plain, ends=(1, 5), title_alt="Three")
    assert "Group" not in drawing
    assert "raw mean" not in drawing


def test_negative_bars_are_drawn_from_zero_too() -> None:
    drawing = charts.bar_chart([Bar("A", -2, "-2"), Bar("B", 1, "1")], title_alt="A lost 2")
    assert ">-2</text>" in drawing


def test_print_takes_the_wide_drawing_in_plain_colours() -> None:
    plain = charts.for_print(drawings()["bar"])
    assert plain.count("<svg") == 1
    assert "var(" not in plain
    assert charts.for_print("") == ""


def test_map_without_outlines_is_absent() -> None:
    assert charts.point_map([MapPoint("A", 1, 2)], title_alt="A", base="cn") == ""
    assert maps.map_source("cn") == ""
    assert maps.centre_of("cn", "11") is None


def test_centre_of_a_region_lies_in_it() -> None:
    latitude, longitude = maps.centre_of("us", "CO") or (0, 0)
    assert (round(latitude), round(longitude)) == (39, -106)
    assert maps.map_source("us") == "U.S. Census Bureau, TIGER/Line 2009, simplified"


def test_spark_of_one_value_is_nothing() -> None:
    assert charts.spark([1]) == ""
    assert 'aria-hidden="true"' in charts.spark([1, 1])


def test_labels_on_a_map_never_lie_on_each_other() -> None:
    crowd = [{"label": "Institute", "x": -80.0 + place / 10, "y": 40.0} for place in range(12)]
    sides = points.label_sides(crowd)
    assert "" in sides
    assert sides[0] != ""


def test_line_chart_keeps_the_order_of_its_row_and_thins_its_labels() -> None:
    """An interval that only the last points have does not move them to the front."""
    past = [LinePoint(str(2000 + place), 5) for place in range(12)]
    to_come = [LinePoint(str(2012 + place), 5, low=4, high=6) for place in range(12)]
    drawn = charts.line_chart([Line("Cost", (*past, *to_come))], title_alt="Steady")
    wide, narrow = (re.findall(r">(20\d\d)<", one) for one in drawn.split("</svg>")[:2])
    assert wide == [str(year) for year in range(2000, 2024, 2)]
    assert narrow == [str(year) for year in range(2000, 2024, 4)]


@pytest.mark.parametrize(
    ("values", "is_below"), [((5, 9), False), ((9, 5), True), ((9, 1), False), ((9,), False)]
)
def test_value_at_the_end_of_a_line_alone_stands_clear_of_it(
    values: tuple[int, ...], *, is_below: bool
) -> None:
    points = tuple(LinePoint(str(2000 + place), value) for place, value in enumerate(values))
    ended = (*points[:-1], replace(points[-1], text="9 M$"))
    drawn = charts.line_chart([Line("Match", ended)], title_alt="One").split("</svg>")[0]
    height = re.search(r'translate\([\d.]+,(-?[\d.]+)\)"[^>]*>9 M\$<', drawn)
    assert height is not None
    end_px = 220 * (1 - values[-1] / 10)
    assert (float(height[1]) > end_px) == is_below
    assert "Match 9" not in drawn


def test_names_of_lines_that_end_together_stand_apart_and_beside_the_drawing() -> None:
    lines = [
        Line(name, (LinePoint("2021", 10), LinePoint("2022", value, "!")))
        for name, value in (("Cost", 10.1), ("Income", 10.0), ("Base", 0.0))
    ]
    for drawn in charts.line_chart(lines, title_alt="Close").split("</svg>")[:2]:
        places = {
            name: (float(x), float(y))
            for x, y, name in re.findall(r'translate\(([\d.]+),(-?[\d.]+)\)"[^>]*>(\w+) !<', drawn)
        }
        heights = {name: y for name, (_x, y) in places.items()}
        assert heights["Base"] - heights["Income"] > 100
        assert heights["Income"] - heights["Cost"] == pytest.approx(
            lines_of.NAMES_APART_PX, abs=0.2
        )
        plot_px = float(re.findall(r'<path d="M0,0h([\d.]+)v220', drawn)[0])
        assert {x for x, _y in places.values()} == {plot_px + lines_of.LEADER_PX}
        room_px = float(re.findall(r'viewBox="0 0 ([\d.]+) ', drawn)[0]) - plot_px
        assert room_px > letters_px("Income !")


@with_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.integers(0, 220).map(float), min_size=1, max_size=6))
def test_names_are_apart_in_order_and_within(wanted: list[float]) -> None:
    found = lines_of.names_apart(wanted, 17.0, 0.0, 220.0)
    for one, other in combinations(range(len(wanted)), 2):
        assert abs(found[one] - found[other]) >= 17.0 - 1e-9
        assert (found[one] > found[other]) == (wanted[one] >= wanted[other])
    assert min(found) >= 0.0
    assert max(found) <= 220.0 + 1e-9
    crowded = any(abs(one - other) < 17.0 for one, other in combinations(wanted, 2))
    assert crowded or found == wanted


def test_names_of_more_lines_than_there_is_room_for_begin_at_the_bottom() -> None:
    assert lines_of.names_apart([1.0, 1.0, 1.0], 2.0, 0.0, 3.0) == [4.0, 2.0, 0.0]


def test_waterfall_steps_begin_where_the_one_before_ended() -> None:
    drawn = charts.waterfall_chart(
        [Addend("Before", -3, "−3"), Addend("Name", 5, "+5"), Addend("Town", 0, "0")],
        Addend("Together", 2, "+2"),
        title_alt="Two are one",
    ).split("</svg>")[0]
    bars = [
        tuple(float(number) for number in found)
        for found in re.findall(r'<path d="M([\d.]+),[\d.]+h([\d.]+)v[^"]*" fill="var', drawn)
    ]
    (before, before_width), (name, name_width), (town, town_width), (total, total_width) = bars
    zero = before + before_width
    assert name == before
    assert town == pytest.approx(name + name_width, abs=0.2)
    assert town_width == 0
    assert total == pytest.approx(zero, abs=0.2)
    assert total + total_width == pytest.approx(town, abs=0.2)
    for text in ("−3", "+5", "+2", "Together"):
        assert f">{text}</text>" in drawn


def test_long_value_behind_the_longest_bar_has_room_in_the_narrow_drawing() -> None:
    names = ["Solicitation", "Economic and business plan analysis"]
    long, short = "90 days, planned 90", "7"
    wide = room_for_values(90.0, [(90.0, long)], names, WIDE_PX)
    narrow = room_for_values(90.0, [(90.0, long)], names, NARROW_PX)
    assert room_for_values(90.0, [(90.0, short)], names, NARROW_PX) == 90 * ROOM_FOR_VALUES
    assert 90 * ROOM_FOR_VALUES < wide < narrow == 90 * 4  # a bar keeps a quarter
    assert room_for_values(0.0, [(0.0, long)], names, NARROW_PX) == 0


def test_value_that_a_reference_crosses_stands_on_the_sheet() -> None:
    crossed = drawings()["bar"]
    plain = charts.bar_chart(BARS, title_alt="t")
    halo = 'stroke="var(--sheet)" stroke-width="4"'
    assert plain.count(halo) == 0
    values = crossed.count(halo)
    assert values == 2 * len(BARS)  # at both widths
    rule, value = crossed.index("stroke-dasharray"), crossed.index(halo)
    assert rule < value
