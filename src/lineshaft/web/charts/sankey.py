"""Flows between places in columns, as wide as the money they carry, each a link.

Heights and widths are in one scale, so a place is as tall as the larger of what comes in and what
goes out, and its flows lie on it without a gap. The layout is plain data, drawn twice: wide, all
columns beside each other; and for a phone, where there is room for two, one stage of the flow below
the other, each name with its amount and the smallest places of a column together.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lineshaft.web.charts.drawing import NARROW_PX, WIDE_PX

BOX_PX: Final = 12
ROW_PX: Final = 30
GAP_PX: Final = 14
NARROW_ROW_PX: Final = 46
NARROW_GAP_PX: Final = 30
"""Two lines for each place: its name and its amount."""
TITLE_PX: Final = 24
MOST_NARROW: Final = 7
"""Places in a column of the narrow drawing; where there are more, the smallest stand together."""
LEAST_HEIGHT_PX: Final = 160
LETTER_PX: Final = 7
"""Room of one letter; of a Chinese character, twice."""

_FIRST_WIDE: Final = 0x2E80


@dataclass(frozen=True, slots=True)
class FlowPlace:
    """A place in a column (0 is the left one); `series` is the number of its colour, 1 to 5."""

    key: str
    label: str
    column: int
    series: int = 1


@dataclass(frozen=True, slots=True)
class FlowBand:
    """A flow from a place to one of a later column; `text` is the formatted value."""

    source: str
    target: str
    value: int
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Narrow:
    """What the narrow drawing says beyond the wide one.

    `titles` names each stage by the column that it starts from, `others` so many places together,
    `amount` a value as text; `url` is where flows that stand together are told apart.
    """

    titles: Mapping[int, str]
    others: Callable[[int], str]
    amount: Callable[[int], str]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a place is drawn, in pixels."""

    place: FlowPlace
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Where a flow is drawn: as high at its end as at its beginning."""

    band: FlowBand
    x_from: float
    y_from: float
    x_to: float
    y_to: float
    height: float


@dataclass(frozen=True, slots=True)
class FlowLayout:
    """A drawing's geometry; `scale` is pixels for one unit of value."""

    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    height: float
    scale: float


def lay_out(
    places: Sequence[FlowPlace],
    bands: Sequence[FlowBand],
    width_px: int,
    *,
    row_px: int = ROW_PX,
    gap_px: int = GAP_PX,
) -> FlowLayout:
    """Where every place that has a flow, and every flow, is drawn; in the order given."""
    comes_in, goes_out = _sums(bands)
    used = [one for one in places if one.key in comes_in or one.key in goes_out]
    sizes = {one.key: max(comes_in.get(one.key, 0), goes_out.get(one.key, 0)) for one in used}
    columns = sorted({one.column for one in used})
    by_column = {column: [one for one in used if one.column == column] for column in columns}
    most = max((len(rows) for rows in by_column.values()), default=0)
    height = max(LEAST_HEIGHT_PX, most * row_px)
    room = height - max(most - 1, 0) * gap_px
    largest = max((sum(sizes[one.key] for one in rows) for rows in by_column.values()), default=0)
    scale = room / largest if largest else 0.0
    step = (width_px - BOX_PX) / max(len(columns) - 1, 1)
    boxes: dict[str, Box] = {}
    for number, column in enumerate(columns):
        rows = by_column[column]
        total = sum(sizes[one.key] for one in rows) * scale
        gap = gap_px if len(rows) == 1 else min((height - total) / (len(rows) - 1), row_px)
        y = (height - total - gap * (len(rows) - 1)) / 2
        for one in rows:
            boxes[one.key] = Box(one, number * step, y, sizes[one.key] * scale)
            y += sizes[one.key] * scale + gap
    return FlowLayout(tuple(boxes.values()), _ribbons(bands, boxes, scale), height, scale)


