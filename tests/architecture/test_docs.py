"""What a document says exists: links, commands, addresses, files, code; and its examples run."""

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from lineshaft.config.api import api
from lineshaft.config.command import COMMANDS_PACKAGE, own_commands
from lineshaft.config.settings import SETTINGS
from lineshaft.kernel.errors import LineshaftError
from lineshaft.plumbing.exchange.command import find_mapping
from lineshaft.plumbing.exchange.queries import import_specs
from tests.architecture.tree import ROOT, name_of

MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
COMMAND_BEGINS = re.compile(
    r"^\s*(?:\S*\$ )?(?:[A-Z_]+=\S+ )*\.venv/bin/lineshaft (.+)$", re.MULTILINE
)
MAKE = re.compile(r"(?:^|`|&& )\s*make ([a-z-]+)", re.MULTILINE)
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
ADDRESS = re.compile(r"(?:(?<=`)|(?<=localhost:8000))(/[A-Za-z0-9_./<>-]*)(?:\?[^`\s\"]*)?")
REPOSITORY_PATH = re.compile(r"`((?:src|docs|tests|scripts|bench|requirements)/[\w./-]+)`")
ENVIRONMENT = re.compile(r"\b(LINESHAFT_[A-Z_]+|DATABASE_URL)\b")
EXAMPLE_IMPORT = re.compile(r"import (\w+) (docs/\S+)(?: --mapping (docs/\S+))?")
IMPORT_LINE = re.compile(r"^\s*from (lineshaft[\w.]*) import ([\w, ]+)$", re.MULTILINE)

OTHER_PATHS = ("/srv/", "/etc/", "/tmp/", "/backups/", "/static/")  # noqa: S108 -- named in documents
OTHER_SETTINGS = {"LINESHAFT_TEST_DATABASE_URL"}
"""Read by the program that runs the tests, not by the platform."""


def documents() -> list[Path]:
    own = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
    return [*own, *sorted((ROOT / "docs").rglob("*.md"))]


def written_documents() -> list[Path]:
    """Those that a person follows; decisions and benchmarks tell what was."""
    told = ("docs/decisions/", "docs/reference/benchmarks.md", "CHANGELOG.md")
    return [path for path in documents() if not name_of(path).startswith(told)]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


every_document = pytest.mark.parametrize("path", documents(), ids=name_of)
every_written_document = pytest.mark.parametrize("path", written_documents(), ids=name_of)


# ---------------------------------------------------------------------------------------- links


def anchors_of(path: Path) -> set[str]:
    """The anchors under which the headings of a page are found."""
    headings = HEADING.findall(FENCED.sub("", text_of(path)))
    plain = (re.sub(r"[`*]", "", heading).strip().lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def links_of(path: Path) -> Iterator[str]:
    for inline, html in MARKDOWN_LINK.findall(FENCED.sub("", text_of(path))):
        target = inline or html
        if not target.startswith(("http://", "https://", "mailto:")):
            yield target


@every_document
def test_no_link_is_dead(path: Path) -> None:
    faults = []
    for link in links_of(path):
        target, _, anchor = link.partition("#")
        goal = (path.parent / target).resolve() if target else path
        if not goal.exists() or (anchor and anchor not in anchors_of(goal)):
            faults.append(link)
    assert faults == []


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in links_of(index)}
    pages = {path for path in (ROOT / "docs").glob("*/*.md") if path.parent.name != "decisions"}
    told_by_another = {ROOT / "docs" / "reference" / "benchmarks.md"}
    assert sorted(name_of(path) for path in pages - linked - told_by_another) == []


# ------------------------------------------------------------------------- commands and targets


@cache
def options_of(command: str) -> set[str]:
    own = import_module(f"{COMMANDS_PACKAGE}.{command}").Command()
    parser = own.create_parser("lineshaft", command)
    return {name for action in parser._actions for name in action.option_strings}  # noqa: SLF001


