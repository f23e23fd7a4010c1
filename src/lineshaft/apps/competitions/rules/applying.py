"""How an application stands under the rules in force, and what it still lacks.

Each check names the rule on which it rests. A check that is binding keeps an application from being
handed in; another is a measure that is shown. The money that counts against the federal money is
what the budget says comes from others, less what letters say is of federal origin.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from lineshaft.apps.competitions.rules import applications as parts
from lineshaft.apps.competitions.rules.applications import Work, sections_asked
from lineshaft.apps.competitions.rules.competitions import MONTHS_A_YEAR, NOTICE, Check
from lineshaft.apps.competitions.rules.stages import percent_of
from lineshaft.apps.funding.rules.standing import years_off_the_fall
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.jurisdiction import (
    JurisdictionProfile,
    MatchingBasis,
    MatchingRule,
    MatchingSubject,
)
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, Term, gettext_noop

SOURCES_STATED: Final = Citation(
    "15 U.S.C. 278s(e)(3)(B)",
    "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s",
)
COUNTABLE: Final = Citation(
    "2 CFR 200.306(b)(5)", "https://www.ecfr.gov/current/title-2/section-200.306"
)
SUBJECT_OF_WORK: Final = {
    Work.RESEARCH: MatchingSubject.RESEARCH_PROJECT,
    Work.DEMONSTRATION: MatchingSubject.DEMONSTRATION_PROJECT,
}

_LEAD_KIND: Final = gettext_noop("%(name)s is of a kind that may not lead an application here.")
_LEAD_MEMBER: Final = gettext_noop(
    "%(name)s is no member of %(institute)s, whose members may apply."
)
_LEAD_FOREIGN: Final = gettext_noop(
    "%(name)s is owned abroad. Its participation is to be reviewed before an award."
)
_LEAD_BARRED: Final = gettext_noop(
    "%(name)s is owned in a country of concern and takes part only under a waiver."
)
_TERM_RULE: Final = gettext_noop(
    "The term of %(months)s months lies outside the %(least)s to %(most)s years of a first award."
)
_TERM_NOTICE: Final = gettext_noop(
    "The term of %(months)s months lies outside the %(least)s to %(most)s months that the"
    " competition asks for."
)
_BAND_NOTICE: Final = gettext_noop(
    "%(amount)s are asked for; the competition gives %(least)s to %(most)s."
)
_BAND_RULE: Final = gettext_noop(
    "%(amount)s are asked for; the network is designed for institutes of %(least)s to %(most)s."
)
_MATCH: Final = gettext_noop(
    "Others bring %(share)s per cent of all money; the rule asks for %(wanted)s per cent."
    " %(lacking)s are lacking."
)
_MATCH_YEAR: Final = gettext_noop(
    "In year %(year)s others bring %(share)s per cent of that year's money; the rule asks for"
    " %(wanted)s per cent. %(lacking)s are lacking."
)
_FALLING: Final = gettext_noop(
    "The federal money does not fall in year %(year)s; it is meant to fall from year %(falls)s on."
)
_FREE: Final = gettext_noop(
    "Federal money is asked for in year %(year)s; it is meant to have ended after year %(free)s."
)
_NO_SOURCES: Final = gettext_noop(
    "State from whom the other money comes: no letter of commitment is entered."
)
_NOT_COVERED: Final = gettext_noop(
    "Letters commit %(committed)s of the %(planned)s that others are to bring."
)
_FEDERAL_LETTERS: Final = gettext_noop(
    "%(amount)s of what letters commit is of federal origin and does not count as a match."
)
_KIND_KEPT: Final = gettext_noop("%(name)s is of a kind that may lead an application here.")
_MEMBER_KEPT: Final = gettext_noop("%(name)s is a member of %(institute)s.")
_TERM_RULE_KEPT: Final = gettext_noop(
    "The term of %(months)s months lies within the %(least)s to %(most)s years of a first award."
)
_TERM_NOTICE_KEPT: Final = gettext_noop(
    "The term of %(months)s months lies within the %(least)s to %(most)s months that the"
    " competition asks for."
)
_BAND_NOTICE_KEPT: Final = gettext_noop(
    "%(amount)s are asked for, within the %(least)s to %(most)s that the competition gives."
)
_BAND_RULE_KEPT: Final = gettext_noop(
    "%(amount)s are asked for, within the %(least)s to %(most)s for which the network is designed."
)
_MATCH_KEPT: Final = gettext_noop(
    "Others bring %(share)s per cent of all money, at least the %(wanted)s per cent of the rule."
)
_MATCH_YEAR_KEPT: Final = gettext_noop(
    "In each year others bring at least %(wanted)s per cent of that year's money."
)
_FALLS_KEPT: Final = gettext_noop("The federal money falls as it is meant to.")
_SOURCES_KEPT: Final = gettext_noop("Letters of commitment say from whom the other money comes.")
_NO_ABSTRACT: Final = gettext_noop("Write the summary.")
_NO_AREA: Final = gettext_noop("Choose a technology area.")
_NO_TERM: Final = gettext_noop("Say how many months the work takes.")
_NO_READINESS: Final = gettext_noop("Say from which to which readiness level the work leads.")
_NO_SECTION: Final = gettext_noop("Write the section “%(section)s”.")
_NO_BUDGET: Final = gettext_noop("Enter in the budget what is asked for.")
_NO_REVENUE: Final = gettext_noop("Enter from what the institute lives when federal money ends.")
_NO_DOCUMENT: Final = gettext_noop("Attach “%(kind)s”.")


@dataclass(frozen=True, slots=True)
class Lead:
    """The lead organisation; `is_member` is None where membership is not asked for."""

    name: str
    kind: str
    country: str
    is_member: bool | None
    institute: str


@dataclass(frozen=True, slots=True)
class Call:
    """What the call says into which an application is handed in; money in minor units."""

    kind: CompetitionKind
    is_last: bool
    sponsors: tuple[str, ...]
    currency: str
    floor_minor: int | None
    ceiling_minor: int | None
    term_months_least: int | None
    term_months_most: int | None
    match_share_bp: int | None
    lead_kinds: frozenset[str]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an application says; the money of year 1 stands first, all in minor units.

    `committed_minor` is what letters commit without what is of federal origin, which
    `federal_origin_minor` adds up by year.
    """

    call: Call
    lead: Lead
    work: Work
    term_months: int | None
    federal: tuple[int, ...]
    others: tuple[int, ...]
    federal_origin: tuple[int, ...]
    committed_minor: int
    has_letters: bool
    has_revenue: bool
    has_abstract: bool
    has_areas: bool
    has_readiness: bool
    waiver_ground: str
    sections: frozenset[str]
    documents: frozenset[str]

    @property
    def counted_minor(self) -> int:
        """What counts as a match over all years, whatever the years of the letters."""
        return max(0, sum(self.others) - sum(self.federal_origin))

    @property
    def counted_by_year(self) -> tuple[int, ...]:
        """What counts as a match of each year's own money."""
        return tuple(
            max(0, brought - origin)
            for brought, origin in zip(self.others, self.federal_origin, strict=True)
        )


