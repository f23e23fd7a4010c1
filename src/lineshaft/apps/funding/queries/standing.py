"""What the rules ask about agreements, read in a constant number of queries however many there are.

An agreement's money is public as its totals are; whose contributions they were is not asked here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Agreement,
    Amendment,
    Renewal,
    ReportingTerms,
    Waiver,
)
from lineshaft.apps.funding.queries.money import money_by_year
from lineshaft.apps.funding.queries.visible import agreements_visible_to, sponsors_of
from lineshaft.apps.funding.rules import (
    AgreementFacts,
    AgreementState,
    AmendmentKind,
    AmendmentState,
    DayMoney,
    Lifted,
    RuleStanding,
    YearMoney,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.network.rules import RecipientKind
from lineshaft.kernel.jurisdiction import MatchingRule, MatchingSubject
from lineshaft.kernel.spans import Span
from lineshaft.plumbing.actor import Actor


def rule_standings_of(agreement: Agreement, *, today: date) -> tuple[RuleStanding, ...]:
    """How the agreement stands under the profile's rules today."""
    facts = agreement_facts([agreement])[agreement.pk]
    return rules.rule_standings(profile_in_use(), facts, today)


def matching_rules_of(agreement: Agreement, *, today: date) -> tuple[MatchingRule, ...]:
    """The matching rules of the three tests that bind the agreement by law."""
    facts = agreement_facts([agreement])[agreement.pk]
    read = rules.rules_read(profile_in_use(), facts, today)
    return tuple(one.rule for one in read if one.binds)


def network_facts(actor: Actor) -> tuple[tuple[Agreement, AgreementFacts], ...]:
    """Every signed agreement that the actor may see, with what the rules ask about it.

    To be read under the profile in use, or under one that is imagined.
    """
    agreements = list(
        agreements_visible_to(actor)
        .exclude(state=AgreementState.DRAFT)
        .prefetch_related(sponsors_of("sponsors"))
        .order_by("institute__key", "starts_on", "pk")
    )
    facts = agreement_facts(agreements)
    return tuple((one, facts[one.pk]) for one in agreements)


def agreement_facts(agreements: Sequence[Agreement]) -> dict[int, AgreementFacts]:
    """What the rules ask about each of the agreements; seven queries for any number."""
    ids = [one.pk for one in agreements]
    return facts_with(agreements, money_by_year(ids, profile_in_use()), waivers_of(ids))


def facts_with(
    agreements: Sequence[Agreement],
    money: Mapping[int, tuple[DayMoney, ...]],
    waivers: Mapping[int, Mapping[str, tuple[Lifted, ...]]],
) -> dict[int, AgreementFacts]:
    """The same of agreements whose money and waivers are read already; at most five queries."""
    ids = [one.pk for one in agreements]
    activities = activities_of(ids)
    firsts = _terms_of(_roots(ids))
    earliest = _first_agreements([one.institute_id for one in agreements])
    return {
        one.pk: AgreementFacts(
            agency_keys=tuple(sorted(sponsor.agency.key for sponsor in one.sponsors.all())),
            signed_on=one.signed_on,
            term=Span(one.starts_on, one.ends_on),
            federal_total_minor=one.federal_total_minor,
            years=_years(money.get(one.pk, ())),
            waivers=waivers.get(one.pk, {}),
            subject=subject_of(one.institute.kind),
            first=firsts.get(one.pk),
            is_first=earliest.get(one.institute_id) == one.pk,
            activity=activities.get(one.pk),
        )
        for one in agreements
    }


def _years(money: Iterable[DayMoney]) -> tuple[YearMoney, ...]:
    """The fiscal years in order that obligations or acceptances left with money."""
    profile = profile_in_use()
    sums: dict[int, list[int]] = {}
    for one in money:
        if one.federal_minor or one.nonfederal_minor:
            year = sums.setdefault(profile.fiscal_year_of(one.day).year, [0, 0])
            year[0] += one.federal_minor
            year[1] += one.nonfederal_minor
    return tuple(YearMoney(profile.fiscal_year(year), *sums[year]) for year in sorted(sums))


def waivers_of(
    agreements: Iterable[int] | QuerySet[Any, Any],
) -> dict[int, dict[str, tuple[Lifted, ...]]]:
    """For each agreement with a waiver ever in force what its waivers lift, by rule; one query."""
    found: dict[int, dict[str, tuple[Lifted, ...]]] = {}
    waivers = Waiver.objects.filter(agreement__in=agreements).select_related("agreement")
    for waiver in waivers.order_by("pk"):
        lifted = waiver.lifted
        if lifted is not None:
            of_rule = found.setdefault(waiver.agreement_id, {})
            lasting = rules.lasting(lifted, waiver.agreement.ends_on)
            of_rule[waiver.rule_id] = (*of_rule.get(waiver.rule_id, ()), lasting)
    return found


def subject_of(kind: str) -> MatchingSubject:
    """Whose money a matching rule is about, by the kind of recipient."""
    if kind == RecipientKind.EXTENSION_CENTRE:
        return MatchingSubject.EXTENSION_CENTRE
    return MatchingSubject.INSTITUTE


def activities_of(ids: Iterable[int]) -> dict[int, MatchingSubject]:
    """The kind of project of each agreement whose sponsor named one; one query."""
    named = ReportingTerms.objects.filter(agreement__in=list(ids)).exclude(activity="")
    return {
        pk: MatchingSubject(activity)
        for pk, activity in named.order_by().values_list("agreement_id", "activity")
    }


def first_term(agreement: Agreement) -> Span:
    """The first term as it was signed, of the agreement that the whole line of renewals began with.

    Extensions executed since do not lengthen it.
    """
    roots = {agreement.pk: agreement.pk} | _roots([agreement.pk])
    return _terms_of(roots)[agreement.pk]


def _roots(ids: Sequence[int]) -> dict[int, int]:
    """For each agreement that renews another the one that its line began with."""
    before = dict(
        Renewal.objects.filter(renewed_by__isnull=False)
        .order_by()
        .values_list("renewed_by_id", "agreement_id")
    )
    roots: dict[int, int] = {}
    for pk in ids:
        root = pk
        while root in before:
            root = before[root]
        if root != pk:
            roots[pk] = root
    return roots


def _terms_of(roots: Mapping[int, int]) -> dict[int, Span]:
    """For each key the term of its root as it was signed, before any extension."""
    if not roots:
        return {}
    signed = Agreement.objects.in_bulk(set(roots.values()))
    ends: dict[int, list[date]] = {}
    for agreement_id, replaced in Amendment.objects.filter(
        agreement__in=signed,
        kind=AmendmentKind.NO_COST_EXTENSION,
        state=AmendmentState.EXECUTED,
    ).values_list("agreement_id", "before"):
        ends.setdefault(agreement_id, []).append(date.fromisoformat(replaced["ends_on"]))
    return {
        pk: rules.first_term_of(
            Span(signed[root].starts_on, signed[root].ends_on), ends.get(root, [])
        )
        for pk, root in roots.items()
    }


def _first_agreements(institute_ids: Iterable[int]) -> dict[int, int]:
    """For each institute the agreement that was signed first; drafts are not counted."""
    found: dict[int, int] = {}
    signed = (
        Agreement.objects.filter(institute__in=set(institute_ids))
        .exclude(state=AgreementState.DRAFT)
        .order_by("signed_on", "pk")
        .values_list("institute_id", "pk")
    )
    for institute_id, pk in signed:
        found.setdefault(institute_id, pk)
    return found
