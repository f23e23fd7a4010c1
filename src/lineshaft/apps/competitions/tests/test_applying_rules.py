from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.rules import Call, Lead, Plan, SectionKey, TeamRole, Work
from lineshaft.apps.competitions.rules.competitions import NOTICE
from lineshaft.apps.competitions.rules.stages import percent_of
from lineshaft.kernel.competitions import CompetitionKind, StageKind
from lineshaft.kernel.profile import JurisdictionProfile

MILLION = 100_000_000
TODAY = date(2026, 3, 2)
CALL = Call(
    kind=CompetitionKind.INSTITUTE,
    is_last=True,
    sponsors=("DOC",),
    currency="USD",
    floor_minor=None,
    ceiling_minor=None,
    term_months_least=None,
    term_months_most=None,
    match_share_bp=None,
    lead_kinds=frozenset(),
    documents=(),
)


def plan_of(
    federal: float = 70, others: float = 70, *, months: int | None = 60, **changes: object
) -> Plan:
    """A plan with all its money in the first year; amounts in millions."""
    years = rules.years_of(months)
    rest = (0,) * (years - 1)
    plan = Plan(
        call=CALL,
        lead=Lead("Anvil Works", "non_profit", "", None, ""),
        work=Work.DEMONSTRATION,
        term_months=months,
        federal=(int(federal * MILLION), *rest),
        others=(int(others * MILLION), *rest),
        federal_origin=(0, *rest),
        committed_minor=int(others * MILLION),
        has_letters=True,
        has_revenue=True,
        has_abstract=True,
        has_areas=True,
        has_readiness=True,
        waiver_ground="",
        sections=frozenset(key.value for key in SectionKey),
        documents=frozenset(),
    )
    return replace(plan, **changes)  # type: ignore[arg-type] # fields by name


def found(plan: Plan, profile: JurisdictionProfile, rule: str, on: date = TODAY) -> rules.PlanCheck:
    (check,) = [one for one in rules.checks_of_plan(plan, profile, on) if one.rule == rule]
    return check


def keeping_back(plan: Plan, profile: JurisdictionProfile, on: date = TODAY) -> list[str]:
    return [one.rule for one in rules.checks_of_plan(plan, profile, on) if one.keeps_back]


@pytest.mark.parametrize(
    ("federal", "others", "months", "is_met"),
    [
        pytest.param(50, 39, 60, False, id="vector 1: 43.8 per cent"),
        pytest.param(70, 70, 60, True, id="vector 2: at the edge"),
        pytest.param(70, 41, 60, False, id="vector 3: 36.9 per cent"),
        pytest.param(87.5, 187, 84, True, id="vector 4: 68.1 per cent"),
        pytest.param(70, 69.999999, 60, False, id="a dollar short of the edge"),
    ],
)
def test_match_is_measured_by_the_statute(
    profile: JurisdictionProfile, federal: float, others: float, months: int, *, is_met: bool
) -> None:
    check = found(plan_of(federal, others, months=months), profile, "L-040")
    assert check.is_met is is_met
    assert check.keeps_back is not is_met
    assert check.citation.text == "15 U.S.C. 278s(e)(7)(A)"
    assert (check.fault is None) is is_met


def test_refused_match_says_what_is_lacking(profile: JurisdictionProfile) -> None:
    fault = found(plan_of(70, 41), profile, "L-040").fault
    assert fault is not None
    text = fault.as_text()
    assert "36.9" in text
    assert "50" in text
    assert "29000000.00 USD" in text


def test_match_before_the_statute_does_not_bind_defence(profile: JurisdictionProfile) -> None:
    plan = plan_of(50, 39, call=replace(CALL, sponsors=("DOD",)))
    assert [one for one in keeping_back(plan, profile, date(2012, 8, 16)) if "match" in one] == []
    assert "L-040" not in keeping_back(plan, profile, date(2018, 1, 1))
    assert "L-040" in keeping_back(plan_of(50, 39), profile)


def test_match_of_each_year_bound_until_2019(profile: JurisdictionProfile) -> None:
    plan = replace(plan_of(), federal=(10, 20, 0, 0, 0), others=(10, 19, 9, 9, 9))
    check = found(plan, profile, "L-042", date(2019, 12, 19))
    assert check.keeps_back
    assert check.fault is not None
    assert check.fault.params["year"] == 2
    assert "L-042" not in keeping_back(plan, profile, date(2019, 12, 20))


