"""Recording awards of other agencies, as their registers say.

`register_outside_awards` is the one way in: an import and the demonstration pass their rows through
it. A register's number finds an award again; the same row twice changes nothing, another content
under the same number corrects the record, and the trail says what of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from itertools import batched
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    Agency,
    FormerAwardText,
    OrganisationIdentifier,
    OutsideAward,
)
from lineshaft.apps.network.queries import LOOKUP_BATCH, outside_awards_visible_to
from lineshaft.apps.network.services.checking import COUNTRY, NO_COUNTRY, TOO_LONG
from lineshaft.apps.network.services.finding import FIND_OVERLAPS_JOB
from lineshaft.apps.network.services.indexing import index_award_keys, index_outside_awards
from lineshaft.apps.network.services.organisations import levels_to_register
from lineshaft.apps.network.services.overlaps import keep_former_texts
from lineshaft.kernel.errors import FieldError, Invalid, Stale
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.roles import ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

SUBJECT: Final = "network.outsideaward"
CHANGES_SHOWN: Final = 50
"""Awards of one event whose changed columns are told one by one; the rest is counted."""

KEYS_AT_ONCE: Final = 100
"""Awards recorded together whose keys are entered with them; those of more are left to a job."""

_INDEXER: Final = Actor.system("keys of awards")
_NO_NUMBER: Final = gettext_noop("Write the number by which the register knows the award.")
_NO_AGENCY: Final = gettext_noop("Write the agency that made the award.")
_NO_LEVEL: Final = gettext_noop("You may share an award as one of: %(known)s.")
_OTHER_AGENCY: Final = gettext_noop(
    "“%(agency)s” is not an agency that you answer for. You may record awards of: %(own)s."
)
_RECORDED_OTHERWISE: Final = gettext_noop(
    "Award %(number)s is recorded already, for another agency or not shared with you. Ask the "
    "programme office."
)
_TWICE: Final = gettext_noop(
    "Row %(first)s gives award %(number)s already, with another content. Keep one of the two rows."
)


@dataclass(frozen=True, slots=True)
class AwardRow:
    """One award as its register writes it; `row` is its row in a file, for faults.

    Texts may hold markup. `amount_minor` is in minor units of `currency`, below zero where more was
    taken back than given; `year` is that of the award where the register says it, else it is that
    of the start. A blank `level` leaves a stored award's as it is; a new award is public.
    """

    source: str
    number: str
    agency_name: str
    currency: str
    title: str = ""
    abstract: str = ""
    office_name: str = ""
    programme: str = ""
    instrument: str = ""
    phase: str = ""
    investigator: str = ""
    other_investigators: str = ""
    recipient: str = ""
    recipient_uei: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    year: int | None = None
    amount_minor: int | None = None
    level: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class AwardFile:
    """The file that the rows come from."""

    name: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class AwardOutcome:
    """How many awards were new, corrected, and there already as they are."""

    created: int
    updated: int
    unchanged: int


CONTENT: Final = tuple(one.name for one in fields(AwardRow) if one.name != "row")
"""The columns that a row fills; all of them are in the digest of an award."""

_LINES: Final = ("title", "agency_name", "office_name", "programme", "recipient", "investigator",
                 "other_investigators")  # fmt: skip
_FOUND: Final = ("agency_id", "organisation_id")
_KEPT: Final = ("digest", "text_digest", "source_name", "source_sha256", "source_row",
                "recorded_at", "recorded_in_id")  # fmt: skip
_LENGTHS: Final = {
    column.name: column.max_length
    for column in OutsideAward._meta.concrete_fields
    if column.name in CONTENT and column.max_length
} | {"abstract": rules.ABSTRACT_LENGTH_MAX}


def register_outside_awards(
    actor: Actor,
    rows: Sequence[AwardRow],
    *,
    now: datetime,
    file: AwardFile | None = None,
    why: str = "",
    is_demonstration: bool = False,
) -> AwardOutcome:
    """Record every row, all or none; an award that is there already is found by its number.

    Of two equal rows one counts. A recipient that is not registered any more stays linked while
    its UEI stays the same. Raises Invalid with every fault of every row; one is an award of an
    agency that the actor does not answer for. Writes one audit event when anything changed. About
    fifty queries for ten thousand rows.
    """
    own = _permit(actor)
    agencies = _Agencies.stored()
    checked = _check(actor, rows, agencies, own)
    try:
        with transaction.atomic():
            return _register(
                actor,
                checked,
                agencies,
                own,
                now=now,
                file=file or AwardFile(),
                why=why,
                is_demonstration=is_demonstration,
            )
    except IntegrityError as error:
        raise Stale from error


def may_register_outside_awards(actor: Actor) -> bool:
    """Whether the actor may record awards of any agency at all."""
    own = _own_agencies(actor)
    return own is None or bool(own)


# ---------------------------------------------------------------------------------- who may


def _permit(actor: Actor) -> frozenset[str] | None:
    """The agencies whose awards the actor may record; None for all. Raises NotPermitted."""
    own = _own_agencies(actor)
    if own is not None and not own:
        permit(actor, rules.PERMISSIONS["register_outside_awards"])
    return own


def _own_agencies(actor: Actor) -> frozenset[str] | None:
    permission = rules.PERMISSIONS["register_outside_awards"]
    if may(actor, permission):
        return None
    return frozenset(
        grant.scope_id
        for grant in actor.grants
        if grant.scope_kind is ScopeKind.AGENCY and may(actor, permission, agency=grant.scope_id)
    )


@dataclass(frozen=True, slots=True)
class _Agencies:
    """The agencies that are known here: found by key or name, each with those above it."""

    known: Mapping[str, str]
    parents: Mapping[str, str | None]
    ids: Mapping[str, int]

    @classmethod
    def stored(cls) -> "_Agencies":
        rows = list(Agency.objects.order_by("pk").values_list("pk", "key", "name", "parent__key"))
        known = {rules.folded_name(name): key for _pk, key, name, _parent in rows}
        known |= {rules.folded_name(key): key for _pk, key, _name, _parent in rows}
        return cls(
            known,
            {key: parent for _pk, key, _name, parent in rows},
            {key: pk for pk, key, _name, _parent in rows},
        )

    def key_of(self, agency: str, office: str) -> str | None:
        return rules.agency_of_award(agency, office, known=self.known, parents=self.parents)

    def is_owned(self, key: str | None, own: frozenset[str] | None) -> bool:
        return own is None or bool(own.intersection(rules.agencies_above(key, self.parents)))


# ---------------------------------------------------------------------------------- checking


@dataclass(slots=True)
class _Checked:
    """A row without fault, as it will be stored."""

    values: dict[str, Any]
    agency: str | None
    row: int | None
    digest: str = ""
    text_digest: str = ""
    found: dict[str, int | None] = field(default_factory=dict)


def _check(
    actor: Actor, rows: Sequence[AwardRow], agencies: _Agencies, own: frozenset[str] | None
) -> list[_Checked]:
    """The rows as they can be stored, equal ones once. Raises Invalid with every fault."""
    levels = levels_to_register(actor)
    closed = _registers_of_others(rows, agencies, own)
    faults: list[FieldError] = []
    checked: dict[tuple[str, str], _Checked] = {}
    for row in rows:
        values = _plain(row)
        agency = agencies.key_of(row.agency_name, row.office_name)
        faults.extend(_faults(values, row.row, levels))
        if not agencies.is_owned(agency, own):
            params = {"agency": row.agency_name, "own": ", ".join(sorted(own or ()))}
            faults.append(FieldError("agency", row.row, message=_OTHER_AGENCY, params=params))
        refusal = rules.refuse_register(row.source, is_of_others=row.source in closed)
        if refusal is not None:
            faults.append(
                FieldError("source", row.row, message=refusal.message, params=refusal.params)
            )
        first = checked.setdefault((row.source, row.number), _Checked(values, agency, row.row))
        if first.values != values:
            told = {"first": first.row, "number": row.number}
            faults.append(FieldError("number", row.row, message=_TWICE, params=told))
    if faults:
        raise Invalid(faults)
    return list(checked.values())


def _registers_of_others(
    rows: Sequence[AwardRow], agencies: _Agencies, own: frozenset[str] | None
) -> frozenset[str]:
    """The registers of the rows under which the actor can't record: those of an agency that is not
    theirs, and those that hold awards of other agencies alone.
    """
    if own is None:
        return frozenset()
    closed = set()
    for source in {row.source for row in rows} - rules.COMMON_REGISTERS:
        owner = rules.AGENCY_REGISTERS.get(source, source)
        key = agencies.known.get(rules.folded_name(owner))
        if key is not None or source in rules.AGENCY_REGISTERS:
            is_closed = key is None or not agencies.is_owned(key, own)
        else:
            held = OutsideAward.objects.filter(source=source)
            keys = set(held.order_by().values_list("agency__key", flat=True).distinct())
            is_closed = bool(keys) and not any(agencies.is_owned(one, own) for one in keys)
        if is_closed:
            closed.add(source)
    return frozenset(closed)


def _plain(row: AwardRow) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(row, name) for name in CONTENT}
    values["abstract"] = rules.plain_text(row.abstract)
    values |= {name: rules.plain_line(values[name]) for name in _LINES}
    values["title"] = rules.title_of_award(
        values["title"],
        abstract=values["abstract"],
        programme=values["programme"],
        number=row.number,
    )
    values["recipient_uei"] = rules.normal_identifier("uei", row.recipient_uei)
    if row.year is None and row.starts_on is not None:
        values["year"] = row.starts_on.year
    return values


def _faults(
    values: Mapping[str, Any], row: int | None, levels: Sequence[SharingLevel]
) -> Iterable[FieldError]:
    for name, message in (("number", _NO_NUMBER), ("agency_name", _NO_AGENCY)):
        if not values[name]:
            yield FieldError(name.removesuffix("_name"), row, message=message)
    days = {name: values[name] for name in ("starts_on", "ends_on") if values[name] is not None}
    for name, refusal in (
        ("source", rules.refuse_source(values["source"])),
        *((name, rules.refuse_year(day.year)) for name, day in days.items()),
        ("year", rules.refuse_year(values["year"])),
        ("amount", rules.refuse_amount(values["amount_minor"])),
    ):
        if refusal is not None:
            yield FieldError(name, row, message=refusal.message, params=refusal.params)
    if values["country"] and not COUNTRY.fullmatch(values["country"]):
        params = {"value": values["country"]}
        yield FieldError("country", row, message=NO_COUNTRY, params=params)
    if values["level"] and values["level"] not in levels:
        yield FieldError("level", row, message=_NO_LEVEL, params={"known": ", ".join(levels)})
    for name, most in _LENGTHS.items():
        if len(values[name]) > most:
            yield FieldError(
                name.removesuffix("_name"), row, message=TOO_LONG, params={"most": most}
            )


# ---------------------------------------------------------------------------------- writing


def _register(
    actor: Actor,
    checked: Sequence[_Checked],
    agencies: _Agencies,
    own: frozenset[str] | None,
    *,
    now: datetime,
    file: AwardFile,
    why: str,
    is_demonstration: bool,
) -> AwardOutcome:
    _link(checked, agencies)
    stored = _stored(actor, checked, agencies, own)
    _settle(checked, stored)
    new = [one for one in checked if _name_of(one) not in stored]
    changed = {
        held.pk: one
        for one in checked
        if (held := stored.get(_name_of(one))) is not None and held.differs_from(one)
    }
    outcome = AwardOutcome(len(new), len(changed), len(checked) - len(new) - len(changed))
    if new or changed:
        corrected = _corrected(changed)
        keys = {one.agency for one in (*new, *changed.values())}
        event = record_event(
            actor,
            "register_outside_awards",
            (SUBJECT, str(next(iter(changed))) if len(changed) == 1 and not new else ""),
            now=now,
            why=why,
            count=len(new) + len(changed),
            agency=(next(iter(keys)) or "") if len(keys) == 1 else "",
            changes={"created": len(new), "updated": len(changed)} | _told(corrected),
        )
        kept = {
            "source_name": file.name,
            "source_sha256": file.sha256,
            "recorded_at": now,
            "recorded_in_id": event.pk,
        }
        _insert(new, kept, is_demonstration=is_demonstration)
        _correct(corrected, changed, kept)
        keep_former_texts([one.former for one in corrected if one.former])
        index_outside_awards(event.pk)
        _enter_keys(event.pk, len(new) + len(changed), now=now)
    return outcome


def _enter_keys(event_id: int, awards: int, *, now: datetime) -> None:
    """Make the awards of the event findable by their texts: few at once, many by the comparison,
    which enters their keys first; a minute of reading texts would hold up every other writer.
    """
    if awards <= KEYS_AT_ONCE:
        index_award_keys(event_id)
    else:
        payload = {"scope": rules.OverlapScope.CHANGED.value}
        enqueue(_INDEXER, FIND_OVERLAPS_JOB, payload, now=now, unique=True)


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is compared of a stored award."""

    pk: int
    digest: str
    agency_id: int | None
    organisation_id: int | None
    recipient_uei: str
    level: str

    def differs_from(self, one: _Checked) -> bool:
        return (self.digest, self.agency_id, self.organisation_id) != (
            one.digest,
            one.found["agency_id"],
            one.found["organisation_id"],
        )