def condense(
    places: Sequence[FlowPlace], bands: Sequence[FlowBand], narrow: Narrow
) -> tuple[tuple[FlowPlace, ...], tuple[FlowBand, ...]]:
    """The flows with at most `MOST_NARROW` places in a column: the smallest ones as one, the last.

    What flows between two places is the same in sum; flows that become one open where they are
    told apart.
    """
    comes_in, goes_out = _sums(bands)
    sizes = {one.key: max(comes_in.get(one.key, 0), goes_out.get(one.key, 0)) for one in places}
    kept: list[FlowPlace] = []
    stand_for: dict[str, str] = {}
    for column in sorted({one.column for one in places}):
        rows = [one for one in places if one.column == column and sizes[one.key]]
        if len(rows) <= MOST_NARROW:
            kept += rows
            continue
        largest = sorted(rows, key=lambda one: (-sizes[one.key], one.key))[: MOST_NARROW - 1]
        small = [one for one in rows if one not in largest]
        together = replace(small[0], key=f"others/{column}", label=narrow.others(len(small)))
        kept += [one for one in rows if one in largest] + [together]
        stand_for |= {one.key: together.key for one in small}
    found: dict[tuple[str, str], FlowBand] = {}
    for band in bands:
        source = stand_for.get(band.source, band.source)
        target = stand_for.get(band.target, band.target)
        other = found.get((source, target))
        if other is None:
            found[source, target] = replace(band, source=source, target=target)
            continue
        value = other.value + band.value
        found[source, target] = FlowBand(source, target, value, narrow.amount(value), narrow.url)
    return tuple(kept), tuple(found.values())


def sankey(
    places: Sequence[FlowPlace],
    bands: Sequence[FlowBand],
    *,
    title_alt: str,
    narrow: Narrow,
    description: str = "",
) -> SafeString:
    """The flows in both widths; empty where there are none. `title_alt` says the finding."""
    drawn = [band for band in bands if band.value > 0]
    if not drawn:
        return SafeString("")
    both = "".join(
        _svg(drawing, width_px, height, title_alt=title_alt, description=description)
        for width_px, (drawing, height) in (
            (WIDE_PX, _wide(places, drawn)),
            (NARROW_PX, _stages(places, drawn, narrow)),
        )
    )
    return mark_safe(both)  # noqa: S308 -- drawn here; every text is escaped


def _sums(bands: Sequence[FlowBand]) -> tuple[dict[str, int], dict[str, int]]:
    comes_in: dict[str, int] = {}
    goes_out: dict[str, int] = {}
    for band in bands:
        goes_out[band.source] = goes_out.get(band.source, 0) + band.value
        comes_in[band.target] = comes_in.get(band.target, 0) + band.value
    return comes_in, goes_out


def _ribbons(bands: Sequence[FlowBand], boxes: dict[str, Box], scale: float) -> tuple[Ribbon, ...]:
    """Flows leave a place in the order of their targets' heights, and come in by their sources'."""
    y_from: dict[FlowBand, float] = {}
    y_to: dict[FlowBand, float] = {}
    at = {key: box.y for key, box in boxes.items()}
    for band in sorted(bands, key=lambda one: (boxes[one.target].y, one.target, one.source)):
        y_from[band] = at[band.source]
        at[band.source] += band.value * scale
    at = {key: box.y for key, box in boxes.items()}
    for band in sorted(bands, key=lambda one: (boxes[one.source].y, one.source, one.target)):
        y_to[band] = at[band.target]
        at[band.target] += band.value * scale
    return tuple(
        Ribbon(
            band,
            boxes[band.source].x + BOX_PX,
            y_from[band],
            boxes[band.target].x,
            y_to[band],
            band.value * scale,
        )
        for band in bands
    )


def _wide(places: Sequence[FlowPlace], bands: Sequence[FlowBand]) -> tuple[str, float]:
    layout = lay_out(places, bands, WIDE_PX)
    last = max(box.x for box in layout.boxes)
    most = (WIDE_PX - BOX_PX) // 3 - 2 * BOX_PX
    boxes = "".join(_box(one, last, most) for one in layout.boxes)
    drawn = _all_ribbons(layout, places) + boxes
    return f'<g transform="translate(0,{GAP_PX})">{drawn}</g>', layout.height + 2 * GAP_PX


def _stages(
    places: Sequence[FlowPlace], bands: Sequence[FlowBand], narrow: Narrow
) -> tuple[str, float]:
    """The stages of the flow below each other, each under its title."""
    few, joined = condense(places, bands, narrow)
    column_of = {one.key: one.column for one in few}
    most = NARROW_PX // 2 - BOX_PX - 12
    drawn, y = "", 0.0
    for column in sorted({column_of[band.source] for band in joined}):
        stage = [band for band in joined if column_of[band.source] == column]
        layout = lay_out(few, stage, NARROW_PX, row_px=NARROW_ROW_PX, gap_px=NARROW_GAP_PX)
        comes_in, goes_out = _sums(stage)
        boxes = "".join(
            _box(
                box,
                NARROW_PX - BOX_PX,
                most,
                narrow.amount(goes_out.get(box.place.key) or comes_in[box.place.key]),
            )
            for box in layout.boxes
        )
        drawn += (
            f'<text x="0" y="{_px(y + TITLE_PX / 2)}" font-size="12" font-weight="600"'
            f' fill="var(--ink)">{escape(narrow.titles.get(column, ""))}</text>'
            f'<g transform="translate(0,{_px(y + TITLE_PX + GAP_PX)})">'
            f"{_all_ribbons(layout, few)}{boxes}</g>"
        )
        y += TITLE_PX + layout.height + 2 * GAP_PX
    return drawn, y


