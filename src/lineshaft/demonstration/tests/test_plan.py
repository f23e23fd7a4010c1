from datetime import date

import pytest

from lineshaft.demonstration import cases
from lineshaft.demonstration.awards import in_force
from lineshaft.demonstration.calibration import KIND_SHARES, TOTALS, YearTotals
from lineshaft.demonstration.load import institutes_to_plan
from lineshaft.demonstration.plan import make_plan
from lineshaft.demonstration.values import MILLION_MINOR, Plan
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.profile import load_profile

PROFILE = load_profile("us")
REGIONS = ("MI", "OH", "TX")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(PROFILE, institutes_to_plan(), REGIONS, scale=1)


def members_in(plan: Plan, period: FiscalPeriod) -> set[int]:
    return {
        one.organisation
        for one in plan.memberships
        if one.starts_on < period.ends_on
        and (one.ends_on is None or one.ends_on > period.starts_on)
    }


@pytest.mark.parametrize("totals", TOTALS, ids=lambda totals: str(totals.year))
def test_plan_of_a_year_meets_its_totals(plan: Plan, totals: YearTotals) -> None:
    period = PROFILE.fiscal_year(totals.year)
    obligated = sum(one.amount_minor for one in plan.obligations if period.contains(one.on))
    accepted = sum(
        one.amount_minor
        for one in plan.contributions
        if period.contains(one.on) and one.state == "accepted"
    )
    assert len(members_in(plan, period)) == totals.members
    assert obligated == totals.federal_musd * MILLION_MINOR
    assert accepted == totals.nonfederal_musd * MILLION_MINOR


def test_plan_of_the_demonstration_year_has_the_published_kinds(plan: Plan) -> None:
    members = members_in(plan, PROFILE.fiscal_year(2022))
    kinds = [plan.organisations[number].kind for number in members]
    found = {kind: kinds.count(kind) for kind in KIND_SHARES}
    industry = sum(found[kind] for kind in ("industry_large", "industry_sme", "start_up"))
    assert sum(KIND_SHARES.values()) == 2512
    assert industry * 100 // len(members) == 63
    assert (industry - found["industry_large"]) * 100 // industry in {71, 72}


def test_plan_made_twice_is_the_same(plan: Plan) -> None:
    assert make_plan(PROFILE, institutes_to_plan(), REGIONS, scale=1) == plan


def test_plan_at_twice_the_scale_has_twice_the_members_and_money(plan: Plan) -> None:
    double = make_plan(PROFILE, institutes_to_plan(), REGIONS, scale=2)
    period = PROFILE.fiscal_year(2022)
    assert len(members_in(double, period)) == 2 * len(members_in(plan, period))
    assert sum(one.amount_minor for one in double.obligations) == 2 * sum(
        one.amount_minor for one in plan.obligations
    )
    names = [one.name for one in double.organisations]
    assert len(set(names)) == len(names)


def test_plan_keeps_every_amount_within_its_agreement(plan: Plan) -> None:
    terms = {one.number: one for one in plan.agreements}
    for number, agreement in terms.items():
        obligated = sum(one.amount_minor for one in plan.obligations if one.agreement == number)
        assert 0 < obligated <= agreement.federal_minor
    dated = [(one.agreement, one.on) for one in plan.obligations]
    dated += [(one.agreement, one.on) for one in plan.contributions]
    assert all(terms[number].starts_on <= on < terms[number].ends_on for number, on in dated)


def test_plan_never_draws_more_than_was_obligated_nor_before(plan: Plan) -> None:
    for one in plan.obligations:
        assert sum(draw.amount_minor for draw in one.draws) <= one.amount_minor
        assert all(draw.on >= one.on and draw.amount_minor > 0 for draw in one.draws)


def test_plan_gives_contributions_to_members_of_the_time(plan: Plan) -> None:
    spans: dict[tuple[int, str], list[tuple[date, date | None]]] = {}
    for one in plan.memberships:
        spans.setdefault((one.organisation, one.institute), []).append((one.starts_on, one.ends_on))
    assert all(
        any(starts_on <= one.on for starts_on, _end in spans[one.organisation, one.institute])
        for one in plan.contributions
    )


