"""Bars, single and stacked: they start at zero and carry their value at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from lineshaft.web.charts.axes import (
    ROOM_FOR_VALUES,
    Reference,
    caption,
    categories,
    described,
    reach,
    reference_layers,
    room_for_values,
    zero_line,
)
from lineshaft.web.charts.drawing import (
    ACCENT,
    INK,
    SERIES,
    SHEET,
    Number,
    Spec,
    both_widths,
    plain,
)

MOST_PARTS_IN_A_ROW: Final = 3
"""Names of more parts than these stand in two columns, so that a phone has room for them."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `text` is the formatted value; `is_marked` draws it in the accent, for what needs a
    hand; `low` and `high` draw an interval.
    """

    label: str
    value: Number
    text: str
    is_marked: bool = False
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True, slots=True)
class StackedBar:
    """One bar made of parts, in the order of the chart's `parts`; `text` is the formatted sum."""

    label: str
    values: tuple[Number, ...]
    text: str


def bar_chart(
    rows: Sequence[Bar],
    *,
    title_alt: str,
    x_label: str = "",
    y_label: str = "",
    unit: str = "",
    reference: Reference | None = None,
) -> SafeString:
    """Horizontal bars in the order given, each with its value at its end.

    `title_alt` is the text alternative and says the finding; `x_label` with `unit` stands under the
    bars, `y_label` is said to those who hear the chart.
    """
    values = [
        {
            "label": row.label,
            "value": plain(row.value),
            "text": row.text,
            "low": plain(row.low),
            "high": plain(row.high),
            "end": plain(row.value if row.high is None else max(row.value, row.high)),
            "marked": row.is_marked,
        }
        for row in rows
    ]
    drawn = [row.value for row in rows] + [row.high for row in rows if row.high is not None]
    top, bottom = reach(drawn, reference)
    labels = [row.label for row in rows]
    ends = [(float(max(row.value, row.high or row.value)), row.text) for row in rows]

    def x(width_px: int) -> Spec:
        reached = room_for_values(top, ends, labels, width_px)
        scale = {"domain": [bottom * ROOM_FOR_VALUES, reached], "nice": False}
        axis = caption(x_label, unit)
        return {"field": "value", "type": "quantitative", "scale": scale, "axis": axis}

    colour = {
        "condition": {"test": "datum.marked", "value": ACCENT},
        "value": SERIES[0],
    }
    over_bars: list[Spec] = [
        {
            "transform": [{"filter": "isValid(datum.low)"}],
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
            "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
        },
        zero_line(),
        *reference_layers(reference),
        # A value that the reference crosses stays legible.
        *([_value_labels("end", {"stroke": SHEET, "strokeWidth": 4})] if reference else []),
        _value_labels("end"),
    ]

    def layers(width_px: int) -> list[Spec]:
        bars = {"type": "bar", "height": {"band": 0.62}}
        return [{"mark": bars, "encoding": {"x": x(width_px), "color": colour}}, *over_bars]

    spec = _spec(values, labels, layers)
    return both_widths(spec, title_alt, described(y_label, x_label, unit))


def stacked_bar_chart(
    rows: Sequence[StackedBar],
    *,
    parts: Sequence[str],
    title_alt: str,
    x_label: str = "",
    y_label: str = "",
    unit: str = "",
) -> SafeString:
    """Horizontal bars made of `parts` (at most five), whose names stand in a row above."""
    values = [
        {
            "label": row.label,
            "part": part,
            "order": place,
            "value": plain(value),
            "sum": float(sum(float(each) for each in row.values)),
            "text": row.text if place == 0 else "",
        }
        for row in rows
        for place, (part, value) in enumerate(zip(parts, row.values, strict=True))
    ]
    top = max((float(sum(float(each) for each in row.values)) for row in rows), default=0.0) or 1.0
    scale = {"domain": [0, top * ROOM_FOR_VALUES], "nice": False}
    layers: list[Spec] = [
        _stacked(parts, scale, caption(x_label, unit)),
        _value_labels("sum"),
        zero_line(),
    ]

    spec = _spec(values, [row.label for row in rows], lambda _width_px: layers)
    return both_widths(spec, title_alt, described(y_label, x_label, unit))


def _stacked(parts: Sequence[str], scale: Spec, axis: Spec) -> Spec:
    """The layer of bars made of parts, with the parts' names above."""
    legend = {"orient": "top", "title": None, "symbolType": "square", "labelLimit": 0}
    if len(parts) > MOST_PARTS_IN_A_ROW:
        legend["columns"] = 2
    return {
        "mark": {"type": "bar", "height": {"band": 0.62}, "stroke": SHEET, "strokeWidth": 1},
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "scale": scale, "axis": axis},
            "color": {
                "field": "part",
                "type": "nominal",
                "scale": {"domain": list(parts), "range": list(SERIES[: len(parts)])},
                "legend": legend,
            },
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def _value_labels(end: str, look: Spec | None = None) -> Spec:
    """The layer that writes each bar's text at the field where the bar ends."""
    return {
        "mark": {"type": "text", "align": "left", "dx": 5, "color": INK, **(look or {})},
        "encoding": {"x": {"field": end, "type": "quantitative"}, "text": {"field": "text"}},
    }


def _spec(
    values: list[Spec], labels: list[str], layers: Callable[[int], list[Spec]]
) -> Callable[[int], Spec]:
    """The chart of these layers at any width, one bar a label."""

    def spec(width_px: int) -> Spec:
        return {
            "width": width_px,
            "height": {"step": 26},
            "data": {"values": values},
            "encoding": {"y": categories(labels, width_px)},
            "layer": layers(width_px),
        }

    return spec
