"""The three tests of match, what is foreseen, and the planned profile, each as tables; no database.

The law's vectors on money, match and term, and the tests that hold them:

1. 50 to 39, before the rule and of Defense: `test_vector_*[1 *]` here and in `test_rules`.
2. 70 to 70, at the edge: `test_vector_*[2 *]`, and `test_match_of_published_amounts_*`.
3. 70 to 41 fails without a waiver: `test_vector_*[3 *]`, with one it holds: `[3 * waived *]`.
4. 87.5 to 187 over seven years: `test_vector_*[4 *]`, and `test_first_term_runs_*[7 years]`.
5. 4.99 and 7.01 years, 6 after 5: `test_first_term_runs_*`, `test_renewal_is_no_longer_*`.

Vectors 6 and 7 are about panels and strategic plans, which are no money.
"""

from dataclasses import replace
from datetime import date

import pytest

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.rules import (
    AgreementFacts,
    DayMoney,
    Lifted,
    MatchBooks,
    MatchStatus,
    PlannedMoney,
    Promise,
    RuleTest,
    Standing,
    YearMoney,
    foreseen,
)
from lineshaft.kernel.jurisdiction import JurisdictionProfile, MatchingSubject
from lineshaft.kernel.spans import Span

MILLION = 100_000_000
TODAY = date(2024, 6, 10)
TERM = Span(date(2021, 10, 1), date(2026, 10, 1))
GIVEN = date(2022, 3, 1)


def facts(**given: object) -> AgreementFacts:
    """An agreement of Energy over fiscal years 2022 to 2026, 70 million of federal money."""
    base = AgreementFacts(("DOE",), TERM.starts_on, TERM, 70 * MILLION, (), {})
    return replace(base, **given)  # type: ignore[arg-type]


def day(on: date, federal: float = 0, other: float = 0, **more: int) -> DayMoney:
    return DayMoney(on, int(federal * MILLION), int(other * MILLION), **more)


def books(*days: DayMoney, about: AgreementFacts | None = None, **given: object) -> MatchBooks:
    return replace(MatchBooks(about or facts(), days), **given)  # type: ignore[arg-type]


def results_of(
    profile: JurisdictionProfile, read: MatchBooks, today: date = TODAY
) -> dict[str, RuleTest]:
    return {one.rule.id: one for one in rules.match_tests(profile, read, today)}


# ------------------------------------------------------------------------------- the law's vectors


@pytest.mark.parametrize(
    ("federal", "other", "given", "status"),
    [
        pytest.param(
            50,
            39,
            {
                "agency_keys": ("DOD",),
                "signed_on": date(2012, 8, 16),
                "term": Span(date(2012, 8, 16), date(2019, 8, 16)),
            },
            None,
            id="1 America Makes before the rule",
        ),
        pytest.param(50, 39, {}, MatchStatus.BELOW, id="1 the same of Energy since"),
        pytest.param(70, 70, {}, MatchStatus.HOLDS, id="2 at the edge"),
        pytest.param(70, 41, {}, MatchStatus.BELOW, id="3 CyManII without waiver"),
        pytest.param(
            70,
            41,
            {"waivers": {"L-040": (Lifted(TERM, share_bp=3000),)}},
            MatchStatus.HOLDS,
            id="3 CyManII waived to 30 %",
        ),
        pytest.param(
            70,
            41,
            {"waivers": {"L-040": (Lifted(TERM, excluded_minor=29 * MILLION),)}},
            MatchStatus.HOLDS,
            id="3 CyManII waived by an amount",
        ),
        pytest.param(
            87.5, 187, {"term": Span(TERM.starts_on, date(2028, 10, 1))}, MatchStatus.HOLDS, id="4"
        ),
    ],
)
def test_vector_of_the_law_under_the_statutes_half(
    profile: JurisdictionProfile,
    federal: float,
    other: float,
    given: dict[str, object],
    status: MatchStatus | None,
) -> None:
    about = facts(federal_total_minor=int(federal * MILLION), **given)
    on = about.term.starts_on
    read = books(day(on, federal, other), about=about, is_running=False)
    found = results_of(profile, read).get("L-040")
    assert (found.status if found else None) == status


