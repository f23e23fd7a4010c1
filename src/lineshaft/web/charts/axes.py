"""What charts share: names and captions of axes, the zero line, a value to compare with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lineshaft.web.charts.drawing import ACCENT, LETTERING_PX, MUTED, Number, Spec, plain

LAST_NARROW: Final = 0x2E80  # from here on, characters fill a square
EDGES_PX: Final = 24
GAP_PX: Final = 8
OF_WIDER_FONT: Final = 0.86
"""Of the room for names, so much is filled when one is cut: the page's lettering may be wider than
what it is cut by.
"""

BAR_LEAST: Final = 0.25
ROOM_FOR_VALUES: Final = 1.22
"""The scale ends beyond the longest bar by this factor, so that its value fits beside it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A value to compare with, such as a rule's threshold, drawn as a line with its name."""

    value: Number
    label: str


def categories(labels: Sequence[str], width_px: int) -> Spec:
    """The axis of names. Its room is counted from the letters, since the reader's font is not
    known here.
    """
    room = room_for_names(labels, width_px)
    is_cut = room < max((letters_px(label) for label in labels), default=0)
    return {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "domain": False,
            "ticks": False,
            "labelLimit": round(room * OF_WIDER_FONT) if is_cut else room,
            "labelPadding": 8,
            "minExtent": room + 10,
            "maxExtent": room + 10,
        },
    }


def room_for_names(labels: Sequence[str], width_px: int) -> int:
    """The width of the names before the bars; a name that is longer is cut."""
    return min(max((letters_px(label) for label in labels), default=0), round(width_px * 0.36))


def room_for_values(
    top: float, ends: Sequence[tuple[float, str]], labels: Sequence[str], width_px: int
) -> float:
    """How far the scale reaches so that the text behind each end has room in a drawing that wide.

    A bar keeps a quarter of the drawing, whatever its text.
    """
    drawn_px = width_px - room_for_names(labels, width_px) - EDGES_PX
    needed = [
        end / max(1 - (letters_px(text) + GAP_PX) / drawn_px, BAR_LEAST)
        for end, text in ends
        if end > 0
    ]
    return max([top * ROOM_FOR_VALUES, *needed])


def letters_px(text: str) -> int:
    """The width of a text in a wide font: a Chinese character is a square, a Latin letter less."""
    return sum(LETTERING_PX + 1 if ord(letter) > LAST_NARROW else 8 for letter in text)


def caption(label: str, unit: str) -> Spec:
    named = f"{label} ({unit})" if label and unit else label or unit
    return {
        "title": named or None,
        "labels": False,
        "ticks": False,
        "grid": False,
        "domain": False,
        "titlePadding": 4,
    }


def zero_line() -> Spec:
    return {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": MUTED, "strokeWidth": 1},
        "encoding": {"x": {"field": "zero", "type": "quantitative"}, "y": {"value": 0}}
        | {"y2": {"value": "height"}},
    }


def reference_layers(reference: Reference | None) -> list[Spec]:
    if reference is None:
        return []
    data = {"values": [{"at": plain(reference.value), "name": reference.label}]}
    at = {"field": "at", "type": "quantitative"}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": ACCENT, "strokeDash": [4, 3]},
            "encoding": {"x": at, "y": {"value": 0}, "y2": {"value": "height"}},
        },
        {
            "data": data,
            "mark": {"type": "text", "color": ACCENT, "baseline": "bottom", "dy": -3},
            "encoding": {"x": at, "y": {"value": 0}, "text": {"field": "name"}},
        },
    ]


def reach(values: Sequence[Number], reference: Reference | None) -> tuple[float, float]:
    """The greatest and the least value to be drawn, zero included."""
    drawn = [float(value) for value in values]
    if reference is not None:
        drawn.append(float(reference.value))
    return max([0.0, *drawn]) or 1.0, min([0.0, *drawn])


def described(y_label: str, x_label: str, unit: str) -> str:
    return ", ".join(part for part in (y_label, x_label, unit) if part)
