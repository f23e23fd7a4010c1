import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from tests.architecture.tree import (
    APP_ORDER,
    APPS,
    PACKAGE,
    ROOT,
    imports_of,
    name_of,
    python_files,
    syntax_of,
    template_files,
)

DOORS = {"rules", "models", "queries", "services"}
NAMES_WITHOUT_MEANING = {"utils.py", "helpers.py", "managers.py", "signals.py", "common.py"}
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
TEMPLATE_LINES_MAX = 120


def app_of(path: Path) -> str:
    return path.relative_to(APPS).parts[0]


def test_apps_in_the_tree_are_those_in_the_order() -> None:
    found = {path.name for path in APPS.iterdir() if (path / "__init__.py").exists()}
    assert found == set(APP_ORDER)


def test_imports_between_apps_end_in_a_door() -> None:
    faults = []
    for path in python_files(APPS):
        for line, name in imports_of(path):
            parts = name.split(".")
            if parts[:2] != ["lineshaft", "apps"] or parts[2] == app_of(path):
                continue
            doors = DOORS | {"facts"} if app_of(path) == "insight" else DOORS
            if len(parts) < 4 or parts[3] not in doors:
                faults.append(f"{name_of(path)}:{line} imports {name}")
    assert faults == []


def test_relations_of_models_lead_down() -> None:
    faults = [
        f"{model._meta.label}.{field.name} -> {related._meta.label}"
        for model in apps.get_models()
        if model.__module__.startswith("lineshaft.")
        for field in model._meta.get_fields()
        if isinstance(related := getattr(field, "related_model", None), type)
        and issubclass(related, Model)
        and not field.auto_created
        and rank(related) > rank(model)
    ]
    assert faults == []


def rank(model: type[Model]) -> int:
    """Height of the floor that a model stands on; a package from outside is the ground."""
    module = model.__module__.split(".")
    if module[0] != "lineshaft":
        return 0
    if module[1] == "plumbing":
        return 1
    assert module[1] == "apps", f"{model} stands on a floor that has no tables"
    return 2 + APP_ORDER.index(module[2])


@pytest.mark.parametrize("app", APP_ORDER)
def test_an_app_has_a_readme_of_its_own(app: str) -> None:
    text = (APPS / app / "README.md").read_text()
    by_hand = re.sub(
        r"<!-- generated:(\w+) -->.*?<!-- /generated:\1 -->", "", text, flags=re.DOTALL
    )
    assert len(by_hand.split()) > 50


def test_no_file_has_a_name_without_meaning() -> None:
    files = python_files(with_tests=True)
    assert [name_of(path) for path in files if path.name in NAMES_WITHOUT_MEANING] == []


def test_files_are_short() -> None:
    files = python_files(PACKAGE, ROOT / "scripts", ROOT / "bench", ROOT / "tests", with_tests=True)
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES_MAX} == {}


def test_templates_are_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in template_files()}
    assert {name: lines for name, lines in lengths.items() if lines > TEMPLATE_LINES_MAX} == {}


def test_functions_are_short() -> None:
    files = python_files(PACKAGE, ROOT / "scripts", ROOT / "bench", ROOT / "tests", with_tests=True)
    faults = [
        f"{name_of(path)}:{node.lineno} {node.name}: {lines} lines"
        for path in files
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert faults == []


def test_every_module_of_weight_says_what_it_decides() -> None:
    faults = [
        name_of(path)
        for path in python_files()
        if syntax_of(path).body and ast.get_docstring(syntax_of(path)) is None
    ]
    assert faults == []


def test_nothing_is_left_to_do() -> None:
    marks = ("TODO", "FIXME", "XXX")
    faults = [
        f"{name_of(path)}:{number}"
        for path in [*python_files(with_tests=True), *template_files()]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if any(mark in line.split() or f"{mark}:" in line for mark in marks)
    ]
    assert faults == []