@pytest.mark.parametrize(
    ("other", "research", "demonstration"),
    [
        pytest.param(17.5, MatchStatus.HOLDS, MatchStatus.BELOW, id="a fifth at the edge"),
        pytest.param(17.49, MatchStatus.BELOW, MatchStatus.BELOW, id="below a fifth"),
        pytest.param(70, MatchStatus.HOLDS, MatchStatus.HOLDS, id="half"),
    ],
)
def test_energy_law_asks_a_fifth_of_research_and_half_of_demonstration(
    profile: JurisdictionProfile,
    other: float,
    research: MatchStatus,
    demonstration: MatchStatus,
) -> None:
    read = books(day(GIVEN, 70, other), is_running=False)
    found = results_of(profile, read)
    assert (found["L-043-R"].status, found["L-043-D"].status) == (research, demonstration)
    assert (found["L-043-R"].read.binds, found["L-043-D"].read.binds) == (True, False)


@pytest.mark.parametrize(
    ("activity", "binding"),
    [
        pytest.param(MatchingSubject.DEMONSTRATION_PROJECT, "L-043-D", id="demonstration"),
        pytest.param(MatchingSubject.RESEARCH_PROJECT, "L-043-R", id="research"),
    ],
)
def test_kind_of_project_that_the_sponsor_named_decides_the_share(
    profile: JurisdictionProfile, activity: MatchingSubject, binding: str
) -> None:
    found = results_of(profile, books(about=facts(activity=activity)))
    energy = [(key, one.read.binds) for key, one in found.items() if key.startswith("L-043")]
    assert energy == [(binding, True)]


def test_each_test_reads_its_own_rules_and_sponsors(profile: JurisdictionProfile) -> None:
    def read(**given: object) -> list[tuple[str, str, bool]]:
        about = facts(**given)
        found = rules.rules_read(profile, about, TODAY)
        return [(one.test.value, one.rule.id, one.binds) for one in found]

    assert read() == [
        ("statute", "L-040", True),
        ("statute", "N-01", False),
        ("leverage", "B-01", False),
        ("epact", "L-043-R", True),
        ("epact", "L-043-D", False),
    ]
    assert read(agency_keys=("DOD",)) == [
        ("statute", "N-01", False),
        ("leverage", "B-01", False),
    ]
    centre = read(agency_keys=("DOC",), subject=MatchingSubject.EXTENSION_CENTRE)
    assert centre == [("statute", "M-01", True)]


# --------------------------------------------------------------------------------- three numbers


def test_leverage_counts_other_federal_money_that_the_statute_leaves_out(
    profile: JurisdictionProfile,
) -> None:
    other = DayMoney(GIVEN, 70 * MILLION, 40 * MILLION, other_minor=30 * MILLION)
    found = results_of(profile, books(other, is_running=False))
    leverage, statute = found["B-01"], found["L-040"]
    assert leverage.to_date.matching_minor == 70 * MILLION
    assert statute.to_date.matching_minor == 40 * MILLION
    assert (leverage.status, statute.status) == (MatchStatus.HOLDS, MatchStatus.BELOW)
    assert (leverage.read.matching, statute.read.matching) == ("other", "nonfederal")
    assert not leverage.is_pressing
    assert found["N-01"].is_pressing


def test_one_cent_short_fails_though_the_share_rounds_to_half(
    profile: JurisdictionProfile,
) -> None:
    short = DayMoney(GIVEN, 70 * MILLION, 70 * MILLION - 1)
    found = results_of(profile, books(short, is_running=False))["L-040"]
    assert found.to_date.share_bp == 5000
    assert (found.status, found.lacking_minor) == (MatchStatus.BELOW, 1)


