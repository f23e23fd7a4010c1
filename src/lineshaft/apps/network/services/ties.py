"""Recording what ties people, one by one or from a list, and ending it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Person, PersonTie
from lineshaft.apps.network.queries import people_visible_to, tie_by_id
from lineshaft.apps.network.services.checking import faults_of_length
from lineshaft.apps.network.services.organisations import permit_anywhere
from lineshaft.kernel.errors import FieldError, Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

SUBJECT: Final = "network.persontie"
_NO_KIND: Final = gettext_noop("A kind is one of: %(known)s.")
_NO_PERSON: Final = gettext_noop("Nobody with the address “%(value)s” is registered.")
_NO_SOURCE: Final = gettext_noop("Write where it is known from.")
_NOBODY: Final = gettext_noop("There is no such person, or none that you may see.")


@dataclass(frozen=True, slots=True)
class TieTerms:
    """What ties two people: `kind` as `PersonTieKind` spells it, years in full, `year_to` the last
    one or None while it lasts.
    """

    kind: str
    year_from: int
    source: str
    year_to: int | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class TieRow:
    """A tie in a list: both people by their e-mail addresses; `row` is its row in a file."""

    person: str
    other: str
    terms: TieTerms
    row: int | None = None


def record_person_tie(
    actor: Actor,
    person: Person,
    other: Person,
    terms: TieTerms,
    *,
    now: datetime,
    is_demonstration: bool = False,
) -> PersonTie:
    """Record what ties two people; raises Refused where the same stands already.

    Of an advisor `person` is the one who advised.
    """
    permit_anywhere(actor, rules.PERMISSIONS["record_person_tie"])
    if faults := _faults_of(terms, now):
        raise Invalid(faults)
    with transaction.atomic():
        _require(actor, person, other)
        same = _same_ties(person, other, terms).exists()
        names = {"person": person.name, "other": other.name}
        refuse_if(rules.refuse_tie(**names, is_same=person == other, is_recorded=same))
        made = _tie_of(actor, person, other, terms, now=now)
        made.is_demonstration = is_demonstration
        made.save(force_insert=True)
        changes = {"kind": terms.kind, "people": [person.pk, other.pk]}
        record_event(actor, "record_person_tie", made, now=now, changes=changes)
    return made


def record_person_ties(
    actor: Actor, rows: Sequence[TieRow], *, now: datetime, why: str = ""
) -> tuple[int, int]:
    """Record the ties of a list, all or none; return how many are new and how many stood already.

    Raises Invalid with the faults of every row.
    """
    permit(actor, rules.PERMISSIONS["record_person_ties"])
    with transaction.atomic():
        known = _people_of(rows)
        faults = [fault for row in rows for fault in _faults_of_row(row, known, now)]
        if faults:
            raise Invalid(faults)
        pairs = [(known[_address(row.person)], known[_address(row.other)], row) for row in rows]
        standing = _standing_among({one.pk for pair in pairs for one in pair[:2]})
        made: dict[tuple[object, ...], PersonTie] = {}
        for person, other, row in pairs:
            key = _key_of(person.pk, other.pk, row.terms)
            if key not in standing:
                made.setdefault(key, _tie_of(actor, person, other, row.terms, now=now))
        PersonTie.objects.bulk_create(made.values())
        if made:
            subject, count = (SUBJECT, "batch"), len(made)
            record_event(actor, "record_person_ties", subject, now=now, why=why, count=count)
    return len(made), len(rows) - len(made)


def end_person_tie(actor: Actor, tie: PersonTie, *, year_to: int, now: datetime) -> PersonTie:
    """Say in which year a tie ended."""
    permit_anywhere(actor, rules.PERMISSIONS["end_person_tie"])
    with transaction.atomic():
        tie_by_id(actor, tie.pk)
        row = PersonTie.objects.select_for_update(of=("self",)).get(pk=tie.pk)
        refuse_if(rules.refuse_ending_tie(row.year_to))
        if faults := rules.faults_of_years(row.year_from, year_to, last=now.year):
            raise Invalid(faults)
        row.year_to = year_to
        row.save(update_fields=["year_to"])
        record_event(actor, "end_person_tie", row, now=now, changes={"year_to": year_to})
    return row


# ---------------------------------------------------------------------------------------- leaves


def _require(actor: Actor, *people: Person) -> None:
    ids = {person.pk for person in people}
    if people_visible_to(actor).filter(pk__in=ids).count() != len(ids):
        raise NotFound(_NOBODY, code="no_person")


def _faults_of(terms: TieTerms, now: datetime) -> list[FieldError]:
    texts = {"evidence": terms.evidence.strip(), "source": terms.source.strip()}
    faults = faults_of_length(PersonTie, texts)
    if not texts["source"]:
        faults.append(FieldError("source", message=_NO_SOURCE))
    if terms.kind not in set(rules.PersonTieKind):
        params = {"known": ", ".join(rules.PersonTieKind)}
        faults.append(FieldError("kind", message=_NO_KIND, params=params))
    return [*faults, *rules.faults_of_years(terms.year_from, terms.year_to, last=now.year)]


def _faults_of_row(row: TieRow, known: dict[str, Person], now: datetime) -> list[FieldError]:
    addresses = {"person": row.person, "other": row.other}
    faults = [
        FieldError(name, message=_NO_PERSON, params={"value": address})
        for name, address in addresses.items()
        if _address(address) not in known
    ]
    if not faults:
        refusal = rules.refuse_tie(
            person=row.person,
            other=row.other,
            is_same=_address(row.person) == _address(row.other),
            is_recorded=False,
        )
        faults += [FieldError("other", message=refusal.message)] if refusal else []
    faults += _faults_of(row.terms, now)
    return [replace(fault, row=row.row, column=fault.field) for fault in faults]


def _tie_of(
    actor: Actor, person: Person, other: Person, terms: TieTerms, *, now: datetime
) -> PersonTie:
    return PersonTie(
        person=person,
        other=other,
        kind=terms.kind,
        year_from=terms.year_from,
        year_to=terms.year_to,
        evidence=terms.evidence.strip(),
        source=terms.source.strip(),
        recorded_at=now,
        recorded_by=actor.label,
    )


def _same_ties(person: Person, other: Person, terms: TieTerms) -> QuerySet[PersonTie]:
    """What stands already as the same; but for an advisor in either direction."""
    either = Q(person=person, other=other)
    if terms.kind != rules.PersonTieKind.ADVISOR:
        either |= Q(person=other, other=person)
    same = {"kind": terms.kind, "year_from": terms.year_from, "evidence": terms.evidence.strip()}
    return PersonTie.objects.filter(either, **same)


def _standing_among(ids: set[int]) -> set[tuple[object, ...]]:
    rows = PersonTie.objects.filter(person_id__in=sorted(ids))
    found = set()
    for one in rows:
        terms = TieTerms(one.kind, one.year_from, one.source, one.year_to, one.evidence)
        found.add(_key_of(one.person_id, one.other_id, terms))
    return found


def _key_of(person: int, other: int, terms: TieTerms) -> tuple[object, ...]:
    ends = (person, other)
    if terms.kind != rules.PersonTieKind.ADVISOR:
        ends = (min(ends), max(ends))
    return (*ends, terms.kind, terms.year_from, terms.evidence.strip())


def _people_of(rows: Sequence[TieRow]) -> dict[str, Person]:
    wanted = {_address(one) for row in rows for one in (row.person, row.other)} - {""}
    found = Person.objects.annotate(address=Lower("email")).filter(address__in=sorted(wanted))
    return {person.email.lower(): person for person in found}


def _address(text: str) -> str:
    return text.strip().lower()
