import grimp
import pytest


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    """Every module of the package and what it imports of it, imports in functions too."""
    found = grimp.build_graph("lineshaft", exclude_type_checking_imports=True)
    return {module: found.find_modules_directly_imported_by(module) for module in found.modules}


def on_circles(graph: dict[str, set[str]]) -> set[str]:
    """Modules that import themselves by way of others: what is left when all others are taken off.

    A module that imports nothing that is left cannot be on a circle, and neither can one that
    nothing left imports.
    """
    left = dict(graph)
    while True:
        imported = {name for names in left.values() for name in names if name in left}
        off = {name for name, names in left.items() if not names & left.keys()}
        off |= left.keys() - imported
        if not off:
            return set(left)
        left = {name: names for name, names in left.items() if name not in off}


def test_no_module_is_on_a_circle_of_imports(graph: dict[str, set[str]]) -> None:
    assert on_circles(graph) == set()


def test_on_circles_finds_one() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}
    assert on_circles(graph) == {"b", "c"}
