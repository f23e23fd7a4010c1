"""Storing the demonstration through the apps' own services, like any other door.

The plan is stored in the order in which a network comes to be: reference network, users, members,
agreements, money in and out, then a snapshot, the report of the year before (published) and the
report of the demonstration year (a draft that waits for the own institute's attestation).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import batched
from random import Random
from typing import Final
from uuid import UUID

from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.insight import queries as figures
from lineshaft.apps.insight import services as insight
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.rules import EndReason
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Agency, Institute, Organisation
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.demonstration.calibration import DEMONSTRATION_YEAR
from lineshaft.demonstration.names import organisation_names
from lineshaft.demonstration.personas import OWN_INSTITUTE, PASSWORD, PERSONAS, Persona
from lineshaft.demonstration.plan import (
    SEED,
    ContributionPlan,
    InstitutePlan,
    ObligationPlan,
    Plan,
    make_plan,
)
from lineshaft.demonstration.valuation import valuation_of
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.services import grant_role, register_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.services import seal
from lineshaft.plumbing.roles import ScopeKind
from lineshaft.reference import DateKind, load_institutes

Report = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what is being done (English message id)."""

WHY: Final = "demonstration"
ROWS_AT_A_TIME: Final = 20_000
STEPS: Final = 9
OUTSIDE: Final = "outside"
STILL_TO_ATTEST: Final = frozenset({OWN_INSTITUTE})
"""Institutes whose part of the demonstration year is left for a person to attest."""


@dataclass(slots=True)
class _Loading:
    """What one load needs at every step, and the ids that the steps before have given."""

    actor: Actor
    profile: JurisdictionProfile
    scale: int
    now: datetime
    report: Report
    done: int = 0
    users: dict[str, User] = field(default_factory=dict)
    organisation_ids: list[int] = field(default_factory=list)
    agreement_ids: dict[str, int] = field(default_factory=dict)

    def step(self, note: str) -> None:
        """Say what comes next."""
        self.report(self.done, STEPS, note)
        self.done += 1


def load_demonstration(actor: Actor, *, scale: int, now: datetime, progress: Report) -> None:
    """Store the demonstration at that scale into a database that holds no demonstration yet.

    Each step is a transaction of its own; the caller marks begin and end, so that a load that was
    interrupted can be told.
    """
    loading = _Loading(actor, profile_in_use(), scale, now, progress)
    loading.step(gettext_noop("Reference network"))
    network.load_reference_network(actor, now=now)
    insight.load_published_values(actor, now=now)
    institutes = institutes_to_plan()
    regions = [code for code, _name, _name_zh in loading.profile.place_codes.codes]
    plan = make_plan(loading.profile, institutes, regions, scale=scale)
    loading.step(gettext_noop("Organisations"))
    _register_organisations(loading, plan)
    loading.step(gettext_noop("Memberships"))
    _admit_members(loading, plan)
    loading.step(gettext_noop("Users"))
    _register_personas(loading, plan)
    loading.step(gettext_noop("Agreements"))
    _sign_agreements(loading, plan)
    loading.step(gettext_noop("Obligations and drawdowns"))
    _post_transfers(loading, plan)
    loading.step(gettext_noop("Contributions"))
    _record_contributions(loading, plan)
    _end_agreements(loading, plan)
    loading.step(gettext_noop("Figures and reports"))
    _report(loading)
    loading.step(gettext_noop("Audit seal"))
    seal(now=now)
    progress(STEPS, STEPS, "")


def institutes_to_plan() -> tuple[InstitutePlan, ...]:
    """The institutes that get generated records: those whose start and initial money are stated."""
    planned = []
    for institute in load_institutes():
        established = institute.dated(DateKind.ESTABLISHED)
        federal, nonfederal = institute.initial_federal_minor, institute.initial_nonfederal_minor
        if established is None or not federal or not nonfederal:
            continue
        ended = institute.dated(DateKind.TERMINATED)
        planned.append(
            InstitutePlan(
                institute.key,
                institute.lead_sponsor.agency_key,
                established.on,
                ended.on if ended else None,
                federal,
                nonfederal,
            )
        )
    return tuple(planned)


