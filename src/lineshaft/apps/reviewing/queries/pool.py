"""Reads of the pool of reviewers: who sees which record.

Whoever runs a competition and the staff of the network see the pool, a reviewer the own record, and
nobody else any: that somebody reviews is told to no applicant and to no public.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.queries import runs_any
from lineshaft.apps.network.queries import technology_area_keys_under
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer, ReviewerText
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role, ScopeKind

NO_REVIEWER: Final = gettext_noop("There is no such reviewer, or none that you may see.")
_NO_TEXT: Final = gettext_noop("There is no such text, or none that you may see.")

ACTIVE: Final = "active"
RETIRED: Final = "retired"

CLOSED_STATES: Final = (
    competition_rules.DECIDED,
    competition_rules.PUBLISHED,
    competition_rules.CANCELLED,
)
"""States of a competition in which nobody judges any more."""


@dataclass(frozen=True, slots=True)
class PoolSearch:
    """Which reviewers are looked for: words, keys of an area and a sector, part of the employer's
    name, whether they review, and how many applications they take on at least.
    """

    words: str = ""
    area: str = ""
    sector: str = ""
    employer: str = ""
    activity: str = ""
    load_least: int | None = None


def may_read_pool(actor: Actor) -> bool:
    """Whether the actor sees the pool, and not the own record alone."""
    return actor.is_network_staff or runs_any(actor)


def may_keep_pool(actor: Actor, verb: str) -> bool:
    """Whether the actor may do that to the pool, by whatever they run competitions for."""
    permission = rules.PERMISSIONS[verb]
    agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    return may(actor, permission, agencies=agencies) or any(
        may(actor, permission, institute=key) for key in actor.own_institute_keys
    )


def reviewers_visible_to(actor: Actor) -> QuerySet[Reviewer]:
    """The records of the pool that the actor may see, with person and employer."""
    rows = Reviewer.objects.select_related("person__organisation")
    if may_read_pool(actor):
        return rows
    return rows.filter(person__user_id=actor.own_id)


def reviewers_found(actor: Actor, search: PoolSearch) -> QuerySet[Reviewer]:
    """The visible reviewers that fit; those who review, unless others are asked for."""
    rows = reviewers_visible_to(actor)
    if search.activity in {"", ACTIVE, RETIRED}:
        rows = rows.filter(is_active=search.activity != RETIRED)
    words = search.words.strip()
    if words:
        told = ReviewerText.objects.filter(Q(title__icontains=words) | Q(text__icontains=words))
        rows = rows.filter(
            Q(person__name__icontains=words)
            | Q(person__name_zh__icontains=words)
            | Q(person__email__icontains=words)
            | Q(statement__icontains=words)
            | Q(pk__in=told.values("reviewer_id"))
        )
    if search.area:
        tagged = Reviewer.technology_areas.through.objects.filter(
            technologyarea__key__in=technology_area_keys_under(search.area)
        )
        rows = rows.filter(pk__in=tagged.values("reviewer_id"))
    if search.sector:
        rows = rows.filter(sector=search.sector)
    if employer := search.employer.strip():
        rows = rows.filter(
            Q(person__organisation__name__icontains=employer)
            | Q(person__organisation__name_zh__icontains=employer)
        )
    if search.load_least is not None:
        rows = rows.filter(load_most__gte=search.load_least)
    return rows


def with_counts(rows: QuerySet[Reviewer]) -> QuerySet[Reviewer]:
    """With their areas, annotated with `texts_held` and `panels_held`: the panels of stages that
    are not over, on which they accepted a seat.
    """
    texts = ReviewerText.objects.filter(reviewer=OuterRef("pk")).order_by().values("reviewer")
    seats = (
        PanelSeat.objects.filter(still_judging_q(), reviewer=OuterRef("pk"), state=rules.ACCEPTED)
        .order_by()
        .values("reviewer")
    )
    return rows.annotate(
        texts_held=_counted(texts.annotate(number=Count("pk")).values("number")),
        panels_held=_counted(seats.annotate(number=Count("pk")).values("number")),
    ).prefetch_related("technology_areas")


def reviewer_by_id(actor: Actor, pk: int) -> Reviewer:
    """The reviewer with areas and counts; raises NotFound, also where they may not be seen."""
    found = with_counts(reviewers_visible_to(actor)).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_REVIEWER, code="no_reviewer")
    return found


def reviewers_by_ids(actor: Actor, ids: Iterable[int]) -> list[Reviewer]:
    """These reviewers by name; raises NotFound where one may not be seen."""
    wanted = set(ids)
    rows = reviewers_visible_to(actor).filter(pk__in=wanted)
    found = list(rows.order_by("person__name", "pk"))
    if len(found) < len(wanted):
        raise NotFound(NO_REVIEWER, code="no_reviewer")
    return found


def reviewers_by_address(actor: Actor, addresses: Iterable[str]) -> dict[str, Reviewer]:
    """The visible reviewers of these e-mail addresses, by address in small letters, with areas."""
    rows = reviewers_visible_to(actor).prefetch_related("technology_areas")
    rows = rows.annotate(address=Lower("person__email"))
    found = rows.filter(address__in=[one.strip().lower() for one in addresses])
    return {one.person.email.lower(): one for one in found}


def own_reviewing(actor: Actor) -> Reviewer | None:
    """The actor's own record in the pool, None for who has none."""
    rows = Reviewer.objects.select_related("person__organisation")
    return rows.filter(person__user_id=actor.own_id).first()


def reviewers_of_user(user_id: int) -> QuerySet[Reviewer]:
    """The record of that user who reviews, or was ever asked to judge; none for anybody else."""
    asked = Exists(PanelSeat.objects.filter(reviewer=OuterRef("pk")))
    return Reviewer.objects.filter(Q(is_active=True) | asked, person__user_id=user_id)


def is_own_record(actor: Actor, reviewer: Reviewer) -> bool:
    """Whether the record is the actor's own."""
    return actor.user_id is not None and reviewer.person.user_id == actor.user_id


def text_by_id(actor: Actor, pk: int) -> ReviewerText:
    """That text of a reviewer whom the actor may see; raises NotFound."""
    rows = ReviewerText.objects.filter(reviewer__in=reviewers_visible_to(actor).values("pk"))
    found = rows.select_related("reviewer__person").filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_TEXT, code="no_text")
    return found


def texts_of(reviewer: Reviewer) -> QuerySet[ReviewerText]:
    """The reviewer's own texts, the latest year first."""
    return reviewer.texts.order_by(Coalesce("year", 0).desc(), "title", "pk")


def still_judging_q() -> Q:
    """The seats on panels whose stage is not over, in a competition that is not decided."""
    return Q(stage__ended_at__isnull=True) & ~Q(stage__competition__state__in=CLOSED_STATES)


def _counted(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)
