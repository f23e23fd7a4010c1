from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.rules import Holder
from lineshaft.kernel.jurisdiction import (
    BodyKind,
    BodyMeasure,
    BodyRule,
    OrganisationGroup,
    SeatKind,
)
from lineshaft.kernel.profile import load_profile
from lineshaft.kernel.spans import Span

DAYS = Span(date(2023, 1, 1), date(2023, 1, 2))
PROFILE = load_profile("us")
BOARD = PROFILE.body_rules_in_force(DAYS, BodyKind.INSTITUTE_BOARD)
ADVISORY = PROFILE.body_rules_in_force(DAYS, BodyKind.ADVISORY_BOARD)
INDUSTRY, ACADEMIA, GOVERNMENT = (
    OrganisationGroup.INDUSTRY,
    OrganisationGroup.ACADEMIA,
    OrganisationGroup.GOVERNMENT,
)


def years(start: int, end: int | None) -> Span:
    return Span(date(start, 1, 1), date(end, 1, 1) if end else None)


def met(binding: Sequence[BodyRule], holders: Sequence[Holder]) -> dict[str, tuple[int, bool]]:
    return {
        check.rule.key: (check.counted, check.is_met)
        for check in rules.composition(binding, holders)
    }


def test_rules_are_those_of_the_kind_in_force() -> None:
    assert [rule.key for rule in BOARD] == ["board_industry", "board_members"]
    assert len(ADVISORY) == 8
    assert PROFILE.body_rules_in_force(years(2010, 2012), BodyKind.INSTITUTE_BOARD) == ()
    assert load_profile("cn").body_rules == ()


def test_a_board_is_mainly_of_industry() -> None:
    member = Holder(SeatKind.MEMBER, "industry_sme", INDUSTRY)
    other = Holder(SeatKind.INDEPENDENT, "university", ACADEMIA)
    assert met(BOARD, []) == {"board_industry": (0, False), "board_members": (0, False)}
    assert met(BOARD, [member, other])["board_industry"] == (5000, False)
    assert met(BOARD, [member, member, other]) == {
        "board_industry": (6666, True),
        "board_members": (2, True),
    }


def test_an_advisory_board_is_made_up_as_the_statute_asks() -> None:
    holders = [
        *[Holder(SeatKind.SMALL_MANUFACTURER, "industry_sme", INDUSTRY)] * 4,
        Holder(SeatKind.OTHER, "start_up", INDUSTRY),
        *[Holder(SeatKind.EXTENSION_CENTRE)] * 2,
        Holder(SeatKind.COMMUNITY_COLLEGE, "industry_large", INDUSTRY),
        Holder(SeatKind.OTHER, "federal_laboratory", GOVERNMENT),
    ]
    found = met(ADVISORY, holders)
    assert found == {
        "advisory_size": (9, False),
        "advisory_centres": (2, True),
        "advisory_firms": (5, True),
        "advisory_college": (0, False),
        "advisory_no_employees": (1, False),
    }
    assert met(ADVISORY, [*holders[:-1], *holders[:2]])["advisory_no_employees"] == (0, True)


@pytest.mark.parametrize(
    ("span", "own", "code"),
    [
        (years(2023, 2026), [], None),
        (years(2023, None), [], "open_end"),
        (Span(date(2023, 1, 1), date(2026, 1, 2)), [], "term_too_long"),
        (years(2023, 2026), [years(2020, 2023)], None),
        (years(2023, 2026), [years(2017, 2020), years(2020, 2023)], "terms_too_many"),
        (years(2023, 2026), [years(2016, 2019), years(2019, 2022)], None),
        (
            Span(date(2022, 6, 1), date(2025, 6, 1)),
            [years(2016, 2019), years(2019, 2022)],
            "terms_too_many",
        ),
        (years(2023, 2026), [years(2014, 2017), years(2019, 2022), years(2030, 2033)], None),
        (years(2017, 2020), [years(2020, 2023), years(2023, 2026)], "terms_too_many"),
        (years(2020, 2023), [years(2023, None)], None),
    ],
)
def test_refuse_term(span: Span, own: list[Span], code: str | None) -> None:
    refusal = rules.refuse_term(ADVISORY, "Ada", span, own)
    assert (refusal.code if refusal else None) == code
    if refusal:
        assert refusal.citation
        assert refusal.citation.text == "15 U.S.C. 278k(m)"
    assert rules.refuse_term(BOARD, "Ada", span, own) is None


