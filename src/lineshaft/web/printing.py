"""Documents for print: a Typst template and its content make a PDF, the same bytes each time."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst


def print_document(
    template: Path, name: str, content: Mapping[str, Any], *, dated: datetime
) -> bytes:
    """The document as PDF, dated then; the template reads `content` as JSON under that name.

    Only the packaged fonts are used, which hold Chinese too, so that every machine prints alike.
    """
    return typst.compile(
        template,
        root=template.parent,
        font_paths=_fonts(),
        sys_inputs={name: json.dumps(content)},
        timestamp=int(dated.timestamp()),
        format="pdf",
    )


@cache
def _fonts() -> typst.Fonts:
    """Looked for once: that takes as long as setting a page."""
    return typst.Fonts(
        include_system_fonts=False, font_paths=[Path(str(files("noto_cjk_sans_otc")))]
    )
