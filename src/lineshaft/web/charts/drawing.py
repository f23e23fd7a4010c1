"""From a specification to a drawing: colours, lettering, both widths, and where drawings are kept.

What is drawn once is kept by the hash of its specification, in the process and under var/cache. A
drawing carries no style attribute and no colour of its own, only the page's variables.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import vl_convert
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lineshaft.web.maps import shipped_map

type Number = int | Decimal | float
type Spec = dict[str, Any]
WIDE_PX: Final = 680
NARROW_PX: Final = 340
LETTERING_PX: Final = 12
FONT: Final = "Liberation Sans, sans-serif"  # measured with; drawn in the page's own
INK: Final = "#010203"
MUTED: Final = "#020304"
RULE: Final = "#030405"
HAIR: Final = "#040506"
SHEET: Final = "#050607"
ACCENT: Final = "#060708"
SERIES: Final = ("#070809", "#08090a", "#090a0b", "#0a0b0c", "#0b0c0d")
# What the drawing program is told to colour with -> (CSS variable, light colour for print)
_COLOURS: Final = {
    INK: ("--ink", "#16202b"),
    MUTED: ("--muted", "#56626e"),
    RULE: ("--rule", "#c9c5b8"),
    HAIR: ("--hair", "#e4e0d5"),
    SHEET: ("--sheet", "#ffffff"),
    ACCENT: ("--belt", "#a84b06"),
    SERIES[0]: ("--series-1", "#1d4e79"),
    SERIES[1]: ("--series-2", "#7ba3c7"),
    SERIES[2]: ("--series-3", "#56626e"),
    SERIES[3]: ("--series-4", "#b9b3a2"),
    SERIES[4]: ("--series-5", "#2f6b3c"),
}


def for_print(drawing: str) -> str:
    """The wide drawing alone, with light colours in place of CSS variables: for PDF."""
    wide = drawing.split("</svg>", 1)[0] + "</svg>" if "</svg>" in drawing else drawing
    for variable, colour in _COLOURS.values():
        wide = wide.replace(f"var({variable})", colour)
    return wide


def plain(value: Number | None) -> float | None:
    return None if value is None else float(value)


def both_widths(
    spec: Callable[[int], Spec], title_alt: str, description: str, *, kind: str = "chart"
) -> SafeString:
    wide = _drawing(spec(WIDE_PX), title_alt, description, f"{kind}-wide")
    narrow = _drawing(spec(NARROW_PX), title_alt, description, f"{kind}-narrow")
    return mark_safe(wide + narrow)  # noqa: S308 -- drawn here; texts are escaped by Vega and below


def _drawing(spec: Spec, title_alt: str, description: str, css_class: str) -> str:
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        **spec,
        "background": None,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": 4,
        "config": _CONFIG,
    }
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(f"{_DRAWING_VERSION}{text}".encode()).hexdigest()
    name = f"{css_class}-{digest[:12]}"
    head = f'<svg class="{css_class}" role="img" aria-labelledby="{name}-t'
    head += f' {name}-d"' if description else '"'
    titles = f'<title id="{name}-t">{escape(title_alt)}</title>'
    if description:
        titles += f'<desc id="{name}-d">{escape(description)}</desc>'
    drawn = kept_drawing(digest, text)
    return drawn.replace("<svg", head, 1).replace(">", f">{titles}", 1)


@lru_cache(maxsize=512)
def kept_drawing(digest: str, spec_text: str) -> str:
    """The drawing of a specification: from the cache folder, or drawn and put there."""
    path = Path(settings.CACHE_DIR) / "charts" / f"{digest}.svg"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        drawing = _cleaned(vl_convert.vegalite_to_svg(_with_land(spec_text)))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False
    ) as file:
        file.write(drawing)
    Path(file.name).replace(path)
    return drawing


def _cleaned(svg: str) -> str:
    """The drawing in the page's colours and lettering, without what only a viewer needs."""
    for mark, (variable, _light) in _COLOURS.items():
        svg = svg.replace(f'"{mark}"', f'"var({variable})"')
    for pattern in _UNWANTED:
        svg = pattern.sub("", svg)
    return _MARKUP.sub(lambda tag: _LONG_DECIMAL.sub(_shortened, tag[0]), svg)


def _shortened(decimal: re.Match[str]) -> str:
    return f"{float(decimal[0]):.1f}".removesuffix(".0")


_MARKUP: Final = re.compile(r"<[^>]*>")  # coordinates stand in tags, values between them
_LONG_DECIMAL: Final = re.compile(r"\d+\.\d{2,}")  # a tenth of a pixel is enough
_DRAWING_VERSION: Final = "1"  # a new number draws everything anew
_UNWANTED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r' xmlns(?::xlink)?="[^"]*"',
        r' version="1\.1"',
        r' style="[^"]*"',
        r' font-family="[^"]*"',
        r' aria-(?:roledescription|label|hidden)="[^"]*"',
        r' role="graphics-[a-z]+"',
        r' class="[^"]*"',
        r' pointer-events="none"',
        r' opacity="1"',
        r'<path d="" display="none"/>',
        r'<path d="M0,0h0v0h0Z"/>',
    )
)
_CONFIG: Final[Spec] = {
    "aria": False,
    "font": FONT,
    "view": {"stroke": None},
    "text": {"fontSize": LETTERING_PX, "fill": INK, "baseline": "middle"},
    "legend": {
        "labelFontSize": LETTERING_PX,
        "labelColor": INK,
        "symbolSize": 90,
        "offset": 6,
        "columnPadding": 16,  # the page's own lettering may be wider than what was measured
    },
    "axis": {
        "labelFontSize": LETTERING_PX,
        "titleFontSize": LETTERING_PX,
        "labelColor": INK,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "gridColor": HAIR,
        "domainColor": RULE,
        "tickColor": RULE,
    },
}


@lru_cache(maxsize=4)
def land_of(base: str) -> tuple[str, list[dict[str, Any]], str] | None:
    """Projection and outlines of the map that ships under a key, and a name for these outlines;
    None where no map ships.
    """
    shipped = shipped_map(base)
    if shipped is None:
        return None
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]},
        }
        for rings in shipped["outlines"].values()
    ]
    digest = hashlib.sha256(json.dumps(features).encode()).hexdigest()
    return str(shipped["projection"]), features, f"{base}-{digest[:16]}"


def _with_land(spec_text: str) -> str:
    """The specification with the outlines that it names; they stand apart, so that asking for a
    map that is drawn already need not write them out.
    """
    spec = json.loads(spec_text)
    name = next(
        (layer["data"]["name"] for layer in spec["layer"] if "name" in layer.get("data", {})), ""
    )
    land = land_of(name.partition("-")[0]) if name else None
    if land is None:
        return spec_text
    return json.dumps({**spec, "datasets": {name: land[1]}})
