"""Messages: marked, translated first, filled afterwards."""

import pytest

from lineshaft.kernel.text import Term, fill, gettext_noop, untranslated

CHINESE = {"%(count)s members": "%(count)s 名成员", "Draft": "草稿", "100 %": "百分之百"}


def chinese(message: str) -> str:
    return CHINESE[message]


def test_gettext_noop_returns_the_message() -> None:
    assert gettext_noop("Draft") == "Draft"
    assert untranslated("Draft") == "Draft"


def test_fill_translates_before_it_fills() -> None:
    assert fill("%(count)s members", {"count": 3}) == "3 members"
    assert fill("%(count)s members", {"count": 3}, chinese) == "3 名成员"


def test_fill_without_params_leaves_a_percent_sign() -> None:
    assert fill("100 %", {}, chinese) == "百分之百"


def test_fill_translates_terms_and_joins_tuples() -> None:
    params = {"count": (Term("Draft"), "open", 2)}
    assert fill("%(count)s members", params, chinese) == ("草稿, open, 2 名成员")


def test_fill_without_a_value_for_a_place_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        fill("%(count)s members", {"number": 3})
