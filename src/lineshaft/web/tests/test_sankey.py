"""The flow of money as a drawing: it conserves, it is well formed, and its links are there."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from lineshaft.web.charts import FlowBand, FlowPlace, sankey
from lineshaft.web.charts.drawing import NARROW_PX, WIDE_PX
from lineshaft.web.charts.sankey import lay_out

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


def _drawings(text: str) -> list[ET.Element]:
    return list(ET.fromstring(f"<both>{text}</both>"))  # noqa: S314 -- drawn by the program itself


def test_sankey_is_well_formed_in_both_widths_and_every_flow_is_a_named_link() -> None:
    drawings = _drawings(sankey(PLACES, BANDS, title_alt="All < money", description="As told"))
    assert [one.get("class") for one in drawings] == ["chart-wide", "chart-narrow"]
    for drawing, width in zip(drawings, (WIDE_PX, NARROW_PX), strict=True):
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
        assert len(list(drawing.iter("rect"))) == 4
        assert not any("style" in one.attrib for one in drawing.iter())
        names = [one.text or "" for one in drawing.iter("text")]
        assert any(name.endswith("…") for name in names)


def test_sankey_of_nothing_is_empty() -> None:
    assert sankey(PLACES, (), title_alt="Nothing") == ""
    assert sankey(PLACES, (FlowBand("a", "i", 0, "0"),), title_alt="Nothing") == ""


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
