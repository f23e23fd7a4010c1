"""Which rules of the profile bind an agreement, and how it stands under each.

Pure: the money and the days come in, an answer for each rule goes out. A test against a share is
made by cross-multiplication on what waivers leave of the rule, never on a rounded number. A rule
binds where it was in force on a day of the agreement and names one of its sponsors.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, assert_never

from lineshaft.apps.funding.rules.renewals import first_term_allowed, renewal_no_longer
from lineshaft.apps.funding.rules.waivers import Lifted, LiftedRule, lifted_rule
from lineshaft.kernel.authority import Authority
from lineshaft.kernel.jurisdiction import (
    FundingBand,
    FundingProfile,
    JurisdictionProfile,
    MatchingBasis,
    MatchingRule,
    MatchingSubject,
    TermLimit,
)
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.spans import Span


class RuleKind(StrEnum):
    """What a rule measures."""

    MATCHING = "matching"
    TERM = "term"
    BAND = "band"
    FALLING = "falling"


class Standing(StrEnum):
    """How an agreement stands under a rule."""

    MET = "met"
    NOT_MET = "not_met"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class YearMoney:
    """What one fiscal year brought an agreement, in minor units: obligated, and accepted."""

    period: FiscalPeriod
    federal_minor: int
    nonfederal_minor: int


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """What the rules ask about an agreement: its sponsors, term, money by fiscal year and waivers.

    `first` is the first term where the agreement renews another, else None. `is_first` is false for
    a later agreement of the institute that renews none: no rule says how long it is. `waivers` are
    by the id of the rule that they lift. `activity` is the kind of project that an award is for,
    where its sponsor says so.
    """

    agency_keys: tuple[str, ...]
    signed_on: date
    term: Span
    federal_total_minor: int
    years: tuple[YearMoney, ...]
    waivers: Mapping[str, tuple[Lifted, ...]]
    subject: MatchingSubject = MatchingSubject.INSTITUTE
    first: Span | None = None
    is_first: bool = True
    activity: MatchingSubject | None = None


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """One rule, and how the agreement stands under it.

    `year` is the fiscal year that decided where a rule is tested year by year: the first that
    fails, else the last. `lifted` is the rule as waivers leave it on the day of the test, for
    matching rules; `needed_minor` is what is still wanted to meet it.
    """

    kind: RuleKind
    rule: MatchingRule | TermLimit | FundingBand | FundingProfile
    authority: Authority
    is_binding: bool
    standing: Standing
    year: int | None = None
    federal_minor: int = 0
    nonfederal_minor: int = 0
    needed_minor: int = 0
    lifted: LiftedRule | None = None

    @property
    def is_waived(self) -> bool:
        """Whether a waiver lifts something of the rule on the day of the test."""
        if self.lifted is None or not isinstance(self.rule, MatchingRule):
            return False
        return self.lifted != LiftedRule(self.rule.share_bp)


def matching_rules_binding(
    profile: JurisdictionProfile, facts: AgreementFacts, today: date
) -> tuple[MatchingRule, ...]:
    """The matching rules that were in force on a day of the agreement up to today."""
    return matching_rules_on(profile, facts, today, frozenset({facts.subject}))


def matching_rules_on(
    profile: JurisdictionProfile,
    facts: AgreementFacts,
    today: date,
    subjects: frozenset[MatchingSubject],
) -> tuple[MatchingRule, ...]:
    """The rules on these subjects in force on a day of the agreement up to today, for a sponsor."""
    days = _days_so_far(facts, today)
    return tuple(
        rule
        for rule in profile.matching_rules
        if rule.subject in subjects
        and rule.authority.in_force.overlaps(days)
        and any(rule.binds(*profile.lineage(key)) for key in facts.agency_keys)
    )


def rule_standings(
    profile: JurisdictionProfile, facts: AgreementFacts, today: date
) -> tuple[RuleStanding, ...]:
    """How the agreement stands under every rule that binds it or is meant for it, in that order."""
    found = [
        *(_matching(rule, facts, today) for rule in matching_rules_binding(profile, facts, today)),
    ]
    if facts.subject is MatchingSubject.INSTITUTE:
        found += _term(profile, facts) + _band(profile, facts) + _falling(profile, facts, today)
    return tuple(sorted(found, key=lambda one: not one.is_binding))


def imagined(
    profile: JurisdictionProfile,
    kind: RuleKind,
    rule_id: str,
    *,
    share_bp: int | None = None,
    least: int | None = None,
    most: int | None = None,
) -> JurisdictionProfile:
    """The profile with one rule's figure changed; nothing is stored, and what is None stays.

    `share_bp` is a matching rule's share; `least` and `most` are years of a term limit, or minor
    units of a funding band.
    """
    match kind:
        case RuleKind.MATCHING:
            rules = _with_figures(profile.matching_rules, rule_id, share_bp=share_bp)
            return replace(profile, matching_rules=rules)
        case RuleKind.TERM:
            terms = _with_figures(profile.terms, rule_id, least_years=least, most_years=most)
            return replace(profile, terms=terms)
        case RuleKind.BAND:
            bands = _with_figures(
                profile.funding_bands, rule_id, least_minor=least, most_minor=most
            )
            return replace(profile, funding_bands=bands)
        case RuleKind.FALLING:
            entries = _with_figures(
                profile.funding_profiles, rule_id, falls_after_years=least, free_after_years=most
            )
            return replace(profile, funding_profiles=entries)
        case _:
            assert_never(kind)


def _with_figures[R: (MatchingRule, TermLimit, FundingBand, FundingProfile)](
    entries: tuple[R, ...], rule_id: str, **figures: int | None
) -> tuple[R, ...]:
    """The entries, that one with the figures which are not None."""
    given: dict[str, Any] = {key: figure for key, figure in figures.items() if figure is not None}
    return tuple(replace(one, **given) if one.id == rule_id else one for one in entries)


def _days_so_far(facts: AgreementFacts, today: date) -> Span:
    """The days of the agreement up to today; its first one where it lies ahead."""
    ends = [one for one in (facts.term.ends_on, date.fromordinal(today.toordinal() + 1)) if one]
    return Span(facts.signed_on, max(min(ends), date.fromordinal(facts.signed_on.toordinal() + 1)))


def _matching(rule: MatchingRule, facts: AgreementFacts, today: date) -> RuleStanding:
    waivers = facts.waivers.get(rule.id, ())
    if rule.basis is MatchingBasis.YEAR:
        return _matching_by_year(rule, facts, waivers, today)
    ends_on = rule.authority.in_force.ends_on
    on = today if ends_on is None else min(today, date.fromordinal(ends_on.toordinal() - 1))
    years = [year for year in facts.years if ends_on is None or year.period.starts_on < ends_on]
    return _tested(rule, years, lifted_rule(rule, waivers, on))


def _matching_by_year(
    rule: MatchingRule, facts: AgreementFacts, waivers: Iterable[Lifted], today: date
) -> RuleStanding:
    """The first year that fails, else the last one; only years over while the rule was in force."""
    tested = [
        _tested(rule, [year], lifted_rule(rule, waivers, year.period.last_day))
        for year in facts.years
        if year.period.is_over(today)
        and rule.authority.is_in_force(year.period.last_day)
        and year.federal_minor > 0
    ]
    failed = [one for one in tested if one.standing is Standing.NOT_MET]
    if failed:
        return failed[0]
    if tested:
        return tested[-1]
    return _tested(rule, [], lifted_rule(rule, waivers, today))


def _tested(rule: MatchingRule, years: Sequence[YearMoney], lifted: LiftedRule) -> RuleStanding:
    federal = sum(year.federal_minor for year in years)
    nonfederal = sum(year.nonfederal_minor for year in years)
    if federal + nonfederal <= 0:
        standing = Standing.OPEN
    elif lifted.is_met(federal, nonfederal):
        standing = Standing.MET
    else:
        standing = Standing.NOT_MET
    return RuleStanding(
        RuleKind.MATCHING,
        rule,
        rule.authority,
        rule.is_statutory,
        standing,
        years[0].period.year if len(years) == 1 and rule.basis is MatchingBasis.YEAR else None,
        federal,
        nonfederal,
        max(0, lifted.nonfederal_needed(federal) - nonfederal),
        lifted,
    )


def _term(profile: JurisdictionProfile, facts: AgreementFacts) -> list[RuleStanding]:
    """The limit in force when it was signed, on the first term or on a renewal."""
    limit = profile.term_in_force(facts.signed_on)
    if limit is None or not (facts.is_first or facts.first is not None):
        return []
    if facts.first is not None:
        refusal = renewal_no_longer(facts.term, facts.first)
    else:
        refusal = first_term_allowed(facts.term, limit)
    binds = any(limit.binds(*profile.lineage(key)) for key in facts.agency_keys)
    return [
        RuleStanding(
            RuleKind.TERM,
            limit,
            limit.authority,
            limit.is_binding and binds,
            Standing.MET if refusal is None else Standing.NOT_MET,
        )
    ]


def _band(profile: JurisdictionProfile, facts: AgreementFacts) -> list[RuleStanding]:
    band = profile.funding_band_in_force(facts.signed_on)
    if band is None or not facts.is_first or facts.first is not None:
        return []
    is_within = band.least_minor <= facts.federal_total_minor <= band.most_minor
    return [
        RuleStanding(
            RuleKind.BAND,
            band,
            band.authority,
            band.is_binding,
            Standing.MET if is_within else Standing.NOT_MET,
            federal_minor=facts.federal_total_minor,
        )
    ]


def _falling(
    profile: JurisdictionProfile, facts: AgreementFacts, today: date
) -> list[RuleStanding]:
    """Whether the yearly federal money falls as each funding profile in force at signing says.

    Years count from the fiscal year in which the term begins; only those that are over are tested.
    """
    entries = {
        entry.id: entry
        for key in facts.agency_keys
        for entry in profile.funding_profiles_in_force(facts.signed_on, key)
    }
    first_year = profile.fiscal_year_of(facts.term.starts_on).year
    return [_fallen(entry, facts, first_year, today) for entry in entries.values()]


def _fallen(
    entry: FundingProfile, facts: AgreementFacts, first_year: int, today: date
) -> RuleStanding:
    by_year = {one.period.year: one.federal_minor for one in facts.years}
    over = [one.period.year for one in facts.years if one.period.is_over(today)]
    standing, decided = shape_of(by_year, entry, first_year, over)
    return RuleStanding(
        RuleKind.FALLING,
        entry,
        entry.authority,
        entry.is_binding,
        standing,
        decided,
        by_year.get(decided, 0) if decided else 0,
    )


def shape_of(
    by_year: Mapping[int, int], entry: FundingProfile, first_year: int, years: Iterable[int]
) -> tuple[Standing, int | None]:
    """Whether yearly amounts fall as the funding profile says, tested in these years, in order.

    With the year that decided: the first that fails, else the last one tested.
    """
    tested = [year for year in years if year >= first_year + entry.falls_after_years]
    held, late = years_off_the_fall(by_year, entry, first_year, tested)
    if held or late:
        return Standing.NOT_MET, min(held + late)
    if tested:
        return Standing.MET, tested[-1]
    return Standing.OPEN, None


def years_off_the_fall(
    by_year: Mapping[int, int], entry: FundingProfile, first_year: int, years: Iterable[int]
) -> tuple[list[int], list[int]]:
    """Of these years those in which money does not fall as the funding profile says, and those in
    which it was meant to have ended.

    Money that stays as it was does not fall; none falls below nothing.
    """
    spent = [year for year in years if by_year.get(year, 0) > 0]
    held = [
        year
        for year in spent
        if year >= first_year + entry.falls_after_years
        and by_year[year] >= by_year.get(year - 1, 0)
    ]
    return held, [year for year in spent if year >= first_year + entry.free_after_years]
