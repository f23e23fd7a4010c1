"""Lines over time, named at their end, and sparks without axes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lineshaft.web.charts.axes import Reference, caption, described, letters_px
from lineshaft.web.charts.drawing import ACCENT, INK, SERIES, Number, Spec, both_widths, plain

HEIGHT_PX: Final = 220
NAMES_APART_PX: Final = 17
"""Less, and the names of two lines that end together cover each other."""

LEADER_PX: Final = 14
"""From the edge of the drawing to a name beside it; what leads to the name has this room."""

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
    """Lines over the same row of `x`; an interval is a band around its line.

    Several lines are named beside the drawing, each with a thin line that leads to its name from
    its end. One alone is named by the title: its last value stands above its end, or below.
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
    names = [_named(line) for line in lines if line.points] if len(lines) > 1 else []
    room_px = LEADER_PX + max(map(letters_px, names)) if names else 0
    low, high = _extent(lines, reference)
    scale: Spec = {"domain": [low, high], "nice": False} if room_px else {"zero": True}
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": scale,
        "axis": {**caption(y_label, unit), "labels": True, "grid": True, "tickCount": 4},
    }
    beside = _names_beside(colour, y, room_px) if room_px else [_value_at_end(y, _offset_px(lines))]
    layers = [*_layers(colour, y), *beside]
    if reference is not None:
        layers.append(
            {
                "data": {"values": [{"at": plain(reference.value), "name": reference.label}]},
                "mark": {"type": "rule", "color": ACCENT, "strokeDash": [4, 3]},
                "encoding": {"y": {"field": "at", "type": "quantitative"}},
            }
        )

    order = list(dict.fromkeys(point.x for line in lines for point in line.points))
    spec = _spec(_values(lines, low, high), order, x_label, layers, room_px)
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


def _values(lines: Sequence[Line], low: float, high: float) -> list[Spec]:
    ends = [float(line.points[-1].value) if line.points else low for line in lines]
    heights = names_apart(ends, (high - low) / HEIGHT_PX * NAMES_APART_PX, low, high)
    return [
        {
            "line": line.label,
            "x": point.x,
            "value": plain(point.value),
            "low": plain(point.low),
            "high": plain(point.high),
            "end": _end_text(line, len(lines)) if place == len(line.points) else "",
            "name_at": height if place == len(line.points) else plain(point.value),
        }
        for line, height in zip(lines, heights, strict=True)
        for place, point in enumerate(line.points, start=1)
    ]


def _named(line: Line) -> str:
    return f"{line.label} {line.points[-1].text}".strip()


def _end_text(line: Line, lines: int) -> str:
    return (line.points[-1].text if lines == 1 else "") or _named(line)


def _offset_px(lines: Sequence[Line]) -> int:
    """How far from the end of a line alone its value stands: above, or below where the line comes
    down to its end, so that it does not run through the value.
    """
    values = [float(point.value) for line in lines for point in line.points]
    if len(values) < 2:  # noqa: PLR2004 -- a line has two ends
        return ABOVE_PX
    before, last = values[-2:]
    return BELOW_PX if before > last > max(values) * BELOW_FROM else ABOVE_PX


def _extent(lines: Sequence[Line], reference: Reference | None) -> tuple[float, float]:
    """From the least to the greatest that is drawn; zero is within."""
    drawn = [
        float(value)
        for line in lines
        for point in line.points
        for value in (point.value, point.low, point.high)
        if value is not None
    ]
    if reference is not None:
        drawn.append(float(reference.value))
    low, high = min([0.0, *drawn]), max([0.0, *drawn])
    return low, high if high > low else low + 1.0


def names_apart(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Heights at least `apart`, in the order of those wanted and as near to them as can be, within
    low and high where there is room for all; of equal ones the first stands highest.

    Names that would lie on each other are moved together, to their middle (isotonic regression by
    pooling of neighbours, Ayer et al. 1955).
    """
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], -place))
    pools: list[tuple[float, int]] = []
    for rank, place in enumerate(order):
        total, count = wanted[place] - rank * apart, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before, many = pools.pop()
            total, count = total + before, count + many
        pools.append((total, count))
    most = max(low, high - (len(wanted) - 1) * apart)
    middles = [min(max(total / count, low), most) for total, count in pools for _ in range(count)]
    found = dict(zip(order, middles, strict=True))
    ranks = {place: rank for rank, place in enumerate(order)}
    return [found[place] + ranks[place] * apart for place in range(len(wanted))]


def _layers(colour: Spec, y: Spec) -> list[Spec]:
    """Interval, line and points."""
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
    ]


def _value_at_end(y: Spec, offset_px: int) -> Spec:
    return {
        "mark": {"type": "text", "align": "right", "dy": offset_px, "color": INK},
        "encoding": {"y": y, "text": {"field": "end"}},
    }


def _names_beside(colour: Spec, y: Spec, room_px: int) -> list[Spec]:
    """The lines' names to the right of the drawing, and what leads to each from its line's end."""
    ends = [{"filter": "datum.end !== ''"}]
    # The page's own lettering may be wider than what the drawing program measures.
    room = {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "strokeOpacity": 0},
        "encoding": {
            "x": {"value": "width"},
            "x2": {"value": {"expr": f"width + {room_px}"}},
            "y": {"value": 0},
        },
    }
    at_name = {**y, "field": "name_at"}
    return [
        {
            "transform": ends,
            "mark": {"type": "rule", "strokeWidth": 1},
            "encoding": {
                "y": y,
                "x2": {"value": {"expr": f"width + {LEADER_PX - 3}"}},
                "y2": {"field": "name_at"},
                "color": colour,
            },
        },
        {
            "transform": ends,
            "mark": {"type": "text", "align": "left", "color": INK},
            "encoding": {
                "x": {"value": {"expr": f"width + {LEADER_PX}"}},
                "y": at_name,
                "text": {"field": "end"},
            },
        },
        room,
    ]


def _spec(
    values: list[Spec], order: list[str], x_label: str, layers: list[Spec], room_px: int
) -> Callable[[int], Spec]:
    """The chart of these layers at any width, with room for names on the right; the row of `x` in
    `order`, since a layer that draws only some of them would begin it with its own.
    """
    label_px = max((letters_px(label) for label in order), default=0) + LABEL_GAP_PX

    def spec(width_px: int) -> Spec:
        room = max(1, (width_px - VALUES_PX - room_px) // label_px)
        every = -(-len(order) // room) or 1
        return {
            "width": width_px,
            "height": HEIGHT_PX,
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
                        "values": order[::every],
                    },
                }
            },
            "layer": layers,
        }

    return spec