def test_without_money_a_test_is_open_and_closed_agreements_foresee_nothing(
    profile: JurisdictionProfile,
) -> None:
    found = results_of(profile, books(is_running=False))["L-040"]
    assert (found.status, found.so_far) == (MatchStatus.OPEN, MatchStatus.OPEN)
    assert (found.years, found.at_end, found.breach) == ((), None, None)
    assert found.lacking_minor == 0


def test_yearly_rule_fails_in_the_closed_year_and_is_not_tested_after_its_end(
    profile: JurisdictionProfile,
) -> None:
    about = facts(
        agency_keys=("DOC",),
        signed_on=date(2016, 10, 1),
        term=Span(date(2016, 10, 1), date(2021, 10, 1)),
    )
    read = books(
        day(date(2017, 3, 1), 10, 10),
        day(date(2018, 3, 1), 10, 4),
        day(date(2020, 3, 1), 10, 0),
        about=about,
        is_running=False,
    )
    found = results_of(profile, read)["L-042"]
    assert [(one.year, one.fails) for one in found.years] == [
        (2017, False),
        (2018, True),
    ]
    assert found.failing is not None
    assert (found.failing.year, found.lacking_minor) == (2018, 6 * MILLION)
    assert found.to_date.on == date(2019, 12, 19)
    assert found.at_end is None


@pytest.mark.parametrize("is_running", [True, False])
@pytest.mark.parametrize(
    ("today", "is_over"),
    [
        pytest.param(date(2022, 9, 29), False, id="the day before its last"),
        pytest.param(date(2022, 9, 30), False, id="its last day"),
        pytest.param(date(2022, 10, 1), True, id="the day after"),
    ],
)
def test_fiscal_year_is_over_for_tests_standings_and_profile_on_the_day_after_its_last(
    profile: JurisdictionProfile, today: date, *, is_over: bool, is_running: bool
) -> None:
    year = profile.fiscal_year(2022)
    about = facts(
        agency_keys=("DOC",),
        subject=MatchingSubject.EXTENSION_CENTRE,
        federal_total_minor=10 * MILLION,
        years=(YearMoney(year, 10 * MILLION, 4 * MILLION),),
    )
    read = books(day(date(2022, 3, 1), 10, 4), about=about, is_running=is_running)
    tested = results_of(profile, read, today)["M-01"]
    (standing,) = (
        one for one in rules.rule_standings(profile, about, today) if one.rule.id == "M-01"
    )
    (planned,) = (
        one for one in rules.profile_years(profile, read, today) if one.period.year == 2022
    )
    assert (
        tested.status is MatchStatus.BELOW,
        standing.standing is Standing.NOT_MET,
        planned.is_over,
        year.is_over(today),
    ) == (is_over,) * 4
    assert (tested.failing is not None, standing.year) == (is_over, 2022 if is_over else None)
    assert next((one.year, one.on, one.is_forecast) for one in tested.years) == (
        2022,
        date(2022, 9, 30),
        not is_over,
    )
    if not is_over:
        assert tested.breach is not None
        assert tested.breach.on == year.last_day
        comes_no_more = not is_running or today == year.last_day
        assert (tested.breach.lacking_minor == 6 * MILLION) is comes_no_more


def test_centre_is_foreseen_to_fail_at_the_close_of_a_fiscal_year(
    profile: JurisdictionProfile,
) -> None:
    about = facts(
        agency_keys=("DOC",),
        subject=MatchingSubject.EXTENSION_CENTRE,
        federal_total_minor=60 * MILLION,
    )
    read = books(day(GIVEN, 10, 10), day(date(2024, 3, 1), 10, 10), about=about)
    found = results_of(profile, read)["M-01"]
    assert (found.status, found.breach and found.breach.on) == (
        MatchStatus.AT_RISK,
        date(2024, 9, 30),
    )


# ------------------------------------------------------------------------ a breach before it comes


def plan_of(*millions: float) -> tuple[PlannedMoney, ...]:
    return tuple(
        PlannedMoney(
            Span(date(2021 + place, 10, 1), date(2022 + place, 10, 1)), int(amount * MILLION)
        )
        for place, amount in enumerate(millions)
    )


