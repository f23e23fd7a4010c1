"""Reads of the desk: what stands on the front page, what waits for somebody, who could help.

The desk owns no record. Everything here starts from another app's `*_visible_to(actor)` and takes a
number of queries that no scale changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Model, Prefetch, QuerySet

from lineshaft.apps.awarding import queries as awarding
from lineshaft.apps.awarding.models import SiteVisit
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Application, Competition, Question, Stage, TeamMember
from lineshaft.apps.competitions.queries import ConflictsToDecide, OutcomesToTell
from lineshaft.apps.desk import rules
from lineshaft.apps.funding import queries as funding
from lineshaft.apps.funding.models import Amendment, Contribution, TransferProposal, Waiver
from lineshaft.apps.funding.queries import AgreementTest, BooksDue, ReportsWaiting
from lineshaft.apps.governance import queries as governance
from lineshaft.apps.governance import rules as governance_rules
from lineshaft.apps.governance.models import ActionItem, Meeting, Motion
from lineshaft.apps.governance.queries import BodyStanding, PolicyWaiting
from lineshaft.apps.insight import queries as insight
from lineshaft.apps.insight.models import ReportEdition
from lineshaft.apps.insight.queries import KeyFigure, PartStanding
from lineshaft.apps.insight.rules import EditionState
from lineshaft.apps.memberships import queries as memberships
from lineshaft.apps.memberships.models import (
    Invoice,
    MemberAgreement,
    Need,
    ParticipationCommitment,
    SharedDocument,
)
from lineshaft.apps.memberships.queries import Benefit, ReviewStanding
from lineshaft.apps.memberships.rules import DocumentKind
from lineshaft.apps.network import queries as network
from lineshaft.apps.network import rules as network_rules
from lineshaft.apps.network.models import AwardOverlap, Institute, InstituteFact
from lineshaft.apps.network.queries import PairsToDecide
from lineshaft.apps.network.rules import Edition, InstituteStatus
from lineshaft.apps.reviewing import queries as reviewing
from lineshaft.apps.reviewing.models import Assignment, RemarkRelease
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.queries import events_visible_to
from lineshaft.plumbing.exchange import rules as exchange_rules
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.queries import batches_visible_to
from lineshaft.plumbing.jobs import rules as job_rules
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.queries import jobs_visible_to
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role
from lineshaft.web.maps import centre_of

WORKING_STATES: Final = (
    InstituteStatus.ACTIVE,
    InstituteStatus.CURE_PERIOD,
    InstituteStatus.RECOGNISED_UNFUNDED,
)
"""An institute in one of these states works, and can be asked for help."""

ROWS_SHOWN: Final = 20
RESULTS_SHOWN: Final = 5
OPPORTUNITIES_SHOWN: Final = 5
OPEN_NOW: Final = competitions.Search(status=competitions.OpportunityStatus.POSTED)


# ------------------------------------------------------------------------------------ front page


@dataclass(frozen=True, slots=True)
class Front:
    """What the front page shows: the working institutes, the key figures of a year, and what can be
    applied for.
    """

    institutes: tuple[Institute, ...]
    figures: tuple[KeyFigure, ...]
    opportunities: tuple[Competition, ...] = ()

    def figure(self, figure_id: str) -> KeyFigure | None:
        return next((one for one in self.figures if one.definition.id == figure_id), None)


def front_page(actor: Actor) -> Front:
    """The front page's content; eight queries at most."""
    institutes = (
        network.institutes_visible_to(actor)
        .filter(status__in=WORKING_STATES)
        .prefetch_related(None)
        .order_by("name", "key")
    )
    opportunities = competitions.opportunities_found(actor, competitions.Search())
    return Front(
        tuple(institutes),
        insight.key_figures(actor),
        tuple(opportunities[:OPPORTUNITIES_SHOWN]),
    )


# ------------------------------------------------------------------------------------- find help


@dataclass(frozen=True, slots=True)
class Helper:
    """An institute that could help, with why it was chosen."""

    institute: Institute
    focus: InstituteFact | None
    match: rules.Match


@dataclass(frozen=True, slots=True)
class Help:
    """What comes of a need: `helpers` fit it, `neighbours` are the nearest, whatever they do."""

    helpers: tuple[Helper, ...]
    neighbours: tuple[Helper, ...]


