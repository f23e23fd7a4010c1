"""What the rules of an agreement decide, each as a table; no database."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.rules import (
    AgreementFacts,
    AmendmentKind,
    Lifted,
    RuleKind,
    Standing,
    YearMoney,
)
from lineshaft.apps.funding.rules.standing import years_off_the_fall
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.jurisdiction import JurisdictionProfile, MatchingRule, TermLimit
from lineshaft.kernel.spans import Span

MILLION = 100_000_000
TODAY = date(2026, 6, 1)
STARTS_ON = date(2021, 10, 1)


def code_of(refusal: Refusal | None) -> str:
    return refusal.code if refusal else ""


def limit(profile: JurisdictionProfile) -> TermLimit:
    return next(term for term in profile.terms if term.id == "L-021")


def half(profile: JurisdictionProfile) -> MatchingRule:
    return next(rule for rule in profile.matching_rules if rule.id == "L-040")


def facts(
    profile: JurisdictionProfile, *money: tuple[float, float], **given: object
) -> AgreementFacts:
    """An agreement of Energy with (federal, non-federal) millions by fiscal year from 2022 on."""
    years = tuple(
        YearMoney(profile.fiscal_year(2022 + place), int(fed * MILLION), int(other * MILLION))
        for place, (fed, other) in enumerate(money)
    )
    base = AgreementFacts(
        agency_keys=("DOE",),
        signed_on=STARTS_ON,
        term=Span(STARTS_ON, date(2026, 10, 1)),
        federal_total_minor=70 * MILLION,
        years=years,
        waivers={},
    )
    return replace(base, **given)  # type: ignore[arg-type]


# ------------------------------------------------------------------ term and renewal, law's vectors


@pytest.mark.parametrize(
    ("ends_on", "code"),
    [
        pytest.param(date(2026, 9, 30), "term_length", id="4.99 years"),
        pytest.param(date(2026, 10, 1), "", id="5 years"),
        pytest.param(date(2028, 10, 1), "", id="7 years"),
        pytest.param(date(2028, 10, 5), "term_length", id="7.01 years"),
    ],
)
def test_first_term_runs_five_to_seven_years(
    profile: JurisdictionProfile, ends_on: date, code: str
) -> None:
    refusal = rules.first_term_allowed(Span(STARTS_ON, ends_on), limit(profile))
    assert code_of(refusal) == code
    if refusal:
        assert refusal.citation == limit(profile).authority.citation


def test_first_term_before_any_limit_is_of_any_length(profile: JurisdictionProfile) -> None:
    signed_on = date(2012, 1, 1)
    assert profile.term_in_force(signed_on) is None
    assert rules.first_term_allowed(Span(signed_on, date(2013, 1, 1)), None) is None


@pytest.mark.parametrize(
    ("ends_on", "code"),
    [
        pytest.param(date(2031, 10, 1), "", id="5 years after 5"),
        pytest.param(date(2030, 10, 1), "", id="4 years after 5"),
        pytest.param(date(2031, 10, 2), "renewal_longer", id="a day longer"),
        pytest.param(date(2032, 10, 1), "renewal_longer", id="6 years after 5"),
    ],
)
def test_renewal_is_no_longer_than_the_first_term(ends_on: date, code: str) -> None:
    first = Span(STARTS_ON, date(2026, 10, 1))
    refusal = rules.renewal_no_longer(Span(date(2026, 10, 1), ends_on), first)
    assert code_of(refusal) == code
    if refusal:
        assert refusal.citation == rules.RENEWAL_LENGTH


def test_renewal_over_leap_days_is_as_long_as_the_calendar_says() -> None:
    first = Span(date(2020, 2, 29), date(2025, 3, 15))
    renewed = Span(date(2025, 3, 15), date(2030, 3, 29))
    assert rules.renewal_no_longer(renewed, first) is None
    longer = replace(renewed, ends_on=date(2030, 3, 30))
    assert code_of(rules.renewal_no_longer(longer, first)) == "renewal_longer"


def test_renewal_of_a_term_a_day_short_of_five_years_is_a_day_short_too() -> None:
    first = Span(STARTS_ON, date(2026, 9, 30))
    renewed = Span(date(2026, 10, 1), date(2031, 9, 30))
    assert rules.renewal_no_longer(renewed, first) is None
    longer = replace(renewed, ends_on=date(2031, 10, 1))
    assert code_of(rules.renewal_no_longer(longer, first)) == "renewal_longer"


def test_first_term_is_the_one_signed_before_extensions() -> None:
    term = Span(STARTS_ON, date(2028, 10, 1))
    assert rules.first_term_of(term, [date(2026, 10, 1), date(2027, 10, 1)]) == Span(
        STARTS_ON, date(2026, 10, 1)
    )


def test_cure_period_is_a_year_under_the_statute_and_none_under_the_design(
    profile: JurisdictionProfile,
) -> None:
    design = profile.term_in_force(date(2018, 1, 1))
    assert rules.cure_ends_on(date(2025, 3, 1), limit(profile)) == date(2026, 3, 1)
    assert rules.cure_ends_on(date(2018, 1, 1), design) is None
    assert code_of(rules.cure_given(None)) == "no_cure_period_in_force"


@pytest.mark.parametrize(
    ("on", "late", "early"),
    [
        pytest.param(date(2026, 2, 28), "", "cure_year_runs", id="within the year"),
        pytest.param(date(2026, 3, 1), "", "", id="on the day it ends"),
        pytest.param(date(2026, 3, 2), "cure_year_over", "", id="after it"),
    ],
)
def test_cure_counts_within_the_year_and_ineligible_after_it(
    on: date, late: str, early: str
) -> None:
    ends_on = date(2026, 3, 1)
    assert code_of(rules.cured_in_time(on, ends_on)) == late
    assert code_of(rules.cure_over(on, ends_on)) == early


def test_renewed_without_a_cure_has_no_day_to_keep() -> None:
    assert rules.cured_in_time(date(2030, 1, 1), None) is None


@pytest.mark.parametrize(
    ("state", "reviews", "code"),
    [
        ("active", 0, ""),
        ("ended", 0, ""),
        ("draft", 0, "renewal_not_possible"),
        ("terminated", 0, "renewal_not_possible"),
        ("active", 1, "renewal_decided"),
    ],
)
def test_agreement_is_reviewed_once_if_it_ran(state: str, reviews: int, code: str) -> None:
    assert code_of(rules.renewal_possible(state, open_renewals=reviews)) == code


# ------------------------------------------------------------------------------------- budgets


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "outside", "over"),
    [
        pytest.param(date(2022, 10, 1), date(2023, 10, 1), "", "", id="after the first"),
        pytest.param(
            date(2022, 9, 30), date(2023, 10, 1), "", "periods_overlap", id="shares a day"
        ),
        pytest.param(date(2021, 9, 30), date(2021, 10, 1), "period_outside_term", "", id="before"),
        pytest.param(date(2025, 10, 1), date(2026, 10, 2), "period_outside_term", "", id="beyond"),
    ],
)
def test_budget_period_lies_in_the_term_and_apart(
    starts_on: date, ends_on: date, outside: str, over: str
) -> None:
    period, term = Span(starts_on, ends_on), Span(STARTS_ON, date(2026, 10, 1))
    assert code_of(rules.period_within(period, term)) == outside
    first = Span(STARTS_ON, date(2022, 10, 1))
    assert code_of(rules.periods_apart(period, [first])) == over


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (["travel"], ""),
        ([], "budget_categories"),
        (["travel", "travel"], "budget_categories"),
        (["gifts"], "budget_categories"),
    ],
)
def test_budget_names_each_known_category_once(keys: list[str], code: str) -> None:
    assert code_of(rules.categories_possible(keys, ["travel", "equipment"])) == code


def test_budget_plans_something_within_the_total() -> None:
    assert code_of(rules.amounts_possible([(1, 0), (0, 1)])) == ""
    assert code_of(rules.amounts_possible([(0, 0)])) == "budget_amounts"
    assert code_of(rules.amounts_possible([(-1, 5)])) == "budget_amounts"
    assert code_of(rules.plan_within_total(6, 4, 10, "USD")) == ""
    assert code_of(rules.plan_within_total(7, 4, 10, "USD")) == "budget_beyond_total"


# ---------------------------------------------------------------------------------- amendments


@pytest.mark.parametrize(
    ("kind", "ends_on", "added", "title", "code"),
    [
        pytest.param("no_cost_extension", TODAY, None, "", "", id="extension"),
        pytest.param("no_cost_extension", None, None, "", "amendment_content", id="no new end"),
        pytest.param("no_cost_extension", TODAY, 5, "", "amendment_content", id="adds money too"),
        pytest.param("incremental_funding", None, 5, "", "", id="money"),
        pytest.param("incremental_funding", None, 0, "", "amendment_content", id="no money"),
        pytest.param("scope", None, None, "Robots", "", id="scope"),
        pytest.param("scope", None, None, " ", "amendment_content", id="no scope"),
        pytest.param("termination_for_cause", None, None, "", "", id="termination"),
        pytest.param("termination_for_cause", TODAY, None, "", "amendment_content", id="and more"),
    ],
)
def test_amendment_says_what_its_kind_changes_and_nothing_else(
    *, kind: str, ends_on: date | None, added: int | None, title: str, code: str
) -> None:
    refusal = rules.amendment_says_what(
        AmendmentKind(kind), new_ends_on=ends_on, added_federal_minor=added, new_title=title
    )
    assert code_of(refusal) == code


def test_extension_ends_later_and_is_in_time() -> None:
    assert code_of(rules.extension_later(date(2027, 1, 1), date(2026, 10, 1))) == ""
    same = rules.extension_later(date(2026, 10, 1), date(2026, 10, 1))
    assert code_of(same) == "extension_not_later"
    assert code_of(rules.extends_by_now(date(2026, 9, 30), date(2026, 10, 1))) == ""
    late = rules.extends_by_now(date(2026, 10, 1), date(2026, 10, 1))
    assert code_of(late) == "effective_after_term"


# ------------------------------------------------------------------------------------- waivers


@pytest.mark.parametrize(
    ("share_bp", "excluded", "code"),
    [
        (3000, None, ""),
        (0, None, ""),
        (None, 5, ""),
        (5000, None, "waiver_content"),
        (None, None, "waiver_content"),
        (3000, 5, "waiver_content"),
        (None, 0, "waiver_content"),
    ],
)
def test_waiver_lifts_a_share_or_an_amount(
    profile: JurisdictionProfile, share_bp: int | None, excluded: int | None, code: str
) -> None:
    refusal = rules.waiver_lifts_one(half(profile), share_bp=share_bp, excluded_minor=excluded)
    assert code_of(refusal) == code


def test_rule_is_waived_on_the_grounds_of_its_text_alone(profile: JurisdictionProfile) -> None:
    assert code_of(rules.ground_allowed(half(profile), "equipment")) == ""
    assert code_of(rules.ground_allowed(half(profile), "emergency")) == "ground_not_allowed"


def test_waivers_in_force_lift_the_lowest_share_and_all_amounts(
    profile: JurisdictionProfile,
) -> None:
    days = Span(date(2024, 1, 1), date(2025, 1, 1))
    waivers = (
        Lifted(days, share_bp=4000),
        Lifted(days, share_bp=3500),
        Lifted(days, excluded_minor=10),
        Lifted(days, excluded_minor=5),
        Lifted(Span(date(2025, 1, 1), date(2026, 1, 1)), share_bp=0),
    )
    lifted = rules.lifted_rule(half(profile), waivers, date(2024, 12, 31))
    assert (lifted.share_bp, lifted.excluded_minor) == (3500, 15)
    assert (lifted.federal_counted(100), lifted.federal_counted(10)) == (85, 0)
    untouched = rules.lifted_rule(half(profile), waivers, date(2023, 12, 31))
    assert (untouched.share_bp, untouched.excluded_minor) == (5000, 0)


@pytest.mark.parametrize(
    ("share_bp", "excluded", "is_met", "needed"),
    [
        pytest.param(None, 0, False, 70, id="without a waiver"),
        pytest.param(3693, 0, True, 41, id="share at the edge"),
        pytest.param(None, 29, True, 41, id="amount at the edge"),
        pytest.param(None, 28, False, 42, id="amount one short"),
        pytest.param(None, 70, True, 0, id="all left out"),
    ],
)
def test_cymanii_70_to_41_passes_with_a_waiver_alone(
    profile: JurisdictionProfile, share_bp: int | None, excluded: int, is_met: bool, needed: int
) -> None:
    rule = half(profile)
    days = Span(date(2020, 1, 1))
    waivers = [Lifted(days, share_bp=share_bp)] if share_bp else []
    waivers += [Lifted(days, excluded_minor=excluded * MILLION)] if excluded else []
    lifted = rules.lifted_rule(rule, waivers, TODAY)
    assert lifted.is_met(70 * MILLION, 41 * MILLION) is is_met
    assert round(lifted.nonfederal_needed(70 * MILLION) / MILLION) == needed


# ------------------------------------------------------------------------- reserve and close-out


def test_reserve_is_released_on_performance_that_is_over() -> None:
    assert code_of(rules.performance_earns(rules.Rating.MEETS)) == ""
    assert code_of(rules.performance_earns(rules.Rating.BELOW)) == "performance_below"
    year = Span(date(2024, 10, 1), date(2025, 10, 1))
    assert code_of(rules.assessed_before(year, date(2025, 10, 1))) == ""
    assert code_of(rules.assessed_before(year, date(2025, 9, 30))) == "assessment_ahead"


def test_reserve_is_released_on_an_assessment_that_says_something() -> None:
    assert code_of(rules.assessment_given("All standards passed")) == ""
    assert code_of(rules.assessment_given(" \n")) == "assessment_missing"


def test_closeout_is_due_so_many_days_after_the_last_day(profile: JurisdictionProfile) -> None:
    item = profile.closeout_item("final_financial_report")
    assert rules.due_on(item, date(2026, 10, 1)) == date(2027, 1, 28)
    assert rules.term_over_on(date(2026, 10, 1), date(2025, 3, 1)) == date(2025, 3, 1)
    assert rules.term_over_on(date(2026, 10, 1), date(2027, 3, 1)) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("key", "pending", "undecided", "code"),
    [
        ("obligations_liquidated", 1, 0, "obligations_pending"),
        ("obligations_liquidated", 0, 1, ""),
        ("cost_share_settled", 0, 1, "cost_share_undecided"),
        ("cost_share_settled", 1, 0, ""),
        ("property_report", 1, 1, ""),
    ],
)
def test_ledger_proves_two_items_of_the_closeout(
    *, profile: JurisdictionProfile, key: str, pending: int, undecided: int, code: str
) -> None:
    refusal = rules.ledger_proves(
        profile.closeout_item(key),
        pending_minor=pending,
        undecided_minor=undecided,
        currency="USD",
    )
    assert code_of(refusal) == code


# ------------------------------------------------------------------------------------ standing


def standings(
    profile: JurisdictionProfile, given: AgreementFacts, today: date = TODAY
) -> dict[tuple[str, str], tuple[str, bool]]:
    return {
        (one.kind.value, one.rule.id): (one.standing.value, one.is_binding)
        for one in rules.rule_standings(profile, given, today)
    }


def test_agreement_of_energy_stands_under_statute_design_term_band_and_falling_money(
    profile: JurisdictionProfile,
) -> None:
    found = standings(profile, facts(profile, (20, 20), (20, 20), (15, 15), (10, 9)))
    assert found == {
        ("matching", "L-040"): ("not_met", True),
        ("matching", "N-01"): ("not_met", False),
        ("term", "L-021"): ("met", True),
        ("band", "N-01"): ("met", False),
        ("falling", "N-02"): ("met", False),
    }


def test_agreement_of_defense_and_its_offices_is_bound_by_no_statute(
    profile: JurisdictionProfile,
) -> None:
    for key in ("DOD", "AFRL"):
        found = standings(profile, facts(profile, (20, 0), agency_keys=(key,)))
        assert [rule for rule, (_standing, binds) in found.items() if binds] == []


def test_one_sponsor_bound_by_a_rule_binds_the_agreement(profile: JurisdictionProfile) -> None:
    shared = standings(profile, facts(profile, (20, 20), agency_keys=("DOD", "DOE")))
    assert shared["matching", "L-040"] == ("met", True)


def test_year_by_year_rule_names_the_first_year_that_fails(profile: JurisdictionProfile) -> None:
    start = date(2016, 10, 1)
    years = tuple(
        YearMoney(profile.fiscal_year(year), 10 * MILLION, other * MILLION)
        for year, other in ((2017, 10), (2018, 9), (2019, 8), (2020, 0))
    )
    given = facts(
        profile,
        agency_keys=("NIST",),
        signed_on=start,
        term=Span(start, date(2021, 10, 1)),
        years=years,
    )
    found = {
        one.rule.id: one
        for one in rules.rule_standings(profile, given, TODAY)
        if one.kind is RuleKind.MATCHING
    }
    assert (found["L-042"].standing, found["L-042"].year) == (Standing.NOT_MET, 2018)
    assert found["L-042"].needed_minor == MILLION
    falling = next(
        one
        for one in rules.rule_standings(profile, given, TODAY)
        if one.kind is RuleKind.FALLING and one.rule.id == "L-042"
    )
    assert (falling.standing, falling.year, falling.is_binding) == (Standing.NOT_MET, 2019, True)


@pytest.mark.parametrize(
    ("today", "standing", "year"),
    [
        pytest.param(date(2017, 6, 1), Standing.OPEN, None, id="no year over"),
        pytest.param(date(2018, 6, 1), Standing.MET, 2017, id="one year over"),
        pytest.param(TODAY, Standing.MET, 2019, id="the last year over under the rule"),
    ],
)
def test_year_by_year_rule_that_is_met_names_the_last_year_over(
    profile: JurisdictionProfile, today: date, standing: Standing, year: int | None
) -> None:
    start = date(2016, 10, 1)
    given = facts(
        profile,
        agency_keys=("NIST",),
        signed_on=start,
        term=Span(start, date(2021, 10, 1)),
        years=tuple(
            YearMoney(profile.fiscal_year(year), 10 * MILLION, 10 * MILLION)
            for year in range(2017, 2021)
        ),
    )
    one = next(
        one
        for one in rules.rule_standings(profile, given, today)
        if (one.kind, one.rule.id) == (RuleKind.MATCHING, "L-042")
    )
    assert (one.standing, one.year) == (standing, year)


def test_money_that_rises_after_the_third_year_is_told(profile: JurisdictionProfile) -> None:
    given = facts(profile, (20, 20), (20, 20), (15, 15), (16, 16))
    one = next(
        one for one in rules.rule_standings(profile, given, TODAY) if one.kind is RuleKind.FALLING
    )
    assert (one.standing, one.year) == (Standing.NOT_MET, 2025)


@pytest.mark.parametrize(
    ("money", "held", "late"),
    [
        pytest.param((30, 20, 15, 10, 5, 4, 3), [], [], id="falls"),
        pytest.param((30, 30, 30, 20, 20, 10, 5), [5], [], id="stays as it was in year 5"),
        pytest.param((30, 30, 30, 20, 25, 10, 0), [5], [], id="grows in year 5"),
        pytest.param((30, 30, 30, 20, 0, 0, 0), [], [], id="has ended"),
        pytest.param((30, 30, 30, 20, 10, 5, 3, 1), [], [8], id="not ended after year 7"),
        pytest.param((30, 30, 30, 0, 5), [5], [], id="begins again"),
    ],
)
def test_money_falls_by_one_rule_in_agreements_and_applications(
    profile: JurisdictionProfile, money: tuple[int, ...], held: list[int], late: list[int]
) -> None:
    (entry,) = [one for one in profile.funding_profiles_in_force(TODAY, "DOD") if one.id == "N-02"]
    by_year = dict(enumerate(money, start=1))
    assert years_off_the_fall(by_year, entry, 1, by_year) == (held, late)


def test_waiver_is_told_beside_the_rule_it_lifts(profile: JurisdictionProfile) -> None:
    waivers = {"L-040": (Lifted(Span(STARTS_ON, date(2027, 1, 1)), share_bp=3000),)}
    given = facts(profile, (70, 41), waivers=waivers)
    one = next(one for one in rules.rule_standings(profile, given, TODAY) if one.rule.id == "L-040")
    assert (one.standing, one.is_waived, one.needed_minor) == (Standing.MET, True, 0)
    others = [
        other for other in rules.rule_standings(profile, given, TODAY) if other.rule.id != "L-040"
    ]
    assert {other.is_waived for other in others} == {False}


def test_waiver_is_asked_for_before_the_agreement_is_closed() -> None:
    assert {
        state: code_of(rules.waiver_still_possible(state)) for state in rules.AgreementState
    } == dict.fromkeys(rules.AgreementState, "waiver_after_close") | {
        rules.AgreementState.DRAFT: "",
        rules.AgreementState.ACTIVE: "",
    }


def test_agreement_without_money_is_open(profile: JurisdictionProfile) -> None:
    found = standings(profile, facts(profile))
    assert found["matching", "L-040"] == ("open", True)
    assert found["falling", "N-02"] == ("open", False)


def test_renewal_and_later_agreement_are_not_held_to_a_first_term(
    profile: JurisdictionProfile,
) -> None:
    later = facts(profile, term=Span(STARTS_ON, date(2022, 10, 1)), is_first=False)
    assert ("term", "L-021") not in standings(profile, later)
    first = Span(date(2016, 10, 1), date(2021, 10, 1))
    renewed = replace(later, term=Span(STARTS_ON, date(2027, 10, 1)), first=first)
    assert standings(profile, renewed)["term", "L-021"] == ("not_met", True)


@pytest.mark.parametrize(
    ("kind", "rule_id", "figures", "table", "changed"),
    [
        pytest.param(
            RuleKind.MATCHING,
            "L-040",
            {"share_bp": 6000},
            "matching_rules",
            {"share_bp": 6000},
            id="share",
        ),
        pytest.param(
            RuleKind.TERM,
            "L-021",
            {"least": 3, "most": 9},
            "terms",
            {"least_years": 3, "most_years": 9},
            id="term",
        ),
        pytest.param(
            RuleKind.BAND, "N-01", {"most": 5}, "funding_bands", {"most_minor": 5}, id="band"
        ),
        pytest.param(
            RuleKind.FALLING,
            "N-02",
            {"least": 1},
            "funding_profiles",
            {"falls_after_years": 1},
            id="falling",
        ),
    ],
)
def test_imagined_profile_differs_in_the_figures_of_one_rule_alone(
    profile: JurisdictionProfile,
    *,
    kind: RuleKind,
    rule_id: str,
    figures: dict[str, int],
    table: str,
    changed: dict[str, int],
) -> None:
    entries = tuple(
        replace(one, **changed) if one.id == rule_id else one for one in getattr(profile, table)
    )
    tables: dict[str, Any] = {table: entries}
    expected = replace(profile, **tables)
    assert expected != profile
    assert rules.imagined(profile, kind, rule_id, **figures) == expected
    assert rules.imagined(profile, kind, rule_id) == profile
