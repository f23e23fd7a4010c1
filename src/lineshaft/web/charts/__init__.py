"""Charts: plain data in, an SVG drawing out, in the page's own colours and without a script.

A chart is a Vega-Lite specification, drawn on the server; flows, which Vega-Lite does not know, are
laid out in `sankey`. Its colours are CSS variables, so one
drawing serves light and dark; it carries no style attribute, which the content security policy
forbids. Bars start at zero, values are written beside what they measure, and the text alternative
states the finding. A chart comes in two widths, of which the style sheet shows one, so that its
lettering stays readable on a phone.

The same data give the same bytes. Drawings are kept by the hash of their specification, in the
process and under var/cache.
"""

from lineshaft.web.charts.axes import Reference
from lineshaft.web.charts.bars import Bar, StackedBar, bar_chart, stacked_bar_chart
from lineshaft.web.charts.drawing import for_print
from lineshaft.web.charts.intervals import Interval, interval_chart
from lineshaft.web.charts.lines import Line, LinePoint, line_chart, spark
from lineshaft.web.charts.points import MapPoint, point_map
from lineshaft.web.charts.sankey import FlowBand, FlowPlace, Narrow, sankey
from lineshaft.web.charts.waterfall import Addend, waterfall_chart

__all__ = [
    "Addend",
    "Bar",
    "FlowBand",
    "FlowPlace",
    "Interval",
    "Line",
    "LinePoint",
    "MapPoint",
    "Narrow",
    "Reference",
    "StackedBar",
    "bar_chart",
    "for_print",
    "interval_chart",
    "line_chart",
    "point_map",
    "sankey",
    "spark",
    "stacked_bar_chart",
    "waterfall_chart",
]
