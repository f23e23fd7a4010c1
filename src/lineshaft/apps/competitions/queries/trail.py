"""What of the audit trail is withheld: events on applications that are sealed, or closed to one.

Before a stage is over an event would tell whoever runs the competition that an application exists,
and while a later call is open, that its team goes on; to whoever has a conflict of interest with it
nothing of it is told at any time, but for what applicants do where it is their own.
"""

from collections.abc import Iterable, Mapping

from django.db.models import CharField, Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Application, Submission
from lineshaft.apps.competitions.queries.applications import applications_visible_to
from lineshaft.apps.competitions.queries.closing import closed_to
from lineshaft.apps.competitions.queries.submissions import over_q
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile


def events_withheld(actor: Actor) -> Q:
    """The condition that an event of the trail is withheld from the actor.

    A team reads what applicants did with its own, never how it is judged, and everybody what they
    did themselves as long as no conflict closes it to them. That a sealed file was stored, whoever
    stored it reads alone.
    """
    is_own = Q(actor_user_id=actor.own_id)
    opened = Submission.objects.filter(over_q(), application=OuterRef("pk"))
    rows = Application.objects.filter(Exists(opened))
    sealed = ~Q(subject_id__in=_keys(rows)) | Q(
        subject_id__in=_keys(rows.filter(competition__state=rules.OPEN)),
        verb__in=[*rules.APPLICANT_VERBS],
    )
    closed = Q(subject_id__in=_keys(Application.objects.filter(closed_to(actor, "pk"))))
    of_team = Q(subject_id__in=_keys(applications_visible_to(actor)))
    is_told = of_team & (is_own | Q(verb__in=[*rules.APPLICANT_VERBS]))
    of_application = (
        Q(subject_type=Application._meta.label_lower) & ~is_told & (closed | (sealed & ~is_own))
    )
    # asked for the key too: an event without it would be neither withheld nor shown
    told = Q(changes__has_key="is_sealed", changes__is_sealed=True)
    of_file = Q(subject_type=StoredFile._meta.label_lower) & told & ~is_own
    return of_application | of_file


def events_closed(
    actor: Actor, closed: Mapping[int, bool], paths: Iterable[tuple[type[Model], str]]
) -> Q:
    """The condition that an event is on a row of an application that is closed to the actor.

    `closed` are those applications, as `applications_closed_to` gives them, `paths` kinds of rows,
    each with the lookup of its application. What somebody did for their own team they still read.
    """
    found = Q(pk__in=())
    if not closed:
        return found
    is_own = Q(actor_user_id=actor.own_id)
    of_team = [pk for pk, is_of_team in closed.items() if is_of_team]
    for model, path in paths:
        rows = model._base_manager.filter(**{f"{path}__in": list(closed)})
        on_closed = Q(subject_id__in=_keys(rows))
        if of_team:
            own = model._base_manager.filter(**{f"{path}__in": of_team})
            on_closed &= ~(is_own & Q(subject_id__in=_keys(own)))
        found |= Q(subject_type=model._meta.label_lower) & on_closed
    return found


def events_said_closed(
    closed: Mapping[int, bool], kinds: Iterable[tuple[type[Model], tuple[str, ...]]]
) -> Q:
    """The condition that an event says that its row is of an application that is closed, whether
    the row still stands or not.

    `closed` are those applications, as `applications_closed_to` gives them, `kinds` kinds of rows,
    each with the names of its changes that say an application. An event that does not say them all,
    because it was erased, is withheld as well.
    """
    found = Q(pk__in=())
    if not closed:
        return found
    for model, names in kinds:
        is_open = Q(changes__has_keys=list(names))
        for name in names:
            is_open &= ~Q(**{f"changes__{name}__in": list(closed)})
        found |= Q(subject_type=model._meta.label_lower) & ~is_open
    return found


def _keys[Row: Model](rows: QuerySet[Row]) -> QuerySet[Row, str]:
    """The ids as the trail writes them."""
    return rows.order_by().values_list(Cast("pk", CharField()), flat=True)
