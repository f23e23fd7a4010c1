"""Storing the demonstration through the apps' own services, like any other door.

The plan is stored in the order in which a network comes to be: reference network, users, members,
agreements, money in and out, then a snapshot, the report of the year before (published) and the
report of the demonstration year (a draft that waits for the own institute's attestation).
"""

from datetime import date, datetime, timedelta
from itertools import batched
from random import Random
from typing import Final

from lineshaft.apps.insight import queries as figures
from lineshaft.apps.insight import services as insight
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.network.rules import TerminationGround
from lineshaft.demonstration import load_cases as special
from lineshaft.demonstration import load_money as money
from lineshaft.demonstration.boards import seat_bodies
from lineshaft.demonstration.calibration import DEMONSTRATION_YEAR
from lineshaft.demonstration.cases import (
    INVENTED,
    INVENTED_NAME,
    INVENTED_NAME_ZH,
    INVENTED_SOURCE,
)
from lineshaft.demonstration.competitions import run_competitions
from lineshaft.demonstration.joining import join_institutes
from lineshaft.demonstration.load_policies import adopt_policies
from lineshaft.demonstration.loading import (
    ROWS_AT_A_TIME,
    STEPS,
    WHY,
    Loading,
    Report,
    few_collections,
)
from lineshaft.demonstration.meetings import hold_meetings
from lineshaft.demonstration.names import organisation_names
from lineshaft.demonstration.outside_awards import record_outside_awards
from lineshaft.demonstration.participation import review_participation
from lineshaft.demonstration.personas import OF_PLAN, OWN_INSTITUTE, PASSWORD, Persona
from lineshaft.demonstration.plan import make_plan
from lineshaft.demonstration.registry import (
    enter_directory,
    enter_lookalikes,
    post_needs,
    share_documents,
)
from lineshaft.demonstration.tiers import set_tiers
from lineshaft.demonstration.values import SEED, InstitutePlan, Plan
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.services import grant_role, register_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.services import seal
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.reference import DateKind, load_institutes

OUTSIDE: Final = "outside"
OVER_ALL: Final = frozenset({Role.PROGRAMME_OFFICER, Role.AGENCY_SPONSOR})
"""Roles whose holders run competitions, and are checked for conflicts of interest as people."""

STILL_TO_ATTEST: Final = frozenset({OWN_INSTITUTE})
"""Institutes whose part of the demonstration year is left for a person to attest."""


def load_demonstration(actor: Actor, *, scale: int, now: datetime, progress: Report) -> None:
    """Store the demonstration at that scale into a database that holds no demonstration yet.

    Each step is a transaction of its own; the caller marks begin and end, so that a load that was
    interrupted can be told.
    """
    with few_collections():
        _load(Loading(actor, profile_in_use(), scale, now, progress))
    progress(STEPS, STEPS, "")


def _load(loading: Loading) -> None:
    actor, now = loading.actor, loading.now
    loading.step(gettext_noop("Reference network"))
    network.load_reference_network(actor, now=now)
    insight.load_published_values(actor, now=now)
    insight.record_shipped_denominators(actor, now=now)
    institutes = institutes_to_plan()
    regions = [code for code, _name, _name_zh in loading.profile.place_codes.codes]
    plan = make_plan(loading.profile, institutes, regions, scale=loading.scale)
    _enter_invented(loading)
    loading.step(gettext_noop("Organisations"))
    _register_organisations(loading, plan)
    loading.step(gettext_noop("Memberships"))
    _admit_members(loading, plan)
    loading.step(gettext_noop("Users"))
    _register_personas(loading, plan)
    loading.step(gettext_noop("Agreements"))
    money.sign_agreements(loading, plan)
    loading.step(gettext_noop("Obligations and drawdowns"))
    money.post_transfers(loading, plan)
    loading.step(gettext_noop("Costs and income"))
    money.post_costs(loading, plan)
    money.record_income(loading, plan)
    loading.step(gettext_noop("Contributions"))
    money.record_contributions(loading, plan)
    special.close_agreements(loading, plan)
    special.enter_cases(loading)
    special.certify_reports(loading)
    _end_invented(loading)
    set_tiers(loading)
    loading.step(gettext_noop("Applications"))
    join_institutes(loading)
    loading.step(gettext_noop("Directory, needs and look-alikes"))
    enter_directory(loading, plan)
    post_needs(loading, plan)
    share_documents(loading)
    enter_lookalikes(loading, plan)
    record_outside_awards(loading)
    loading.step(gettext_noop("Common policies"))
    adopt_policies(loading)
    loading.step(gettext_noop("Boards and councils"))
    seat_bodies(loading)
    loading.step(gettext_noop("Meetings and votes"))
    hold_meetings(loading)
    review_participation(loading)
    loading.step(gettext_noop("Topics and competitions"))
    _compete(loading)
    loading.step(gettext_noop("Figures and reports"))
    _report(loading)
    loading.step(gettext_noop("Audit seal"))
    seal(now=now)