def _register_organisations(loading: _Loading, plan: Plan) -> None:
    rows = [
        network.OrganisationRow(
            name=one.name,
            kind=one.kind,
            city=one.place,
            region=one.region,
            country=loading.profile.country_code,
            ownership_country=loading.profile.country_code,
            is_demonstration=True,
        )
        for one in plan.organisations
    ]
    for some in batched(rows, ROWS_AT_A_TIME, strict=False):
        outcome = network.register_organisations(loading.actor, some, now=loading.now, why=WHY)
        loading.organisation_ids.extend(outcome.organisation_ids)


def _admit_members(loading: _Loading, plan: Plan) -> None:
    rows = [
        memberships.MemberRow(
            organisation_id=loading.organisation_ids[one.organisation],
            institute_key=one.institute,
            tier=one.tier,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            signed_on=one.starts_on,
            ended_reason=EndReason.TERM_ENDED if one.ends_on else EndReason.NOT_ENDED,
            is_demonstration=True,
        )
        for one in plan.memberships
    ]
    for some in batched(rows, ROWS_AT_A_TIME, strict=False):
        memberships.admit_members(loading.actor, some, now=loading.now, why=WHY)


def _register_personas(loading: _Loading, plan: Plan) -> None:
    for persona in PERSONAS:
        user = register_user(
            loading.actor,
            email=persona.email,
            name=persona.name,
            password=PASSWORD,
            now=loading.now,
        )
        loading.users[persona.key] = user
        organisation = _organisation_of(loading, plan, persona)
        scope_id = str(organisation.pk) if organisation else persona.scope_id
        grant_role(
            loading.actor,
            user,
            RoleGrant(persona.role, persona.scope_kind, scope_id),
            starts_on=date(loading.now.year - 1, 1, 1),
            now=loading.now,
            why=WHY,
        )
        if organisation:
            network.register_person(
                loading.actor,
                persona.name,
                email=persona.email,
                organisation=organisation,
                user=user,
                is_demonstration=True,
                now=loading.now,
            )


def _organisation_of(loading: _Loading, plan: Plan, persona: Persona) -> Organisation | None:
    """The generated organisation of a persona: a lasting member of the own institute, or none."""
    if persona.scope_kind is not ScopeKind.ORGANISATION:
        return None
    if persona.organisation == OUTSIDE:
        return _outsider(loading)
    members = {
        one.organisation
        for one in plan.memberships
        if one.institute == OWN_INSTITUTE and one.ends_on is None
    }
    number = next(
        one.number
        for one in plan.organisations
        if one.kind == persona.organisation and one.number in members
    )
    return Organisation.objects.get(pk=loading.organisation_ids[number])


def _outsider(loading: _Loading) -> Organisation:
    """A small firm that is nobody's member."""
    row = network.OrganisationRow(
        name=next(organisation_names(Random(SEED + 1), "outsider", set())),
        kind="industry_sme",
        region="OH",
        country=loading.profile.country_code,
        is_demonstration=True,
    )
    outcome = network.register_organisations(loading.actor, [row], now=loading.now, why=WHY)
    return Organisation.objects.get(pk=outcome.organisation_ids[0])


def _sign_agreements(loading: _Loading, plan: Plan) -> None:
    institutes = {one.key: one for one in Institute.objects.all()}
    agencies = {one.key: one for one in Agency.objects.all()}
    for one in plan.agreements:
        terms = funding.AgreementTerms(
            number=one.number,
            currency=loading.profile.currency,
            signed_on=one.starts_on,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            federal_total_minor=one.federal_minor,
            title="",
        )
        agreement = funding.sign_agreement(
            loading.actor,
            institutes[one.institute],
            agencies[one.agency],
            terms=terms,
            now=loading.now,
        )
        agreement = funding.activate_agreement(
            loading.actor, agreement.pk, today=loading.now.date(), now=loading.now
        )
        funding.authorise_funds(
            loading.actor,
            agreement,
            id=_id("authorise", one.number),
            amount_minor=one.federal_minor,
            currency=loading.profile.currency,
            occurred_on=one.starts_on,
            now=loading.now,
        )
        loading.agreement_ids[one.number] = agreement.pk