@pytest.mark.parametrize(
    ("binding", "kind", "code"),
    [
        (ADVISORY, "federal_laboratory", "barred_origin"),
        (ADVISORY, "state_or_local_government", None),
        (ADVISORY, "industry_sme", None),
        (BOARD, "federal_laboratory", None),
    ],
)
def test_refuse_origin(binding: Sequence[BodyRule], kind: str, code: str | None) -> None:
    refusal = rules.refuse_origin(binding, "Ada", organisation="A laboratory", kind=kind)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("kind", "is_of_institute", "code"),
    [
        (BodyKind.INSTITUTE_BOARD, True, None),
        (BodyKind.INSTITUTE_BOARD, False, "board_of_nobody"),
        (BodyKind.TECHNICAL_COUNCIL, True, None),
        (BodyKind.TECHNICAL_COUNCIL, False, None),
        (BodyKind.LEADERSHIP_COUNCIL, True, "not_of_institute"),
    ],
)
def test_refuse_body(kind: BodyKind, is_of_institute: bool, code: str | None) -> None:
    refusal = rules.refuse_body(kind, is_of_institute=is_of_institute)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("span", "seat", "code"),
    [
        (years(2023, 2024), years(2023, None), None),
        (years(2023, 2024), years(2022, 2024), None),
        (years(2022, 2024), years(2023, None), "not_open_yet"),
        (years(2023, 2025), years(2022, 2024), "seat_closed"),
        (years(2023, None), years(2022, 2024), "seat_closed"),
    ],
)
def test_refuse_seat(span: Span, seat: Span, code: str | None) -> None:
    refusal = rules.refuse_seat(span, seat)
    assert (refusal.code if refusal else None) == code


def test_a_seat_is_held_once_and_nobody_holds_two() -> None:
    held = [("Ada", years(2020, 2023)), ("Bo", years(2024, None))]
    assert rules.refuse_taken(years(2023, 2024), held) is None
    refusal = rules.refuse_taken(years(2022, 2023), held)
    assert refusal
    assert "Ada holds this seat" in refusal.as_text()
    assert rules.refuse_taken(years(2030, None), held)
    assert rules.refuse_second_seat("Ada", years(2023, 2024), [years(2020, 2023)]) is None
    assert rules.refuse_second_seat("Ada", years(2022, 2024), [years(2020, 2023)])
    assert rules.refuse_closing(date(2025, 1, 1), held[:1]) is None
    assert rules.refuse_closing(date(2022, 1, 1), held[:1])
    assert rules.refuse_closing(date(2025, 1, 1), held)


@pytest.mark.parametrize(
    ("span", "ends_on", "code"),
    [
        (years(2023, None), date(2024, 1, 1), None),
        (years(2023, 2026), date(2024, 1, 1), None),
        (years(2023, 2026), date(2023, 1, 1), "ends_before_start"),
        (years(2023, 2024), date(2024, 1, 1), "ended_already"),
    ],
)
def test_refuse_end(span: Span, ends_on: date, code: str | None) -> None:
    refusal = rules.refuse_end(span, ends_on)
    assert (refusal.code if refusal else None) == code


CENTRE = PROFILE.body_rules_in_force(DAYS, BodyKind.EXTENSION_CENTRE_BOARD)


def test_a_centre_board_is_mainly_of_small_firms_and_of_nobody_who_sits_in_another() -> None:
    firm = Holder(SeatKind.SMALL_MANUFACTURER, "industry_sme", INDUSTRY)
    large = Holder(SeatKind.OTHER, "industry_large", INDUSTRY)
    twice = Holder(SeatKind.SMALL_MANUFACTURER, "start_up", INDUSTRY, bodies=2)
    assert met(CENTRE, []) == {"centre_small_firms": (0, False), "centre_one_board": (0, True)}
    assert met(CENTRE, [firm, large])["centre_small_firms"] == (5000, False)
    assert met(CENTRE, [firm, twice, large]) == {
        "centre_small_firms": (6666, True),
        "centre_one_board": (1, False),
    }


@pytest.mark.parametrize(
    ("binding", "most", "others", "said"),
    [
        pytest.param(CENTRE, 1, [], None, id="nowhere else"),
        pytest.param(CENTRE, 1, [("West", years(2020, 2023))], None, id="before"),
        pytest.param(CENTRE, 1, [("West", years(2020, None))], "sits in West", id="beside"),
        pytest.param(CENTRE, 1, [("", years(2024, 2025))], "sits in another body", id="unnamed"),
        pytest.param(CENTRE, 2, [("West", years(2020, 2024))], None, id="two are allowed"),
        pytest.param(
            CENTRE,
            2,
            [("West", years(2020, 2024)), ("East", years(2024, 2026))],
            None,
            id="two, never three at once",
        ),
        pytest.param(
            CENTRE,
            2,
            [("West", years(2020, 2025)), ("East", years(2024, 2026))],
            "sits in",
            id="a third",
        ),
        pytest.param(BOARD, 1, [("West", years(2020, None))], None, id="no such rule"),
    ],
)
def test_refuse_other_bodies(
    binding: Sequence[BodyRule], most: int, others: list[tuple[str, Span]], said: str | None
) -> None:
    asked = [
        replace(rule, number=most) if rule.measure is BodyMeasure.BODIES_MOST else rule
        for rule in binding
    ]
    refusal = rules.refuse_other_bodies(asked, "Ada", years(2023, 2026), others)
    if said is None:
        assert refusal is None
    else:
        assert refusal
        assert said in refusal.as_text()
        assert refusal.citation
        assert refusal.citation.text == "15 U.S.C. 278k(k)(3)(B)"