def institutes_to_plan() -> tuple[InstitutePlan, ...]:
    """The institutes that get generated records.

    Those whose start and initial money are stated, and the one that does not exist.
    """
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
    return (*planned, INVENTED)


def _enter_invented(loading: Loading) -> None:
    """The institute that does not exist, and says so in its name."""
    proposal = network.InstituteProposal(
        INVENTED.key,
        INVENTED_NAME,
        INVENTED.agency,
        INVENTED_SOURCE,
        name_zh=INVENTED_NAME_ZH,
    )
    institute = network.propose_institute(loading.actor, proposal, now=loading.now, why=WHY)
    network.plan_institute(
        loading.actor,
        institute,
        on=INVENTED.established_on - timedelta(days=200),
        source=INVENTED_SOURCE,
        now=loading.now,
    )
    network.establish_institute(
        loading.actor,
        institute,
        on=INVENTED.established_on,
        source=INVENTED_SOURCE,
        now=loading.now,
    )


def _end_invented(loading: Loading) -> None:
    assert INVENTED.ended_on is not None  # noqa: S101 -- stated beside its name
    network.terminate_institute(
        loading.actor,
        Institute.objects.get(key=INVENTED.key),
        ground=TerminationGround.CONVENIENCE,
        on=INVENTED.ended_on,
        source=INVENTED_SOURCE,
        now=loading.now,
    )


def _register_organisations(loading: Loading, plan: Plan) -> None:
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


def _admit_members(loading: Loading, plan: Plan) -> None:
    rows = [
        memberships.MemberRow(
            organisation_id=loading.organisation_ids[one.organisation],
            institute_key=one.institute,
            tier=one.tier,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            signed_on=one.starts_on,
            ended_reason=one.ended_reason,
            is_demonstration=True,
        )
        for one in plan.memberships
    ]
    for some in batched(rows, ROWS_AT_A_TIME, strict=False):
        memberships.admit_members(loading.actor, some, now=loading.now, why=WHY)


def _register_personas(loading: Loading, plan: Plan) -> None:
    for persona in OF_PLAN:
        user = register_user(
            loading.actor,
            email=persona.email,
            name=persona.name,
            password=PASSWORD,
            now=loading.now,
        )
        loading.users[persona.key] = user
        organisation = _organisation_of(loading, plan, persona)
        if persona.scope_kind is not ScopeKind.COMPETITION:  # none is there yet
            scope_id = str(organisation.pk) if organisation else persona.scope_id
            _grant(loading, persona, scope_id)
        if organisation or persona.role in OVER_ALL:
            network.register_person(
                loading.actor,
                persona.name,
                email=persona.email,
                organisation=organisation,
                user=user,
                is_demonstration=True,
                now=loading.now,
            )


def _compete(loading: Loading) -> None:
    """Competitions, and the roles of personas that are held over one of them."""
    run_competitions(loading)
    for persona in OF_PLAN:
        if persona.scope_kind is ScopeKind.COMPETITION:
            _grant(loading, persona, persona.scope_id)


def _grant(loading: Loading, persona: Persona, scope_id: str) -> None:
    grant_role(
        loading.actor,
        loading.users[persona.key],
        RoleGrant(persona.role, persona.scope_kind, scope_id),
        starts_on=date(loading.now.year - 1, 1, 1),
        now=loading.now,
        why=WHY,
    )


def _organisation_of(loading: Loading, plan: Plan, persona: Persona) -> Organisation | None:
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


def _outsider(loading: Loading) -> Organisation:
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


def _report(loading: Loading) -> None:
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
