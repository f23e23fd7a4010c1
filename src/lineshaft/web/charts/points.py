"""A map with named points; labels keep out of each other's way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import SafeString

from lineshaft.web.charts.drawing import (
    ACCENT,
    INK,
    MUTED,
    RULE,
    SERIES,
    SHEET,
    WIDE_PX,
    Number,
    Spec,
    both_widths,
    land_of,
    plain,
)

type Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A place on a map; `is_marked` draws it in the accent."""

    label: str
    latitude: Number
    longitude: Number
    is_marked: bool = False


def point_map(
    points: Sequence[MapPoint],
    *,
    title_alt: str,
    base: str = "us",
    background: Iterable[tuple[Number, Number]] = (),
) -> SafeString:
    """Named points on the outlines that ship under `base`; an empty text where none do.

    `background` are (longitude, latitude) of things worth a faint dot, such as members.
    """
    outlines = land_of(base)
    if outlines is None:
        return SafeString("")
    projection, _features, name = outlines
    land = {
        "data": {"name": name},
        "mark": {"type": "geoshape", "fill": SHEET, "stroke": RULE, "strokeWidth": 0.7},
    }
    dots = [{"x": plain(x), "y": plain(y)} for x, y in background]
    stipple = {
        "data": {"values": dots},
        "mark": {"type": "circle", "size": 5, "color": MUTED, "opacity": 0.35},
        "encoding": _position("x", "y"),
    }
    places = [_place(point) for point in points]
    colour = {"condition": {"test": "datum.marked", "value": ACCENT}, "value": SERIES[0]}

    def spec(width_px: int) -> Spec:
        is_wide = width_px == WIDE_PX
        pins = {
            "data": {"values": places},
            "mark": {
                "type": "point",
                "filled": True,
                "opacity": 1,
                "size": 62 if is_wide else 34,
                "stroke": SHEET,
                "strokeWidth": 1.2,
            },
            "encoding": {**_position("x", "y"), "color": colour},
        }
        layers = [land, *([stipple] if dots else []), pins]
        if is_wide:
            layers.extend(_labels(places))
        return {
            "width": width_px,
            "height": width_px * 0.62,
            "projection": {"type": projection},
            "layer": layers,
        }

    return both_widths(spec, title_alt, "", kind="map")


def _place(point: MapPoint) -> Spec:
    return {
        "label": point.label,
        "x": plain(point.longitude),
        "y": plain(point.latitude),
        "marked": point.is_marked,
    }


def _position(longitude: str, latitude: str) -> Spec:
    return {
        "longitude": {"field": longitude, "type": "quantitative"},
        "latitude": {"field": latitude, "type": "quantitative"},
    }


def _labels(places: Sequence[dict[str, Any]]) -> list[Spec]:
    """Names beside their points, each on the side where its neighbours leave room."""
    layers = []
    for side, (align, dx, dy) in _SIDES.items():
        chosen = [
            place for place, at in zip(places, label_sides(places), strict=True) if at == side
        ]
        if chosen:
            layers.append(
                {
                    "data": {"values": chosen},
                    "mark": {"type": "text", "align": align, "dx": dx, "dy": dy, "color": INK},
                    "encoding": {**_position("x", "y"), "text": {"field": "label"}},
                }
            )
    return layers


_SIDES: Final = {
    "right": ("left", 7, 0),
    "left": ("right", -7, 0),
    "above": ("center", 0, -10),
    "below": ("center", 0, 11),
    "below right": ("left", 4, 10),
    "below left": ("right", -4, 10),
    "above right": ("left", 4, -9),
    "above left": ("right", -4, -9),
}
_DEGREES_PER_LETTER: Final = 0.7
_DEGREES_PER_LINE: Final = 1.7


def label_sides(places: Sequence[dict[str, Any]]) -> list[str]:
    """The side for each label: the first of right, left, below and above that meets no earlier
    label and no point; none ("") where every side does, so that nothing is written over.
    """
    taken: list[Box] = []
    spots = [(place["x"], place["y"]) for place in places]
    chosen: list[str] = []
    for place in places:
        side = ""
        for name in _SIDES:
            box = _label_box(place, name)
            meets_label = any(_overlap(box, other) for other in taken)
            meets_point = any(
                _overlap(box, (x - 0.25, y - 0.25, x + 0.25, y + 0.25))
                for x, y in spots
                if (x, y) != (place["x"], place["y"])
            )
            if not meets_label and not meets_point:
                side = name
                taken.append(box)
                break
        chosen.append(side)
    return chosen


def _label_box(place: dict[str, Any], side: str) -> Box:
    """Where a label would lie, in degrees: west, south, east, north."""
    x, y = place["x"], place["y"]
    width = len(place["label"]) * _DEGREES_PER_LETTER
    vertical, _gap, horizontal = side.rpartition(" ")
    if side in {"above", "below"}:
        vertical, horizontal = side, ""
    west = {"right": x + 0.4, "left": x - 0.4 - width}.get(horizontal, x - width / 2)
    south = {
        "above": y + 0.4,
        "below": y - 0.4 - _DEGREES_PER_LINE,
    }.get(vertical, y - _DEGREES_PER_LINE / 2)
    return west, south, west + width, south + _DEGREES_PER_LINE


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