def _name_of(one: _Checked) -> tuple[str, str]:
    return one.values["source"], one.values["number"]


def _link(checked: Sequence[_Checked], agencies: _Agencies) -> None:
    """Find each award's agency, and its recipient where a number of a register names it."""
    numbers = {one.values["recipient_uei"] for one in checked} - {""}
    recipients: dict[str, int] = {}
    for part in batched(sorted(numbers), LOOKUP_BATCH, strict=False):
        recipients.update(
            OrganisationIdentifier.objects.filter(scheme="uei", value__in=part).values_list(
                "value", Coalesce("organisation__merged_into_id", "organisation_id")
            )
        )
    for one in checked:
        one.found = {
            "agency_id": agencies.ids[one.agency] if one.agency else None,
            "organisation_id": recipients.get(one.values["recipient_uei"]),
        }


def _stored(
    actor: Actor, checked: Sequence[_Checked], agencies: _Agencies, own: frozenset[str] | None
) -> dict[tuple[str, str], _Stored]:
    """What is stored under the rows' numbers, locked. Raises Invalid for what is not the actor's to
    correct.
    """
    by_source: dict[str, dict[str, int | None]] = {}
    for one in checked:
        by_source.setdefault(one.values["source"], {})[one.values["number"]] = one.row
    keys = {pk: key for key, pk in agencies.ids.items()}
    found: dict[tuple[str, str], _Stored] = {}
    faults: list[FieldError] = []
    for source, rows in sorted(by_source.items()):
        for part in batched(sorted(rows), LOOKUP_BATCH, strict=False):
            held = OutsideAward.objects.filter(source=source, number__in=part)
            seen = set(
                outside_awards_visible_to(actor)
                .filter(source=source, number__in=part)
                .values_list("pk", flat=True)
            )
            for number, *columns in (
                held.select_for_update(of=("self",))
                .order_by("pk")
                .values_list("number", *(one.name for one in fields(_Stored)))
            ):
                award = found[source, number] = _Stored(*columns)
                key = keys[award.agency_id] if award.agency_id is not None else None
                if award.pk not in seen or not agencies.is_owned(key, own):
                    message, params = _RECORDED_OTHERWISE, {"number": number}
                    faults.append(
                        FieldError("number", rows[number], message=message, params=params)
                    )
    if faults:
        raise Invalid(faults)
    return found


