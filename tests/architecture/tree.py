"""The source tree as these tests read it: files, modules, imports."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PACKAGE: Final = ROOT / "src" / "lineshaft"
APPS: Final = PACKAGE / "apps"

APP_ORDER: Final = (
    "network",
    "governance",
    "funding",
    "memberships",
    "competitions",
    "reviewing",
    "awarding",
    "insight",
    "desk",
)
"""From the ground up: an app imports only from apps before it."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: Path, with_tests: bool = False) -> list[Path]:
    """Python files under the folders (the package by default), without migrations."""
    return [
        path
        for folder in folders or (PACKAGE,)
        for path in sorted(folder.rglob("*.py"))
        if "migrations" not in path.parts
        and "__pycache__" not in path.parts
        and (with_tests or "tests" not in path.relative_to(ROOT).parts)
    ]


def template_files() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.html")) if "templates" in path.parts]


@cache
def syntax_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a file imports, wherever in it."""
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
