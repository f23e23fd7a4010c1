"""Reads of applications: who sees which and which of its parts, what it says, what it lacks.

A workspace is seen by its team and by nobody else. Whoever runs the competition reads what was
handed in at a stage once that stage is over, and neither it nor how much there is before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Application,
    ApplicationDocument,
    ApplicationPartner,
    ApplicationSection,
    ApplicationVersion,
    Competition,
    Stage,
    Submission,
    TeamMember,
)
from lineshaft.apps.competitions.queries.competitions import (
    current_stage,
    taken_until,
)
from lineshaft.apps.competitions.queries.gates import gates_shut
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.memberships.queries import in_force_q
from lineshaft.apps.network.queries import group_q, profile_in_use
from lineshaft.kernel.competitions import CompetitionKind, StageKind
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.queries import verified_addresses_of
from lineshaft.plumbing.actor import Actor

NO_APPLICATION: Final = gettext_noop("There is no such application, or none that you may see.")
_NO_DOCUMENT: Final = gettext_noop("There is no such document, or none that you may see.")
_NO_VERSION: Final = gettext_noop("There is no such version, or none that you may see.")
_NO_PART: Final = gettext_noop("There is no such part, or none that you may see.")


@dataclass(frozen=True, slots=True)
class Seat:
    """What the actor is on a team: the role, the parts that it opens, and whether they are of the
    lead, not of a partner.
    """

    role: str
    parts: frozenset[str]
    is_of_lead: bool

    @property
    def leads(self) -> bool:
        return self.role == rules.TeamRole.LEAD

    def may_write(self, part: str) -> bool:
        """Whether that part is open to them and theirs to change."""
        return part in self.parts and rules.may_write(self.role)


def applications_visible_to(actor: Actor) -> QuerySet[Application]:
    """The applications on whose team the actor is; all for the program itself."""
    if actor.is_system:
        return Application.objects.all()
    if actor.user_id is None:
        return Application.objects.none()
    own = TeamMember.objects.filter(
        application=OuterRef("pk"), user_id=actor.user_id, joined_at__isnull=False
    )
    return Application.objects.filter(Exists(own))


def applications_listed(actor: Actor) -> QuerySet[Application]:
    """The actor's applications, the last changed first."""
    rows = applications_visible_to(actor).select_related("competition", "lead")
    return rows.prefetch_related("competition__stages").order_by("-changed_at", "-pk")


def applications_due(actor: Actor, *, now: datetime) -> QuerySet[Application]:
    """The actor's applications that are not handed in at a call that is open, each with `ends_at`,
    what closes next first.
    """
    if actor.user_id is None:
        return Application.objects.none()
    call = Stage.objects.annotate(taken_until=taken_until()).filter(
        competition=OuterRef("competition"),
        number=OuterRef("competition__stage_number"),
        kind=StageKind.SUBMISSION,
        taken_until__gt=now,
    )
    handed_in = Submission.objects.filter(
        application=OuterRef("pk"),
        stage__number=OuterRef("competition__stage_number"),
        withdrawn_at__isnull=True,
    )
    shut = gates_shut(
        OuterRef(OuterRef("pk")),
        competition=OuterRef("competition"),
        number__lt=OuterRef("competition__stage_number"),
    )
    return (
        applications_visible_to(actor)
        .filter(Exists(call), competition__state=rules.OPEN)
        .exclude(Exists(handed_in))
        .exclude(Exists(shut))
        .exclude(state=rules.APPLICATION_WITHDRAWN)
        .annotate(ends_at=Subquery(call.values("ends_at")[:1]))
        .select_related("competition", "lead")
        .order_by("ends_at", "pk")
    )


def application_by_id(actor: Actor, pk: int) -> Application:
    """The application with all that its team wrote; raises NotFound, also for a stranger."""
    found = _whole(applications_visible_to(actor)).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_APPLICATION, code="no_application")
    return found


def whole_application(application: Application) -> Application:
    """The application read anew with all that its team wrote, in as many queries for any number
    of rows.
    """
    return _whole(Application.objects.all()).get(pk=application.pk)


