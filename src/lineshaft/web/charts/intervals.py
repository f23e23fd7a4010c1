"""Points with their intervals on a scale of which both ends are known, such as scores."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from lineshaft.web.charts.axes import categories, described
from lineshaft.web.charts.drawing import (
    ACCENT,
    INK,
    MUTED,
    SERIES,
    WIDE_PX,
    Number,
    Spec,
    both_widths,
    plain,
)


@dataclass(frozen=True, slots=True)
class Interval:
    """One point and what it may be; `text` is the formatted value.

    `other` is a second value to compare with, None where there is none. A `band` is a group of
    neighbours: its rows stand under its name. `is_marked` draws the point in the accent.
    """

    label: str
    value: Number
    low: Number
    high: Number
    text: str
    other: Number | None = None
    band: str = ""
    is_marked: bool = False


def interval_chart(
    rows: Sequence[Interval],
    *,
    ends: tuple[Number, Number],
    title_alt: str,
    x_label: str = "",
    y_label: str = "",
    other_label: str = "",
) -> SafeString:
    """Points in the order given, each on the line of its interval, between the ends of the scale.

    Bands are drawn apart by a rule with their name. `other_label` names the second value in the
    row above. `title_alt` is the text alternative and says the finding; `y_label` is said to those
    who hear the chart.
    """
    values = [
        {
            "label": row.label,
            "value": plain(row.value),
            "low": plain(row.low),
            "high": plain(row.high),
            "other": plain(row.other),
            "text": row.text,
            "marked": row.is_marked,
        }
        for row in rows
    ]
    first, last = (float(end) for end in ends)
    starts = [
        {"label": row.label, "name": row.band, "at": first}
        for place, row in enumerate(rows)
        if row.band and (place == 0 or rows[place - 1].band != row.band)
    ]

    def spec(width_px: int) -> Spec:
        scale = {"domain": [first, last], "nice": False, "zero": False, "clamp": True}
        labels = [row.label for row in rows]
        # Without the domain the rows at which bands start would come before all others.
        place = categories(labels, width_px) | {"scale": {"domain": labels}}
        return {
            "width": width_px,
            "height": {"step": 26},
            "data": {"values": values},
            "encoding": {"y": place},
            "layer": [
                *_band_layers(starts, is_wide=width_px == WIDE_PX),
                *_interval_layers(scale, x_label),
                *(_other_layers(other_label, first) if other_label else ()),
            ],
        }

    return both_widths(spec, title_alt, described(y_label, x_label, ""))


def _interval_layers(scale: Spec, x_label: str) -> list[Spec]:
    axis = {
        "title": x_label or None,
        "grid": True,
        "ticks": False,
        "domain": False,
        "tickCount": 5,
        "titlePadding": 4,
    }
    colour = {"condition": {"test": "datum.marked", "value": ACCENT}, "value": SERIES[0]}
    return [
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {
                "x": {"field": "low", "type": "quantitative", "scale": scale, "axis": axis},
                "x2": {"field": "high"},
                "color": colour,
            },
        },
        {
            "mark": {"type": "point", "filled": True, "opacity": 1, "size": 64},
            "encoding": {"x": {"field": "value", "type": "quantitative"}, "color": colour},
        },
        {
            "mark": {"type": "text", "align": "center", "dy": -9, "color": INK},
            "encoding": {
                "x": {"field": "value", "type": "quantitative"},
                "text": {"field": "text"},
            },
        },
    ]


def _other_layers(label: str, first: float) -> list[Spec]:
    """The second value as a tick across the line, with its name above the first row."""
    return [
        {
            "transform": [{"filter": "isValid(datum.other)"}],
            "mark": {"type": "tick", "color": MUTED, "thickness": 2, "size": 12},
            "encoding": {"x": {"field": "other", "type": "quantitative"}},
        },
        {
            "data": {"values": [{"at": first, "name": f"| {label}"}]},
            "mark": {"type": "text", "align": "left", "color": MUTED},
            "encoding": {
                "x": {"field": "at", "type": "quantitative"},
                "y": {"value": -8},
                "text": {"field": "name"},
            },
        },
    ]


def _band_layers(starts: Sequence[Spec], *, is_wide: bool) -> list[Spec]:
    """A rule above the first row of each band; where there is room, with the band's name."""
    place = {"field": "label", "type": "nominal", "sort": None, "bandPosition": 0}
    layers: list[Spec] = [
        {
            "data": {"values": list(starts)},
            "mark": {"type": "rule", "color": MUTED, "strokeDash": [2, 3]},
            "encoding": {"y": place, "x": {"value": 0}, "x2": {"value": "width"}},
        }
    ]
    if is_wide:
        layers.append(
            {
                "data": {"values": list(starts)},
                "mark": {
                    "type": "text",
                    "align": "right",
                    "dx": -2,
                    "dy": 8,
                    "color": MUTED,
                },
                "encoding": {"y": place, "x": {"value": "width"}, "text": {"field": "name"}},
            }
        )
    return layers if starts else []
