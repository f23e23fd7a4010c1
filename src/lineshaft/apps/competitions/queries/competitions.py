"""Reads of competitions: who sees which, who runs them, what is open.

A draft is seen by those who run it: the programme office, its sponsors, the staff of its institute.
Once announced or opened it is read as widely as its level says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Amendment,
    Competition,
    CompetitionSponsor,
    Criterion,
    NoticeEdition,
    Question,
    Stage,
)
from lineshaft.apps.network.queries import profile_in_use, technology_area_keys_under
from lineshaft.kernel.competitions import CompetitionKind, StageKind
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import visible_q

_NO_COMPETITION: Final = gettext_noop("There is no such competition, or none that you may see.")
_NO_STAGE: Final = gettext_noop("The competition has no such stage.")
_NO_CRITERION: Final = gettext_noop("The stage has no such criterion.")
_NO_QUESTION: Final = gettext_noop("There is no such question, or none that you may see.")
_NO_NOTICE: Final = gettext_noop("No notice of that number was printed.")


class OpportunityStatus(StrEnum):
    """How an opportunity stands, in the words of public registers of them."""

    FORECASTED = "forecasted"
    POSTED = "posted"
    CLOSED = "closed"
    ARCHIVED = "archived"


STATES_OF_STATUS: Final = {
    OpportunityStatus.FORECASTED: (rules.ANNOUNCED,),
    OpportunityStatus.POSTED: (rules.OPEN,),
    OpportunityStatus.CLOSED: (rules.IN_REVIEW, rules.SELECTING, rules.DECIDED),
    OpportunityStatus.ARCHIVED: (rules.PUBLISHED, rules.CANCELLED),
}
SHOWN_FIRST: Final = (rules.ANNOUNCED, rules.OPEN)
"""What can still be applied for."""


@dataclass(frozen=True, slots=True)
class Search:
    """What opportunities are looked for: words, and keys of an agency and an area."""

    words: str = ""
    kind: str = ""
    agency: str = ""
    area: str = ""
    status: str = ""


def status_of(state: str) -> OpportunityStatus | None:
    """How a competition in that state stands as an opportunity; None for a draft."""
    return next((status for status, some in STATES_OF_STATUS.items() if state in some), None)


def competitions_visible_to(actor: Actor) -> QuerySet[Competition]:
    """The competitions that the actor may read: those shown by their level, drafts of their own."""
    if actor.is_network_staff:
        return Competition.objects.all()
    condition = _shown_q() & visible_q(actor)
    if actor.staff_institute_keys:
        condition |= Q(institute__key__in=sorted(actor.staff_institute_keys))
    agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    if agencies:
        paid = CompetitionSponsor.objects.filter(_of_agencies_q(agencies, "agency"))
        condition |= Q(pk__in=paid.values("competition_id"))
    return Competition.objects.filter(condition)


def opportunities_visible_to(actor: Actor) -> QuerySet[Competition]:
    """The competitions that were shown and that the actor may read; no draft, whoever asks."""
    return competitions_visible_to(actor).filter(_shown_q())


def opportunities_found(actor: Actor, search: Search) -> QuerySet[Competition]:
    """The opportunities that fit a search, what closes next first, each with `closes_at`.

    Without a status asked for, what can still be applied for.
    """
    rows = opportunities_visible_to(actor)
    known = {status.value for status in OpportunityStatus}
    if search.status in known:
        rows = rows.filter(state__in=STATES_OF_STATUS[OpportunityStatus(search.status)])
    elif search.status != "all":
        rows = rows.filter(state__in=SHOWN_FIRST)
    return with_deadlines(narrowed(rows, search)).order_by(F("closes_at"), "pk")


def narrowed(rows: QuerySet[Competition], search: Search) -> QuerySet[Competition]:
    """The rows that hold the words, of that kind, of that agency or an office of it, of that area
    or one below it.
    """
    words = search.words.strip()
    if words:
        fields = ("code", "title", "title_zh", "summary", "summary_zh", "text", "text_zh")
        condition = Q()
        for name in fields:
            condition |= Q(**{f"{name}__icontains": words})
        rows = rows.filter(condition)
    if search.kind:
        rows = rows.filter(kind=search.kind)
    if search.agency:
        paid = CompetitionSponsor.objects.filter(_of_agencies_q({search.agency}, "agency"))
        rows = rows.filter(pk__in=paid.values("competition_id"))
    if search.area:
        under = technology_area_keys_under(search.area)
        tagged = Competition.technology_areas.through.objects.filter(technologyarea__key__in=under)
        rows = rows.filter(pk__in=tagged.values("competition_id"))
    return rows


def with_deadlines(rows: QuerySet[Competition]) -> QuerySet[Competition]:
    """With sponsors and institute at hand, and annotated with `closes_at`: the deadline of the
    stage that is open or comes next, or else the last there was.
    """
    handed_in = Stage.objects.filter(competition=OuterRef("pk"), kind=StageKind.SUBMISSION)
    ahead = handed_in.filter(number__gte=OuterRef("stage_number")).order_by("number")
    last = handed_in.order_by("-number")
    return (
        rows.annotate(
            closes_at=Coalesce(
                Subquery(ahead.values("ends_at")[:1]),
                Subquery(last.values("ends_at")[:1]),
                output_field=DateTimeField(),
            )
        )
        .select_related("institute")
        .prefetch_related(_sponsors())
    )


def opportunities_to_feed(actor: Actor) -> QuerySet[Competition]:
    """What can be applied for now or later, and what was cancelled, with the stages at hand."""
    rows = opportunities_visible_to(actor).filter(state__in=[*SHOWN_FIRST, rules.CANCELLED])
    return rows.prefetch_related("stages").order_by("pk")


def competitions_run_by(actor: Actor) -> QuerySet[Competition]:
    """The competitions that the actor runs, the last drafted first; nothing for who runs none."""
    return with_deadlines(_run_by(actor)).order_by("-drafted_at", "-pk")


def stages_over(actor: Actor, *, now: datetime) -> QuerySet[Stage]:
    """The stages that run in competitions of the actor's and whose end has passed, with the minutes
    of grace where something is handed in, the first over first.
    """
    return (
        Stage.objects.annotate(taken_until=taken_until())
        .filter(
            competition__in=_run_by(actor),
            competition__state__in=rules.RUNNING,
            competition__stage_number=F("number"),
            taken_until__lte=now,
        )
        .select_related("competition")
        .order_by("ends_at", "pk")
    )


def taken_until() -> Case:
    """Until when a stage takes something in: its end, with the minutes of grace that are given."""
    minutes = ExpressionWrapper(
        Cast("competition__grace_minutes", IntegerField()) * Value(timedelta(minutes=1)),
        output_field=DurationField(),
    )
    has_grace = Q(competition__late_policy=rules.LatePolicy.GRACE, kind__in=rules.HANDED_IN)
    return Case(
        When(has_grace, then=F("ends_at") + minutes),
        default=F("ends_at"),
        output_field=DateTimeField(),
    )


def questions_waiting(actor: Actor) -> QuerySet[Question]:
    """The questions on competitions of the actor's that nobody has answered, the oldest first."""
    rows = Question.objects.filter(competition__in=_run_by(actor), answered_at__isnull=True)
    return rows.select_related("competition").order_by("asked_at", "pk")


