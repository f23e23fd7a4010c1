"""Every template of the face keeps the rules: it says what it takes, is short, carries no style."""

import re
from pathlib import Path

import pytest

from lineshaft import web

ROOT = Path(web.__file__).parent / "templates"
TEMPLATES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.html"))
LINES_MAX = 120
FORBIDDEN = re.compile(r'\sstyle="|\son[a-z]+="|<style|hx-on|javascript:|<script>')


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_template_opens_with_what_it_takes_and_carries_no_style(template: Path) -> None:
    text = (ROOT / template).read_text(encoding="utf-8")
    assert text.startswith("{# ")
    assert text.count("\n") < LINES_MAX
    assert FORBIDDEN.search(text) is None


def test_every_component_stands_in_the_readme() -> None:
    readme = (Path(web.__file__).parent / "README.md").read_text(encoding="utf-8")
    inner = {"brand", "demo_notice", "language_switch", "messages", "navigation_list"}
    inner |= {
        "navigation_groups",
        "page_footer",
        "page_header",
        "theme_switch",
        "workspace",
    }  # the layout's own
    named = set(re.findall(r"\w+", " ".join(re.findall(r"(?m)^\| ([a-z_, ]+) \|", readme))))
    assert {path.stem for path in (ROOT / "components").iterdir()} - inner == named - {"component"}
