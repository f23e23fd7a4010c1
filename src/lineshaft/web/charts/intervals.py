"""Points with their intervals on a scale of which both ends are known, such as scores.

No text stands where a point or an interval may be drawn: the scale ends before the column of
values, and where the drawing is narrow a name has a line of its own above its interval.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from lineshaft.web.charts.axes import (
    BAR_LEAST,
    EDGES_PX,
    GAP_PX,
    OF_WIDER_FONT,
    categories,
    described,
    letters_px,
    room_for_names,
)
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

_STEP_PX: Final = 26
_NARROW_STEP_PX: Final = 46
_NAME_AT: Final = 0.3
_DRAWN_AT: Final = 0.74
"""Where a name and its interval stand in a row that has a line for each."""

_TICKS: Final = 4
_ACROSS: Final = "M0,-1L0,1"
"""A stroke across the line, since the tick of the drawing program only stands amid its row."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """One of both drawings: where its scale runs, and where a row draws and names."""

    names: Sequence[str]
    width_px: int
    scale: Spec
    ticks: tuple[float, ...]

    @property
    def is_wide(self) -> bool:
        return self.width_px == WIDE_PX

    @property
    def axis(self) -> Spec:
        """The rows by their names, which are at the left of a wide drawing alone. Without the
        domain the rows at which bands start would come before all others.
        """
        place = categories(self.names, self.width_px)
        if not self.is_wide:
            place["axis"] = None
        band = {"paddingInner": 0, "paddingOuter": 0, "type": "band"}
        return place | {"scale": {"domain": list(self.names)} | band}

    def row(self, at: float) -> Spec:
        """The place of something in its row, as a part of the row's height."""
        return {"field": "label", "type": "nominal", "sort": None, "bandPosition": at}

    @property
    def drawn(self) -> Spec:
        """The place of a point with its interval in its row."""
        return self.row(0.5 if self.is_wide else _DRAWN_AT)


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
    first, last = (float(end) for end in ends)

    def within(value: Number | None) -> float | None:
        drawn = plain(value)
        return None if drawn is None else min(max(drawn, first), last)

    values = [
        {
            "label": row.label,
            "value": within(row.value),
            "low": within(row.low),
            "high": within(row.high),
            "other": within(row.other),
            "text": row.text,
            "marked": row.is_marked,
        }
        for row in rows
    ]
    starts = [
        {"label": row.label, "name": row.band}
        for place, row in enumerate(rows)
        if row.band and (place == 0 or rows[place - 1].band != row.band)
    ]

    def spec(width_px: int) -> Spec:
        frame = _frame(rows, (first, last), width_px)
        return {
            "width": width_px,
            "height": {"step": _STEP_PX if frame.is_wide else _NARROW_STEP_PX},
            "data": {"values": values},
            "encoding": {"y": frame.axis},
            "layer": [
                *_band_layers(starts, frame),
                *_interval_layers(frame, x_label),
                *(() if frame.is_wide else (_name_layer(frame, starts),)),
                *(_other_layers(other_label, first, frame) if other_label else ()),
            ],
        }

    return both_widths(spec, title_alt, described(y_label, x_label, ""))


def _frame(rows: Sequence[Interval], ends: tuple[float, float], width_px: int) -> _Frame:
    """The scale, drawn on beyond its end for the values and, in a wide drawing, names of bands."""
    first, last = ends
    names = [row.label for row in rows]
    is_wide = width_px == WIDE_PX
    room_px = max((letters_px(row.text) for row in rows), default=0) + 2 * GAP_PX
    drawn_px = width_px - EDGES_PX
    if is_wide:
        room_px += _bands_px(row.band for row in rows)
        drawn_px -= room_for_names(names, width_px)
    taken_px = min(room_px, drawn_px * (1 - BAR_LEAST))
    beyond = last + (last - first) * taken_px / (drawn_px - taken_px)
    return _Frame(
        names,
        width_px,
        {"domain": [first, beyond], "nice": False, "zero": False},
        tuple(first + (last - first) * at / _TICKS for at in range(_TICKS + 1)),
    )


def _bands_px(bands: Iterable[str]) -> int:
    return max((letters_px(band) + GAP_PX for band in bands if band), default=0)


def _interval_layers(frame: _Frame, x_label: str) -> list[Spec]:
    axis = {
        "title": x_label or None,
        "grid": True,
        "ticks": False,
        "domain": False,
        "values": list(frame.ticks),
        "format": "~g",
        "titlePadding": 4,
    }
    colour = {"condition": {"test": "datum.marked", "value": ACCENT}, "value": SERIES[0]}
    along = {"field": "low", "type": "quantitative", "scale": frame.scale, "axis": axis}
    return [
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {"x": along, "x2": {"field": "high"}, "y": frame.drawn, "color": colour},
        },
        {
            "mark": {"type": "point", "filled": True, "opacity": 1, "size": 64},
            "encoding": {
                "x": {"field": "value", "type": "quantitative"},
                "y": frame.drawn,
                "color": colour,
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": GAP_PX, "color": INK},
            "encoding": {
                "x": {"datum": frame.ticks[-1], "type": "quantitative"},
                "y": frame.drawn,
                "text": {"field": "text"},
            },
        },
    ]


def _name_layer(frame: _Frame, starts: Sequence[Spec]) -> Spec:
    """The names above their intervals, cut before the name of a band may stand."""
    limit_px = frame.width_px - EDGES_PX - _bands_px(one["name"] for one in starts)
    return {
        "mark": {
            "type": "text",
            "align": "left",
            "color": INK,
            "limit": round(limit_px * OF_WIDER_FONT),
        },
        "encoding": {"x": {"value": 0}, "y": frame.row(_NAME_AT), "text": {"field": "label"}},
    }


def _other_layers(label: str, first: float, frame: _Frame) -> list[Spec]:
    """The second value as a tick across the line, with its name above the first row."""
    return [
        {
            "transform": [{"filter": "isValid(datum.other)"}],
            "mark": {
                "type": "point",
                "shape": _ACROSS,
                "color": MUTED,
                "strokeWidth": 2,
                "size": 144,
            },
            "encoding": {"x": {"field": "other", "type": "quantitative"}, "y": frame.drawn},
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


def _band_layers(starts: Sequence[Spec], frame: _Frame) -> list[Spec]:
    """A rule above the first row of each band, with the band's name at its end."""
    if not starts:
        return []
    data = {"values": list(starts)}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": MUTED, "strokeDash": [2, 3]},
            "encoding": {"y": frame.row(0), "x": {"value": 0}, "x2": {"value": "width"}},
        },
        {
            "data": data,
            "mark": {"type": "text", "align": "right", "dx": -2, "color": MUTED},
            "encoding": {
                "y": frame.row(0.5 if frame.is_wide else _NAME_AT),
                "x": {"value": "width"},
                "text": {"field": "name"},
            },
        },
    ]