def seat_of(actor: Actor, application: Application) -> Seat:
    """What the actor is on the team; raises NotFound for somebody who is not on it."""
    if actor.is_system:
        return Seat(rules.TeamRole.LEAD, frozenset(rules.PARTS), is_of_lead=True)
    member = next(
        (
            one
            for one in application.team.all()
            if one.user_id == actor.user_id and one.joined_at is not None
        ),
        None,
    )
    if member is None:
        raise NotFound(NO_APPLICATION, code="no_application")
    shares: list[str] | None = None
    is_of_lead = member.organisation_id in {None, application.lead_id}
    if not is_of_lead:
        shares = next(
            (
                one.shares
                for one in application.partners.all()
                if one.organisation_id == member.organisation_id
            ),
            [],
        )
    return Seat(member.role, rules.parts_open_to(member.role, shares), is_of_lead)


def require_part(seat: Seat, part: str) -> None:
    """Return where the part is open to that seat; raises NotFound."""
    if part not in seat.parts:
        raise NotFound(_NO_PART, code="no_part")


def invitations_to(actor: Actor) -> QuerySet[TeamMember]:
    """The invitations that wait for one of the actor's verified addresses."""
    if actor.user_id is None:
        return TeamMember.objects.none()
    addresses = {one.lower() for one in verified_addresses_of(actor.user_id)}
    rows = TeamMember.objects.filter(joined_at__isnull=True, email__in=sorted(addresses))
    return rows.select_related("application__competition", "application__lead").order_by("pk")


def invitation_by_id(actor: Actor, pk: int) -> TeamMember:
    """An invitation that waits for the actor; raises NotFound."""
    found = invitations_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_APPLICATION, code="no_application")
    return found


def partner_by_id(application: Application, pk: int) -> ApplicationPartner:
    """That partner of the application; raises NotFound."""
    return _in(application.partners.all(), pk)


def member_by_id(application: Application, pk: int) -> TeamMember:
    """That member of the team; raises NotFound."""
    return _in(application.team.all(), pk)


def document_by_id(actor: Actor, application: Application, pk: int) -> ApplicationDocument:
    """A document of the application that the actor may read; raises NotFound."""
    require_part(seat_of(actor, application), rules.DOCUMENTS)
    for document in application.documents.all():
        if document.pk == pk and document.removed_at is None:
            return document
    raise NotFound(_NO_DOCUMENT, code="no_document")


def section_of(application: Application, key: str) -> ApplicationSection:
    """That section as it stands, unsaved where nothing is written yet; raises NotFound."""
    if key not in set(rules.SectionKey):
        raise NotFound(_NO_PART, code="no_part")
    for section in application.sections.all():
        if section.key == key:
            return section
    return ApplicationSection(application=application, key=key)


# ------------------------------------------------------------------------------ the call, the plan


def call_stage(competition: Competition) -> Stage | None:
    """The stage that is open for handing in; None where none is."""
    stage = current_stage(competition)
    refused = rules.refuse_call(competition.state, stage.stage_kind if stage else None)
    return None if refused else stage


def call_to_show(competition: Competition) -> Stage | None:
    """The stage that is open for handing in, or else the last one in which something was."""
    handed_in = [one for one in competition.stages.all() if one.stage_kind is StageKind.SUBMISSION]
    past = [one for one in handed_in if one.number <= competition.stage_number]
    return call_stage(competition) or next(iter(reversed(past)), None)


def earlier_call(competition: Competition, stage: Stage) -> Stage | None:
    """The stage before it in which applications were handed in; None for the first."""
    before = [
        one
        for one in competition.stages.all()
        if one.stage_kind is StageKind.SUBMISSION and one.number < stage.number
    ]
    return before[-1] if before else None


def number_told_of(application: Application) -> int | None:
    """The number of the application in its competition; None until its first call is over, since
    numbers are given one after the other and would count the rivals.
    """
    first = next(
        (
            one
            for one in application.competition.stages.all()
            if one.stage_kind is StageKind.SUBMISSION
        ),
        None,
    )
    if first is None or first.ended_at is None or first.ends_at is None:
        return None
    return application.number if first.ended_at >= first.ends_at else None


def took_part_in(application: Application, stage: Stage) -> bool:
    """Whether something was handed in there that was not withdrawn."""
    return Submission.objects.filter(
        application=application, stage=stage, withdrawn_at__isnull=True
    ).exists()