def test_waiver_asked_for_on_a_ground_of_the_rule_lifts_it(profile: JurisdictionProfile) -> None:
    plan = plan_of(70, 41, waiver_ground="equipment")
    check = found(plan, profile, "L-040")
    assert (check.is_met, check.waiver, check.keeps_back) == (False, "equipment", False)
    other = plan_of(70, 41, waiver_ground="technical_risk")
    assert found(other, profile, "L-040").keeps_back


@pytest.mark.parametrize(
    ("share_bp", "ground", "waiver"),
    [
        pytest.param(5_000, "equipment", "equipment", id="the notice repeats the rule"),
        pytest.param(5_001, "equipment", "", id="the notice asks for more than the rule"),
        pytest.param(5_000, "technical_risk", "", id="no ground of the rule"),
        pytest.param(5_000, "", "", id="none asked for"),
    ],
)
def test_waiver_lifts_the_share_of_the_notice_as_far_as_the_rule_goes(
    profile: JurisdictionProfile, share_bp: int, ground: str, waiver: str
) -> None:
    call = replace(CALL, match_share_bp=share_bp)
    check = found(plan_of(70, 41, call=call, waiver_ground=ground), profile, "match_notice")
    assert (check.is_met, check.waiver, check.keeps_back) == (False, waiver, not waiver)
    kept = found(plan_of(70, 80, call=call, waiver_ground=ground), profile, "match_notice")
    assert (kept.is_met, kept.waiver) == (True, "")


@pytest.mark.parametrize(
    ("work", "others", "rule", "is_met"),
    [
        pytest.param(Work.RESEARCH, 2.5, "L-043-R", True, id="a fifth for research"),
        pytest.param(Work.RESEARCH, 2.4, "L-043-R", False, id="less than a fifth"),
        pytest.param(Work.DEMONSTRATION, 10, "L-043-D", True, id="half for demonstration"),
        pytest.param(Work.DEMONSTRATION, 9.9, "L-043-D", False, id="less than half"),
    ],
)
def test_energy_follows_its_own_act(
    profile: JurisdictionProfile, work: Work, others: float, rule: str, *, is_met: bool
) -> None:
    call = replace(CALL, kind=CompetitionKind.REGIONAL_CHALLENGE, sponsors=("DOE",))
    check = found(plan_of(10, others, call=call, work=work), profile, rule)
    assert check.is_met is is_met
    assert check.citation.text.startswith("42 U.S.C. 16352")


def test_federal_money_in_letters_does_not_count(profile: JurisdictionProfile) -> None:
    plan = plan_of(70, 75, federal_origin=(6 * MILLION, 0, 0, 0, 0))
    assert found(plan, profile, "L-040").keeps_back
    shown = found(plan, profile, "C-02")
    assert shown.citation.text == "2 CFR 200.306(b)(5)"
    assert not shown.keeps_back


def test_federal_money_in_letters_of_another_year_does_not_count_either(
    profile: JurisdictionProfile,
) -> None:
    seventy = 70 * MILLION
    plan = replace(
        plan_of(call=replace(CALL, match_share_bp=5_000)),
        others=(0, seventy, 0, 0, 0),
        federal_origin=(seventy, 0, 0, 0, 0),
    )
    for rule in ("L-040", "match_notice"):
        check = found(plan, profile, rule)
        assert (check.is_met, check.params["share"]) == (False, percent_of(0))
    covered = replace(plan, others=(0, 2 * seventy, 0, 0, 0))
    assert found(covered, profile, "L-040").is_met


@pytest.mark.parametrize(
    ("months", "is_met"),
    [
        pytest.param(59, False, id="vector 5: under five years"),
        pytest.param(60, True, id="five years"),
        pytest.param(84, True, id="seven years"),
        pytest.param(85, False, id="vector 5: over seven years"),
    ],
)
def test_term_of_a_first_award(profile: JurisdictionProfile, months: int, *, is_met: bool) -> None:
    check = found(plan_of(months=months), profile, "L-021")
    assert check.is_met is is_met
    assert check.citation.text.startswith("15 U.S.C. 278s(e)(2)")