def test_breach_is_foreseen_before_it_happens_and_a_promise_in_time_averts_it(
    profile: JurisdictionProfile,
) -> None:
    """20 beside 20 hold today; 12 more come in fiscal year 2025, and nobody brings anything."""
    past = day(date(2022, 5, 1), 20, 20)
    plan = plan_of(10, 10, 0, 12)
    read = books(past, about=facts(federal_total_minor=32 * MILLION), plan=plan)
    found = results_of(profile, read)["L-040"]
    assert (found.status, found.so_far) == (MatchStatus.AT_RISK, MatchStatus.HOLDS)
    assert found.breach is not None
    assert found.breach.on == date(2024, 10, 31)
    assert found.breach.lacking_minor == 12 * MILLION * 31 // 365
    assert found.breach.act_by == TODAY
    assert (found.breach.most_minor, found.breach.most_on) == (12 * MILLION, date(2025, 9, 30))
    assert found.lacking_minor == found.breach.lacking_minor
    assert found.at_end is not None
    assert (found.at_end.on, found.at_end.fails) == (date(2026, 9, 30), True)
    promised = replace(read, promises=(Promise(date(2024, 10, 15), found.breach.most_minor),))
    assert results_of(profile, promised)["L-040"].status is MatchStatus.HOLDS
    late = replace(read, promises=(Promise(date(2024, 11, 15), found.breach.most_minor),))
    assert results_of(profile, late)["L-040"].status is MatchStatus.AT_RISK
    overdue = replace(read, promises=(Promise(date(2024, 6, 9), found.breach.most_minor),))
    assert results_of(profile, overdue)["L-040"].status is MatchStatus.AT_RISK


def test_day_to_act_lies_half_a_year_before_a_breach_that_is_far(
    profile: JurisdictionProfile,
) -> None:
    read = books(
        day(date(2022, 5, 1), 20, 20),
        about=facts(federal_total_minor=32 * MILLION),
        plan=plan_of(10, 10, 0, 0, 12),
    )
    breach = results_of(profile, read)["L-040"].breach
    assert breach is not None
    assert (breach.on, breach.act_by) == (date(2025, 10, 31), date(2025, 5, 4))
    assert rules.LEAD_DAYS == 180


def test_breach_is_averted_by_a_waiver_only_in_its_days(profile: JurisdictionProfile) -> None:
    def waived(days: Span) -> MatchStatus:
        about = facts(
            federal_total_minor=32 * MILLION, waivers={"L-040": (Lifted(days, share_bp=3000),)}
        )
        read = books(day(date(2022, 5, 1), 20, 20), about=about, plan=plan_of(10, 10, 0, 12))
        return results_of(profile, read)["L-040"].status

    assert waived(TERM) is MatchStatus.HOLDS
    assert waived(Span(TERM.starts_on, date(2025, 10, 1))) is MatchStatus.AT_RISK


def test_breach_that_has_come_is_below_and_still_says_what_is_ahead(
    profile: JurisdictionProfile,
) -> None:
    found = results_of(profile, books(day(date(2022, 5, 1), 20, 10)))["L-040"]
    assert (found.status, found.lacking_minor) == (MatchStatus.BELOW, 10 * MILLION)
    assert found.so_far is MatchStatus.BELOW
    assert found.breach is not None
    assert found.breach.on == date(2024, 6, 30)


def test_results_are_sorted_with_foreseen_breaches_first(profile: JurisdictionProfile) -> None:
    risky = results_of(
        profile,
        books(
            day(date(2022, 5, 1), 20, 20),
            about=facts(federal_total_minor=32 * MILLION),
            plan=plan_of(10, 10, 0, 12),
        ),
    )["L-040"]
    below = results_of(profile, books(day(GIVEN, 2, 1), is_running=False))["L-040"]
    holds = results_of(profile, books(day(GIVEN, 1, 1), is_running=False))["L-040"]
    assert sorted([holds, below, risky], key=rules.match_urgency) == [risky, below, holds]


