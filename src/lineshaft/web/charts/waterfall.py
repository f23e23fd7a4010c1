"""A sum shown as steps: each bar begins where the one before ended, the last one is the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from django.utils.safestring import SafeString

from lineshaft.web.charts.axes import caption, categories, described, letters_px, zero_line
from lineshaft.web.charts.drawing import (
    INK,
    MUTED,
    SERIES,
    Number,
    Spec,
    both_widths,
    plain,
)

_MARGIN_SHARE: Final = 0.04
_LABELS_SHARE_MAX: Final = 0.36
_PADDING_PX: Final = 12


@dataclass(frozen=True, slots=True)
class Addend:
    """One step of the sum; `text` is the formatted value with its sign."""

    label: str
    value: Number
    text: str


def waterfall_chart(
    addends: Sequence[Addend],
    total: Addend,
    *,
    title_alt: str,
    x_label: str = "",
    y_label: str = "",
    unit: str = "",
) -> SafeString:
    """Horizontal steps in the order given, then the sum from zero, each with its value at its end.

    What adds and what takes away differ by colour and by the sign of the text. `title_alt` is the
    text alternative and says the finding.
    """
    ends = list(accumulate(float(one.value) for one in addends))
    begins = [0.0, *ends[:-1]]
    values = [
        _value(one, begin, end, "more" if end >= begin else "less")
        for one, begin, end in zip(addends, begins, ends, strict=True)
    ]
    values.append(_value(total, 0.0, float(total.value), "sum"))
    joints = [
        {"label": before["label"], "next": after["label"], "at": before["end"]}
        for before, after in pairwise(values)
    ]

    def spec(width_px: int) -> Spec:
        scale = {"domain": _domain(values, width_px), "nice": False}
        layers = _layers(scale, caption(x_label, unit), joints)
        return {
            "width": width_px,
            "height": {"step": 26},
            "data": {"values": values},
            "encoding": {"y": categories([value["label"] for value in values], width_px)},
            "layer": layers,
        }

    return both_widths(spec, title_alt, described(y_label, x_label, unit))


def _domain(values: Sequence[Spec], width_px: int) -> list[float]:
    """From the least to the greatest place, with room at the right for what is written there."""
    drawn = [0.0, *(value[end] for value in values for end in ("low", "high"))]
    way = (max(drawn) - min(drawn)) or 1.0
    names_px = max(letters_px(value["label"]) for value in values)
    text_px = max(letters_px(value["text"]) for value in values) + _PADDING_PX
    plot_px = width_px - min(names_px, width_px * _LABELS_SHARE_MAX) - 2 * _PADDING_PX
    room = text_px / (plot_px - text_px)
    return [min(drawn) - way * _MARGIN_SHARE, max(drawn) + way * (room + _MARGIN_SHARE)]


def _value(one: Addend, begin: float, end: float, kind: str) -> Spec:
    return {
        "label": one.label,
        "value": plain(one.value),
        "text": one.text,
        "kind": kind,
        "end": end,
        "low": min(begin, end),
        "high": max(begin, end),
    }


def _layers(scale: Spec, axis: Spec, joints: list[Spec]) -> list[Spec]:
    colour = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": ["more", "less", "sum"], "range": [SERIES[0], SERIES[1], INK]},
        "legend": None,
    }
    x = {"field": "low", "type": "quantitative", "scale": scale, "axis": axis}
    joint = {"field": "at", "type": "quantitative"}
    return [
        {
            "mark": {"type": "bar", "height": {"band": 0.62}},
            "encoding": {"x": x, "x2": {"field": "high"}, "color": colour},
        },
        {
            "data": {"values": joints},
            "mark": {"type": "rule", "color": MUTED, "strokeDash": [2, 2]},
            "encoding": {
                "x": joint,
                "y": {"field": "label", "type": "nominal", "sort": None, "bandPosition": 0.5},
                "y2": {"field": "next", "bandPosition": 0.5},
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "color": INK},
            "encoding": {
                "x": {"field": "high", "type": "quantitative"},
                "text": {"field": "text"},
            },
        },
        zero_line(),
    ]