def test_terms_of_the_notice_bind(profile: JurisdictionProfile) -> None:
    call = replace(
        CALL,
        floor_minor=60 * MILLION,
        ceiling_minor=65 * MILLION,
        term_months_least=60,
        term_months_most=66,
        match_share_bp=6_000,
    )
    kept = keeping_back(plan_of(70, 70, months=72, call=call), profile)
    assert kept == ["term_notice", "band_notice", "match_notice"]
    assert keeping_back(plan_of(60, 90, months=66, call=call), profile) == []


def test_lead_of_another_kind_or_abroad_or_no_member_is_kept_back(
    profile: JurisdictionProfile,
) -> None:
    call = replace(CALL, lead_kinds=frozenset({"non_profit"}))
    firm = Lead("Anvil Works", "industry_sme", "", None, "")
    assert keeping_back(plan_of(call=call, lead=firm), profile) == ["lead_kind"]
    assert keeping_back(plan_of(call=call), profile) == []
    stranger = replace(firm, is_member=False, institute="LIFT")
    assert keeping_back(plan_of(lead=stranger), profile) == ["lead_member"]
    assert keeping_back(plan_of(lead=replace(firm, is_member=True)), profile) == []
    concern = keeping_back(plan_of(lead=replace(firm, country="CN")), profile)
    assert len(concern) == 1
    assert "lead_kind" not in concern
    assert keeping_back(plan_of(lead=replace(firm, country="DE")), profile) == []


def test_federal_money_that_grows_late_is_shown_and_keeps_nothing_back(
    profile: JurisdictionProfile,
) -> None:
    tens = tuple(one * MILLION for one in (10, 10, 10, 20, 20))
    plan = replace(plan_of(), federal=tens, others=tens)
    shown = [
        one
        for one in rules.checks_of_plan(plan, profile, TODAY)
        if one.fault and not one.is_binding
    ]
    assert any(one.fault and one.fault.code == "not_falling" for one in shown)
    assert keeping_back(plan, profile) == []


@pytest.mark.parametrize(
    ("federal", "year"),
    [
        pytest.param((30, 20, 20, 10, 5), 3, id="flat in year 3"),
        pytest.param((30, 20, 10, 5, 6), 5, id="grows in year 5"),
        pytest.param((20, 20, 10, 5, 4), 0, id="falls after year 2"),
        pytest.param((20, 20, 10, 0, 0), 0, id="has ended"),
    ],
)
def test_federal_money_fell_each_year_after_the_second_until_2019(
    profile: JurisdictionProfile, federal: tuple[int, ...], year: int
) -> None:
    money = tuple(one * MILLION for one in federal)
    plan = replace(plan_of(), federal=money, others=money)
    check = found(plan, profile, "L-042-falling", date(2019, 12, 19))
    assert (check.is_met, check.params["year"]) == (not year, year)
    assert check.keeps_back is not check.is_met
    if year:
        assert "does not fall" in check.as_text(str)


def test_letters_state_the_sources(profile: JurisdictionProfile) -> None:
    bare = plan_of(has_letters=False, committed_minor=0)
    assert keeping_back(bare, profile) == ["L-030"]
    part = plan_of(committed_minor=MILLION)
    assert not found(part, profile, "L-030-covered").is_met
    assert keeping_back(part, profile) == []


def test_whole_plan_lacks_nothing() -> None:
    assert rules.missing_in(plan_of()) == ()


def test_what_is_missing_is_named_with_its_part_and_citation() -> None:
    call = replace(CALL, documents=("narrative",))
    bare = plan_of(
        0,
        0,
        months=None,
        call=call,
        has_abstract=False,
        has_areas=False,
        has_readiness=False,
        has_revenue=False,
        sections=frozenset(),
    )
    missing = rules.missing_in(bare)
    assert [one.part for one in missing] == [
        *["terms"] * 4,
        *(key.value for key in SectionKey),
        "budget",
        "revenue",
        "documents",
    ]
    cited = {one.part: one.refusal.citation for one in missing}
    assert str(cited["small_firms"]).count("278s(e)(4)(C)(v)")
    assert str(cited["workforce"]).count("278s(e)(4)(C)(vi)")
    assert cited["budget"] == NOTICE


@pytest.mark.parametrize("kind", [CompetitionKind.PROJECT_CALL, CompetitionKind.REGIONAL_CHALLENGE])
def test_statute_on_institutes_is_cited_for_no_other_competition(kind: CompetitionKind) -> None:
    bare = plan_of(call=replace(CALL, kind=kind), sections=frozenset())
    missing = [one for one in rules.missing_in(bare) if one.refusal.code == "no_section"]
    assert missing
    assert {one.refusal.citation for one in missing} == {NOTICE}