# -------------------------------------------------------------------------------- what is foreseen


def test_pace_is_that_of_the_last_year_and_of_no_fewer_than_ninety_days() -> None:
    read = books(day(date(2023, 6, 11), 0, 5), day(date(2023, 6, 12), 0, 3), day(TODAY, 0, 2))
    ahead = foreseen.foreseen(read, TODAY, with_other=False)
    assert (ahead.pace_minor, ahead.pace_days) == (5 * MILLION, foreseen.PACE_DAYS)
    assert ahead.matching_through(TODAY) == 0
    assert ahead.matching_through(date(2025, 6, 10)) == 5 * MILLION
    young = foreseen.foreseen(
        books(day(date(2021, 10, 2), 0, 3)), date(2021, 10, 11), with_other=False
    )
    assert (young.pace_minor, young.pace_days) == (3 * MILLION, foreseen.LEAST_PACE_DAYS)
    taken_back = foreseen.foreseen(books(day(TODAY, 0, -3)), TODAY, with_other=False)
    assert taken_back.pace_minor == 0


def test_promise_and_pace_do_not_add_up_but_the_larger_counts() -> None:
    read = books(
        day(date(2024, 1, 1), 0, 4),
        promises=(Promise(date(2024, 12, 10), 3 * MILLION), Promise(date(2026, 6, 1), MILLION)),
    )
    ahead = foreseen.foreseen(read, TODAY, with_other=False)
    assert ahead.matching_through(date(2024, 12, 9)) == 4 * MILLION * 182 // 365
    assert ahead.matching_through(date(2024, 12, 10)) == 3 * MILLION
    assert ahead.matching_through(date(2025, 6, 10)) == 4 * MILLION


def test_federal_money_comes_over_its_period_and_the_rest_over_days_without_one() -> None:
    plan = (PlannedMoney(Span(date(2024, 10, 1), date(2025, 10, 1)), 20 * MILLION),)
    read = books(day(date(2022, 5, 1), 30), plan=plan)
    period, rest = foreseen.federal_portions(read, TODAY)
    assert (period.amount_minor, rest.amount_minor) == (20 * MILLION, 20 * MILLION)
    assert rest.spans == (
        Span(date(2024, 6, 11), date(2024, 10, 1)),
        Span(date(2025, 10, 1), TERM.ends_on),
    )
    assert period.through(date(2024, 9, 30)) == 0
    assert period.through(date(2025, 9, 30)) == 20 * MILLION
    assert rest.through(TERM.ends_on or TODAY) == 20 * MILLION


@pytest.mark.parametrize(
    ("read", "today"),
    [
        pytest.param(books(is_running=False), TODAY, id="closed"),
        pytest.param(books(), date(2026, 9, 30), id="last day"),
        pytest.param(books(about=facts(term=Span(TERM.starts_on))), TODAY, id="without end"),
        pytest.param(books(day(GIVEN, 70)), TODAY, id="all obligated"),
        pytest.param(books(plan=plan_of(0, 0, 0, 0, 0)), TODAY, id="nothing planned"),
        pytest.param(
            books(day(date(2024, 6, 1), 9), plan=plan_of(0, 0, 9, 0, 0)), TODAY, id="obligated"
        ),
    ],
)
def test_no_federal_money_is_foreseen(read: MatchBooks, today: date) -> None:
    assert foreseen.federal_portions(read, today) == ()


def test_month_ends_run_to_the_last_day() -> None:
    assert foreseen.month_ends(date(2024, 1, 31), date(2024, 3, 15)) == (
        date(2024, 2, 29),
        date(2024, 3, 15),
    )
    assert foreseen.month_ends(TODAY, TODAY) == ()


def test_days_outside_leave_what_lies_elsewhere_alone() -> None:
    within = Span(date(2024, 1, 1), date(2024, 2, 1))
    assert foreseen.days_outside(within, []) == (within,)
    assert foreseen.days_outside(within, [Span(date(2023, 1, 1), date(2024, 1, 1))]) == (within,)
    assert foreseen.days_outside(within, [Span(date(2023, 1, 1), date(2025, 1, 1))]) == ()


