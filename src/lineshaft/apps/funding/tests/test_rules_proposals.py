"""What takes two persons, and who may be the second."""

from datetime import timedelta

import pytest

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.tests.factories import IN_TERM


@pytest.mark.parametrize(
    ("code", "amount_minor", "expected"),
    [
        pytest.param(TransferCode.OBLIGATE, 10, True, id="at the threshold"),
        pytest.param(TransferCode.OBLIGATE, 9, False, id="below"),
        pytest.param(TransferCode.DRAW, 11, True, id="draw"),
        pytest.param(TransferCode.RELEASE, 11, True, id="release"),
        pytest.param(TransferCode.RETURN, 11, True, id="return"),
        pytest.param(TransferCode.AUTHORISE, 11, False, id="authorise"),
        pytest.param(TransferCode.PAY, 11, False, id="no federal movement"),
    ],
)
def test_what_takes_two_persons(code: TransferCode, amount_minor: int, expected: bool) -> None:
    assert rules.takes_two(code, amount_minor, 10) is expected
    assert (rules.one_is_enough(code, amount_minor, 10, "USD") is not None) is expected


def test_parts_near_each_other_count_together_by_code_and_agreement() -> None:
    alone = rules.MovedByOne(7)
    alone.add((1, "draw", False), IN_TERM, 6)
    apart = {
        days: alone.beside((1, "draw", False), IN_TERM + timedelta(days=days))
        for days in (-7, -6, 0, 6, 7)
    }
    assert apart == {-7: 0, -6: 6, 0: 6, 6: 6, 7: 0}
    for other in ((2, "draw", False), (1, "return", False), (1, "draw", True)):
        assert alone.beside(other, IN_TERM) == 0
    assert rules.one_is_enough(TransferCode.DRAW, 3, 10, "USD", beside_minor=6, days=7) is None
    refusal = rules.one_is_enough(TransferCode.DRAW, 4, 10, "USD", beside_minor=6, days=7)
    assert refusal is not None
    assert refusal.as_text().startswith(
        "With 0.06 USD that you moved or proposed within 7 days, “Draw” reaches 0.10 USD"
    )


@pytest.mark.parametrize(
    ("is_proposer", "is_person", "is_refused"),
    [(False, True, False), (True, True, True), (False, False, True)],
)
def test_decider_is_another_person(is_proposer: bool, is_person: bool, is_refused: bool) -> None:
    refusal = rules.decider_apart(is_proposer=is_proposer, is_person=is_person)
    assert (refusal is not None) is is_refused


@pytest.mark.parametrize(
    ("code", "sign", "expected"),
    [
        (TransferCode.RETURN, -1, (93, 20)),
        (TransferCode.RETURN, 1, (107, 20)),
        (TransferCode.OBLIGATE, -1, (100, 27)),
        (TransferCode.DRAW, -1, (93, 13)),
        (TransferCode.DRAW, 1, (107, 13)),
        (TransferCode.RELEASE, 1, (100, 13)),
        (TransferCode.CORRECT, -1, (93, 20)),
    ],
)
def test_balance_after(code: TransferCode, sign: int, expected: tuple[int, int]) -> None:
    assert rules.balance_after(code, 7, 100, 20, sign=sign) == expected


# ------------------------------------------------------------------------------------ services
