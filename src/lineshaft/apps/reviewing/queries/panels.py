"""Reads of panels: who sits, who is asked, and what keeps those who sit from judging.

Who sits on a panel is read by whoever runs its competition and by the staff of the network; an
invitation and a seat also by whom they are for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import QuerySet, Sum

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.competitions.queries import (
    competition_by_key,
    competitions_run_by,
    may_read_submissions,
    stage_by_number,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Reviewer
from lineshaft.apps.reviewing.queries.pool import (
    PoolSearch,
    is_own_record,
    reviewers_found,
    still_judging_q,
    with_counts,
)
from lineshaft.kernel.competitions import CompetitionKind, PanelRule, StageKind
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_SEAT: Final = gettext_noop("There is no such seat or invitation, or none that you may see.")
_NO_PANEL: Final = gettext_noop("There is no such panel, or none that you may see.")


@dataclass(frozen=True, slots=True)
class SeatSearch:
    """Which seats of a panel are looked for: words of a name or of an employer's, a state."""

    words: str = ""
    state: str = ""

    def finds(self, seat: PanelSeat) -> bool:
        """Whether it is one of them."""
        return self.state in {"", seat.state} and self.finds_name(seat)

    def finds_name(self, seat: PanelSeat) -> bool:
        """Whether it is one of them, whatever its state."""
        person = seat.reviewer.person
        employer = person.organisation
        said = [person.name, person.name_zh]
        said += [employer.name, employer.name_zh] if employer else []
        text = " ".join(said).casefold()
        return all(word in text for word in self.words.casefold().split())


def stages_judged(competition: Competition) -> list[Stage]:
    """The stages of a competition in which a panel judges, in their order."""
    stages = [one for one in competition.stages.all() if one.stage_kind in competition_rules.JUDGED]
    for stage in stages:
        stage.competition = competition
    return stages


def stage_shown_first(judged: Sequence[Stage]) -> Stage | None:
    """Which of these stages is shown where none is asked for: the last begun to which somebody is
    assigned or, while it runs, has to be; else the last begun, or the first. At most one query.
    """
    begun = [one for one in judged if one.began_at is not None]
    if len(begun) < 2:  # noqa: PLR2004 -- there is nothing to choose
        return next(iter(begun or judged), None)
    standing = Assignment.objects.filter(seat__stage__in=begun, removed_at__isnull=True)
    assigned = set(standing.order_by().values_list("seat__stage_id", flat=True))
    wanted = [
        one
        for one in begun
        if one.pk in assigned or (one.ended_at is None and one.stage_kind is StageKind.REVIEW)
    ]
    return (wanted or begun)[-1]


def competition_of_panels(actor: Actor, key: str) -> Competition:
    """The competition whose panels the actor may read; raises NotFound."""
    competition = competition_by_key(actor, key)
    if not may_read_submissions(actor, competition):
        raise NotFound(_NO_PANEL, code="no_panel")
    return competition


def panel_by_number(actor: Actor, key: str, number: int) -> Stage:
    """The stage of that number, with a panel that the actor may read; raises NotFound."""
    stage = stage_by_number(competition_of_panels(actor, key), number)
    if stage.stage_kind not in competition_rules.JUDGED:
        raise NotFound(_NO_PANEL, code="no_panel")
    return stage


def seats_on(stage: Stage) -> QuerySet[PanelSeat]:
    """Everybody who was asked to judge in a stage, with person and employer, by name."""
    return (
        PanelSeat.objects.filter(stage=stage)
        .select_related("reviewer__person__organisation")
        .order_by("reviewer__person__name", "pk")
    )


def seats_accepted(stage: Stage) -> QuerySet[PanelSeat]:
    """Those who sit on the panel of a stage, with person and employer, by name."""
    return seats_on(stage).filter(state=rules.ACCEPTED)


def seats_of_competition(competition: Competition) -> QuerySet[PanelSeat]:
    """Everybody who was asked to judge in any stage of a competition."""
    return PanelSeat.objects.filter(stage__competition=competition).select_related(
        "reviewer__person"
    )


def seat_on(stage: Stage, pk: int) -> PanelSeat:
    """That seat of the panel; raises NotFound."""
    found = seats_on(stage).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_SEAT, code="no_seat")
    return found


def seat_of(actor: Actor, stage: Stage) -> PanelSeat | None:
    """The seat that the actor accepted on the panel of a stage, None for who has none."""
    return seats_accepted(stage).filter(reviewer__person__user_id=actor.own_id).first()


def own_seats(actor: Actor) -> QuerySet[PanelSeat]:
    """What the actor was ever asked to judge in, the latest invitation first."""
    return (
        PanelSeat.objects.filter(reviewer__person__user_id=actor.own_id)
        .select_related("stage__competition__institute", "reviewer__person")
        .order_by("-invited_at", "-pk")
    )


def own_seat_by_id(actor: Actor, pk: int) -> PanelSeat:
    """That seat or invitation of the actor's own; raises NotFound."""
    found = own_seats(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_SEAT, code="no_seat")
    return found


def panel_invitations_to(actor: Actor) -> QuerySet[PanelSeat]:
    """The invitations that wait for the actor's answer, the latest first."""
    return own_seats(actor).filter(still_judging_q(), state=rules.INVITED)


def seats_held_by(actor: Actor, reviewer: Reviewer) -> QuerySet[PanelSeat]:
    """The seats of a reviewer, the latest invitation first: all for the reviewer and the staff of
    the network, for others those in competitions that they run.
    """
    rows = reviewer.seats.select_related("stage__competition").order_by("-invited_at", "-pk")
    if actor.is_network_staff or is_own_record(actor, reviewer):
        return rows
    run = competitions_run_by(actor).order_by().values("pk")
    return rows.filter(stage__competition__in=run)


def reviewers_to_invite(actor: Actor, stage: Stage, search: PoolSearch) -> QuerySet[Reviewer]:
    """The reviewers that fit, review, and have no seat or open invitation in the stage."""
    asked = PanelSeat.objects.filter(stage=stage, state__in=(rules.INVITED, rules.ACCEPTED))
    found = reviewers_found(actor, search).filter(is_active=True)
    return with_counts(found.exclude(pk__in=asked.values("reviewer_id")))


def panel_rules_of(competition: Competition) -> tuple[PanelRule, ...]:
    """The rules that its panels keep to: those of the day on which it opened, or as far as it has
    come.
    """
    profile = profile_in_use()
    kind = CompetitionKind(competition.kind)
    return profile.competing.panel_rules_in_force(bound_on(competition), kind)


def bound_on(competition: Competition) -> date:
    """The day whose rules bind the panels of a competition."""
    moment = competition.opened_at or competition.announced_at or competition.drafted_at
    return moment.date()


def panel_faults(stage: Stage) -> tuple[Refusal, ...]:
    """What keeps the panel of a stage from judging, each with its authority; nothing where it may.

    It holds names of reviewers: it is for whoever runs the competition.
    """
    sitting = [seat.reviewer.sitting for seat in seats_accepted(stage)]
    return faults_among(stage, sitting)


def faults_among(stage: Stage, sitting: list[rules.Sitting]) -> tuple[Refusal, ...]:
    """The same of those who sit, read already."""
    bound = panel_rules_of(stage.competition)
    return rules.faults_of_panel(stage.name, stage.stage_kind, sitting, bound)


def panel_load(stage: Stage) -> int:
    """How many applications those who sit take on together."""
    found = seats_accepted(stage).aggregate(load=Sum("load_most"))
    return int(found["load"] or 0)