def find_help(actor: Actor, need: str, *, region: str = "") -> Help:
    """The institutes that fit a need, and those nearest to the region; five queries.

    `region` is a code of the profile's place codes; without one, nothing is said of distance.
    """
    institutes = {one.key: one for one in _working_institutes(actor)}
    above = _areas_with_ancestors()
    focuses = {key: _focus(one) for key, one in institutes.items()}
    candidates = [_candidate(one, focuses[key], above) for key, one in institutes.items()]
    centre = centre_of(network.profile_in_use().map_key, region) if region else None
    near = rules.Spot(*centre) if centre else None
    matches = rules.match_need(need, candidates, near=near) if need else ()
    neighbours = rules.nearest(candidates, near) if near else ()

    def helpers(found: Sequence[rules.Match]) -> tuple[Helper, ...]:
        return tuple(Helper(institutes[one.key], focuses[one.key], one) for one in found)

    return Help(helpers(matches), helpers(neighbours))


def _working_institutes(actor: Actor) -> QuerySet[Institute]:
    focus = InstituteFact.objects.filter(measure="focus", edition=Edition.TODAY)
    return (
        network.institutes_visible_to(actor)
        .filter(status__in=WORKING_STATES)
        .prefetch_related(Prefetch("facts", queryset=focus, to_attr="focus_today"))
        .order_by("key")
    )


def _focus(institute: Institute) -> InstituteFact | None:
    facts: list[InstituteFact] = institute.focus_today  # type: ignore[attr-defined] # prefetched
    return next(iter(facts), None)


def _areas_with_ancestors() -> dict[str, frozenset[str]]:
    """For each area its key and those above it; one query."""
    parents = dict(network.technology_areas().values_list("key", "parent__key"))
    found = {}
    for key in parents:
        line = [key]
        while (parent := parents.get(line[-1])) is not None:
            line.append(parent)
        found[key] = frozenset(line)
    return found


def _candidate(
    institute: Institute, focus: InstituteFact | None, above: dict[str, frozenset[str]]
) -> rules.Candidate:
    areas = list(institute.technology_areas.all())
    keys = frozenset(key for area in areas for key in above[area.key])
    words = [text for area in areas for text in (area.name, area.name_zh)]
    if focus is not None:
        words += [focus.text, focus.text_zh]
    place = institute.place
    spot = None
    if place is not None and place.latitude is not None and place.longitude is not None:
        spot = rules.Spot(float(place.latitude), float(place.longitude))
    return rules.Candidate(institute.key, keys, " ".join(words), spot)


# --------------------------------------------------------------------------------- what waits