def test_in_force_counts_sixteen_institutes_in_the_demonstration_year() -> None:
    assert len(in_force(PROFILE, institutes_to_plan(), 2022)) == 16


def test_plan_holds_seven_years_of_seventeen_institutes(plan: Plan) -> None:
    years = [PROFILE.fiscal_year(year) for year in range(2016, 2023)]
    institute_of = {one.number: one.institute for one in plan.agreements}
    funded = [
        (institute_of[one.agreement], one)
        for one in plan.obligations
        if any(year.contains(one.on) for year in years)
    ]
    drawn = sum(len(one.draws) for _key, one in funded)
    spent = sum(one.movements for one in plan.costs)
    assert len({key for key, _one in funded}) == 17
    assert drawn > 1_000
    assert spent > 3_000
    assert plan.transfers > 10_000


def test_plan_lets_an_institutes_money_fall_from_its_third_year_on(plan: Plan) -> None:
    first_year = {
        one.key: PROFILE.fiscal_year_of(one.established_on).year for one in institutes_to_plan()
    }
    institute_of = {one.number: one.institute for one in plan.agreements}
    sums: dict[tuple[str, int], int] = {}
    for one in plan.obligations:
        key = institute_of[one.agreement], PROFILE.fiscal_year_of(one.on).year
        sums[key] = sums.get(key, 0) + one.amount_minor
    grown = [
        (key, year)
        for (key, year), amount in sums.items()
        if year >= first_year[key] + 2 and amount >= sums[key, year - 1]
    ]
    assert grown == []


def test_plan_spends_what_is_drawn_to_the_cent(plan: Plan) -> None:
    drawn: dict[str, int] = {}
    spent: dict[str, int] = {}
    for one in plan.obligations:
        amount = sum(draw.amount_minor for draw in one.draws)
        drawn[one.agreement] = drawn.get(one.agreement, 0) + amount
    for cost in plan.costs:
        spent[cost.agreement] = spent.get(cost.agreement, 0) + cost.amount_minor
    assert spent == drawn


def test_plan_budgets_each_agreement_within_its_total_and_term(plan: Plan) -> None:
    categories = {one.key for one in PROFILE.cost_categories}
    for agreement in plan.agreements:
        periods = [one for one in plan.budget_periods if one.agreement == agreement.number]
        planned = sum(federal for one in periods for _category, federal, _other in one.lines)
        days = [(one.starts_on, one.ends_on) for one in periods]
        assert planned <= agreement.federal_minor
        assert days == sorted(days)
        assert (days[0][0], days[-1][1]) == (agreement.starts_on, agreement.ends_on)
        assert {line[0] for one in periods for line in one.lines} <= categories


def test_plan_divides_the_shared_award_among_its_agencies_to_the_cent(plan: Plan) -> None:
    parts: dict[str, int] = {}
    for one in plan.obligations:
        if one.agreement == cases.SHARED:
            parts[one.sponsor] = parts.get(one.sponsor, 0) + one.amount_minor
    total = sum(parts.values())
    assert set(parts) == {"", "DOE", "NASA"}
    assert abs(parts["DOE"] * 5 - total) < 100
    assert abs(parts["NASA"] * 10 - total) < 100


def test_plan_gives_every_real_institute_own_income_by_streams_of_the_profile(plan: Plan) -> None:
    streams = {one.key for one in PROFILE.income_streams}
    keys = {one.institute for one in plan.own_income}
    assert keys == set(cases.CHARACTERS)
    assert {one.stream for one in plan.own_income} <= streams
    assert len({one.stream for one in plan.own_income}) > 6
    assert all(one.amount_minor > 0 for one in plan.own_income)


def test_in_force_counts_the_invented_institute_in_one_year_alone() -> None:
    counts = [len(in_force(PROFILE, institutes_to_plan(), year)) for year in (2020, 2021, 2022)]
    assert counts == [14, 17, 16]