def runs_any(actor: Actor) -> bool:
    """Whether the actor holds a role by which competitions are run, without asking for any."""
    return any(grant.role in rules.RUNNERS for grant in actor.grants)


def competition_by_key(actor: Actor, key: str, *, is_whole: bool = False) -> Competition:
    """The competition with its sponsors and stages, which say who runs it and where it is; raises
    NotFound, also where it may not be seen.

    `is_whole` reads with it what a notice says: areas, criteria, what is to be attached.
    """
    return _found(competitions_visible_to(actor), key, is_whole=is_whole)


def opportunity_by_key(actor: Actor, key: str, *, is_whole: bool = False) -> Competition:
    """The same of what was shown, with `closes_at`; a draft is found by nobody."""
    return _found(with_deadlines(opportunities_visible_to(actor)), key, is_whole=is_whole)


def runner_keys_of(competition: Competition) -> tuple[str | None, tuple[str, ...]]:
    """The institute and the agencies, with the departments above them, by whose roles a
    competition is run.
    """
    profile = profile_in_use()
    keys = {
        above
        for sponsor in competition.sponsors.all()
        for above in profile.lineage(sponsor.agency.key)
    }
    institute = competition.institute.key if competition.institute else None
    return institute, tuple(sorted(keys))


def may_run(actor: Actor, verb: str, competition: Competition) -> bool:
    """Whether the actor may do that to the competition, whatever its state."""
    institute, agencies = runner_keys_of(competition)
    return may(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)


def opened_on(competition: Competition, now: datetime) -> date:
    """The day whose rules bind a competition: that of its opening, today before it."""
    return (competition.opened_at or now).date()


def permit_to_decide(actor: Actor, competition: Competition) -> None:
    """Return for the selecting official, or, where none is named, for whoever runs the competition;
    raises NotPermitted.
    """
    permission = rules.PERMISSIONS["decide_competition"]
    official = competition.selecting_official
    if official is None:
        institute, agencies = runner_keys_of(competition)
        permit(actor, permission, institute=institute, agencies=agencies)
    elif not actor.is_system and (official.user_id is None or official.user_id != actor.user_id):
        raise NotPermitted(
            permission.sentence, code="not_permitted", params={"verb": permission.verb}
        )


def outline_of(competition: Competition) -> rules.Outline:
    """The competition as the rules see it."""
    return rules.Outline(
        kind=CompetitionKind(competition.kind),
        title=competition.title,
        summary=competition.summary,
        eligibility=competition.eligibility,
        opens_at=competition.opens_at,
        floor_minor=competition.floor_minor,
        ceiling_minor=competition.ceiling_minor,
        currency=competition.currency,
        term_months_least=competition.term_months_least,
        term_months_most=competition.term_months_most,
        match_share_bp=competition.match_share_bp,
        sponsors=tuple(sponsor.agency.key for sponsor in competition.sponsors.all()),
        stages=tuple(outline_of_stage(stage) for stage in competition.stages.all()),
    )