@dataclass(frozen=True, slots=True)
class PoliciesToAttest:
    """Common policies that an institute has still to attest for a fiscal year: how many, and the
    first of them.
    """

    institute: Institute
    fiscal_year: int
    number: int
    first: PolicyWaiting


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one person, by the kind of work."""

    attestations: tuple[PartStanding, ...]
    contributions: tuple[Contribution, ...]
    contributions_total: int
    proposals: tuple[TransferProposal, ...]
    proposals_total: int
    books: tuple[BooksDue, ...]
    breaches: tuple[AgreementTest, ...]
    reports: tuple[ReportsWaiting, ...]
    amendments: tuple[Amendment, ...]
    waivers: tuple[Waiver, ...]
    drafts: tuple[ReportEdition, ...]
    failed_jobs: tuple[Job, ...]
    checked_imports: tuple[ImportBatch, ...]
    positions: tuple[PolicyWaiting, ...] = ()
    bodies: tuple[BodyStanding, ...] = ()
    policy_attestations: tuple[PoliciesToAttest, ...] = ()
    votes: tuple[Motion, ...] = ()
    actions: tuple[ActionItem, ...] = ()
    unmatched_lines: tuple[tuple[Institute, int, int], ...] = ()
    participation: tuple[ReviewStanding, ...] = ()
    refunds: tuple[Invoice, ...] = ()
    overlaps: tuple[AwardOverlap, ...] = ()
    overlaps_total: int = 0
    pairs: PairsToDecide = field(default_factory=PairsToDecide)
    stages: tuple[Stage, ...] = ()
    questions: tuple[Question, ...] = ()
    applications: tuple[Application, ...] = ()
    invitations: tuple[TeamMember, ...] = ()
    reviews: tuple[Assignment, ...] = ()
    remarks: tuple[RemarkRelease, ...] = ()
    conflicts: tuple[ConflictsToDecide, ...] = ()
    outcomes: tuple[OutcomesToTell, ...] = ()
    visits: tuple[SiteVisit, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not self.count

    @property
    def count(self) -> int:
        """How many things wait."""
        return (
            self.contributions_total
            + self.proposals_total
            + self.overlaps_total
            + self.pairs.in_doubt
            + self.pairs.proposed
            + sum(count for _institute, _year, count in self.unmatched_lines)
            + sum(one.count for one in self.conflicts)
            + sum(
                len(things)
                for things in (
                    self.attestations,
                    self.books,
                    self.breaches,
                    self.reports,
                    self.amendments,
                    self.waivers,
                    self.drafts,
                    self.failed_jobs,
                    self.checked_imports,
                    self.positions,
                    self.bodies,
                    self.policy_attestations,
                    self.votes,
                    self.actions,
                    self.participation,
                    self.refunds,
                    self.stages,
                    self.questions,
                    self.applications,
                    self.invitations,
                    self.reviews,
                    self.remarks,
                    self.outcomes,
                    self.visits,
                )
            )
        )


def waiting_for(actor: Actor, *, today: date, now: datetime) -> Waiting:
    """What the actor has to do; a number of queries that depends on the roles held alone."""
    contributions, total = _first_of(funding.contributions_to_decide(actor))
    proposals, proposals_total = _first_of(funding.proposals_to_decide(actor))
    overlaps, overlaps_total = _first_of(network.overlaps_to_decide(actor))
    policies = governance.policies_waiting_for(actor, today=today, year_over=_last_year_over(today))
    return Waiting(
        attestations=insight.attestations_waiting_for(actor),
        contributions=contributions,
        contributions_total=total,
        proposals=proposals[:1],
        proposals_total=proposals_total,
        books=funding.books_to_close(actor, today=today),
        breaches=funding.breaches_ahead(actor, today=today),
        reports=funding.reports_to_certify(actor, today=today),
        amendments=tuple(funding.amendments_to_execute(actor)[:ROWS_SHOWN]),
        waivers=tuple(funding.waivers_to_decide(actor)[:ROWS_SHOWN]),
        drafts=_drafts_to_publish(actor),
        failed_jobs=tuple(jobs_visible_to(actor).filter(state=job_rules.FAILED)[:ROWS_SHOWN]),
        checked_imports=tuple(
            batches_visible_to(actor).filter(
                requested_by_id=actor.user_id,
                state=exchange_rules.CHECKED,
                followed_by__isnull=True,
            )[:ROWS_SHOWN]
        ),
        positions=tuple(one for one in policies if one.fiscal_year is None),
        bodies=governance.bodies_to_fill(actor, on=today),
        policy_attestations=_policies_to_attest(policies),
        votes=tuple(governance.votes_waiting(actor, on=today)[:ROWS_SHOWN]),
        actions=tuple(governance.own_actions(actor, on=today)[:ROWS_SHOWN]),
        unmatched_lines=tuple(funding.unmatched_lines_waiting(actor)),
        participation=tuple(
            memberships.standing_of(one, on=today)
            for one in memberships.reviews_waiting_for(actor, on=today)[:ROWS_SHOWN]
        ),
        refunds=tuple(memberships.refunds_waiting_for(actor)[:ROWS_SHOWN]),
        overlaps=overlaps[:1],
        overlaps_total=overlaps_total,
        pairs=_pairs_to_decide(actor),
        applications=tuple(competitions.applications_due(actor, now=now)[:ROWS_SHOWN]),
        invitations=tuple(competitions.invitations_to(actor)[:ROWS_SHOWN]),
        reviews=tuple(reviewing.own_due(actor)[:ROWS_SHOWN]),
        remarks=tuple(reviewing.replies_due(actor, now=now)[:ROWS_SHOWN]),
        visits=tuple(awarding.own_visits_ahead(actor, now=now)[:ROWS_SHOWN]),
        **_competitions_to_run(actor, now=now),
    )


def _competitions_to_run(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """Stages that are over, questions without an answer, conflicts to decide and outcomes to tell;
    no query for who runs nothing.
    """
    if not competitions.runs_any(actor):
        return {}
    return {
        "stages": tuple(competitions.stages_over(actor, now=now)[:ROWS_SHOWN]),
        "questions": tuple(competitions.questions_waiting(actor)[:ROWS_SHOWN]),
        "conflicts": competitions.conflicts_to_decide(actor)[:ROWS_SHOWN],
        "outcomes": competitions.outcomes_to_tell(actor)[:ROWS_SHOWN],
    }


def _first_of[M: Model](rows: QuerySet[M]) -> tuple[tuple[M, ...], int]:
    """The first rows of a list and how many there are; counted only where there are more."""
    first = tuple(rows[:ROWS_SHOWN])
    return first, len(first) if len(first) < ROWS_SHOWN else rows.count()


def _pairs_to_decide(actor: Actor) -> PairsToDecide:
    if not may(actor, network_rules.PERMISSIONS["find_lookalikes"]):
        return PairsToDecide()
    return network.pairs_to_decide(actor)


def _last_year_over(today: date) -> FiscalPeriod:
    profile = network.profile_in_use()
    return profile.fiscal_year(profile.fiscal_year_of(today).year - 1)


def _policies_to_attest(policies: Sequence[PolicyWaiting]) -> tuple[PoliciesToAttest, ...]:
    by_year: dict[tuple[str, int], list[PolicyWaiting]] = {}
    for one in policies:
        if one.fiscal_year is not None:
            by_year.setdefault((one.institute.key, one.fiscal_year), []).append(one)
    return tuple(
        PoliciesToAttest(some[0].institute, year, len(some), some[0])
        for (_key, year), some in by_year.items()
    )


def _drafts_to_publish(actor: Actor) -> tuple[ReportEdition, ...]:
    if not actor.has_role(Role.PROGRAMME_OFFICER):
        return ()
    return tuple(insight.editions_visible_to(actor).filter(state=EditionState.DRAFT))


def own_institutes(actor: Actor) -> tuple[Institute, ...]:
    """The institutes that the actor works for, belongs to or oversees, by name; one query."""
    keys = actor.institute_keys | actor.overseen_institute_keys
    if not keys:
        return ()
    return tuple(
        network.recipients_visible_to(actor)
        .filter(key__in=sorted(keys))
        .prefetch_related(None)
        .order_by("name", "key")
    )


def own_memberships(actor: Actor, *, today: date) -> tuple[MemberAgreement, ...]:
    """The member agreements in force of the actor's organisations; one query."""
    if not actor.organisation_ids:
        return ()
    return tuple(
        memberships.members_visible_to(actor)
        .filter(memberships.in_force_q(today), organisation_id__in=sorted(actor.organisation_ids))
        .select_related("organisation", "institute")
        .order_by("organisation__name", "institute__name", "pk")
    )