def _settle(checked: Sequence[_Checked], stored: Mapping[tuple[str, str], _Stored]) -> None:
    """Fill in what a row leaves to the stored award, so that the digest is that of what will stand:
    a blank level, and the recipient that an unchanged UEI named before.
    """
    for one in checked:
        held = stored.get(_name_of(one))
        if not one.values["level"]:
            one.values["level"] = held.level if held else SharingLevel.PUBLIC
        if held and held.recipient_uei == one.values["recipient_uei"]:
            one.found["organisation_id"] = one.found["organisation_id"] or held.organisation_id
        one.digest = rules.digest_of_award(one.values[name] for name in CONTENT)
        one.text_digest = rules.digest_of_text(one.values["abstract"])


def _insert(new: Sequence[_Checked], kept: Mapping[str, Any], *, is_demonstration: bool) -> None:
    columns = (*CONTENT, *_FOUND, "digest", "text_digest", "compared_digest", "source_row", *kept,
               "is_demonstration")  # fmt: skip
    insert_rows(
        OutsideAward,
        columns,
        [
            (
                *(one.values[name] for name in CONTENT),
                *(one.found[name] for name in _FOUND),
                one.digest,
                one.text_digest,
                "",
                one.row,
                *kept.values(),
                is_demonstration,
            )
            for one in new
        ],
    )


