"""Keeping the pool: adding reviewers, editing, retiring and restoring their records.

A reviewer is a person of the registry, found by e-mail address, or registered with the record where
nobody has that address. The trail names reviewers by id alone and is filed under no institute, so
that the staff of a project call do not read who judges in it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from lineshaft.apps.competitions.services import faults_of_texts, plain
from lineshaft.apps.network.models import Organisation, Person, TechnologyArea
from lineshaft.apps.network.services import register_person
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Reviewer
from lineshaft.apps.reviewing.queries import (
    NO_REVIEWER,
    is_own_record,
    may_keep_pool,
    reviewers_visible_to,
)
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

REGISTRAR: Final = Actor.system("pool of reviewers")
"""Registers people whom nobody has registered, for whoever keeps the pool."""

_NO_ADDRESS: Final = gettext_noop("Write the e-mail address: invitations go there.")
_NO_AREA: Final = gettext_noop("There is no technology area “%(key)s”.")
_TWICE: Final = gettext_noop("This address stands in an earlier row already.")


@dataclass(frozen=True, slots=True)
class ReviewingTerms:
    """What a record says of how somebody reviews; `areas` are keys."""

    sector: str
    areas: tuple[str, ...] = ()
    load_most: int = rules.LOAD_USUAL
    statement: str = ""


@dataclass(frozen=True, slots=True)
class ReviewerRow:
    """Somebody for the pool; name and employer count where nobody has the address yet.

    `number` is the row of a file that it came from.
    """

    email: str
    terms: ReviewingTerms
    name: str = ""
    name_zh: str = ""
    organisation: Organisation | None = None
    is_demonstration: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class OwnTerms:
    """What reviewers say of themselves; `is_political_appointee` None leaves it as declared."""

    areas: tuple[str, ...] = ()
    load_most: int = rules.LOAD_USUAL
    statement: str = ""
    is_political_appointee: bool | None = None


@dataclass(slots=True)
class PoolOutcome:
    """What became of the rows of a list: how many records are new, changed, and as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    reviewer_ids: list[int] = field(default_factory=list)


def add_reviewer(actor: Actor, row: ReviewerRow, *, now: datetime, why: str = "") -> Reviewer:
    """Take a person into the pool; raises Refused for somebody who is in it."""
    permit_pool(actor, "add_reviewer")
    areas = _areas_named(row.terms.areas)
    if faults := _faults_of(row, areas):
        raise Invalid(faults)
    try:
        with transaction.atomic():
            known = _people_by_address([row])
            person = known.get(_address(row)) or _register(row, now=now)
            is_reviewer = Reviewer.objects.filter(person=person).exists()
            refuse_if(rules.refuse_second_reviewer(person.name, is_reviewer=is_reviewer))
            reviewer = _create(actor, person, row, areas, now=now)
            _audit(actor, "add_reviewer", reviewer, now=now, why=why)
    except IntegrityError as error:
        raise Stale from error
    return reviewer


def add_reviewers(
    actor: Actor, rows: Sequence[ReviewerRow], *, now: datetime, why: str = ""
) -> PoolOutcome:
    """Take every row into the pool, all or none; a record that is there is edited to what it says.

    Raises Invalid with every fault of every row. Writes one audit event where anything changed.
    """
    permit_pool(actor, "add_reviewer")
    areas = _areas_named({key for row in rows for key in row.terms.areas})
    if faults := _faults_of_rows(rows, areas):
        raise Invalid(faults)
    outcome = PoolOutcome()
    try:
        with transaction.atomic():
            people = _people_by_address(rows)
            known = _reviewers_of(people.values())
            for row in rows:
                person = people.get(_address(row)) or _register(row, now=now)
                reviewer = known.get(person.pk)
                if reviewer is None:
                    reviewer = _create(actor, person, row, areas, now=now)
                    outcome.created += 1
                elif _write(reviewer, row.terms, areas):
                    outcome.updated += 1
                else:
                    outcome.unchanged += 1
                outcome.reviewer_ids.append(reviewer.pk)
            if outcome.created or outcome.updated:
                record_event(
                    actor,
                    "add_reviewers",
                    ("reviewing.reviewer", ""),
                    now=now,
                    why=why,
                    changes={"created": outcome.created, "updated": outcome.updated},
                    count=outcome.created + outcome.updated,
                )
    except IntegrityError as error:
        raise Stale from error
    return outcome