@dataclass(frozen=True, slots=True)
class PlanCheck(Check):
    """A check of an application, and of which part; `waiver` is the ground on which a waiver of it
    is asked for.
    """

    part: str = parts.BUDGET
    waiver: str = ""

    @property
    def keeps_back(self) -> bool:
        """Whether the application can't be handed in because of it."""
        return self.is_binding and not self.is_met and not self.waiver


@dataclass(frozen=True, slots=True)
class Missing:
    """What an application lacks, and the part of it where it belongs."""

    part: str
    refusal: Refusal


def checks_of_plan(plan: Plan, profile: JurisdictionProfile, on: date) -> tuple[PlanCheck, ...]:
    """How an application stands under the notice and under the rules in force on that day."""
    return (
        *_lead_checks(plan, profile, on),
        *_term_checks(plan, profile, on),
        *_band_checks(plan, profile, on),
        *_match_checks(plan, profile, on),
        *_glide_checks(plan, profile, on),
        *_letter_checks(plan),
    )


def missing_in(plan: Plan) -> tuple[Missing, ...]:
    """What the call asks for and the application lacks, in the order of its parts."""
    found = [
        Missing(parts.TERMS, Refusal(code, text, NOTICE))
        for code, text, is_there in (
            ("no_abstract", _NO_ABSTRACT, plan.has_abstract),
            ("no_area", _NO_AREA, plan.has_areas),
            ("no_term", _NO_TERM, plan.term_months is not None),
            ("no_readiness", _NO_READINESS, plan.has_readiness),
        )
        if not is_there
    ]
    found += [
        Missing(
            section.key,
            Refusal(
                "no_section", _NO_SECTION, section.citation, {"section": section_term(section.key)}
            ),
        )
        for section in sections_asked(plan.call.kind, is_last_call=plan.call.is_last)
        if section.key not in plan.sections
    ]
    if not sum(plan.federal):
        found.append(Missing(parts.BUDGET, Refusal("no_budget", _NO_BUDGET, NOTICE)))
    if plan.call.is_last and plan.call.kind is CompetitionKind.INSTITUTE and not plan.has_revenue:
        refusal = Refusal("no_revenue", _NO_REVENUE, SOURCES_STATED)
        found.append(Missing(parts.REVENUE, refusal))
    found += [
        Missing(parts.DOCUMENTS, Refusal("no_document", _NO_DOCUMENT, NOTICE, {"kind": kind}))
        for kind in plan.call.documents
        if kind not in plan.documents
    ]
    return tuple(found)