@dataclass(slots=True)
class _Correction:
    """A stored award with what a register now says, and the names of what differs."""

    award: OutsideAward
    columns: list[str]
    former: FormerAwardText | None


def _corrected(changed: Mapping[int, _Checked]) -> list[_Correction]:
    corrections = []
    for part in batched(changed, LOOKUP_BATCH, strict=False):
        for pk, award in OutsideAward.objects.in_bulk(part).items():
            wanted = changed[pk].values | changed[pk].found
            differing = [name for name, value in wanted.items() if getattr(award, name) != value]
            former = None
            if "abstract" in differing:
                former = FormerAwardText(
                    award=award, digest=award.text_digest, abstract=award.abstract
                )
            for name in differing:
                setattr(award, name, wanted[name])
            corrections.append(_Correction(award, differing, former))
    return corrections


def _told(corrections: Sequence[_Correction]) -> dict[str, Any]:
    """What the trail says of the first corrected awards: by number, the columns that changed."""
    if not corrections:
        return {}
    return {
        "awards": {
            f"{one.award.source} {one.award.number}": [
                name.removesuffix("_id").removesuffix("_minor") for name in one.columns
            ]
            for one in corrections[:CHANGES_SHOWN]
        }
    }


def _correct(
    corrections: Sequence[_Correction],
    changed: Mapping[int, _Checked],
    kept: Mapping[str, Any],
) -> None:
    for one in corrections:
        said = changed[one.award.pk]
        digests = {"digest": said.digest, "text_digest": said.text_digest}
        for name, value in {**kept, **digests, "source_row": said.row}.items():
            setattr(one.award, name, value)
    # An upsert of whole rows: bulk_update would send one CASE branch a row and a column.
    names = [name.removesuffix("_id") for name in (*CONTENT, *_FOUND, *_KEPT)]
    OutsideAward.objects.bulk_create(
        [one.award for one in corrections],
        batch_size=LOOKUP_BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=names,
    )