def outline_of_stage(stage: Stage) -> rules.StageOutline:
    """The stage as the rules see it."""
    weights = tuple(criterion.weight_bp for criterion in stage.criteria.all())
    return rules.StageOutline(stage.name, stage.stage_kind, weights)


def current_stage(competition: Competition) -> Stage | None:
    """The stage that runs; None before the first and in a draft."""
    return next(
        (one for one in competition.stages.all() if one.number == competition.stage_number), None
    )


def deadline_of(stages: Sequence[Stage], stage_number: int) -> datetime | None:
    """The deadline of the stage that is open or comes next, or else the last there was."""
    handed_in = [one for one in stages if one.stage_kind is StageKind.SUBMISSION]
    ahead = [one for one in handed_in if one.number >= stage_number]
    found = ahead[0] if ahead else (handed_in[-1] if handed_in else None)
    return found.ends_at if found else None


def stage_by_number(competition: Competition, number: int) -> Stage:
    """That stage of the competition, which stands in it; raises NotFound."""
    for stage in competition.stages.all():
        if stage.number == number:
            stage.competition = competition
            return stage
    raise NotFound(_NO_STAGE, code="no_stage")


def criterion_by_number(stage: Stage, number: int) -> Criterion:
    """That criterion of the stage; raises NotFound."""
    for criterion in stage.criteria.all():
        if criterion.number == number:
            criterion.stage = stage
            return criterion
    raise NotFound(_NO_CRITERION, code="no_criterion")


def amendments_of(competition: Competition) -> QuerySet[Amendment]:
    """The amendments of a competition, the latest first."""
    return competition.amendments.order_by("-number")


def notices_of(competition: Competition) -> QuerySet[NoticeEdition]:
    """The notices as they were printed, the latest first."""
    return competition.notices.select_related("file_en", "file_zh").order_by("-number")


def notice_by_number(competition: Competition, number: int) -> NoticeEdition:
    """The notice printed with that amendment; raises NotFound."""
    found = notices_of(competition).filter(number=number).first()
    if found is None:
        raise NotFound(_NO_NOTICE, code="no_notice")
    return found


def questions_visible_to(actor: Actor, competition: Competition) -> QuerySet[Question]:
    """The questions on a competition: those answered for everybody, one's own, and all for whoever
    runs it; the latest first.
    """
    rows = competition.questions.order_by("-number")
    if may_run(actor, "answer_question", competition):
        return rows
    condition = Q(is_public=True)
    if actor.user_id is not None:
        condition |= Q(asked_by_id=actor.user_id)
    return rows.filter(condition)


def question_by_number(actor: Actor, competition: Competition, number: int) -> Question:
    """That question; raises NotFound, also where it may not be seen."""
    found = questions_visible_to(actor, competition).filter(number=number).first()
    if found is None:
        raise NotFound(_NO_QUESTION, code="no_question")
    found.competition = competition
    return found


def _run_by(actor: Actor) -> QuerySet[Competition]:
    roles = {grant.role for grant in actor.grants}
    if actor.is_system or {Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR} & roles:
        return Competition.objects.all()
    agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    institutes = actor.scope_ids(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE)
    paid = CompetitionSponsor.objects.filter(_of_agencies_q(agencies, "agency"))
    own = Q(institute__key__in=sorted(institutes))
    return Competition.objects.filter(own | Q(pk__in=paid.values("competition_id")))


def _found(rows: QuerySet[Competition], key: str, *, is_whole: bool) -> Competition:
    stages = Stage.objects.all()
    more: tuple[str, ...] = ()
    if is_whole:
        criteria = Prefetch("criteria", queryset=Criterion.objects.prefetch_related("anchors"))
        stages = stages.prefetch_related(criteria, "documents")
        more = ("technology_areas",)
    found = (
        rows.select_related("institute", "selecting_official")
        .prefetch_related(None)
        .prefetch_related(_sponsors(), Prefetch("stages", queryset=stages), *more)
        .filter(key=key)
        .first()
    )
    if found is None:
        raise NotFound(_NO_COMPETITION, code="no_competition")
    return found


def _shown_q() -> Q:
    return Q(announced_at__isnull=False) | Q(opened_at__isnull=False)


def _of_agencies_q(keys: Iterable[str], path: str) -> Q:
    """The rows of these agencies, of their offices and of the offices of those."""
    named = sorted(keys)
    return (
        Q(**{f"{path}__key__in": named})
        | Q(**{f"{path}__parent__key__in": named})
        | Q(**{f"{path}__parent__parent__key__in": named})
    )


def _sponsors() -> Prefetch[str]:
    rows = CompetitionSponsor.objects.select_related("agency").order_by("-is_lead", "agency__key")
    return Prefetch("sponsors", queryset=rows)