def test_first_of_two_calls_asks_for_less() -> None:
    early = [one.key for one in rules.sections_asked(CompetitionKind.INSTITUTE, is_last_call=False)]
    assert early == [SectionKey.NEED, SectionKey.APPROACH, SectionKey.BENEFIT]
    call = [
        one.key for one in rules.sections_asked(CompetitionKind.PROJECT_CALL, is_last_call=True)
    ]
    assert SectionKey.WORKFORCE not in call
    assert SectionKey.MANAGEMENT in call


ENDS_AT = datetime(2026, 5, 1, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("policy", "minute", "code"),
    [
        pytest.param("refused", -1, "", id="in time"),
        pytest.param("refused", 0, "too_late", id="at the deadline"),
        pytest.param("grace", 14, "", id="within the grace"),
        pytest.param("grace", 15, "grace_over", id="after the grace"),
        pytest.param("marked", 600, "", id="taken and marked"),
    ],
)
def test_what_arrives_late_follows_the_policy(policy: str, minute: int, code: str) -> None:
    now = datetime.fromtimestamp(ENDS_AT.timestamp() + 60 * minute, tz=UTC)
    refusal = rules.refuse_late(ENDS_AT, rules.LatePolicy(policy), 15, now=now)
    assert (refusal.code if refusal else "") == code
    assert rules.is_late(ENDS_AT, now=now) is (minute >= 0)


def test_nothing_is_handed_in_outside_a_call() -> None:
    assert rules.refuse_call(rules.OPEN, StageKind.SUBMISSION) is None
    for state, kind in ((rules.OPEN, StageKind.REVIEW), (rules.IN_REVIEW, StageKind.SUBMISSION)):
        refusal = rules.refuse_call(state, kind)
        assert refusal is not None
        assert refusal.code == "no_call_open"


@pytest.mark.parametrize(
    ("role", "shares", "opened"),
    [
        pytest.param(TeamRole.READER, None, set(rules.PARTS), id="people of the lead"),
        pytest.param(TeamRole.LEAD, [], set(rules.PARTS), id="who leads"),
        pytest.param(TeamRole.EDITOR, [], set(rules.OPEN_PARTS), id="a partner without shares"),
        pytest.param(
            TeamRole.READER,
            ["budget", "terms", "unknown"],
            {*rules.OPEN_PARTS, "budget"},
            id="a partner with the budget",
        ),
    ],
)
def test_parts_open_by_role_and_share(
    role: str, shares: list[str] | None, opened: set[str]
) -> None:
    assert rules.parts_open_to(role, shares) == opened


@pytest.mark.parametrize(
    ("pages", "most", "is_pdf", "code"),
    [
        pytest.param(20, 20, True, "", id="as many as allowed"),
        pytest.param(21, 20, True, "too_many_pages", id="one too many"),
        pytest.param(None, 20, True, "pages_unknown", id="damaged"),
        pytest.param(None, 20, False, "not_counted", id="no PDF"),
        pytest.param(None, None, False, "", id="without a limit"),
    ],
)
def test_pages_are_limited(pages: int | None, most: int | None, code: str, *, is_pdf: bool) -> None:
    refusal = rules.refuse_pages("plan.pdf", pages, most=most, is_pdf=is_pdf)
    assert (refusal.code if refusal else "") == code


@pytest.mark.parametrize(
    ("months", "years"), [(None, 1), (1, 1), (12, 1), (13, 2), (84, 7), (240, 10)]
)
def test_years_of_a_term(months: int | None, years: int) -> None:
    assert rules.years_of(months) == years


def test_profile_of_funding_that_two_sponsors_share_is_checked_once(
    profile: JurisdictionProfile,
) -> None:
    on = date(2018, 1, 1)
    one = plan_of(call=replace(CALL, sponsors=("DOC",)))
    two = plan_of(call=replace(CALL, sponsors=("DOC", "DOC")))
    falling = [
        [check.rule for check in rules.checks_of_plan(plan, profile, on) if "falling" in check.rule]
        for plan in (one, two)
    ]
    assert falling[0]
    assert falling[0] == falling[1]
