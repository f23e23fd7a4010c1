from dataclasses import dataclass
from datetime import date

import pytest

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.rules import PositionKind, Standing

JAN, FEB, MAR = (date(2022, month, 1) for month in (1, 2, 3))


@dataclass(frozen=True)
class Version:
    number: int
    in_force_on: date | None


@pytest.mark.parametrize(
    ("on", "number"),
    [(date(2021, 12, 31), None), (JAN, 1), (date(2022, 2, 28), 1), (MAR, 3), (date(2030, 1, 1), 3)],
)
def test_version_in_force_is_the_last_that_has_begun(on: date, number: int | None) -> None:
    versions = [Version(1, JAN), Version(2, None), Version(3, MAR)]
    found = rules.version_in_force(versions, on)
    assert (found.number if found else None) == number


@pytest.mark.parametrize(
    ("kind", "stated_on", "in_force", "standing"),
    [
        (None, None, 2, Standing.SILENT),
        (PositionKind.ADOPTS, 1, 2, Standing.BEHIND),
        (PositionKind.ADOPTS, 2, 2, Standing.ADOPTS),
        (PositionKind.DEVIATES, 3, 2, Standing.DEVIATES),
        (PositionKind.ADOPTS, 1, None, Standing.ADOPTS),
    ],
)
def test_standing_follows_the_last_position(
    kind: str | None, stated_on: int | None, in_force: int | None, standing: Standing
) -> None:
    assert rules.standing(kind, stated_on, in_force) is standing


@pytest.mark.parametrize(
    ("adopted_on", "in_force_on", "last", "code"),
    [
        (JAN, JAN, None, None),
        (JAN, FEB, Version(1, JAN), None),
        (MAR, MAR, None, "not_yet_adopted"),
        (JAN, date(2024, 1, 3), None, None),
        (JAN, date(2024, 1, 5), None, "too_far"),
        (FEB, JAN, None, "before_adoption"),
        (JAN, JAN, Version(1, JAN), "not_after_last"),
        (JAN, JAN, Version(1, FEB), "not_after_last"),
    ],
)
def test_refuse_adoption(
    adopted_on: date, in_force_on: date, last: Version | None, code: str | None
) -> None:
    refusal = rules.refuse_adoption(
        adopted_on=adopted_on, in_force_on=in_force_on, today=FEB, last=last
    )
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("kind", "reason", "state", "later", "code"),
    [
        (PositionKind.ADOPTS, "", rules.ADOPTED, None, None),
        (PositionKind.ADOPTS, "", rules.ADOPTED, 2, None),
        (PositionKind.DEVIATES, "no test beds", rules.ADOPTED, 1, None),
        (PositionKind.DEVIATES, "  ", rules.ADOPTED, 2, "no_reason"),
        (PositionKind.ADOPTS, "", rules.DRAFT, None, "not_adopted"),
        (PositionKind.ADOPTS, "", rules.ADOPTED, 3, "overtaken"),
    ],
)
def test_refuse_position(
    kind: PositionKind, reason: str, state: str, later: int | None, code: str | None
) -> None:
    refusal = rules.refuse_position(kind, reason, number=2, state=state, later=later)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("today", "is_in_force", "has_spoken", "is_attested", "code"),
    [
        (date(2022, 9, 30), True, True, False, "year_open"),
        (date(2022, 10, 1), True, True, False, None),
        (date(2022, 10, 1), False, True, False, "not_in_force"),
        (date(2022, 10, 1), True, False, False, "not_spoken"),
        (date(2022, 10, 1), True, True, True, "attested"),
    ],
)
def test_refuse_attestation(
    today: date, is_in_force: bool, has_spoken: bool, is_attested: bool, code: str | None
) -> None:
    refusal = rules.refuse_attestation(
        year=2022,
        ends_on=date(2022, 10, 1),
        today=today,
        is_in_force=is_in_force,
        has_spoken=has_spoken,
        is_attested=is_attested,
    )
    assert (refusal.code if refusal else None) == code


def test_who_is_at_work_and_what_is_open() -> None:
    assert rules.refuse_institute("MxD", "active") is None
    refusal = rules.refuse_institute("MxD", "terminated")
    assert refusal
    assert refusal.as_text().startswith("MxD is “Terminated”.")
    assert rules.refuse_comment(1, rules.DRAFT) is None
    refusal = rules.refuse_comment(1, rules.ADOPTED)
    assert refusal
    assert refusal.as_text() == "Version 1 is “Adopted”. Only a draft is open to comments."


def test_a_breach_wants_a_word_and_a_version_new_words() -> None:
    assert rules.refuse_silence(is_kept=True, remark="") is None
    assert rules.refuse_silence(is_kept=False, remark="rates are not stated") is None
    assert rules.refuse_silence(is_kept=False, remark=" ")
    same = ("a", "")
    assert rules.refuse_same_text(same, same, number=1, is_revoked=False)
    assert rules.refuse_same_text(same, same, number=1, is_revoked=True) is None
    assert rules.refuse_same_text(("a", "甲"), same, number=1, is_revoked=False) is None
