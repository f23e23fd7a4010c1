"""Growth drawn: seconds by the size of what is worked on, a line for each engine.

Both axes are even and begin at zero, so that time which grows as the size does is a straight line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import vl_convert

WIDTH_PX: Final = 620
HEIGHT_PX: Final = 260
COLOURS: Final = ("#1d4e79", "#a84b06", "#2f6b3c")
INK: Final = "#16202b"
HAIR: Final = "#e4e0d5"


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: what it is called, and the name of the figure for each size."""

    label: str
    figures: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Growth:
    """A drawing of a section: the name of its file, what it shows, and what the sizes count."""

    name: str
    title: str
    counted: str
    curves: Sequence[Curve]

    @property
    def file_name(self) -> str:
        return f"growth-{self.name}.svg"

    def drawn(self, seconds: Mapping[str, float]) -> str:
        """The drawing of those figures that are there; empty where no line has two points."""
        lines = [
            [(size, seconds[name]) for size, name in curve.figures.items() if name in seconds]
            for curve in self.curves
        ]
        if all(len(points) < 2 for points in lines):
            return ""
        rows = [
            {
                "size": size,
                "seconds": value,
                "engine": curve.label,
                "name": curve.label if size == points[-1][0] else "",
            }
            for curve, points in zip(self.curves, lines, strict=True)
            for size, value in points
        ]
        spec = _spec(rows, [curve.label for curve in self.curves], self.counted)
        svg: str = vl_convert.vegalite_to_svg(spec)
        return svg + "\n"


def _spec(rows: list[dict[str, Any]], labels: list[str], counted: str) -> dict[str, Any]:
    colour = {
        "field": "engine",
        "type": "nominal",
        "scale": {"domain": labels, "range": list(COLOURS[: len(labels)])},
        "legend": None,
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH_PX,
        "height": HEIGHT_PX,
        "background": "white",
        "padding": 12,
        "data": {"values": rows},
        "encoding": {
            "x": {
                "field": "size",
                "type": "quantitative",
                "scale": {"zero": True, "nice": False},
                "axis": {"title": counted, "tickCount": 6, "format": ",d", "grid": False},
            },
            "y": {
                "field": "seconds",
                "type": "quantitative",
                "scale": {"zero": True},
                "axis": {"title": "seconds", "tickCount": 5},
            },
            "color": colour,
        },
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2}},
            {"mark": {"type": "point", "filled": True, "size": 36, "opacity": 1}},
            {
                "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 12},
                "encoding": {"text": {"field": "name"}},
            },
        ],
        "config": {
            "font": "sans-serif",
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "labelColor": INK,
                "titleColor": INK,
                "gridColor": HAIR,
            },
        },
    }
