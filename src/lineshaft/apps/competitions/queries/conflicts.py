"""Reads of conflicts of interest: who is checked, what was found, who reads which of it.

A conflict is read with its application: by whoever runs the competition once the stage is over, and
never by those to whom it is closed. Of their own they learn that there is one and of what kind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Conflict,
    ConflictSubject,
    Stage,
    Submission,
    UnwantedReviewer,
)
from lineshaft.apps.competitions.queries.applications import NO_APPLICATION, call_stage
from lineshaft.apps.competitions.queries.closing import closing_conflicts, open_to
from lineshaft.apps.competitions.queries.competitions import (
    competitions_run_by,
    competitions_visible_to,
    runner_keys_of,
)
from lineshaft.apps.competitions.queries.submissions import (
    may_read_submissions,
    over_q,
    submissions_opened,
    submissions_visible_to,
)
from lineshaft.apps.network.models import Person
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.access.queries import grant_rows_in_force
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import NETWORK_STAFF, Role, ScopeKind

NO_CONFLICTS: Final = gettext_noop("There are no conflicts here that you may see.")
_NO_CONFLICT: Final = gettext_noop("There is no such conflict, or none that you may see.")
_NO_UNWANTED: Final = gettext_noop("Nobody of that number is named as unwanted.")


@dataclass(frozen=True, slots=True)
class ConflictCounts:
    """How many conflicts were found in a competition, and what was decided of them."""

    found: int
    open: int
    recusals: int
    mitigations: int
    waivers: int


@dataclass(frozen=True, slots=True)
class ConflictsToDecide:
    """How many conflicts of a competition wait for a decision."""

    key: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class ConflictSearch:
    """Which conflicts are looked for: values of kind, origin and outcome, words of a name."""

    kind: str = ""
    origin: str = ""
    outcome: str = ""
    words: str = ""


def running_people(competition: Competition, *, on: date) -> QuerySet[Person]:
    """The people who run the competition on that day, or read what was handed in by their role;
    and its selecting official.
    """
    grants = _running_grants(competition, on=on).filter(user=OuterRef("user"))
    return Person.objects.filter(
        Exists(grants) | Q(pk=competition.selecting_official_id or 0)
    ).order_by("pk")


def runners_without_person(competition: Competition, *, on: date) -> QuerySet[User]:
    """The users who run the competition and of whom no person is registered, so that nothing in
    the registry is compared for them but their place on a team.
    """
    grants = _running_grants(competition, on=on).filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(grants), person__isnull=True, is_active=True).order_by("pk")


def subjects_of(competition: Competition) -> QuerySet[ConflictSubject]:
    """Who is checked in the competition, by name."""
    rows = ConflictSubject.objects.filter(competition=competition)
    return rows.select_related("person__organisation").order_by("person__name", "pk")


def is_subject(actor: Actor, competition: Competition) -> bool:
    """Whether the actor is checked in the competition."""
    own = ConflictSubject.objects.filter(competition=competition, person__user_id=actor.own_id)
    return own.exists()


def applications_checked(competition: Competition) -> QuerySet[Application]:
    """The applications with which people are compared: in work or handed in, not withdrawn."""
    rows = Application.objects.filter(competition=competition)
    return rows.exclude(state=rules.APPLICATION_WITHDRAWN)


def conflicts_visible_to(actor: Actor, competition: Competition) -> QuerySet[Conflict]:
    """The conflicts with applications that the actor reads, what is not decided first.

    What was found in the registry since a later call is open stays sealed with it: it may come from
    a team that has changed since. That a team would rather not have the actor is never told them.
    """
    seen = submissions_visible_to(actor, competition).order_by().values("application_id")
    rows = Conflict.objects.filter(application__in=seen).exclude(
        kind=rules.ConflictKind.UNWANTED, person__user_id=actor.own_id
    )
    stage = call_stage(competition)
    if stage is not None and stage.began_at is not None:
        computed = rules.ConflictOrigin.COMPUTED
        rows = rows.exclude(origin=computed, found_at__gte=stage.began_at)
    return rows.select_related(
        "application__lead", "application__competition", "person__organisation"
    ).order_by(F("decided_at").asc(nulls_first=True), "application__number", "person__name", "pk")


def conflicts_found(
    actor: Actor, competition: Competition, search: ConflictSearch
) -> QuerySet[Conflict]:
    """Those of them that fit the search; without an outcome asked for, what stands."""
    rows = conflicts_visible_to(actor, competition)
    if search.outcome == "cleared":
        rows = rows.filter(cleared_at__isnull=False)
    else:
        rows = rows.filter(cleared_at__isnull=True)
        if search.outcome in set(rules.ConflictOutcome):
            rows = rows.filter(outcome=search.outcome)
    if search.kind in set(rules.ConflictKind):
        rows = rows.filter(kind=search.kind)
    if search.origin in set(rules.ConflictOrigin):
        rows = rows.filter(origin=search.origin)
    if search.words.strip():
        words = search.words.strip()
        rows = rows.filter(Q(person__name__icontains=words) | Q(person__name_zh__icontains=words))
    return rows


def conflict_by_id(actor: Actor, competition: Competition, pk: int) -> Conflict:
    """One of them, with its decisions; raises NotFound."""
    rows = conflicts_visible_to(actor, competition).prefetch_related("decisions")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_CONFLICT, code="no_conflict")
    return found


def conflicts_by_person(
    actor: Actor, competition: Competition, people: Iterable[int]
) -> dict[int, int]:
    """How many of them stand for each of these people."""
    rows = conflicts_visible_to(actor, competition).filter(
        person_id__in=sorted(set(people)), cleared_at__isnull=True
    )
    return dict(rows.order_by().values_list("person_id").annotate(count=Count("pk")))


def conflicts_to_decide(actor: Actor) -> tuple[ConflictsToDecide, ...]:
    """In which competitions that the actor runs, and that are not over, conflicts wait for a
    decision, and how many of those that the actor reads there; one query.
    """
    opened = Submission.objects.filter(
        over_q(), application=OuterRef("application"), withdrawn_at__isnull=True
    )
    sealed = Stage.objects.filter(
        competition=OuterRef("application__competition"),
        competition__state=rules.OPEN,
        number=F("competition__stage_number"),
        kind=StageKind.SUBMISSION,
        began_at__lte=OuterRef("found_at"),
    )
    rows = (
        Conflict.objects.filter(
            Exists(opened),
            application__competition__in=competitions_run_by(actor).order_by().values("pk"),
            outcome=rules.ConflictOutcome.OPEN,
            cleared_at__isnull=True,
        )
        .exclude(application__competition__state__in=rules.TRANSITIONS["Competition"].final)
        .exclude(Exists(sealed), origin=rules.ConflictOrigin.COMPUTED)
    )
    of_competition = ("application__competition__key", "application__competition__code")
    counted = open_to(actor, rows).order_by().values_list(*of_competition)
    found = counted.annotate(count=Count("pk")).order_by(of_competition[1])
    return tuple(ConflictsToDecide(*one) for one in found)


def conflicts_withheld(actor: Actor, competition: Competition) -> QuerySet[Conflict]:
    """The actor's own conflicts that close an application which they would read without; nothing of
    the application may be shown with them.
    """
    if not may_read_submissions(actor, competition):
        return Conflict.objects.none()
    opened = submissions_opened(competition).order_by().values("application_id")
    own = closing_conflicts().filter(person__user_id=actor.own_id, application__in=opened)
    return own.order_by("found_at", "pk")


def own_conflicts(actor: Actor) -> QuerySet[Conflict]:
    """The actor's own conflicts that stand with applications whose first call is over, the latest
    first. That a team named somebody as unwanted is told to nobody whom it names.
    """
    handed_in = Submission.objects.filter(
        over_q(), application=OuterRef("application"), withdrawn_at__isnull=True
    )
    return (
        Conflict.objects.filter(
            Exists(handed_in), person__user_id=actor.own_id, cleared_at__isnull=True
        )
        .exclude(kind=rules.ConflictKind.UNWANTED)
        .select_related("application", "application__competition")
        .order_by("-found_at", "-pk")
    )


def words_of_own(conflict: Conflict) -> str:
    """What a person declared themselves of a conflict of theirs, empty for any other: what was
    found in the registry, and what somebody else declared of them, would tell who takes part.
    """
    return str(conflict.evidence["text"]) if conflict.is_by_themselves else ""


def competitions_checking(actor: Actor) -> QuerySet[Competition]:
    """The competitions that still run and in which the actor is checked, the last opened first."""
    over = rules.TRANSITIONS["Competition"].final
    rows = Competition.objects.filter(Exists(_as_subject(actor)))
    return rows.exclude(state__in=over).order_by("-pk")


def competition_to_declare(actor: Actor, key: str) -> Competition:
    """A competition in which the actor may declare a conflict: whoever is checked in it, also where
    it is shared with its institute alone, and whoever reads in it; raises NotFound.
    """
    seen = Q(pk__in=competitions_visible_to(actor).values("pk"))
    rows = Competition.objects.select_related("institute").filter(
        seen | Exists(_as_subject(actor)), key=key
    )
    found = rows.first()
    if found is None or not (is_subject(actor, found) or may_read_submissions(actor, found)):
        raise NotFound(NO_CONFLICTS, code="no_conflicts")
    return found


def conflicts_counted(rows: QuerySet[Conflict]) -> ConflictCounts:
    """How many of these stand, and what was decided of them."""
    standing = Q(cleared_at__isnull=True)
    outcome = rules.ConflictOutcome
    counted = rows.order_by().aggregate(
        found=Count("pk", filter=standing),
        open=Count("pk", filter=standing & Q(outcome=outcome.OPEN)),
        recusals=Count("pk", filter=standing & Q(outcome=outcome.RECUSAL)),
        mitigations=Count("pk", filter=standing & Q(outcome=outcome.MITIGATION)),
        waivers=Count("pk", filter=standing & Q(outcome=outcome.WAIVER)),
    )
    return ConflictCounts(**counted)


def published_conflicts(competition: Competition) -> ConflictCounts | None:
    """What everybody reads of the conflicts once the results are published; None before."""
    if competition.state != rules.PUBLISHED:
        return None
    opened = submissions_opened(competition).order_by().values("application_id")
    return conflicts_counted(Conflict.objects.filter(application__in=opened))


def application_to_declare(actor: Actor, competition: Competition, number: int) -> Application:
    """The application of that number with which the actor may say that they, or somebody who is
    checked, are conflicted; raises NotFound.

    Whoever is checked names it by the number alone and reads nothing of it.
    """
    opened = submissions_visible_to(actor, competition)
    if is_subject(actor, competition) and not may_read_submissions(actor, competition):
        opened = submissions_opened(competition)
    seen = opened.order_by().values("application_id")
    rows = Application.objects.filter(pk__in=seen).select_related("competition__institute")
    found = rows.filter(number=number).first()
    if found is None:
        raise NotFound(NO_APPLICATION, code="no_application")
    return found


def unwanted_of(application: Application) -> QuerySet[UnwantedReviewer]:
    """Whom the team asks not to have as a reviewer; for its leaders and for who runs it alone."""
    return UnwantedReviewer.objects.filter(application=application)


def unwanted_until(
    actor: Actor, application: Application, moment: datetime
) -> list[UnwantedReviewer]:
    """Those of them that were named by then, without what a later call that is sealed may add.

    Not the actor, who is never told, even where a waiver lets them read the application.
    """
    rows = list(unwanted_of(application).filter(named_at__lte=moment))
    if not rows:
        return []
    names: set[str] = set()
    addresses: set[str] = set()
    for one in Person.objects.filter(user_id=actor.own_id).select_related("user"):
        names |= {rules.name_of_person(name) for name in (one.name, one.name_zh) if name}
        addresses |= {one.email.lower(), one.user.email.lower() if one.user else ""} - {""}
    return [
        row
        for row in rows
        if rules.name_of_person(row.name) not in names and row.email.lower() not in addresses
    ]


def unwanted_by_id(application: Application, pk: int) -> UnwantedReviewer:
    """One of them; raises NotFound."""
    found = unwanted_of(application).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_UNWANTED, code="no_unwanted")
    return found


def _as_subject(actor: Actor) -> QuerySet[ConflictSubject]:
    """Of a competition, that the actor is checked in it."""
    return ConflictSubject.objects.filter(competition=OuterRef("pk"), person__user_id=actor.own_id)


def _running_grants(competition: Competition, *, on: date) -> QuerySet[Grant]:
    institute, agencies = runner_keys_of(competition)
    network = Q(scope_kind=ScopeKind.NETWORK, role__in=sorted(NETWORK_STAFF | rules.RUNNERS))
    of_agency = Q(scope_kind=ScopeKind.AGENCY, role=Role.AGENCY_SPONSOR, scope_id__in=agencies)
    of_institute = Q(
        scope_kind=ScopeKind.INSTITUTE, role=Role.INSTITUTE_MANAGER, scope_id=institute or "-"
    )
    return grant_rows_in_force(on).filter(network | of_agency | of_institute)
