"""Opening an award: the agreement of an institute with its budget and what it foresees to obligate,
of each agency that gives a part of it.

The award is opened once the results are published, since an institute that is planned and a draft
of its agreement are read by everybody. Opening it again changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import Award, PlannedObligation
from lineshaft.apps.awarding.queries import (
    Winner,
    agreement_in_force,
    bookings_of,
    institutes_led,
    last_submissions,
    leading_agency,
    moved_under,
    obligation_of,
    winner_by_application,
)
from lineshaft.apps.awarding.services.record import (
    audit_award,
    held_competition,
    permit_to_award,
)
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.rules import BUDGET, TERMS, Source
from lineshaft.apps.competitions.services import faults_of_texts, plain
from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.queries import permit_to_act_for
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.kernel.errors import FieldError, Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_day, months_on
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

FOCUS_MAX: Final = 500
TITLE_MAX: Final = 200
AWARDER: Final = Actor.system(gettext_noop("award of a competition"))
"""Enters the institute that was decided on; who opened the award stands in the trail of it."""

_NO_INSTITUTE: Final = gettext_noop("The lead of the application leads no such institute.")


@dataclass(frozen=True, slots=True)
class AwardTerms:
    """What an award says: its agreement's number and days, and the institute that takes it up.

    `institute` is the key of one that stands; without it one is entered as planned under `key` and
    `name`. `co_sponsors` says in minor units, by keys of agencies, what each gives beside the one
    that leads, which gives the rest; 0 is nothing, and makes no sponsor of the agreement. For
    anything but an institute all but the conditions is left out.
    """

    number: str = ""
    signed_on: date | None = None
    starts_on: date | None = None
    institute: str = ""
    key: str = ""
    name: str = ""
    name_zh: str = ""
    conditions: str = ""
    co_sponsors: Mapping[str, int] = field(default_factory=dict)


def open_agreement(
    actor: Actor,
    competition: Competition,
    application: Application,
    terms: AwardTerms,
    *,
    now: datetime,
) -> Award:
    """Open the award of an application that was selected; the one that stands, if it was opened.

    Of an institute competition it enters the institute as planned where there is none, drafts the
    agreement for the agency that leads with the parts of those beside it, plans its budget by year
    from what was handed in, scaled to the amount, and foresees an obligation of each agency for
    each year. A project call's award hangs on its institute's agreement in force; a cluster's is
    recorded with its amount alone.

    Raises Invalid for a part of an agency that cannot give one, and Refused, as the agreement does,
    where the parts leave the leading agency nothing.
    """
    if faults := _faults_of(terms):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_competition(actor, competition, "open_agreement")
        refuse_if(rules.refuse_award(row.state))
        winner = winner_by_application(actor, row, application.pk)
        if winner.award is not None:
            return winner.award
        award = Award(
            application=winner.application,
            amount_minor=winner.record.amount_minor or 0,
            currency=row.currency,
            conditions=plain(terms.conditions),
            opened_at=now,
            opened_by=actor.label,
        )
        parts = _parts(row, terms, award.amount_minor)
        foreseen: Sequence[PlannedObligation] = ()
        if row.kind == CompetitionKind.INSTITUTE:
            foreseen = _drafted(actor, winner, award, terms, parts, now=now)
        else:
            award.institute = row.institute
            award.agreement = agreement_in_force(row.institute) if row.institute else None
        award.save(force_insert=True)
        PlannedObligation.objects.bulk_create(foreseen)
        audit_award(actor, "open_agreement", award, now=now)
    return award


def obligate_award(
    actor: Actor,
    competition: Competition,
    application: Application,
    year: int,
    agency: str = "",
    *,
    today: date,
    now: datetime,
) -> funding.Moved:
    """Book what the award foresees of the agency of that key for that year in the ledger: pending,
    or proposed where it takes a second person to sign. Booked again it changes nothing, on a later
    day too; what was rejected or withdrawn is booked anew.

    Without a key it is the only one of the year; raises Invalid where there are several. Raises
    NotPermitted for money of another agency than one's own, unless one's own leads, Refused before
    the agreement is active, and what the ledger refuses, such as more than is authorised. The trail
    holds the ledger's own event.
    """
    permit_to_award(actor, "obligate_award", competition)
    winner = winner_by_application(actor, competition, application.pk)
    award = winner.award
    planned = obligation_of(award, year, agency)
    assert award is not None  # noqa: S101 -- it foresees an obligation
    assert award.agreement is not None  # noqa: S101 -- and so is under an agreement
    permit_to_act_for(actor, "obligate_funds", award.agreement, planned.agency.key)
    refuse_if(rules.refuse_obligating(award.agreement.state))
    booking = bookings_of([winner])[planned.pk]
    if (stored := moved_under(booking.id)) is not None:
        return stored
    return funding.obligate_funds(
        actor,
        award.agreement,
        now=now,
        id=booking.id,
        amount_minor=planned.amount_minor,
        currency=award.currency,
        occurred_on=today,
        agency_id=planned.agency_id,
        reference=f"{award.agreement.number}, {year}",
    )


# ---------------------------------------------------------------------------------------- leaves


def _faults_of(terms: AwardTerms) -> list[FieldError]:
    """What is wrong with the terms by themselves."""
    days = {"signed_on": terms.signed_on, "starts_on": terms.starts_on}
    faults = [check_day(day, name=name) for name, day in days.items()]
    return [
        *faults_of_texts({"conditions": terms.conditions}, rules.CONDITIONS_MAX),
        *(one for one in faults if one),
    ]


def _drafted(
    actor: Actor,
    winner: Winner,
    award: Award,
    terms: AwardTerms,
    parts: Mapping[Agency, int],
    *,
    now: datetime,
) -> list[PlannedObligation]:
    """What is foreseen under the award's agreement, which is drafted with its institute."""
    application = winner.application
    content = last_submissions([application.pk])[application.pk].content
    lines = [(source, key, year, minor) for source, key, year, minor in content[BUDGET]["lines"]]
    asked = sum(minor for source, _key, _year, minor in lines if source == Source.FEDERAL)
    others = sum(minor for source, _key, _year, minor in lines if source != Source.FEDERAL)
    months: int | None = content[TERMS]["term_months"]
    lead = next(iter(parts), None)
    refuse_if(
        rules.refuse_agreement(term_months=months, has_agency=lead is not None, federal_minor=asked)
    )
    assert months is not None  # noqa: S101 -- the rule has refused that
    assert lead is not None  # noqa: S101 -- as above
    award.match_minor = rules.match_of(award.amount_minor, asked_minor=asked, others_minor=others)
    award.institute = _institute(application, content[TERMS], lead, terms, now=now)
    starts_on = terms.starts_on or now.date()
    agreed = funding.AgreementTerms(
        number=terms.number.strip() or f"{application.competition.code}-{application.number}",
        title=content[TERMS]["title"][:TITLE_MAX],
        currency=award.currency,
        signed_on=terms.signed_on or now.date(),
        starts_on=starts_on,
        ends_on=months_on(starts_on, months),
        federal_total_minor=award.amount_minor,
        cost_share_required_minor=award.match_minor,
        co_sponsors=tuple(
            funding.SponsorPart(one.pk, minor) for one, minor in parts.items() if one != lead
        ),
    )
    award.agreement = funding.sign_agreement(actor, award.institute, lead, terms=agreed, now=now)
    plans = rules.years_planned(
        lines, amount_minor=award.amount_minor, starts_on=starts_on, term_months=months
    )
    _plan_budget(actor, award.agreement, plans, now=now)
    return _foreseen(award, parts, plans)