def subjects_of(kind: CompetitionKind, work: Work) -> tuple[MatchingSubject, ...]:
    """What the rules on the match of such an application measure."""
    of_work = SUBJECT_OF_WORK[work]
    return (MatchingSubject.INSTITUTE, of_work) if kind is CompetitionKind.INSTITUTE else (of_work,)


def section_term(key: str) -> Term:
    """The name of a section as a message id."""
    return Term(SECTION_NAMES[parts.SectionKey(key)])


SECTION_NAMES: Final = {
    parts.SectionKey.NEED: gettext_noop("Need and focus"),
    parts.SectionKey.APPROACH: gettext_noop("Technical approach and roadmap"),
    parts.SectionKey.BENEFIT: gettext_noop("Benefit to the nation, production and jobs"),
    parts.SectionKey.BUSINESS: gettext_noop("Business model and sustainability"),
    parts.SectionKey.SMALL_FIRMS: gettext_noop("Plan for small and medium-sized firms"),
    parts.SectionKey.WORKFORCE: gettext_noop("Education and workforce plan"),
    parts.SectionKey.MANAGEMENT: gettext_noop("Governance, management and intellectual property"),
    parts.SectionKey.REGION: gettext_noop("Assets of the region"),
}


def _lead_checks(plan: Plan, profile: JurisdictionProfile, on: date) -> Iterable[PlanCheck]:
    lead, call = plan.lead, plan.call
    params = {"name": lead.name, "institute": lead.institute}
    if call.lead_kinds:
        yield _notice_check(
            "lead_kind",
            is_met=lead.kind in call.lead_kinds,
            texts=(_KIND_KEPT, _LEAD_KIND),
            params=params,
        )
    if lead.is_member is not None:
        yield _notice_check(
            "lead_member",
            is_met=lead.is_member,
            texts=(_MEMBER_KEPT, _LEAD_MEMBER),
            params=params,
        )
    if not lead.country:
        return
    for rule in profile.participation_rules_in_force(on, lead.country):
        if not (rule.needs_waiver or rule.needs_review):
            continue
        text = _LEAD_BARRED if rule.needs_waiver else _LEAD_FOREIGN
        yield PlanCheck(
            rule=rule.key,
            citation=rule.authority.citation,
            is_binding=rule.needs_waiver,
            is_met=False,
            code="lead_foreign",
            kept=text,
            broken=text,
            params=params,
            part=parts.TERMS,
        )


