"""Lines over time, named at their end, and sparks without axes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lineshaft.web.charts.axes import Reference, caption, described, letters_px
from lineshaft.web.charts.drawing import ACCENT, INK, SERIES, Number, Spec, both_widths, plain

NAMES_APART: Final = 0.07
"""Of the chart's height: less, and the names of two lines that end together cover each other."""

LABEL_GAP_PX: Final = 12
"""Between two labels under a line; where there is less room, some are left out."""

VALUES_PX: Final = 56
"""What the axis of values takes of the width."""

ABOVE_PX: Final = -11
BELOW_PX: Final = 13
BELOW_FROM: Final = 0.2
"""Of the chart's height: a lower end leaves no room beneath for its value."""


@dataclass(frozen=True, slots=True)
class LinePoint:
    """One value at `x` (a year's label, say); `text` is drawn at the last point only."""

    x: str
    value: Number
    text: str = ""
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    points: tuple[LinePoint, ...]
    is_marked: bool = False


def line_chart(
    lines: Sequence[Line],
    *,
    title_alt: str,
    x_label: str = "",
    y_label: str = "",
    unit: str = "",
    reference: Reference | None = None,
) -> SafeString:
    """Lines over the same row of `x`, each named at its end, but for one alone, which the title
    names; an interval is a band around its line.
    """
    colours = [
        ACCENT if line.is_marked else SERIES[place % len(SERIES)]
        for place, line in enumerate(lines)
    ]
    colour = {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": [line.label for line in lines], "range": colours},
        "legend": None,
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {**caption(y_label, unit), "labels": True, "grid": True, "tickCount": 4},
    }
    layers = _layers(colour, y, _name_offset_px(lines))
    if reference is not None:
        layers.append(
            {
                "data": {"values": [{"at": plain(reference.value), "name": reference.label}]},
                "mark": {"type": "rule", "color": ACCENT, "strokeDash": [4, 3]},
                "encoding": {"y": {"field": "at", "type": "quantitative"}},
            }
        )

    order = list(dict.fromkeys(point.x for line in lines for point in line.points))
    spec = _spec(_values(lines), order, x_label, layers)
    return both_widths(spec, title_alt, described(y_label, x_label, unit))


def spark(values: Sequence[Number], *, title_alt: str = "") -> SafeString:
    """A line without axes, as wide as its place; its last value is dotted. Empty for fewer than
    two.

    The scale runs from the least to the greatest value: a spark shows the way, not the size.
    """
    if len(values) < 2:  # noqa: PLR2004 -- a line has two ends
        return SafeString("")
    floats = [float(value) for value in values]
    low, high = min(floats), max(floats)
    span = (high - low) or 1.0
    step = 116 / (len(floats) - 1)
    spots = [
        (round(2 + step * place, 1), round(25 - (value - low) / span * 20, 1))
        for place, value in enumerate(floats)
    ]
    path = " ".join(f"{x:g},{y:g}" for x, y in spots)
    end_x, end_y = spots[-1]
    name = (
        f' role="img" aria-label="{escape(title_alt)}"'
        if title_alt
        else ' aria-hidden="true" focusable="false"'
    )
    return mark_safe(  # noqa: S308 -- numbers, and one escaped text
        f'<svg class="spark" viewBox="0 0 120 30" preserveAspectRatio="xMinYMid"{name}>'
        f'<path d="M2 28.5H118" class="spark-base"/><polyline points="{path}"/>'
        f'<circle cx="{end_x:g}" cy="{end_y:g}" r="2.2"/></svg>'
    )


def _values(lines: Sequence[Line]) -> list[Spec]:
    heights = _heights_of_names(lines)
    return [
        {
            "line": line.label,
            "x": point.x,
            "value": plain(point.value),
            "low": plain(point.low),
            "high": plain(point.high),
            "end": _end_text(line, point, len(lines)) if place == len(line.points) else "",
            "name_at": height if place == len(line.points) else plain(point.value),
        }
        for line, height in zip(lines, heights, strict=True)
        for place, point in enumerate(line.points, start=1)
    ]


def _end_text(line: Line, point: LinePoint, lines: int) -> str:
    return point.text if lines == 1 and point.text else f"{line.label} {point.text}".strip()


def _name_offset_px(lines: Sequence[Line]) -> int:
    """How far from a line's end its name stands: above, or below where a line alone comes down to
    its end, so that it does not run through the name.
    """
    values = [float(point.value) for line in lines for point in line.points]
    if len(lines) != 1 or len(values) < 2:  # noqa: PLR2004 -- a line has two ends
        return ABOVE_PX
    before, last = values[-2:]
    return BELOW_PX if before > last > max(values) * BELOW_FROM else ABOVE_PX


def _heights_of_names(lines: Sequence[Line]) -> list[float]:
    """Where each line's name stands: at its last value, or as far above as leaves the name of the
    line below it readable.
    """
    tops = [
        float(value)
        for line in lines
        for point in line.points
        for value in (point.value, point.high)
        if value is not None
    ]
    apart = max(tops, default=0.0) * NAMES_APART
    heights = [float(line.points[-1].value) if line.points else 0.0 for line in lines]
    below: float | None = None
    for place in sorted(range(len(lines)), key=lambda place: heights[place]):
        if below is not None:
            heights[place] = max(heights[place], below + apart)
        below = heights[place]
    return heights


def _layers(colour: Spec, y: Spec, name_offset_px: int) -> list[Spec]:
    """Interval, line, points and the name at the line's end."""
    return [
        {
            "transform": [{"filter": "isValid(datum.low)"}],
            "mark": {"type": "area", "opacity": 0.16},
            "encoding": {
                "y": {"field": "low", "type": "quantitative"},
                "y2": {"field": "high"},
                "color": colour,
            },
        },
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": y, "color": colour}},
        {
            "mark": {"type": "point", "filled": True, "size": 28, "opacity": 1},
            "encoding": {"y": y, "color": colour},
        },
        {
            "mark": {"type": "text", "align": "right", "dy": name_offset_px, "color": INK},
            "encoding": {"y": {**y, "field": "name_at"}, "text": {"field": "end"}},
        },
    ]


def _spec(
    values: list[Spec], order: list[str], x_label: str, layers: list[Spec]
) -> Callable[[int], Spec]:
    """The chart of these layers at any width; the row of `x` in `order`, since a layer that draws
    only some of them would begin it with its own.
    """
    label_px = max((letters_px(label) for label in order), default=0) + LABEL_GAP_PX

    def spec(width_px: int) -> Spec:
        room = max(1, (width_px - VALUES_PX) // label_px)
        return {
            "width": width_px,
            "height": 220,
            "data": {"values": values},
            "encoding": {
                "x": {
                    "field": "x",
                    "type": "ordinal",
                    "sort": None,
                    "scale": {"type": "point", "padding": 0.35, "domain": order},
                    "axis": {
                        "title": x_label or None,
                        "labelAngle": 0,
                        "values": order[:: -(-len(order) // room) or 1],
                    },
                }
            },
            "layer": layers,
        }

    return spec