def edit_reviewer(
    actor: Actor,
    reviewer: Reviewer,
    terms: ReviewingTerms,
    *,
    now: datetime,
    seen: int | None = None,
) -> Reviewer:
    """Change what a record says; raises Stale where it was edited since revision `seen`."""
    permit_pool(actor, "edit_reviewer")
    areas = _areas_named(terms.areas)
    if faults := _faults_of_terms(terms, areas):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_reviewer(actor, reviewer, seen=seen)
        changes = _write(row, terms, areas)
        if changes:
            _audit(actor, "edit_reviewer", row, now=now, changes=changes)
    return row


def edit_own_reviewing(
    actor: Actor, reviewer: Reviewer, terms: OwnTerms, *, now: datetime, seen: int | None = None
) -> Reviewer:
    """Change what one's own record says, and declare whether one is a political appointee.

    Whoever declares to be one and sits on a panel is a fault of it from then on.
    """
    permit(actor, rules.PERMISSIONS["edit_own_reviewing"])
    areas = _areas_named(terms.areas)
    with transaction.atomic():
        row = held_reviewer(actor, reviewer, seen=seen)
        require_own(actor, row, "edit_own_reviewing")
        said = ReviewingTerms(row.sector, terms.areas, terms.load_most, terms.statement)
        if faults := _faults_of_terms(said, areas):
            raise Invalid(faults)
        changes = _write(row, said, areas)
        changes |= declare(row, answer=terms.is_political_appointee, now=now)
        if changes:
            _audit(actor, "edit_own_reviewing", row, now=now, changes=changes)
    return row


