"""Reads of what a topic is compared with, and of what people made of it."""

from collections.abc import Mapping
from typing import Final

from django.db.models import F, Prefetch, QuerySet
from django.db.models.fields.json import KT

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Application, Competition, Submission, TopicJudgement
from lineshaft.apps.competitions.queries.applications import NO_APPLICATION
from lineshaft.apps.competitions.queries.competitions import (
    opportunities_visible_to,
    runner_keys_of,
)
from lineshaft.apps.competitions.queries.outcomes import title_handed_in
from lineshaft.apps.competitions.queries.submissions import submission_by_id, submissions_visible_to
from lineshaft.apps.network.models import Institute, InstituteFact
from lineshaft.apps.network.queries import (
    institutes_visible_to,
    outside_award_by_id,
    technology_areas,
)
from lineshaft.apps.network.rules import Edition, InstituteStatus
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit
from lineshaft.web.formats import local_name

_OVER: Final = (InstituteStatus.PROPOSED, InstituteStatus.TERMINATED)


def submission_to_judge(actor: Actor, competition: Competition, pk: int) -> Submission:
    """What was handed in, for whoever may judge with what it overlaps.

    Raises NotPermitted before anything is told, and NotFound.
    """
    institute, agencies = runner_keys_of(competition)
    permission = rules.PERMISSIONS["judge_topic_overlap"]
    permit(actor, permission, institute=institute, agencies=agencies)
    return submission_by_id(actor, competition, pk)


def institutes_compared(actor: Actor, competition: Competition) -> QuerySet[Institute]:
    """The institutes that there are, with their areas and, as `focus_told`, what they say of their
    focus today; without the one whose own call it is.
    """
    focus = InstituteFact.objects.filter(measure="focus", edition=Edition.TODAY).order_by("pk")
    return (
        institutes_visible_to(actor)
        .exclude(status__in=_OVER)
        .exclude(pk=competition.institute_id or 0)
        .prefetch_related(None)
        .prefetch_related("technology_areas", Prefetch("facts", focus, "focus_told"))
        .order_by("pk")
    )


def competitions_compared(actor: Actor, competition: Competition) -> QuerySet[Competition]:
    """The other competitions that are announced or run, as far as the actor may see them."""
    states = [rules.ANNOUNCED, rules.OPEN, rules.IN_REVIEW, rules.SELECTING]
    rows = opportunities_visible_to(actor).filter(state__in=states).exclude(pk=competition.pk)
    return rows.prefetch_related("technology_areas").order_by("pk")


def applications_compared(actor: Actor, submission: Submission) -> QuerySet[Submission]:
    """What other applications handed in at the same stage, as far as it is open to the actor, with
    `title`, `abstract` and `areas` as they were handed in, and without the rest of the content.
    """
    terms = f"content__{rules.TERMS}__"
    rows = (
        submissions_visible_to(actor, submission.application.competition)
        .filter(stage_id=submission.stage_id)
        .exclude(application_id=submission.application_id)
        .annotate(
            title=title_handed_in(is_local=False),  # kept with what is decided of it
            abstract=KT(f"{terms}abstract"),
            areas=F(f"{terms}areas"),
        )
    )
    return rows.defer("content").order_by("pk")


def areas_related(keys: frozenset[str]) -> frozenset[str]:
    """These technology areas, with every one above and below them; one query."""
    parents: Mapping[str, str | None] = dict(
        technology_areas().order_by().values_list("key", "parent__key")
    )
    above = {one for key in keys for one in _lineage(key, parents)}
    below = {key for key in parents if keys.intersection(_lineage(key, parents))}
    return frozenset(above | below)


def judgements_of(application: Application) -> QuerySet[TopicJudgement]:
    """What people made of the overlaps of the application, the first first."""
    return TopicJudgement.objects.filter(application=application).order_by("pk")


def name_compared(
    actor: Actor, submission: Submission, of: str, other_id: int, *, is_local: bool = True
) -> str:
    """What the thing with which the topic overlaps is called, an institute in the reader's language
    or, for what is stored, as it was first written; raises NotFound for what the actor may not see.
    """
    competition = submission.application.competition
    if of == rules.OverlapOf.AWARD:
        return outside_award_by_id(actor, other_id).title
    if of == rules.OverlapOf.APPLICATION:
        other = applications_compared(actor, submission).filter(application=other_id).first()
        if other is not None:
            return str(other.title)  # type: ignore[attr-defined] # annotated
    if of == rules.OverlapOf.INSTITUTE:
        institute = institutes_visible_to(actor).filter(pk=other_id).first()
        if institute is not None:
            return local_name(institute) if is_local else institute.name
    if of == rules.OverlapOf.COMPETITION:
        found = opportunities_visible_to(actor).exclude(pk=competition.pk).filter(pk=other_id)
        for one in found:
            return one.title
    raise NotFound(NO_APPLICATION, code="no_overlap")


def _lineage(key: str, parents: Mapping[str, str | None]) -> list[str]:
    """The area and those above it."""
    found = []
    at: str | None = key
    while at is not None and at in parents:
        found.append(at)
        at = parents[at]
    return found
