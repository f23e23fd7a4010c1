"""Every verb has words for a person."""

from importlib import import_module
from pkgutil import walk_packages

import lineshaft
from lineshaft.web.verbs import VERB_NAMES, verb_name


def _permitted_verbs() -> set[str]:
    modules = (
        import_module(found.name)
        for found in walk_packages(lineshaft.__path__, "lineshaft.")
        if ".rules" in found.name and ".tests" not in found.name
    )
    return {verb for module in modules for verb in getattr(module, "PERMISSIONS", {})}


def test_every_verb_of_a_permission_table_has_a_name() -> None:
    assert _permitted_verbs() - VERB_NAMES.keys() == set()


def test_verb_without_a_name_shows_as_it_is() -> None:
    assert (verb_name("draw_funds"), verb_name("no_verb")) == ("Draw funds", "no_verb")
