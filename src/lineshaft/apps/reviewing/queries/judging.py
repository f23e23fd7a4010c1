"""Reads of how a stage is judged: its phase, its criteria, what of an application a reviewer reads.

What is shown was handed in before the stage; what a team has written since is not read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, OuterRef, QuerySet, Subquery

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import (
    Application,
    ApplicationDocument,
    ApplicationPartner,
    Criterion,
    Stage,
    Submission,
)
from lineshaft.apps.competitions.queries import (
    applications_judged,
    competition_by_key,
    may_read_submissions,
    may_run,
    stage_by_number,
    submitted_document,
    title_handed_in,
)
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, StagePhase
from lineshaft.apps.reviewing.queries.assignments import assignments_of
from lineshaft.apps.reviewing.rules import CriterionOutline
from lineshaft.kernel.competitions import Blindness
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_ASSIGNMENT: Final = gettext_noop("There is no such assignment, or none that you may see.")
_NO_STAGE: Final = gettext_noop("There is no such stage, or none that you may see.")


@dataclass(frozen=True, slots=True)
class Judging:
    """Where the judging of a stage stands; `was_discussed` once a discussion was opened."""

    phase: rules.Phase
    was_discussed: bool

    @property
    def is_open(self) -> bool:
        """Whether reviews can be written."""
        return self.phase is not rules.Phase.CLOSED


def judging_of(stage: Stage) -> Judging:
    """Where the judging stands; a stage that does not run is closed, whatever its phase."""
    row: StagePhase | None = getattr(stage, "phase", None)
    is_running = stage.began_at is not None and stage.ended_at is None
    phase = rules.Phase(row.phase) if row is not None else rules.Phase.ALONE
    was_discussed = row is not None and row.discussed_at is not None
    return Judging(phase if is_running else rules.Phase.CLOSED, was_discussed)


def hides_applicants(stage: Stage) -> bool:
    """Whether reviewers of the stage are not told who applies."""
    return rules.hides_applicants(Blindness(stage.blindness))


def runs_judging(actor: Actor, stage: Stage) -> bool:
    """Whether the actor runs the competition of the stage."""
    return may_run(actor, "begin_review", stage.competition)


def stage_run_by(actor: Actor, key: str, number: int) -> Stage:
    """The stage with its criteria, for whoever reads what was handed in; raises NotFound."""
    competition = competition_by_key(actor, key)
    stage = stage_by_number(competition, number)
    is_judged = stage.stage_kind in competition_rules.JUDGED and stage.began_at is not None
    if not is_judged or not may_read_submissions(actor, competition):
        raise NotFound(_NO_STAGE, code="no_stage")
    return stage


def stage_by_id(pk: int) -> Stage:
    """The stage with its competition and phase, whoever asks; raises NotFound."""
    rows = Stage.objects.select_related("competition__institute", "phase")
    found = rows.filter(pk=pk, began_at__isnull=False).first()
    if found is None:
        raise NotFound(_NO_STAGE, code="no_stage")
    return found


def criteria_of(stage: Stage) -> list[Criterion]:
    """The criteria of the stage with what their scores mean, in their order."""
    return list(stage.criteria.prefetch_related("anchors").order_by("number"))


def outlines_of(criteria: Iterable[Criterion], names: Sequence[str] = ()) -> list[CriterionOutline]:
    """The criteria as the rules see them; `names` are those of the reader's language."""
    rows = list(criteria)
    said = names or [one.name for one in rows]
    return [
        CriterionOutline(one.number, name, one.weight_bp)
        for one, name in zip(rows, said, strict=True)
    ]


def assignment_to_review(actor: Actor, pk: int) -> Assignment:
    """An assignment of the actor's own with its review; raises NotFound, also where the application
    is withdrawn or closed to the actor.
    """
    rows = assignments_of(actor).exclude(application__state=competition_rules.APPLICATION_WITHDRAWN)
    found = _with_review(rows).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_ASSIGNMENT, code="no_assignment")
    return found


def own_assignments(actor: Actor, *, is_local: bool = True) -> QuerySet[Assignment]:
    """The actor's own assignments, what is still open first and what closes next before it; each
    with its review, its phase and `title`, what the application was called as it was handed in.
    """
    rows = assignments_of(actor).exclude(application__state=competition_rules.APPLICATION_WITHDRAWN)
    return (
        rows.select_related("review", "seat__stage__phase", "seat__stage__competition")
        .annotate(
            title=title_judged("application", OuterRef("seat__stage__number"), is_local=is_local)
        )
        .order_by(
            F("seat__stage__ended_at").asc(nulls_first=True),
            "seat__stage__ends_at",
            "application__number",
            "pk",
        )
    )