def _svg(drawn: str, width_px: int, height_px: float, *, title_alt: str, description: str) -> str:
    size = "wide" if width_px == WIDE_PX else "narrow"
    digest = hashlib.sha256(f"{drawn}{title_alt}".encode()).hexdigest()[:12]
    name = f"flow-{size}-{digest}"
    described = f' aria-describedby="{name}-d"' if description else ""
    desc = f'<desc id="{name}-d">{escape(description)}</desc>' if description else ""
    height = _px(height_px)
    return (
        f'<svg class="chart-{size}" role="group" aria-labelledby="{name}-t"{described}'
        f' width="{width_px}" height="{height}" viewBox="0 0 {width_px} {height}">'
        f'<title id="{name}-t">{escape(title_alt)}</title>{desc}{drawn}</svg>'
    )


def _all_ribbons(layout: FlowLayout, places: Sequence[FlowPlace]) -> str:
    names = {one.key: one.label for one in places}
    series = {one.key: one.series for one in places}
    return "".join(_ribbon(one, names, series) for one in layout.ribbons)


def _ribbon(ribbon: Ribbon, names: dict[str, str], series: dict[str, int]) -> str:
    band = ribbon.band
    middle = _px((ribbon.x_from + ribbon.x_to) / 2)
    x_from, x_to = _px(ribbon.x_from), _px(ribbon.x_to)
    y_from, y_to = _px(ribbon.y_from), _px(ribbon.y_to)
    low_from, low_to = _px(ribbon.y_from + ribbon.height), _px(ribbon.y_to + ribbon.height)
    path = (
        f"M{x_from},{y_from}C{middle},{y_from} {middle},{y_to} {x_to},{y_to}"
        f"V{low_to}C{middle},{low_to} {middle},{low_from} {x_from},{low_from}Z"
    )
    label = escape(f"{names[band.source]} → {names[band.target]}: {band.text}")
    # A thin line of its own colour keeps the smallest flow visible and gives it room to be met.
    colour = f"var(--series-{series[band.source]})"
    drawn = (
        f'<path d="{path}" fill="{colour}" fill-opacity="0.45" stroke="{colour}"'
        f' stroke-opacity="0.6" stroke-width="0.6"><title>{label}</title></path>'
    )
    if not band.url:
        return drawn
    return f'<a href="{escape(band.url)}" aria-label="{label}">{drawn}</a>'


def _box(box: Box, last_x: float, most_px: int, amount: str = "") -> str:
    is_last = box.x == last_x and box.x > 0
    x = box.x - 6 if is_last else box.x + BOX_PX + 6
    anchor = "end" if is_last else "start"
    shape = (
        f'<rect x="{_px(box.x)}" y="{_px(box.y)}" width="{BOX_PX}"'
        f' height="{_px(max(box.height, 1))}" fill="var(--series-{box.place.series})"/>'
    )
    middle = box.y + box.height / 2
    lines = [(middle - 7 if amount else middle, "--ink", _shortened(box.place.label, most_px))]
    if amount:
        lines.append((middle + 8, "--muted", amount))
    return shape + "".join(
        f'<text x="{_px(x)}" y="{_px(y)}" font-size="12" fill="var({colour})"'
        f' text-anchor="{anchor}" dominant-baseline="middle" stroke="var(--sheet)"'
        f' stroke-width="3" paint-order="stroke" pointer-events="none">{escape(text)}</text>'
        for y, colour, text in lines
    )


def _shortened(label: str, most_px: int) -> str:
    """The name, or as much of it as has room."""
    used = 0
    for place, letter in enumerate(label):
        used += 2 * LETTER_PX if ord(letter) >= _FIRST_WIDE else LETTER_PX
        if used > most_px:
            return label[: max(place - 1, 1)].rstrip() + "…"
    return label


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