def call_of(competition: Competition, stage: Stage | None) -> rules.Call:
    """The call as the rules see it."""
    later = [
        one
        for one in competition.stages.all()
        if stage and one.stage_kind is StageKind.SUBMISSION and one.number > stage.number
    ]
    return rules.Call(
        kind=CompetitionKind(competition.kind),
        is_last=not later,
        sponsors=tuple(one.agency.key for one in competition.sponsors.all()),
        currency=competition.currency,
        floor_minor=competition.floor_minor,
        ceiling_minor=competition.ceiling_minor,
        term_months_least=competition.term_months_least,
        term_months_most=competition.term_months_most,
        match_share_bp=competition.match_share_bp,
        lead_kinds=frozenset(one.kind for one in competition.eligible_leads.all()),
        documents=tuple(one.kind for one in stage.documents.all()) if stage else (),
    )


def plan_of(application: Application, stage: Stage | None, *, on: date) -> rules.Plan:
    """The application as the rules see it, for the call of that stage."""
    years = rules.years_of(application.term_months)
    budget = list(application.budget.all())
    letters = list(application.commitments.all())
    return rules.Plan(
        call=call_of(application.competition, stage),
        lead=_lead_of(application, on=on),
        work=rules.Work(application.work),
        term_months=application.term_months,
        federal=_by_year(
            ((one.year, one.amount_minor) for one in budget if one.source == rules.Source.FEDERAL),
            years,
        ),
        others=_by_year(
            ((one.year, one.amount_minor) for one in budget if one.source != rules.Source.FEDERAL),
            years,
        ),
        federal_origin=_by_year(
            (
                (one.year, one.amount_minor)
                for letter in letters
                if letter.is_federal
                for one in letter.amounts.all()
            ),
            years,
        ),
        committed_minor=sum(
            one.amount_minor
            for letter in letters
            if not letter.is_federal
            for one in letter.amounts.all()
        ),
        has_letters=bool(letters),
        has_revenue=bool(application.revenue.all()),
        has_abstract=bool(application.abstract),
        has_areas=bool(application.technology_areas.all()),
        has_readiness=None not in (application.trl_from, application.trl_to),
        waiver_ground=application.waiver_ground if application.waiver_reason else "",
        sections=frozenset(one.key for one in application.sections.all() if one.text),
        documents=frozenset(
            one.kind for one in application.documents.all() if one.removed_at is None
        ),
    )


# ------------------------------------------------------------------------------------ its content


def content_of(application: Application, part: str) -> dict[str, Any]:
    """One part of the application as plain values, the same for the same entries."""
    match part:
        case rules.TERMS:
            return _terms_content(application)
        case rules.PARTNERS:
            rows = sorted(application.partners.all(), key=lambda one: one.pk)
            return {"partners": [[one.organisation.name, one.part] for one in rows]}
        case rules.TEAM:
            team = sorted(application.team.all(), key=lambda one: one.pk)
            return {
                "people": [
                    [one.name, one.organisation.name if one.organisation else "", one.duty]
                    for one in team
                ]
            }
        case rules.BUDGET:
            lines = [
                [one.source, one.category, one.year, one.amount_minor]
                for one in application.budget.all()
            ]
            return {"lines": sorted(lines)}
        case rules.REVENUE:
            streams = [
                [one.stream, one.year, one.amount_minor] for one in application.revenue.all()
            ]
            return {"lines": sorted(streams)}
        case rules.COMMITMENTS:
            return {"letters": _letters_content(application)}
        case rules.DOCUMENTS:
            return {"documents": _documents_content(application)}
        case _:
            return {"text": section_of(application, part).text}


def contents_of(application: Application) -> dict[str, Any]:
    """Every part of the application as plain values."""
    return {part: content_of(application, part) for part in rules.PARTS}


def versions_of(actor: Actor, application: Application) -> QuerySet[ApplicationVersion]:
    """The versions of the parts that the actor may read, the latest first."""
    seat = seat_of(actor, application)
    return application.versions.filter(part__in=sorted(seat.parts)).order_by("-number")


def version_by_number(actor: Actor, application: Application, number: int) -> ApplicationVersion:
    """That version; raises NotFound, also for a part that the actor may not read."""
    found = versions_of(actor, application).filter(number=number).first()
    if found is None:
        raise NotFound(_NO_VERSION, code="no_version")
    return found