def _term_checks(plan: Plan, profile: JurisdictionProfile, on: date) -> Iterable[PlanCheck]:
    months, call = plan.term_months, plan.call
    if months is None:
        return
    least, most = call.term_months_least, call.term_months_most
    if least is not None and most is not None:
        yield _notice_check(
            "term_notice",
            is_met=least <= months <= most,
            texts=(_TERM_NOTICE_KEPT, _TERM_NOTICE),
            params={"months": months, "least": least, "most": most},
        )
    limit = profile.term_in_force(on)
    if limit is None or call.kind is not CompetitionKind.INSTITUTE:
        return
    yield PlanCheck(
        rule=limit.id,
        citation=limit.authority.citation,
        is_binding=limit.is_binding
        and any(limit.binds(*profile.lineage(agency)) for agency in call.sponsors),
        is_met=limit.least_years * MONTHS_A_YEAR <= months <= limit.most_years * MONTHS_A_YEAR,
        code="term_outside",
        kept=_TERM_RULE_KEPT,
        broken=_TERM_RULE,
        params={"months": months, "least": limit.least_years, "most": limit.most_years},
        part=parts.TERMS,
    )


def _band_checks(plan: Plan, profile: JurisdictionProfile, on: date) -> Iterable[PlanCheck]:
    call, asked = plan.call, sum(plan.federal)
    if not asked:
        return
    if call.ceiling_minor is not None:
        least = call.floor_minor or 0
        yield _notice_check(
            "band_notice",
            is_met=least <= asked <= call.ceiling_minor,
            texts=(_BAND_NOTICE_KEPT, _BAND_NOTICE),
            params=_amounts(call, amount=asked, least=least, most=call.ceiling_minor),
            part=parts.BUDGET,
        )
    band = profile.funding_band_in_force(on)
    if band is None or call.kind is not CompetitionKind.INSTITUTE:
        return
    yield PlanCheck(
        rule=band.id,
        citation=band.authority.citation,
        is_binding=band.is_binding,
        is_met=band.least_minor <= asked <= band.most_minor,
        code="band_outside",
        kept=_BAND_RULE_KEPT,
        broken=_BAND_RULE,
        params=_amounts(call, amount=asked, least=band.least_minor, most=band.most_minor),
    )


def _match_checks(plan: Plan, profile: JurisdictionProfile, on: date) -> Iterable[PlanCheck]:
    call = plan.call
    asked, brought = sum(plan.federal), plan.counted_minor
    if not asked:
        return
    binding: dict[str, MatchingRule] = {}
    for subject in subjects_of(call.kind, plan.work):
        for agency in call.sponsors:
            for rule in profile.matching_rules_in_force(on, agency, subject=subject):
                binding.setdefault(rule.id, rule)
    for rule in binding.values():
        yield _match_check(plan, rule)
    if call.match_share_bp:
        is_met = _is_met(call.match_share_bp, asked, brought)
        check = _notice_check(
            "match_notice",
            code="match_low",
            is_met=is_met,
            texts=(_MATCH_KEPT, _MATCH),
            params=_match_params(call, call.match_share_bp, asked, brought),
            part=parts.BUDGET,
        )
        yield check if is_met else replace(check, waiver=_waiver_of_notice(plan, binding.values()))


def _waiver_of_notice(plan: Plan, binding: Iterable[MatchingRule]) -> str:
    """The ground on which the share of the notice is waived: as far as a rule in force asks for it,
    whoever may waive the rule may waive the notice that repeats it.
    """
    asked = plan.call.match_share_bp or 0
    lifts = (rule.waiver_keys for rule in binding if rule.share_bp >= asked)
    return plan.waiver_ground if any(plan.waiver_ground in keys for keys in lifts) else ""


def _match_check(plan: Plan, rule: MatchingRule) -> PlanCheck:
    """One matching rule, over all money or over the first year whose own money does not meet it."""
    by_year = rule.basis is MatchingBasis.YEAR
    money = list(zip(plan.federal, plan.counted_by_year, strict=True))
    short = [
        year for year, (asked, got) in enumerate(money, 1) if asked and not rule.is_met(asked, got)
    ]
    asked, brought = sum(plan.federal), plan.counted_minor
    if by_year and short:
        asked, brought = money[short[0] - 1]
    is_met = not short if by_year else rule.is_met(asked, brought)
    return PlanCheck(
        rule=rule.id,
        citation=rule.citation,
        is_binding=rule.is_statutory,
        is_met=is_met,
        code="match_low_in_year" if by_year else "match_low",
        kept=_MATCH_YEAR_KEPT if by_year else _MATCH_KEPT,
        broken=_MATCH_YEAR if by_year else _MATCH,
        params=_match_params(plan.call, rule.share_bp, asked, brought)
        | {"year": short[0] if short else 0},
        waiver=plan.waiver_ground if not is_met and plan.waiver_ground in rule.waiver_keys else "",
    )


