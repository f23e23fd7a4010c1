"""The tree of technology areas: a parent stands first, a key stands once."""

import pytest

from lineshaft.kernel.datafile import parse_table
from lineshaft.kernel.errors import Invalid
from lineshaft.reference.technology import parse_technology_areas

AREA = '[[areas]]\nkey = "{key}"\nname = "n"\nname_zh = "名"\nparent = "{parent}"\n'


def test_areas_with_the_parent_first_are_read() -> None:
    text = AREA.format(key="a", parent="") + AREA.format(key="b", parent="a")
    areas = parse_technology_areas(parse_table(text, "x.toml"))
    assert [(area.key, area.parent) for area in areas] == [("a", ""), ("b", "a")]


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ([("b", "a"), ("a", "")], "areas[0].parent"),
        ([("a", "a")], "areas[0].parent"),
        ([("a", ""), ("a", "")], "areas[1].key"),
    ],
    ids=["child-first", "own-parent", "twice"],
)
def test_areas_out_of_order_are_refused(keys: list[tuple[str, str]], path: str) -> None:
    text = "".join(AREA.format(key=key, parent=parent) for key, parent in keys)
    with pytest.raises(Invalid) as caught:
        parse_technology_areas(parse_table(text, "x.toml"))
    assert caught.value.errors[0].field == path
