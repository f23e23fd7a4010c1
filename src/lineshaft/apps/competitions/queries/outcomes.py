"""Reads of who goes on: what a stage judges, and how each application came out of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Coalesce, NullIf

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Stage,
    StageOutcome,
    Submission,
)
from lineshaft.apps.competitions.queries.closing import open_to
from lineshaft.apps.competitions.queries.competitions import competitions_run_by, stage_by_number
from lineshaft.apps.competitions.queries.gates import gates_shut
from lineshaft.apps.competitions.queries.submissions import over_q, submissions_visible_to
from lineshaft.kernel.competitions import StageGate, StageKind
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import is_chinese

_NO_GATE: Final = gettext_noop("That stage of the competition has no gate.")
_PROGRAM: Final = Actor.system("applications_judged")


@dataclass(frozen=True, slots=True)
class Judged:
    """An application that a stage judges, by what it handed in, with the title it had then; its
    outcome, None while nobody has decided.
    """

    submission: Submission
    title: str
    outcome: StageOutcome | None


@dataclass(frozen=True, slots=True)
class GateCount:
    """How many applications a stage judges, for how many an outcome is decided and told."""

    judged: int
    decided: int
    told: int

    @property
    def undecided(self) -> int:
        return self.judged - self.decided

    @property
    def untold(self) -> int:
        """Decided, and not told yet."""
        return self.decided - self.told


@dataclass(frozen=True, slots=True)
class OutcomesToTell:
    """How many outcomes of a stage are decided, with the stage's names and its competition."""

    key: str
    code: str
    number: int
    name: str
    name_zh: str
    count: int


def applications_judged(actor: Actor | None, stage: Stage) -> QuerySet[Submission]:
    """What a stage judges: of each application that is still in, what it handed in at the last
    call before the stage, as far as it is open to the actor, for whoever runs the competition.

    Still in is what was not withdrawn and was told that it goes on at each earlier stage with the
    gate `invited`. Nothing while the call is open. None as the actor gives all of them, for a job
    that then asks who may see which.
    """
    calls = Stage.objects.filter(
        competition_id=stage.competition_id, kind=StageKind.SUBMISSION, number__lt=stage.number
    ).order_by("-number")
    shut = gates_shut(
        OuterRef(OuterRef("application")),
        competition_id=stage.competition_id,
        number__lt=stage.number,
    )
    rows = submissions_visible_to(actor or _PROGRAM, stage.competition)
    return rows.filter(stage=Subquery(calls.values("pk")[:1])).exclude(Exists(shut))


def gated_stages(competition: Competition) -> tuple[Stage, ...]:
    """The stages after which it is decided who goes on, in their order."""
    return tuple(
        stage
        for stage in competition.stages.all()
        if rules.results_of(stage.stage_kind, StageGate(stage.gate))
    )


def gated_stage(competition: Competition, number: int) -> Stage:
    """That one of them; raises NotFound."""
    stage = stage_by_number(competition, number)
    if not rules.results_of(stage.stage_kind, StageGate(stage.gate)):
        raise NotFound(_NO_GATE, code="no_gate")
    return stage


def outcomes_visible_to(actor: Actor, stage: Stage) -> QuerySet[StageOutcome]:
    """How applications came out of the stage, of those that it judges and that are open to the
    actor, by number.
    """
    judged = applications_judged(actor, stage).order_by()
    return (
        StageOutcome.objects.filter(stage=stage, application__in=judged.values("application"))
        .select_related("application__lead")
        .order_by("application__number", "pk")
    )


def title_handed_in(*, is_local: bool = True) -> KeyTextTransform | Coalesce:
    """The title in what was handed in, in the reader's language where it is written in that, or,
    for what is stored or given to programs, as it was first written.
    """
    path = f"content__{rules.TERMS}"
    title = KT(f"{path}__title")
    if not (is_local and is_chinese()):
        return title
    none = Value("", output_field=TextField())
    return Coalesce(NullIf(KT(f"{path}__title_zh"), none), title)


def titles_of(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """The submissions with the `title` that was handed in, and without the rest of the content."""
    return rows.annotate(title=title_handed_in()).defer("content")


def judged_with_outcomes(stage: Stage, rows: Iterable[Submission]) -> list[Judged]:
    """These submissions, which have titles, each with the outcome of its application; one query
    for those of a list.
    """
    rows = list(rows)
    held = StageOutcome.objects.filter(
        stage=stage, application__in=[one.application_id for one in rows]
    )
    by_application = {one.application_id: one for one in held}
    return [
        Judged(one, one.title, by_application.get(one.application_id))  # type: ignore[attr-defined] # annotated
        for one in rows
    ]


def count_at_gate(actor: Actor | None, stage: Stage) -> GateCount:
    """How far the deciding is, of the applications that are open to the actor; of all for None."""
    judged = applications_judged(actor, stage).order_by()
    told = StageOutcome.objects.filter(
        stage=stage, application__in=judged.values("application")
    ).values_list("told_at", flat=True)
    moments = list(told)
    return GateCount(
        judged.count(), len(moments), sum(1 for moment in moments if moment is not None)
    )


def outcomes_to_tell(actor: Actor) -> tuple[OutcomesToTell, ...]:
    """The stages of competitions that the actor runs of which outcomes are decided and not told,
    with how many of those that are open to the actor; one query.
    """
    call = Stage.objects.filter(
        competition=OuterRef("stage__competition"),
        kind=StageKind.SUBMISSION,
        number__lt=OuterRef("stage__number"),
    ).order_by("-number")
    handed_in = Submission.objects.filter(
        over_q(),
        application=OuterRef("application"),
        stage=OuterRef("last_call"),
        withdrawn_at__isnull=True,
    )
    shut = gates_shut(
        OuterRef(OuterRef("application")),
        competition=OuterRef("stage__competition"),
        number__lt=OuterRef("stage__number"),
    )
    rows = (
        StageOutcome.objects.annotate(last_call=Subquery(call.values("pk")[:1]))
        .filter(
            Exists(handed_in),
            ~Exists(shut),
            stage__competition__in=competitions_run_by(actor).order_by().values("pk"),
            stage__competition__state__in=(rules.IN_REVIEW, rules.OPEN),
            told_at__isnull=True,
        )
        .order_by()
    )
    competition = ("stage__competition__key", "stage__competition__code")
    stage = ("stage__number", "stage__name", "stage__name_zh")
    counted = open_to(actor, rows).values_list(*competition, *stage).annotate(count=Count("pk"))
    found = counted.order_by("stage__competition__code", "stage__number")
    return tuple(OutcomesToTell(*one) for one in found)


def outcomes_told(application: Application) -> QuerySet[StageOutcome]:
    """What the applicants were told, the latest first."""
    rows = StageOutcome.objects.filter(application=application, told_at__isnull=False)
    return rows.select_related("stage").order_by("-stage__number")


def gate_shut_to(application: Application, stage: Stage) -> Stage | None:
    """The first stage before this one that did not let the application on; None where all did."""
    return gates_shut(
        application, competition_id=stage.competition_id, number__lt=stage.number
    ).first()