def retire_reviewer(actor: Actor, reviewer: Reviewer, *, why: str, now: datetime) -> Reviewer:
    """Let somebody be invited no more; seats that they accepted stay theirs."""
    permit_pool(actor, "retire_reviewer")
    reason = why.strip()
    if faults := faults_of_texts({"why": reason}, rules.REASON_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_reviewer(actor, reviewer)
        refuse_if(rules.refuse_retiring(row.person.name, is_active=row.is_active))
        _set_active(row, is_active=False)
        _audit(actor, "retire_reviewer", row, now=now, why=reason)
    return row


def restore_reviewer(actor: Actor, reviewer: Reviewer, *, now: datetime) -> Reviewer:
    """Let somebody who was retired be invited again."""
    permit_pool(actor, "restore_reviewer")
    with transaction.atomic():
        row = held_reviewer(actor, reviewer)
        refuse_if(rules.refuse_restoring(row.person.name, is_active=row.is_active))
        _set_active(row, is_active=True)
        _audit(actor, "restore_reviewer", row, now=now)
    return row


def permit_pool(actor: Actor, verb: str) -> None:
    """Return for whoever runs a competition; raises NotPermitted."""
    if not may_keep_pool(actor, verb):
        refuse_permission(verb)


def held_reviewer(actor: Actor, reviewer: Reviewer, *, seen: int | None = None) -> Reviewer:
    """The record behind its lock; raises NotFound where the actor may not see it, and Stale where
    it was edited since that revision.
    """
    rows = reviewers_visible_to(actor).select_for_update(of=("self",))
    row = rows.filter(pk=reviewer.pk).first()
    if row is None:
        raise NotFound(NO_REVIEWER, code="no_reviewer")
    if seen is not None and seen != row.revision:
        raise Stale
    return row


def require_own(actor: Actor, reviewer: Reviewer, verb: str) -> None:
    """Return for the reviewer, and for the program; raises NotPermitted for others who see it."""
    if not actor.is_system and not is_own_record(actor, reviewer):
        refuse_permission(verb)


def refuse_permission(verb: str) -> NoReturn:
    """Raise NotPermitted with who may."""
    permission = rules.PERMISSIONS[verb]
    raise NotPermitted(permission.sentence, code="not_permitted", params={"verb": verb})


def declare(reviewer: Reviewer, *, answer: bool | None, now: datetime) -> dict[str, Any]:
    """Store what a reviewer declares; returns what changed, nothing where they said that before."""
    if answer is None or answer == reviewer.is_political_appointee:
        return {}
    reviewer.is_political_appointee, reviewer.declared_at = answer, now
    reviewer.save(update_fields=["is_political_appointee", "declared_at"])
    return {"is_political_appointee": answer}


# ---------------------------------------------------------------------------------------- leaves


def _address(row: ReviewerRow) -> str:
    return row.email.strip().lower()


def _people_by_address(rows: Sequence[ReviewerRow]) -> dict[str, Person]:
    """Whoever is registered under an address of the rows, by it in small letters."""
    found = Person.objects.annotate(address=Lower("email"))
    return {
        one.email.lower(): one for one in found.filter(address__in=[_address(row) for row in rows])
    }


def _reviewers_of(people: Iterable[Person]) -> dict[int, Reviewer]:
    """Those of them who are in the pool, behind their locks, by person."""
    rows = Reviewer.objects.select_for_update(of=("self",)).filter(person__in=list(people))
    return {one.person_id: one for one in rows.prefetch_related("technology_areas").order_by("pk")}


def _register(row: ReviewerRow, *, now: datetime) -> Person:
    return register_person(
        REGISTRAR,
        row.name,
        name_zh=row.name_zh,
        email=row.email,
        organisation=row.organisation,
        is_demonstration=row.is_demonstration,
        now=now,
        why="reviewer",
    )


def _create(
    actor: Actor,
    person: Person,
    row: ReviewerRow,
    areas: Mapping[str, TechnologyArea],
    *,
    now: datetime,
) -> Reviewer:
    reviewer = Reviewer.objects.create(
        person=person,
        sector=row.terms.sector,
        statement=plain(row.terms.statement),
        load_most=row.terms.load_most,
        added_at=now,
        added_by=actor.label,
        is_demonstration=row.is_demonstration,
    )
    reviewer.technology_areas.set([areas[key] for key in row.terms.areas])
    return reviewer


def _write(
    reviewer: Reviewer, terms: ReviewingTerms, areas: Mapping[str, TechnologyArea]
) -> dict[str, Any]:
    """Store the terms; returns what changed, of the statement only that it did."""
    given = {"sector": terms.sector, "load_most": terms.load_most}
    changes: dict[str, Any] = {
        name: value for name, value in given.items() if getattr(reviewer, name) != value
    }
    statement = plain(terms.statement)
    if statement != reviewer.statement:
        changes["statement"] = "changed"
    if {area.key for area in reviewer.technology_areas.all()} != set(terms.areas):
        changes["areas"] = sorted(set(terms.areas))
        reviewer.technology_areas.set([areas[key] for key in terms.areas])
    if changes:
        reviewer.sector, reviewer.load_most = terms.sector, terms.load_most
        reviewer.statement = statement
        reviewer.revision += 1
        reviewer.save(update_fields=["sector", "load_most", "statement", "revision"])
    return changes


def _set_active(reviewer: Reviewer, *, is_active: bool) -> None:
    reviewer.is_active = is_active
    reviewer.revision += 1
    reviewer.save(update_fields=["is_active", "revision"])


def _areas_named(keys: Iterable[str]) -> dict[str, TechnologyArea]:
    return {area.key: area for area in TechnologyArea.objects.filter(key__in=list(keys))}


def _faults_of_terms(terms: ReviewingTerms, known: Collection[str]) -> list[FieldError]:
    faults = rules.faults_of_profile(terms.sector, terms.load_most)
    faults += faults_of_texts({"statement": terms.statement}, rules.STATEMENT_MAX)
    return faults + [
        FieldError("areas", message=_NO_AREA, params={"key": key})
        for key in terms.areas
        if key not in known
    ]


def _faults_of(row: ReviewerRow, known: Collection[str]) -> list[FieldError]:
    faults = _faults_of_terms(row.terms, known)
    if not row.email.strip():
        faults.insert(0, FieldError("email", message=_NO_ADDRESS))
    return faults


def _faults_of_rows(rows: Sequence[ReviewerRow], known: Collection[str]) -> list[FieldError]:
    """Every fault of every row, each with its row; an address stands in a list once."""
    faults: list[FieldError] = []
    seen: set[str] = set()
    for row in rows:
        address = _address(row)
        found = _faults_of(row, known)
        if address in seen:
            found.append(FieldError("email", message=_TWICE))
        seen.add(address)
        faults += [
            FieldError(one.field, row=row.number, message=one.message, params=one.params)
            for one in found
        ]
    return faults


def _audit(
    actor: Actor,
    verb: str,
    reviewer: Reviewer,
    *,
    now: datetime,
    why: str = "",
    changes: dict[str, Any] | None = None,
) -> None:
    record_event(
        actor,
        verb,
        reviewer,
        now=now,
        why=why,
        changes={"person": reviewer.person_id} | (changes or {}),
    )
