"""No word that a person reads stands untranslated, and nothing is loaded from another host."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from scripts.messages import catalogue_files, faults_of
from tests.architecture.tree import PACKAGE, name_of, python_files, syntax_of, template_files

SPOKEN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "label"}
SILENT_ELEMENTS = {"script", "style", "code", "svg"}
SAME_EVERYWHERE = {
    "Lineshaft",
    "English",
    "简体中文",
    "中文",
    "CSV",
    "XLSX",
    "JSON",
    "PDF",
    "API",
    "OpenAPI",
    "SHA",
}
WORD = re.compile(r"[^\W\d_]+")
SENTENCE = r"""(["'])((?:[A-Z][^"']*|[^"'/]*[a-z] [^"']*))\1"""
SAID_IN_TAG = re.compile(rf"(?<!_\(){SENTENCE}(?!\))")
SAID_BY_FILTER = re.compile(rf"\|\s*(?:default|default_if_none)\s*:\s*{SENTENCE}")
OTHER_HOST = re.compile(
    r"""(?:src|href|action|url|@import|import)\s*[=(]?\s*["'(]?\s*(?:https?:)?//"""
)
LINK = re.compile(r"<a\s[^>]*>", re.DOTALL)


class Spoken(HTMLParser):
    """Collects what a page says literally: text, and attributes that are read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[tuple[int, str]] = []
        self.faults: list[tuple[int, str]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT_ELEMENTS
        values = dict(attrs)
        for name, value in attrs:
            is_button = tag == "input" and values.get("type") in {"submit", "button"}
            is_shown = is_button and name == "value"
            if value and (name in SPOKEN_ATTRIBUTES or is_shown):
                self.said.append((self.getpos()[0], value))
            if name == "style" or name.startswith("on"):
                self.faults.append((self.getpos()[0], f"inline {name}"))
        if tag == "style" or (tag == "script" and "src" not in values):
            self.faults.append((self.getpos()[0], f"inline {tag}"))

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT_ELEMENTS and self.silent > 0

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append((self.getpos()[0], data))


def without_tags(source: str) -> str:
    """The template with its tags, variables, comments and translated blocks blanked out."""
    out: list[str] = []
    is_translated = is_comment = False
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.TEXT and not is_translated and not is_comment:
            out.append(token.contents)
            continue
        word = token.split_contents()[0] if token.token_type == TokenType.BLOCK else ""
        if word in {"blocktranslate", "blocktrans"}:
            is_translated = True
        elif word in {"endblocktranslate", "endblocktrans"}:
            is_translated = False
        elif word == "comment":
            is_comment = True
        elif word == "endcomment":
            is_comment = False
        out.append("\n" * token.contents.count("\n"))
    return "".join(out)


def spoken(path: Path) -> Spoken:
    parser = Spoken()
    parser.feed(without_tags(path.read_text(encoding="utf-8")))
    parser.close()
    return parser


def is_word(text: str) -> bool:
    words = WORD.findall(text)
    return any(word not in SAME_EVERYWHERE for word in words)


def said_in_tags(path: Path) -> Iterator[tuple[int, str]]:
    """Literal sentences given to filters and to components, outside `_()`."""
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        for match in SAID_BY_FILTER.finditer(token.contents):
            if token.token_type in {TokenType.VAR, TokenType.BLOCK}:
                yield token.lineno or 0, match[2]
        if token.token_type != TokenType.BLOCK:
            continue
        word = token.split_contents()[0]
        if word in {"include", "with", "cycle", "firstof"}:
            arguments = " ".join(token.split_contents()[2 if word == "include" else 1 :])
            for match in SAID_IN_TAG.finditer(arguments):
                yield token.lineno or 0, match[2]


def test_templates_say_nothing_untranslated() -> None:
    faults = [
        f"{name_of(path)}:{line} {text.strip()!r}"
        for path in template_files()
        for line, text in [*spoken(path).said, *said_in_tags(path)]
        if is_word(text)
    ]
    assert faults == []


def test_templates_have_no_inline_style_or_script() -> None:
    faults = [
        f"{name_of(path)}:{line} {fault}"
        for path in template_files()
        for line, fault in spoken(path).faults
    ]
    assert faults == []


SPOKEN_ARGUMENTS = {
    "caption", "empty", "help_text", "label", "lede", "message", "submit_label", "text", "title",
    "title_alt", "verbose_name", "verbose_name_plural", "action_label", "sentence", "x_label",
    "y_label", "violation_error_message",
}  # fmt: skip
SPOKEN_ROOMS = {"views", "forms", "models", "rules", "services", "queries", "navigation", "pages"}
SAID_AS_PRINTED = {"Citation"}
COMMANDS = PACKAGE / "config"


def test_python_says_nothing_untranslated() -> None:
    faults = [
        f"{name_of(path)}:{node.value.lineno} {node.arg}={literal!r}"
        for path in python_files()
        if COMMANDS not in path.parents
        if SPOKEN_ROOMS & {path.stem, path.parent.name}
        for call in ast.walk(syntax_of(path))
        if isinstance(call, ast.Call) and ast.unparse(call.func) not in SAID_AS_PRINTED
        for node in call.keywords
        if node.arg in SPOKEN_ARGUMENTS
        and (literal := literal_text(node.value)) is not None
        and re.search(r"[A-Za-z]{2}", literal)
    ]
    assert faults == []


def literal_text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return None


def test_nothing_is_loaded_from_another_host() -> None:
    files = [*template_files(), *PACKAGE.rglob("static/**/*.css"), *PACKAGE.rglob("static/**/*.js")]
    faults = [
        f"{name_of(path)}: {match[0]!r}"
        for path in files
        for match in OTHER_HOST.finditer(LINK.sub("", path.read_text(encoding="utf-8")))
    ]
    assert faults == []


@pytest.mark.catalogue
@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.parent.parent.name)
def test_the_catalogue_is_complete(path: Path) -> None:
    assert faults_of(path) == []
