"""No float touches money: in funding and in the kernel's money, amounts are whole or exact."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import APPS, PACKAGE, name_of, python_files, syntax_of

EXACT = {"Decimal", "Fraction", "Money"}
"""What turns an amount into an exact number, that may be divided."""

CELL = "src/lineshaft/apps/funding/services/financial_documents.py:_units"
"""The one float: a spreadsheet's cell holds nothing else."""


def names_in(node: ast.AST) -> set[str]:
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return found | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


def is_inexact(left: ast.expr, right: ast.expr) -> bool:
    """Whether a division has an amount in it and no exact number on its left."""
    has_amount = any(name.endswith("_minor") for name in names_in(left) | names_in(right))
    return has_amount and not EXACT & names_in(left)


def floats_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and kind of every float: the type, a literal, or an amount divided inexactly."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id="float"):
                yield node.lineno, "float"
            case ast.Constant(value=float()):
                yield node.lineno, "literal"
            case ast.BinOp(left=left, op=ast.Div(), right=right) if is_inexact(left, right):
                yield node.lineno, "division"
            case ast.AugAssign(target=left, op=ast.Div(), value=right) if is_inexact(left, right):
                yield node.lineno, "division"


def functions_of(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.lineno, node.end_lineno or node.lineno


def test_no_float_touches_money() -> None:
    faults = []
    for path in [*python_files(APPS / "funding"), PACKAGE / "kernel" / "money.py"]:
        tree = syntax_of(path)
        cells = [
            range(first, last + 1)
            for name, first, last in functions_of(tree)
            if f"{name_of(path)}:{name}" == CELL
        ]
        faults += [
            f"{name_of(path)}:{line}: {kind}"
            for line, kind in floats_in(tree)
            if not any(line in cell for cell in cells)
        ]
    assert faults == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("half = amount_minor / 2", ["division"], id="an amount divided"),
        pytest.param("row.paid_minor /= 3", ["division"], id="divided in place"),
        pytest.param("share = given / row.whole_minor", ["division"], id="by an amount"),
        pytest.param("share = Decimal(a_minor) / b_minor", [], id="exactly"),
        pytest.param("half = amount_minor // 2", [], id="whole"),
        pytest.param("def worth() -> float: ...", ["float"], id="the type"),
        pytest.param("amount_minor * 0.5", ["literal"], id="a literal"),
        pytest.param("path / name", [], id="a path"),
    ],
)
def test_float_is_found_where_it_touches_money(text: str, kinds: list[str]) -> None:
    assert [kind for _line, kind in floats_in(ast.parse(text))] == kinds