# ------------------------------------------------------------------------------ planned and drawn


def test_plan_falls_on_fiscal_years_by_days_and_the_shape_is_tested(
    profile: JurisdictionProfile,
) -> None:
    plan = (
        PlannedMoney(Span(date(2022, 4, 1), date(2023, 4, 1)), 365, 73),
        PlannedMoney(Span(date(2024, 10, 1), date(2025, 10, 1)), 400, 100),
    )
    drawn = (
        DayMoney(date(2022, 5, 1), nonfederal_minor=50, drawn_minor=150),
        DayMoney(date(2023, 5, 1), drawn_minor=10),
    )
    read = books(*drawn, plan=plan)
    years = rules.profile_years(profile, read, TODAY)
    assert [
        (one.period.year, one.planned_federal_minor, one.planned_nonfederal_minor, one.drawn_minor)
        for one in years
    ] == [
        (2022, 183, 36, 150),
        (2023, 182, 37, 10),
        (2024, 0, 0, 0),
        (2025, 400, 100, 0),
        (2026, 0, 0, 0),
    ]
    assert [one.is_over for one in years] == [True, True, False, False, False]
    assert (years[3].planned_share_bp, years[2].planned_share_bp) == (8000, None)
    assert (years[0].actual_share_bp, years[2].actual_share_bp) == (7500, None)
    (shape,) = rules.shapes_of(profile, read, years)
    assert (shape.entry.id, shape.planned, shape.planned_year) == ("N-02", Standing.NOT_MET, 2025)
    assert (shape.drawn, shape.drawn_year) == (Standing.OPEN, None)
    centre = replace(read, facts=facts(subject=MatchingSubject.EXTENSION_CENTRE))
    assert rules.shapes_of(profile, centre, years) == ()


def test_without_budget_obligations_are_the_plan_and_drawn_money_that_grows_is_told(
    profile: JurisdictionProfile,
) -> None:
    read = books(
        DayMoney(date(2021, 11, 1), 10 * MILLION, drawn_minor=1),
        DayMoney(date(2024, 11, 1), 20 * MILLION, drawn_minor=5),
        about=facts(federal_total_minor=30 * MILLION),
    )
    today = date(2026, 9, 1)
    years = rules.profile_years(profile, read, today)
    assert [one.planned_federal_minor // MILLION for one in years] == [10, 0, 0, 20, 0]
    (shape,) = rules.shapes_of(profile, read, years)
    assert (shape.drawn, shape.drawn_year) == (Standing.NOT_MET, 2025)
    falling = replace(read, days=(DayMoney(date(2021, 11, 1), 30 * MILLION, drawn_minor=5),))
    years = rules.profile_years(profile, falling, today)
    (shape,) = rules.shapes_of(profile, falling, years)
    assert (shape.planned, shape.drawn) == (Standing.MET, Standing.MET)


def test_unobligated_rest_is_planned_over_the_days_left(profile: JurisdictionProfile) -> None:
    read = books(day(date(2021, 11, 1), 10), about=facts(federal_total_minor=20 * MILLION))
    years = rules.profile_years(profile, read, date(2025, 9, 30))
    assert [one.planned_federal_minor for one in years] == [10 * MILLION, 0, 0, 0, 10 * MILLION]


# ------------------------------------------------------------------------- waivers of an institute


def test_waivers_lift_the_rule_of_their_own_agreements_money_alone() -> None:
    parts = [
        rules.LiftedPart(30, rules.LiftedRule(5000)),
        rules.LiftedPart(70, rules.LiftedRule(3000)),
        rules.LiftedPart(10, rules.LiftedRule(5000, excluded_minor=20)),
    ]
    assert rules.nonfederal_needed(parts) == 60
    assert rules.nonfederal_needed([rules.LiftedPart(7, rules.LiftedRule(3333))]) == 4
    assert rules.nonfederal_needed([]) == 0