def _post_transfers(loading: _Loading, plan: Plan) -> None:
    rows: list[funding.TransferRow] = []
    for number, obligation in enumerate(plan.obligations):
        rows.extend(_rows_of(loading, number, obligation))
    rows.sort(key=lambda row: (row.occurred_on, row.pending_id is not None))
    for some in batched(rows, ROWS_AT_A_TIME, strict=False):
        funding.post_transfers(loading.actor, some, now=loading.now, why=WHY)


def _rows_of(
    loading: _Loading, number: int, obligation: ObligationPlan
) -> list[funding.TransferRow]:
    obligate = funding.TransferRow(
        _id("obligate", number),
        loading.agreement_ids[obligation.agreement],
        TransferCode.OBLIGATE,
        obligation.amount_minor,
        loading.profile.currency,
        obligation.on,
    )
    draws = [
        replace(
            obligate,
            id=_id("draw", number, order),
            code=TransferCode.DRAW,
            amount_minor=draw.amount_minor,
            occurred_on=draw.on,
            pending_id=obligate.id,
        )
        for order, draw in enumerate(obligation.draws)
    ]
    return [obligate, *draws]


def _record_contributions(loading: _Loading, plan: Plan) -> None:
    """Record every contribution, then decide those that have come to a decision.

    The program itself records; a second voice of its own accepts, as above the threshold a second
    person has to.
    """
    refused: list[UUID] = []
    for some in batched(enumerate(plan.contributions), ROWS_AT_A_TIME, strict=False):
        claims = [_claim(loading, number, one) for number, one in some]
        funding.record_contributions(loading.actor, claims, now=loading.now, why=WHY)
        states = [(claim.id, one.state) for claim, (_, one) in zip(claims, some, strict=True)]
        accepted = [funding.Acceptance(one_id) for one_id, state in states if state == "accepted"]
        funding.accept_contributions(
            loading.actor, accepted, today=loading.now.date(), now=loading.now, why=WHY
        )
        refused += [one_id for one_id, state in states if state == "refused"]
    for contribution_id in refused:
        funding.refuse_contribution(
            loading.actor,
            contribution_id,
            reason="The record does not show who valued it, and how.",
            today=loading.now.date(),
            now=loading.now,
        )


def _claim(loading: _Loading, number: int, one: ContributionPlan) -> funding.Claim:
    return funding.Claim(
        id=_id("contribution", number),
        agreement_id=loading.agreement_ids[one.agreement],
        organisation_id=loading.organisation_ids[one.organisation],
        kind=one.kind,
        amount_minor=one.amount_minor,
        currency=loading.profile.currency,
        occurred_on=one.on,
        external_id=f"DEMO-{number + 1}",
        evidence=(f"Demonstration statement {one.institute} {one.on.year}-{number + 1}",),
        **asdict(valuation_of(loading.profile.cost_share_kind(one.kind), one.amount_minor)),
    )


def _end_agreements(loading: _Loading, plan: Plan) -> None:
    """End the agreements whose term was over before the demonstration year began."""
    begins_on = loading.profile.fiscal_year(DEMONSTRATION_YEAR).starts_on
    for one in plan.agreements:
        if one.ends_on <= begins_on:
            funding.end_agreement(
                loading.actor,
                loading.agreement_ids[one.number],
                today=loading.now.date(),
                now=loading.now,
            )


def _report(loading: _Loading) -> None:
    insight.take_snapshot(loading.actor, now=loading.now)
    for year in (DEMONSTRATION_YEAR - 1, DEMONSTRATION_YEAR):
        edition = insight.open_report(loading.actor, year, now=loading.now)
        for part in figures.parts_of(edition):
            is_left = year == DEMONSTRATION_YEAR and part.institute.key in STILL_TO_ATTEST
            if not is_left:
                insight.attest_part(
                    loading.actor,
                    year,
                    institute=part.institute.key,
                    seen_digest=part.digest,
                    now=loading.now,
                )
    insight.publish_report(
        loading.actor, DEMONSTRATION_YEAR - 1, now=loading.now + timedelta(seconds=1)
    )


def _id(kind: str, *parts: object) -> UUID:
    return derived_id("demonstration", kind, *(str(part) for part in parts))
