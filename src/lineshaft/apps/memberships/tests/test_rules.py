from datetime import date

import pytest

from lineshaft.apps.memberships import rules
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.spans import Span

TODAY = date(2022, 11, 1)
IN_2022 = Span(date(2022, 1, 1), date(2023, 1, 1))


@pytest.mark.parametrize(
    ("status", "ends_on", "code"),
    [
        pytest.param("active", None, None, id="active"),
        pytest.param("cure_period", None, None, id="cure period"),
        pytest.param("recognised_unfunded", None, None, id="unfunded"),
        pytest.param("planned", None, "institute_not_open", id="planned"),
        pytest.param("proposed", None, "institute_not_open", id="proposed"),
        pytest.param("terminated", None, "institute_terminated", id="terminated, open end"),
        pytest.param("terminated", date(2022, 11, 2), "institute_terminated", id="ends later"),
        pytest.param("terminated", date(2022, 11, 1), None, id="terminated, past agreement"),
    ],
)
def test_institute_takes_members_by_its_status(
    status: str, ends_on: date | None, code: str | None
) -> None:
    refusal = rules.refuse_institute("MxD", status, ends_on=ends_on, today=TODAY)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("tier", "kind", "code"),
    [
        pytest.param("sme", "industry_sme", None, id="company in a company's tier"),
        pytest.param("academic", "university", None, id="university"),
        pytest.param("academic", "industry_large", "tier_of_others", id="company as academic"),
        pytest.param("diamond", "industry_large", "unknown_tier", id="unknown"),
    ],
)
def test_tier_is_for_its_group_of_organisations(
    profile: JurisdictionProfile, tier: str, kind: str, code: str | None
) -> None:
    refusal = rules.refuse_tier(profile, tier, kind)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("held", "is_refused"),
    [
        pytest.param([], False, id="nothing held"),
        pytest.param([Span(date(2021, 1, 1), date(2022, 1, 1))], False, id="touches before"),
        pytest.param([Span(date(2023, 1, 1))], False, id="touches after"),
        pytest.param([Span(date(2021, 1, 1), date(2022, 1, 2))], True, id="shares a day"),
        pytest.param([Span(date(2022, 12, 31))], True, id="shares the last day"),
    ],
)
def test_overlap_is_refused_from_one_shared_day(held: list[Span], is_refused: bool) -> None:
    refusal = rules.refuse_overlap(IN_2022, held, organisation="Gears", institute="MxD")
    assert (refusal is not None) == is_refused


@pytest.mark.parametrize(
    ("signed_on", "ends_on", "is_refused"),
    [
        pytest.param(None, date(2022, 1, 1), False, id="not known"),
        pytest.param(date(2022, 1, 1), None, False, id="no end"),
        pytest.param(date(2022, 1, 1), date(2022, 1, 1), False, id="same day"),
        pytest.param(date(2022, 1, 2), date(2022, 1, 1), True, id="after its end"),
    ],
)
def test_signature_after_the_end_is_refused(
    signed_on: date | None, ends_on: date | None, is_refused: bool
) -> None:
    assert (rules.refuse_signature(signed_on, ends_on) is not None) == is_refused


@pytest.mark.parametrize(
    ("ends_on", "code"),
    [
        pytest.param(date(2022, 6, 1), None, id="shortened"),
        pytest.param(date(2022, 1, 1), "ends_before_start", id="on its first day"),
        pytest.param(date(2023, 1, 1), "ended_already", id="as it ends"),
        pytest.param(date(2024, 1, 1), "ended_already", id="after it ended"),
    ],
)
def test_end_lies_within_the_agreement(ends_on: date, code: str | None) -> None:
    refusal = rules.refuse_end(IN_2022, ends_on)
    assert (refusal.code if refusal else None) == code
    assert rules.refuse_end(Span(date(2022, 1, 1)), date(2030, 1, 1)) is None
