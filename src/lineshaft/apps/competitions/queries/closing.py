"""What a conflict of interest closes: the one condition by which every read leaves it out.

An application is closed to a person while a conflict of theirs with it is not decided, or was
decided as a recusal, and to everybody who joined its team, in the register of people or not.
Whoever reads applications as one who runs a competition, or what hangs on them, begins here.
"""

from collections.abc import Iterable

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Application, Competition, Conflict, TeamMember
from lineshaft.plumbing.actor import Actor


def closing_conflicts() -> QuerySet[Conflict]:
    """The conflicts that close an application to somebody."""
    return Conflict.objects.filter(cleared_at__isnull=True, outcome__in=sorted(rules.CLOSING))


def closed_to(actor: Actor, path: str = "application") -> Q:
    """The condition that the application of a row, at that lookup, is closed to the actor.

    It names the few closed applications, rather than asking anew for each of very many rows.
    """
    own = closing_conflicts().filter(person__user_id=actor.own_id)
    joined = _teams_of(actor)
    return Q(**{f"{path}__in": own.order_by().values("application_id")}) | Q(
        **{f"{path}__in": joined.order_by().values("application_id")}
    )


def on_team(actor: Actor, path: str = "application") -> Exists:
    """The condition that the actor joined the team of the application of a row, at that lookup."""
    return Exists(_teams_of(actor).filter(application=OuterRef(path)))


def open_to[Row: Model](
    actor: Actor, rows: QuerySet[Row], path: str = "application"
) -> QuerySet[Row]:
    """The rows without those whose application, at that lookup, is closed to the actor.

    `path` is `pk` for applications themselves. Nothing is closed to the program.
    """
    if actor.user_id is None:
        return rows
    return rows.exclude(closed_to(actor, path))


def applications_closed_to(actor: Actor) -> dict[int, bool]:
    """The ids of the applications that are closed to the actor, each with whether they joined its
    team. One query; none for the program.
    """
    if actor.user_id is None:
        return {}
    rows = Application.objects.filter(closed_to(actor, "pk")).annotate(is_own=on_team(actor, "pk"))
    return dict(rows.order_by("pk").values_list("pk", "is_own"))


def is_closed(person_id: int, application_id: int) -> bool:
    """Whether the application is closed to the person."""
    found = closing_conflicts().filter(person_id=person_id, application_id=application_id)
    return found.exists()


def conflicted_pairs(
    competition: Competition, person_ids: Iterable[int]
) -> frozenset[tuple[int, int]]:
    """The ids of applications and people of a competition of whom one is closed to the other."""
    rows = closing_conflicts().filter(
        application__competition=competition, person_id__in=sorted(set(person_ids))
    )
    return frozenset(rows.values_list("application_id", "person_id"))


def _teams_of(actor: Actor) -> QuerySet[TeamMember]:
    return TeamMember.objects.filter(user_id=actor.own_id, joined_at__isnull=False)