@every_written_document
def test_every_command_exists_with_its_options(path: Path) -> None:
    faults = []
    for line in COMMAND_BEGINS.findall(text_of(path)):
        words = shlex.split(line.split(" && ")[0].split(" <<")[0], comments=True)
        if words[0] not in get_commands():
            faults.append(line)
        elif words[0] in own_commands():
            given = {word.split("=")[0] for word in words if word.startswith("--")}
            faults += [f"{words[0]} {option}" for option in sorted(given - options_of(words[0]))]
    assert faults == []


@every_written_document
def test_every_command_named_in_a_sentence_exists(path: Path) -> None:
    spans = CODE.findall(FENCED.sub("", text_of(path)))
    named = {span.split()[1] for span in spans if span.startswith("lineshaft ") and " " in span}
    assert sorted(name for name in named - {"COMMAND"} if name not in get_commands()) == []


@every_written_document
def test_every_make_target_exists(path: Path) -> None:
    targets = set(TARGET.findall(text_of(ROOT / "Makefile")))
    assert sorted(set(MAKE.findall(text_of(path))) - targets) == []


# ------------------------------------------------------------- addresses, files, settings, code


def is_address(address: str) -> bool:
    """Whether a page or an operation of the API answers there."""
    example = re.sub(r"<[a-z]+>", "1", address)
    if example.startswith("/api/v1"):
        rest = example.removeprefix("/api/v1").split("?")[0] or "/"
        known = {"/", "/docs", "/openapi.json"} | {
            entry.removeprefix("/api/v1") for entry in api.get_openapi_schema()["paths"]
        }
        shapes = [re.sub(r"\{[^}]+\}", "[^/]+", entry) for entry in known]
        return any(re.fullmatch(shape, rest) for shape in shapes)
    try:
        resolve(example)
    except Resolver404:
        return False
    return True


@every_written_document
def test_every_address_leads_somewhere(path: Path) -> None:
    found = {address for address in ADDRESS.findall(text_of(path)) if address != "/"}
    wrong = [one for one in found if not one.startswith(OTHER_PATHS) and not is_address(one)]
    assert sorted(wrong) == []


@every_written_document
def test_every_path_of_the_repository_exists(path: Path) -> None:
    found = {one for one in REPOSITORY_PATH.findall(text_of(path)) if "<" not in one}
    assert sorted(one for one in found if not (ROOT / one).exists()) == []


@every_written_document
def test_every_setting_exists(path: Path) -> None:
    known = {setting.name for setting in SETTINGS} | OTHER_SETTINGS
    assert sorted(set(ENVIRONMENT.findall(text_of(path))) - known) == []


@every_written_document
def test_every_name_that_an_example_imports_exists(path: Path) -> None:
    missing = [
        f"{module}.{name.strip()}"
        for module, names in IMPORT_LINE.findall(text_of(path))
        for name in names.split(",")
        if not hasattr(import_module(module), name.strip())
        and not is_module(f"{module}.{name.strip()}")
    ]
    assert missing == []


def is_module(name: str) -> bool:
    try:
        import_module(name)
    except ModuleNotFoundError:
        return False
    return True


@every_written_document
def test_every_python_example_can_be_read(path: Path) -> None:
    for block in re.findall(r"<<'EOF'\n(.*?)^ *EOF$", text_of(path), re.MULTILINE | re.DOTALL):
        ast.parse(re.sub(r"^    ", "", block, flags=re.MULTILINE))


# ------------------------------------------------------------------------------------- examples


def examples() -> set[tuple[str, str, str]]:
    """Imports of files that lie beside the documents: kind, file, mapping."""
    return {
        found for path in written_documents() for found in EXAMPLE_IMPORT.findall(text_of(path))
    }


def test_every_example_that_is_imported_is_there_with_its_mapping() -> None:
    faults = []
    for kind, file, mapping in sorted(examples()):
        if kind not in import_specs() or not (ROOT / file).is_file():
            faults.append(file)
        if mapping:
            try:
                find_mapping(import_specs()[kind], str(ROOT / mapping))
            except LineshaftError as error:
                faults.append(f"{mapping}: {error}")
    assert faults == []
    assert len(examples()) >= 5