def _parts(competition: Competition, terms: AwardTerms, amount_minor: int) -> dict[Agency, int]:
    """What each agency gives of the amount by these terms, first the one that leads, which gives
    the rest; nothing where none leads. Raises Invalid for a part of an agency that cannot give one.
    """
    rows = competition.sponsors.select_related("agency").order_by("agency__key")
    lead = leading_agency(rows)
    beside = [one.agency for one in rows if not one.is_lead]
    faults = rules.faults_of_parts(
        terms.co_sponsors,
        lead=lead.key if lead else "",
        beside={one.key for one in beside},
        is_shared=competition.kind == CompetitionKind.INSTITUTE,
    )
    if faults:
        raise Invalid(faults)
    if lead is None:
        return {}
    given = {one: minor for one in beside if (minor := terms.co_sponsors.get(one.key, 0))}
    return {lead: amount_minor - sum(given.values()), **given}


def _foreseen(
    award: Award, parts: Mapping[Agency, int], plans: Sequence[rules.YearPlan]
) -> list[PlannedObligation]:
    """What each agency gives in each year, where that is anything."""
    years = [one.federal_minor for one in plans]
    given = rules.given_by_year(list(parts.values()), years)
    return [
        PlannedObligation(
            award=award,
            agency=agency,
            year=one.year,
            due_on=one.starts_on,
            amount_minor=row[place],
        )
        for place, one in enumerate(plans)
        for agency, row in zip(parts, given, strict=True)
        if row[place]
    ]


def _plan_budget(
    actor: Actor, agreement: Agreement, plans: Sequence[rules.YearPlan], *, now: datetime
) -> None:
    for one in [plan for plan in plans if plan.lines]:
        planned = tuple(funding.PlannedLine(*line) for line in one.lines)
        plan = funding.BudgetPlan(one.starts_on, one.ends_on, planned)
        funding.plan_budget_period(actor, agreement.pk, plan=plan, now=now)


def _institute(
    application: Application,
    said: dict[str, Any],
    agency: Agency,
    terms: AwardTerms,
    *,
    now: datetime,
) -> Institute:
    """The institute that takes the award up: one that the lead leads, or one entered as planned."""
    if terms.institute:
        found = institutes_led(application).filter(key=terms.institute).first()
        if found is None:
            raise Invalid.in_field("institute", _NO_INSTITUTE)
        return found
    source = f"{application.competition.code}, application {application.number}"
    proposal = network.InstituteProposal(
        key=terms.key.strip(),
        name=terms.name.strip(),
        name_zh=terms.name_zh.strip(),
        sponsor_key=agency.key,
        source=source,
        focus=said["abstract"][:FOCUS_MAX],
        focus_zh=said["abstract_zh"][:FOCUS_MAX],
        technology_area_keys=tuple(said["areas"]),
    )
    made = network.propose_institute(AWARDER, proposal, now=now)
    lead = application.lead.standing
    network.name_lead_organisation(AWARDER, made, lead, source=source, now=now)
    return network.plan_institute(AWARDER, made, on=now.date(), source=source, now=now)