def own_due(actor: Actor) -> QuerySet[Assignment]:
    """Of those the ones whose review can still be written and is not submitted."""
    rows = own_assignments(actor).filter(seat__stage__ended_at__isnull=True)
    return rows.exclude(seat__stage__phase__phase=rules.Phase.CLOSED).exclude(
        review__state=rules.SUBMITTED
    )


def title_judged(
    application: str, stage_number: OuterRef | int, *, is_local: bool = True
) -> Subquery:
    """What an application was called when it was last handed in before that stage."""
    rows = Submission.objects.filter(
        application=OuterRef(application),
        stage__number__lt=stage_number,
        stage__ended_at__isnull=False,
        withdrawn_at__isnull=True,
    ).order_by("-stage__number", "-number")
    titles = rows.annotate(said=title_handed_in(is_local=is_local))
    return Subquery(titles.values("said")[:1])


def titles_judged(
    stage: Stage, applications: Iterable[int] | None = None, *, is_local: bool = True
) -> dict[int, str]:
    """What these applications of the stage, or all, were called as they were handed in."""
    rows = applications_judged(None, stage).order_by()
    if applications is not None:
        rows = rows.filter(application__in=list(applications))
    return dict(
        rows.annotate(said=title_handed_in(is_local=is_local)).values_list("application_id", "said")
    )


def submission_reviewed(assignment: Assignment) -> Submission:
    """What the reviewer of the assignment reads, as it was handed in; raises NotFound where the
    stage does not judge it any more.
    """
    found = (
        applications_judged(None, assignment.seat.stage)
        .filter(application_id=assignment.application_id)
        .first()
    )
    if found is None:
        raise NotFound(NO_ASSIGNMENT, code="no_assignment")
    return found


def document_reviewed(
    submission: Submission, pk: int, content: dict[str, Any]
) -> tuple[ApplicationDocument, str]:
    """A document of what a reviewer reads, and the name under which they get it.

    `content` is what is open to them; raises NotFound for any other document.
    """
    names = {one["id"]: one["name"] for one in content[competition_rules.DOCUMENTS]["documents"]}
    if pk not in names:
        raise NotFound(NO_ASSIGNMENT, code="no_document")
    return submitted_document(submission, pk), names[pk]


def content_read(
    assignment: Assignment, submission: Submission, masks: rules.Masks
) -> dict[str, Any]:
    """What of the application is open to its reviewer in the stage, as plain values."""
    content: dict[str, Any] = submission.content
    if not hides_applicants(assignment.seat.stage):
        return content
    counted = {one.key for one in profile_in_use().competing.documents if one.is_counted}
    others = _other_names(assignment.application, content, masks)
    return rules.blinded(content, masks, others, counted)


def texts_read(
    assignment: Assignment, submission: Submission, masks: rules.Masks, texts: Sequence[str]
) -> list[str]:
    """Texts that belong to the application as its reviewer reads them in the stage."""
    content: dict[str, Any] = submission.content
    if not hides_applicants(assignment.seat.stage):
        return list(texts)
    others = _other_names(assignment.application, content, masks)
    return rules.without_names(texts, content, masks, others)


# ---------------------------------------------------------------------------------------- leaves


def _with_review(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    return rows.select_related(
        "review",
        "seat__stage__competition",
        "seat__stage__phase",
        "seat__reviewer__person",
        "application__lead",
    ).prefetch_related("review__scores__criterion")


def _other_names(
    application: Application, content: dict[str, Any], masks: rules.Masks
) -> list[rules.Named]:
    """The names under which the registry knows the organisations of the application too."""
    partners = ApplicationPartner.objects.filter(application=application)
    rows = partners.select_related("organisation").prefetch_related("organisation__aliases")
    places = {
        name: place
        for place, (name, _part) in enumerate(content[competition_rules.PARTNERS]["partners"], 1)
    }
    found = [rules.Named(masks.lead, _names_of(application.lead))]
    for one in rows:
        place = places.get(one.organisation.name, 0)
        mask = masks.partner.format(place) if place else masks.withheld
        found.append(rules.Named(mask, _names_of(one.organisation)))
    return found


def _names_of(organisation: Organisation) -> tuple[str, ...]:
    aliases = [one.name for one in organisation.aliases.all()]
    said = (organisation.name, organisation.name_zh, *aliases)
    return tuple(name for name in said if name.strip())