def _match_params(call: Call, share_bp: int, asked: int, brought: int) -> dict[str, Any]:
    needed = -(-asked * share_bp // (BASIS_POINTS - share_bp))
    return {
        "share": percent_of(brought * BASIS_POINTS // (asked + brought)),
        "wanted": percent_of(share_bp),
        **_amounts(call, lacking=max(0, needed - brought)),
    }


def _is_met(share_bp: int, asked: int, brought: int) -> bool:
    return brought * BASIS_POINTS >= share_bp * (asked + brought)


def _glide_checks(plan: Plan, profile: JurisdictionProfile, on: date) -> Iterable[PlanCheck]:
    if plan.call.kind is not CompetitionKind.INSTITUTE or not sum(plan.federal):
        return
    seen: set[str] = set()
    by_year = dict(enumerate(plan.federal, start=1))
    for agency in plan.call.sponsors:
        for entry in profile.funding_profiles_in_force(on, agency):
            if entry.id in seen:
                continue
            seen.add(entry.id)
            falls, free = entry.falls_after_years, entry.free_after_years
            held, late = years_off_the_fall(by_year, entry, 1, by_year)
            yield PlanCheck(
                rule=f"{entry.id}-falling",
                citation=entry.authority.citation,
                is_binding=entry.is_binding,
                is_met=not (late or held),
                code="not_free" if late else "not_falling",
                kept=_FALLS_KEPT,
                broken=_FREE if late else _FALLING,
                params={"year": min(late or held or [0]), "falls": falls + 1, "free": free},
            )


def _letter_checks(plan: Plan) -> Iterable[PlanCheck]:
    """What letters say of the money of others: stated at all, of federal origin, covered."""
    call, planned = plan.call, sum(plan.others)
    if not planned:
        return
    if call.is_last and call.kind is CompetitionKind.INSTITUTE:
        yield _letter_check(
            "L-030", SOURCES_STATED, (_SOURCES_KEPT, _NO_SOURCES), {}, is_met=plan.has_letters
        )
    if origin := sum(plan.federal_origin):
        texts = (_FEDERAL_LETTERS, _FEDERAL_LETTERS)
        yield _letter_check("C-02", COUNTABLE, texts, _amounts(call, amount=origin), is_met=False)
    if plan.has_letters and plan.committed_minor < planned:
        params = _amounts(call, committed=plan.committed_minor, planned=planned)
        texts = (_NOT_COVERED, _NOT_COVERED)
        yield _letter_check("L-030-covered", SOURCES_STATED, texts, params, is_met=False)


def _letter_check(
    rule: str, citation: Citation, texts: tuple[str, str], params: dict[str, Any], *, is_met: bool
) -> PlanCheck:
    return PlanCheck(
        rule=rule,
        citation=citation,
        is_binding=rule == "L-030",
        is_met=is_met,
        code=LETTER_CODES[rule],
        kept=texts[0],
        broken=texts[1],
        params=params,
        part=parts.COMMITMENTS,
    )


LETTER_CODES: Final = {
    "L-030": "no_sources",
    "C-02": "federal_letters",
    "L-030-covered": "not_covered",
}


def _notice_check(
    rule: str,
    *,
    is_met: bool,
    texts: tuple[str, str],
    params: dict[str, Any],
    part: str = parts.TERMS,
    code: str = "",
) -> PlanCheck:
    """A check of what the notice itself says, which binds; `texts` are for kept and for broken."""
    return PlanCheck(
        rule=rule,
        citation=NOTICE,
        is_binding=True,
        is_met=is_met,
        code=code or rule,
        kept=texts[0],
        broken=texts[1],
        params=params,
        part=part,
    )


def _amounts(call: Call, **minor: int) -> dict[str, Any]:
    return {name: Amount(Money(value, call.currency)) for name, value in minor.items()}