def version_before(version: ApplicationVersion) -> ApplicationVersion | None:
    """The version of the same part before it; None for the first."""
    return (
        ApplicationVersion.objects.filter(
            application_id=version.application_id, part=version.part, number__lt=version.number
        )
        .order_by("-number")
        .first()
    )


def submissions_of(application: Application) -> QuerySet[Submission]:
    """What the application handed in, the latest first."""
    return application.submissions.select_related("stage").order_by("-submitted_at", "-pk")


def applications_in(competition: Competition) -> QuerySet[Application]:
    """What was handed in and not withdrawn, whoever asks: for verbs that decide on all of it."""
    handed_in = Submission.objects.filter(application=OuterRef("pk"), withdrawn_at__isnull=True)
    rows = Application.objects.filter(Exists(handed_in), competition=competition)
    return rows.exclude(state=rules.APPLICATION_WITHDRAWN).order_by("number")


# ----------------------------------------------------------------------------------------- leaves


def _whole(rows: QuerySet[Application]) -> QuerySet[Application]:
    stages = Stage.objects.prefetch_related("documents").order_by("number")
    documents = ApplicationDocument.objects.select_related("file").order_by("pk")
    return rows.select_related("competition__institute", "lead").prefetch_related(
        "technology_areas",
        Prefetch("partners", ApplicationPartner.objects.select_related("organisation")),
        Prefetch("team", TeamMember.objects.select_related("organisation").order_by("pk")),
        "sections",
        "budget",
        "revenue",
        "commitments__amounts",
        Prefetch("documents", documents),
        "competition__sponsors__agency",
        "competition__eligible_leads",
        Prefetch("competition__stages", stages),
    )


def _in[Row: (ApplicationPartner, TeamMember)](rows: Iterable[Row], pk: int) -> Row:
    for row in rows:
        if row.pk == pk:
            return row
    raise NotFound(NO_APPLICATION, code="no_application")


def _by_year(amounts: Iterable[tuple[int, int]], years: int) -> tuple[int, ...]:
    """Amounts added up by year; what lies behind the term counts in its last year."""
    found = [0] * years
    for year, minor in amounts:
        found[min(year, years) - 1] += minor
    return tuple(found)


def _lead_of(application: Application, *, on: date) -> rules.Lead:
    lead, institute = application.lead, application.competition.institute
    is_member = None
    if institute is not None:
        held = MemberAgreement.objects.filter(in_force_q(on), group_q(lead.pk), institute=institute)
        is_member = held.exists()
    return rules.Lead(
        name=lead.name,
        kind=lead.kind,
        country=lead.ownership_country,
        is_member=is_member,
        institute=institute.name if institute else "",
    )


def _terms_content(application: Application) -> dict[str, Any]:
    names = (
        *("title", "title_zh", "abstract", "abstract_zh", "term_months"),
        *("trl_from", "trl_to", "mrl_from", "mrl_to"),
        *("work", "waiver_ground", "waiver_reason"),
    )
    content = {name: getattr(application, name) for name in names}
    areas = sorted(area.key for area in application.technology_areas.all())
    return {**content, "areas": areas, "lead": application.lead.name}


def _letters_content(application: Application) -> list[dict[str, Any]]:
    return [
        {
            "giver": letter.giver_name,
            "kind": letter.kind,
            "signatory": letter.signatory,
            "signed_on": letter.signed_on.isoformat(),
            "is_federal": letter.is_federal,
            "conditions": letter.conditions,
            "amounts": [[one.year, one.amount_minor] for one in letter.amounts.all()],
        }
        for letter in sorted(application.commitments.all(), key=lambda one: one.pk)
    ]


def _documents_content(application: Application) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "kind": one.kind,
            "name": one.file.name,
            "sha256": one.file.sha256,
            "pages": one.pages,
        }
        for one in sorted(application.documents.all(), key=lambda one: one.pk)
        if one.removed_at is None
    ]


def waiver_grounds_of(application: Application, *, on: date) -> tuple[str, ...]:
    """The grounds on which a rule that binds the application's match can be waived."""
    profile = profile_in_use()
    call = call_of(application.competition, None)
    found: dict[str, None] = {}
    for subject in rules.subjects_of(call.kind, rules.Work(application.work)):
        for agency in call.sponsors:
            for rule in profile.matching_rules_in_force(on, agency, subject=subject):
                found |= dict.fromkeys(rule.waiver_keys)
    return tuple(found)
