"""Finding conflicts of interest, declaring them, deciding what follows from them.

Who runs a competition is checked like who reviews in it. What was found is compared anew whenever a
stage begins, a team changes, an application is handed in, and once a day: what is new closes the
application at once, what is gone and was not decided opens it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Conflict,
    ConflictDecision,
    ConflictSubject,
    UnwantedReviewer,
)
from lineshaft.apps.competitions.queries import (
    application_to_declare,
    applications_checked,
    conflict_by_id,
    marks_of,
    running_people,
    submissions_opened,
    traits_of,
    unwanted_by_id,
)
from lineshaft.apps.competitions.services.applying import (
    audit_application,
    held_application,
    open_call,
)
from lineshaft.apps.competitions.services.record import (
    audit_competition,
    faults_of_texts,
    held_competition,
    permit_to_run,
    plain,
)
from lineshaft.apps.network.models import Person
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import term_of
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit

_NO_CONFLICT: Final = gettext_noop("There is no such conflict, or none that you may see.")
_NO_KIND: Final = gettext_noop("The kind is one of: %(known)s.")
_NO_OUTCOME: Final = gettext_noop("The outcome is one of: %(known)s.")
_WRONG_ADDRESS: Final = gettext_noop("“%(value)s” is no e-mail address, such as ada@example.org.")
_WHO_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class UnwantedRow:
    """Somebody whom a team asks not to have as a reviewer, and why."""

    name: str
    why: str
    email: str = ""
    organisation: str = ""


def watch_people(
    actor: Actor, competition: Competition, persons: Iterable[Person], *, now: datetime
) -> int:
    """Check these people in the competition from now on; return how many conflicts were found.

    For verbs that have asked for permission and write their own event, such as inviting to a panel.
    """
    ids = sorted({person.pk for person in persons})
    with transaction.atomic():
        Competition.objects.select_for_update(of=("self",)).get(pk=competition.pk)
        people = Person.objects.filter(pk__in=ids)
        _add_subjects(actor, competition, people, now=now)
        return _compare_with_all(competition, people, now=now)


def check_conflicts(actor: Actor, competition: Competition, *, now: datetime) -> int:
    """Compare everybody who is checked with every application; return how many conflicts are new.

    Who runs the competition today is checked from then on. The event says nothing of what was
    found: before a stage is over that would tell of sealed applications.
    """
    with transaction.atomic():
        row = held_competition(actor, competition, "check_conflicts")
        _refuse_over(row)
        found = check_people(actor, row, now=now)
        checked = row.conflict_subjects.count()
        audit_competition(actor, "check_conflicts", row, now=now, changes={"people": checked})
    return found


def check_people(actor: Actor, competition: Competition, *, now: datetime) -> int:
    """The same within another verb, which has asked for permission and locked the competition."""
    _add_subjects(actor, competition, running_people(competition, on=now.date()), now=now)
    subjects = ConflictSubject.objects.filter(competition=competition)
    people = Person.objects.filter(pk__in=subjects.values("person_id"))
    return _compare_with_all(competition, people, now=now)


def check_application(application: Application, *, now: datetime) -> int:
    """Compare everybody who is checked with one application, whose team has just changed.

    When they were checked last stays as it is: whoever runs the competition reads that, and would
    learn that there is an application.
    """
    competition = application.competition
    subjects = ConflictSubject.objects.filter(competition=competition)
    if not subjects.exists():
        return 0
    people = Person.objects.filter(pk__in=subjects.values("person_id"))
    one = applications_checked(competition).filter(pk=application.pk)
    return _compare(competition, people, one, now=now)


def declare_conflict(
    actor: Actor,
    application: Application,
    *,
    kind: str,
    evidence: str,
    now: datetime,
    person: Person | None = None,
) -> Conflict:
    """Declare that oneself, or `person`, is conflicted; the application is closed to them at once.

    Whoever is checked declares their own, whoever runs the competition also somebody else's.
    """
    permit(actor, rules.PERMISSIONS["declare_conflict"])
    said = plain(evidence)
    faults = faults_of_texts({"evidence": said}, rules.EVIDENCE_MAX, required=True)
    if kind not in rules.DECLARABLE:
        params = {"known": ", ".join(rules.DECLARABLE)}
        faults.append(FieldError("kind", message=_NO_KIND, params=params))
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        row = application_to_declare(actor, application.competition, application.number)
        own = Person.objects.filter(user_id=actor.own_id).first()
        about = person or own
        if about != own:
            permit_to_run(actor, "check_conflicts", row.competition)
        _refuse_over(row.competition)
        made = Conflict(
            application=row,
            person=about,
            kind=kind,
            origin=rules.ConflictOrigin.DECLARED,
            about="declared",
            evidence={"text": said},
            found_at=now,
            declared_by=actor.label,
            is_by_themselves=about == own,
        )
        Competition.objects.select_for_update(of=("self",)).get(pk=row.competition_id)
        is_declared = about is not None and _same_as(made).exists()
        refuse_if(rules.refuse_declaring(has_person=about is not None, is_declared=is_declared))
        made.save(force_insert=True)
        _add_subjects(actor, row.competition, Person.objects.filter(pk=made.person_id), now=now)
        audit_application(actor, "declare_conflict", row, now=now, changes={"conflict": made.pk})
    return made


def decide_conflict(
    actor: Actor,
    conflict: Conflict,
    outcome: str,
    *,
    reason: str,
    measure: str = "",
    seen: int | None = None,
    now: datetime,
) -> Conflict:
    """Decide what follows from a conflict: recusal, mitigation by a measure, or waiver.

    Nobody decides one of their own. Raises Stale where more than the `seen` decisions stand.
    """
    said = {"reason": plain(reason), "measure": plain(measure)}
    faults = faults_of_texts({"reason": said["reason"]}, rules.REASON_MAX)
    faults += faults_of_texts({"measure": said["measure"]}, rules.MEASURE_MAX)
    if outcome not in rules.DECISIONS:
        params = {"known": ", ".join(rules.DECISIONS)}
        faults.append(FieldError("outcome", message=_NO_OUTCOME, params=params))
    if faults:
        raise Invalid(faults)
    chosen = rules.ConflictOutcome(outcome)
    with transaction.atomic():
        row, is_own = _held_conflict(actor, conflict)
        permit_to_run(actor, "decide_conflict", row.application.competition)
        _refuse_over(row.application.competition)
        refuse_if(
            rules.refuse_conflict_decision(
                chosen, **said, is_own=is_own, is_cleared=row.cleared_at is not None
            )
        )
        if seen is not None and row.decisions.count() != seen:
            raise Stale
        row.outcome, row.reason, row.measure = chosen, said["reason"], said["measure"]
        row.decided_by, row.decided_at = actor.label, now
        row.save(update_fields=["outcome", "reason", "measure", "decided_by", "decided_at"])
        ConflictDecision.objects.create(
            conflict=row,
            outcome=chosen,
            **said,
            decided_by=actor.label,
            decided_by_user_id=actor.user_id,
            decided_at=now,
        )
        _audit_decision(actor, row, now=now)
    return row


def _audit_decision(actor: Actor, row: Conflict, *, now: datetime) -> None:
    """That a conflict was decided; of one that a team named neither which nor why, since whom they
    named may read the trail once a waiver opens the application to them.
    """
    is_named = row.kind == rules.ConflictKind.UNWANTED
    changes = {"outcome": row.outcome} | ({} if is_named else {"conflict": row.pk})
    audit_application(
        actor,
        "decide_conflict",
        row.application,
        now=now,
        why="" if is_named else row.reason,
        changes=changes,
    )


def name_unwanted_reviewer(
    actor: Actor, application: Application, row: UnwantedRow, *, now: datetime
) -> UnwantedReviewer:
    """Ask that somebody does not review the application; read by who runs the competition alone."""
    said = {
        "name": " ".join(row.name.split()),
        "why": plain(row.why),
        "email": row.email.strip().lower(),
        "organisation": row.organisation.strip(),
    }
    if faults := _faults_of_unwanted(said):
        raise Invalid(faults)
    with transaction.atomic():
        held = held_application(actor, application, "name_unwanted_reviewer", rules.TERMS)
        open_call(held, now=now)
        named = [(one.name, one.email) for one in held.unwanted.all()]
        is_named = (said["name"], said["email"]) in named
        refuse_if(rules.refuse_naming_unwanted(said["name"], count=len(named), is_named=is_named))
        made = UnwantedReviewer.objects.create(
            application=held, **said, named_at=now, named_by=actor.label
        )
        check_application(held, now=now)
        changes = {"unwanted": made.pk}
        audit_application(actor, "name_unwanted_reviewer", held, now=now, changes=changes)
    return made


def remove_unwanted_reviewer(
    actor: Actor, application: Application, unwanted: UnwantedReviewer, *, now: datetime
) -> None:
    """Take the wish back, while the call is open."""
    with transaction.atomic():
        held = held_application(actor, application, "remove_unwanted_reviewer", rules.TERMS)
        open_call(held, now=now)
        row = unwanted_by_id(held, unwanted.pk)
        changes = {"unwanted": row.pk}
        row.delete()
        check_application(held, now=now)
        audit_application(actor, "remove_unwanted_reviewer", held, now=now, changes=changes)


# ---------------------------------------------------------------------------------------- leaves


def _add_subjects(
    actor: Actor, competition: Competition, people: QuerySet[Person], *, now: datetime
) -> None:
    known = ConflictSubject.objects.filter(competition=competition).values("person_id")
    ConflictSubject.objects.bulk_create(
        [
            ConflictSubject(
                competition=competition, person_id=pk, added_at=now, added_by=actor.label
            )
            for pk in people.exclude(pk__in=known).values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )


def _compare_with_all(competition: Competition, people: QuerySet[Person], *, now: datetime) -> int:
    """Compare these people with every application, and note that they are checked."""
    subjects = ConflictSubject.objects.filter(
        competition=competition, person__in=people.order_by().values("pk")
    )
    subjects.update(checked_at=now)
    return _compare(competition, people, applications_checked(competition), now=now)


def _compare(
    competition: Competition,
    people: QuerySet[Person],
    applications: QuerySet[Application],
    *,
    now: datetime,
) -> int:
    """Store what is found between these people and applications, and clear what is gone; return
    how many are new. Twice it changes nothing.

    While a later call is open nothing is cleared of an application that was read before: what it
    handed in then still stands as it was, and that a team changed stays sealed.
    """
    if not applications.exists():
        return 0
    traits = traits_of(people, on=now.date())
    found = {one.key: one for one in rules.findings(traits, marks_of(applications))}
    rows = Conflict.objects.filter(
        origin=rules.ConflictOrigin.COMPUTED,
        person__in=people.order_by().values("pk"),
        application__in=applications.order_by().values("pk"),
    )
    stored = {(row.application_id, row.person_id, row.kind, row.about): row for row in rows}
    new = [_row_of(one, now=now) for key, one in found.items() if key not in stored]
    Conflict.objects.bulk_create(new, ignore_conflicts=True)
    undecided = {
        key: row for key, row in stored.items() if row.outcome == rules.ConflictOutcome.OPEN
    }
    kept: frozenset[int] = frozenset()
    if competition.state == rules.OPEN:
        opened = submissions_opened(competition).order_by()
        kept = frozenset(opened.values_list("application_id", flat=True))
    gone = [
        row.pk
        for key, row in undecided.items()
        if key not in found and not row.cleared_at and row.application_id not in kept
    ]
    again = [row.pk for key, row in undecided.items() if key in found and row.cleared_at]
    still_open = Conflict.objects.filter(outcome=rules.ConflictOutcome.OPEN)
    still_open.filter(pk__in=gone).update(cleared_at=now)  # not what was decided meanwhile
    Conflict.objects.filter(pk__in=again).update(cleared_at=None, found_at=now)
    told_anew = []
    for key, row in undecided.items():
        if key in found and row.evidence != found[key].evidence:
            row.evidence = dict(found[key].evidence)
            told_anew.append(row)
    Conflict.objects.bulk_update(told_anew, ["evidence"])
    return len(new) + len(again)


def _row_of(one: rules.Finding, *, now: datetime) -> Conflict:
    return Conflict(
        application_id=one.application_id,
        person_id=one.person_id,
        kind=one.kind,
        origin=rules.ConflictOrigin.COMPUTED,
        about=one.about,
        evidence=dict(one.evidence),
        found_at=now,
    )


def _same_as(made: Conflict) -> QuerySet[Conflict]:
    return Conflict.objects.filter(
        application=made.application,
        person=made.person,
        kind=made.kind,
        origin=made.origin,
        about=made.about,
    )


def _held_conflict(actor: Actor, conflict: Conflict) -> tuple[Conflict, bool]:
    """The conflict behind its lock, and whether it is the actor's own; raises NotFound for one that
    they may not see.
    """
    rows = Conflict.objects.select_for_update(of=("self",)).select_related(
        "application__competition__institute", "person"
    )
    row = rows.filter(pk=conflict.pk).first()
    if row is None:
        raise NotFound(_NO_CONFLICT, code="no_conflict")
    is_own = actor.user_id is not None and row.person.user_id == actor.user_id
    if not is_own:
        conflict_by_id(actor, row.application.competition, row.pk)
    return row, is_own


def _refuse_over(competition: Competition) -> None:
    final = rules.TRANSITIONS["Competition"].final
    name = term_of(competition.state)
    refuse_if(rules.refuse_conflict_check(competition.state, state_name=name, final=final))


def _faults_of_unwanted(said: dict[str, str]) -> list[FieldError]:
    names = {name: said[name] for name in ("name", "why")}
    faults = faults_of_texts({"name": names["name"]}, _WHO_MAX, required=True)
    faults += faults_of_texts({"why": names["why"]}, rules.MEASURE_MAX, required=True)
    faults += faults_of_texts({"organisation": said["organisation"]}, _WHO_MAX)
    if said["email"]:
        try:
            validate_email(said["email"])
        except ValidationError:
            params = {"value": said["email"]}
            faults.append(FieldError("email", message=_WRONG_ADDRESS, params=params))
    return faults
