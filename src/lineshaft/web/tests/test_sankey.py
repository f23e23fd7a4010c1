"""The flow of money as a drawing: it conserves, it is well formed, and its links are there."""

from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from lineshaft.web.charts import FlowBand, FlowPlace, Narrow, sankey
from lineshaft.web.charts.drawing import NARROW_PX, WIDE_PX
from lineshaft.web.charts.sankey import MOST_NARROW, condense, lay_out

PLACES = (
    FlowPlace("a", "Agency <One> & Sons", 0),
    FlowPlace("b", "Partners", 0, 5),
    FlowPlace("i", "国家增材制造创新中心国家增材制造创新中心国家增材制造创新中心", 1, 2),
    FlowPlace("u", "Use", 2, 3),
    FlowPlace("unused", "Nothing", 2),
)
BANDS = (
    FlowBand("a", "i", 300, "3.00", "/records/?agency=a&of=draw"),
    FlowBand("b", "i", 100, "1.00"),
    FlowBand("i", "u", 400, "4.00", "/records/?use=u"),
    FlowBand("i", "u", 0, "0"),
)
NARROW_TITLES = ("From <whom>", "For what")
NARROW = Narrow(
    titles=dict(enumerate(NARROW_TITLES)),
    others=lambda number: f"{number} others",
    amount=lambda value: f"{value} cents",
    url="#numbers",
)


def _drawings(text: str) -> list[ET.Element]:
    return list(ET.fromstring(f"<both>{text}</both>"))  # noqa: S314 -- drawn by the program itself


def test_sankey_is_well_formed_in_both_widths_and_every_flow_is_a_named_link() -> None:
    drawings = _drawings(
        sankey(PLACES, BANDS, title_alt="All < money", narrow=NARROW, description="As told")
    )
    assert [one.get("class") for one in drawings] == ["chart-wide", "chart-narrow"]
    for drawing, width, boxes in zip(drawings, (WIDE_PX, NARROW_PX), (4, 5), strict=True):
        assert drawing.get("viewBox", "").split()[2] == str(width)
        assert drawing.findtext("title") == "All < money"
        assert drawing.findtext("desc") == "As told"
        links = [(one.get("href"), one.get("aria-label")) for one in drawing.iter("a")]
        assert (
            "/records/?agency=a&of=draw",
            "Agency <One> & Sons → " + PLACES[2].label + ": 3.00",
        ) in links
        assert len(links) == 2
        assert len(list(drawing.iter("path"))) == 3
        assert len(list(drawing.iter("rect"))) == boxes
        assert not any("style" in one.attrib for one in drawing.iter())
        names = [one.text or "" for one in drawing.iter("text")]
        assert any(name.endswith("…") for name in names)


def test_narrow_sankey_tells_one_stage_after_the_other_each_name_with_its_amount() -> None:
    _wide, narrow = _drawings(sankey(PLACES, BANDS, title_alt="Money", narrow=NARROW))
    texts = [one.text or "" for one in narrow.iter("text")]
    assert texts[:5] == ["From <whom>", "Agency <One> & Sons", "300 cents", "Partners", "100 cents"]
    second = texts[texts.index("For what") :]
    assert second[2:] == ["400 cents", "Use", "400 cents"]
    heights = [float(one.get("y", "0")) for one in narrow.iter("text") if one.text in NARROW_TITLES]
    assert heights[1] - heights[0] > 160


def test_sankey_of_nothing_is_empty() -> None:
    assert sankey(PLACES, (), title_alt="Nothing", narrow=NARROW) == ""
    assert sankey(PLACES, (FlowBand("a", "i", 0, "0"),), title_alt="Nothing", narrow=NARROW) == ""


def test_narrow_sankey_puts_the_smallest_places_together_and_loses_no_money() -> None:
    sources = [FlowPlace(f"s{number}", f"Source {number}", 0) for number in range(12)]
    uses = (FlowPlace("x", "X", 1, 2), FlowPlace("y", "Y", 1, 2))
    bands = [
        FlowBand(one.key, use.key, 10 * number + 1, "", f"/{one.key}/{use.key}")
        for number, one in enumerate(sources)
        for use in uses
    ]
    places, joined = condense([*sources, *uses], bands, NARROW)
    assert [one.key for one in places] == [
        "s6", "s7", "s8", "s9", "s10", "s11", "others/0", "x", "y",
    ]  # fmt: skip
    assert len([one for one in places if one.column == 0]) == MOST_NARROW
    assert places[6].label == "6 others"
    assert sum(one.value for one in joined) == sum(one.value for one in bands)
    merged = [one for one in joined if one.source == "others/0"]
    assert {(one.value, one.text, one.url) for one in merged} == {(156, "156 cents", "#numbers")}
    assert len(merged) == 2
    alone = next(one for one in joined if (one.source, one.target) == ("s11", "x"))
    assert (alone.value, alone.url) == (111, "/s11/x")
    _wide, narrow = _drawings(sankey([*sources, *uses], bands, title_alt="Money", narrow=NARROW))
    assert len(list(narrow.iter("path"))) == 14
    spots = sorted(
        float(one.get("y", "0")) for one in narrow.iter("text")
        if one.get("text-anchor") == "start"
    )  # fmt: skip
    assert min(later - earlier for earlier, later in pairwise(spots)) >= 14


@given(
    amounts=st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")),
        st.integers(1, 10**12),
        min_size=1,
    )
)
def test_layout_gives_each_flow_and_place_room_in_one_scale(
    amounts: dict[tuple[str, str], int],
) -> None:
    places = [FlowPlace(key, key, 0) for key in "abc"] + [FlowPlace(key, key, 1) for key in "xyz"]
    bands = [FlowBand(one, other, value, "") for (one, other), value in amounts.items()]
    layout = lay_out(places, bands, WIDE_PX)
    boxes = {box.place.key: box for box in layout.boxes}
    for ribbon in layout.ribbons:
        assert abs(ribbon.height - ribbon.band.value * layout.scale) < 1e-6
        source, target = boxes[ribbon.band.source], boxes[ribbon.band.target]
        assert source.y - 1e-6 <= ribbon.y_from
        assert ribbon.y_from + ribbon.height <= source.y + source.height + 1e-6
        assert target.y - 1e-6 <= ribbon.y_to
        assert ribbon.y_to + ribbon.height <= target.y + target.height + 1e-6
    for key, box in boxes.items():
        at = [one.band.value for one in layout.ribbons if key in {one.band.source, one.band.target}]
        assert abs(box.height - sum(at) * layout.scale) < 1e-6
        assert box.y >= -1e-6
        assert box.y + box.height <= layout.height + 1e-6
