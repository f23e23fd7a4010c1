from datetime import date, timedelta

import pytest

from lineshaft.apps.memberships import rules

TODAY = date(2022, 11, 1)


@pytest.mark.parametrize(("days", "is_refused"), [(0, True), (1, False), (365, False), (366, True)])
def test_need_stands_a_day_to_a_year(days: int, is_refused: bool) -> None:
    refusal = rules.refuse_last_day(TODAY + timedelta(days=days), TODAY)
    assert (refusal is not None) == is_refused


ANSWERS = {
    "open": (1, False, False, None),
    "its last day has come": (0, False, False, "expired"),
    "one's own": (1, True, False, "own_need"),
    "answered before": (1, False, True, "answered"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_refuse_answer(case: str) -> None:
    days, is_own, has_answered, code = ANSWERS[case]
    refusal = rules.refuse_answer(
        TODAY + timedelta(days=days), TODAY, is_own=is_own, has_answered=has_answered, name="A"
    )
    assert (refusal.code if refusal else None) == code


def test_only_members_speak_to_members() -> None:
    assert rules.refuse_non_member("A", is_member=True) is None
    refusal = rules.refuse_non_member("A", is_member=False)
    assert refusal is not None
    assert refusal.code == "not_a_member"