@dataclass(frozen=True, slots=True)
class MemberDesk:
    """What a member has: its agreements with what their tiers give, its open needs, those with most
    answers first, the newest results that it may read, the competitions that are open to it, the
    next meetings that it may see, and the commitments that it has still to meet.
    """

    benefits: tuple[Benefit, ...] = ()
    needs: tuple[Need, ...] = ()
    results: tuple[SharedDocument, ...] = ()
    calls: tuple[Competition, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    commitments: tuple[ParticipationCommitment, ...] = ()


def member_desk(actor: Actor, *, today: date) -> MemberDesk:
    """What the actor's organisations have; nine queries, none for whoever has no organisation."""
    if not actor.organisation_ids:
        return MemberDesk()
    agreements = own_memberships(actor, today=today)
    results = memberships.documents_filtered(
        memberships.documents_visible_to(actor), kind=DocumentKind.RESULT
    )
    coming = governance.meetings_filtered(actor, on=today, upcoming=True)
    commitments = memberships.own_commitments(actor).filter(due_on__gte=today)
    return MemberDesk(
        memberships.benefits_of(agreements, on=today),
        tuple(memberships.own_needs(actor, on=today)[:ROWS_SHOWN]),
        tuple(results.order_by("-shared_at", "pk")[:RESULTS_SHOWN]),
        tuple(competitions.opportunities_found(actor, OPEN_NOW)[:ROWS_SHOWN]),
        tuple(coming.exclude(state=governance_rules.CANCELLED)[:ROWS_SHOWN]),
        tuple(commitments[:ROWS_SHOWN]),
    )


# ---------------------------------------------------------------------------------- audit trail


def audit_events(
    actor: Actor,
    *,
    verb: str = "",
    institute: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEvent]:
    """The events that the actor may see, newest first; `until` is the last day that counts."""
    events = events_visible_to(actor)
    if verb:
        events = events.filter(verb=verb)
    if institute:
        events = events.filter(institute=institute)
    if since is not None:
        events = events.filter(at__date__gte=since)
    if until is not None:
        events = events.filter(at__date__lte=until)
    return events


def audit_verbs(actor: Actor) -> tuple[str, ...]:
    """The verbs among the events that the actor may see, by name."""
    return tuple(
        events_visible_to(actor).order_by("verb").values_list("verb", flat=True).distinct()
    )
