"""Registering and amending organisations.

`register_organisations` is the one way in: a page, the API, an import and the demonstration all
pass their rows through it, so that an organisation that is there already is found and not entered
twice.
An incoming blank never empties a stored value; a name that differs becomes an alias, since only
`amend_organisation` renames.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Coalesce

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    Organisation,
    OrganisationAlias,
    OrganisationDesignation,
    OrganisationIdentifier,
)
from lineshaft.apps.network.queries import (
    LOOKUP_BATCH,
    LookAlike,
    lookalikes,
    may_see_organisation,
    merged_into,
    organisations_visible_to,
    profile_in_use,
)
from lineshaft.apps.network.services.checking import (
    LEVELS,
    CheckedRow,
    OrganisationRow,
    check_rows,
    faults_of_length,
    identifier_faults,
)
from lineshaft.apps.network.services.indexing import index_organisations
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import Term, gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import Permission, may, permit
from lineshaft.plumbing.sharing import SharingLevel

SUBJECT: Final = "network.organisation"
AMENDABLE: Final = (
    "name",
    "name_zh",
    "kind",
    "ownership_country",
    "address",
    "city",
    "county",
    "region",
    "postal_code",
    "country",
    "latitude",
    "longitude",
    "website",
    "level",
)
FILLED: Final = tuple(name for name in AMENDABLE if name not in ("name", "level"))
"""What a later registration may change on an organisation that is there already."""

_TWO_OWNERS: Final = gettext_noop(
    "The identifiers of “%(name)s” belong to two organisations: %(owners)s. Correct the one that "
    "is wrong."
)
_TWO_OWNERS_UNSEEN: Final = gettext_noop(
    "The identifiers of “%(name)s” belong to two organisations, one of which is not shared with "
    "you. Ask the programme office which is right."
)
_SEVERAL_NAMED: Final = gettext_noop(
    "Several organisations are called “%(name)s” there. Give an identifier such as UEI or ROR."
)
_TAKEN: Final = gettext_noop("%(scheme)s %(value)s belongs to %(owner)s already.")
_REGISTERED_UNSEEN: Final = gettext_noop(
    "“%(name)s” is registered already and is not shared with you. Ask the programme office."
)
_ONE_UNSEEN: Final = Term(gettext_noop("an organisation that you may not see"))
_NO_ORGANISATION: Final = gettext_noop("There is no such organisation.")


@dataclass(frozen=True, slots=True)
class RegisterOutcome:
    """What a registration did; `organisation_ids` are in the order of the rows, `new_ids` those of
    records that were made.
    """

    created: int
    updated: int
    unchanged: int
    organisation_ids: tuple[int, ...]
    new_ids: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Target:
    """An organisation as it will stand, stored or new, and what is to be added to it."""

    organisation: Organisation
    is_new: bool
    is_visible: bool = True
    is_amendable: bool = True
    is_changed: bool = False
    keys: set[str] = field(default_factory=set)
    identifiers: set[tuple[str, str]] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    designations: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    added_identifiers: list[tuple[str, str]] = field(default_factory=list)
    added_aliases: list[str] = field(default_factory=list)
    added_designations: list[str] = field(default_factory=list)

    def conflicts_with(self, row: CheckedRow) -> bool:
        """Whether an identifying identifier of the row has another value here."""
        return any(
            scheme == own and value != its
            for scheme, value in row.identifying
            for own, its in self.identifiers
        )


def register_organisations(
    actor: Actor, rows: Sequence[OrganisationRow], *, now: datetime, why: str = ""
) -> RegisterOutcome:
    """Register every row, all or none; what is there already is found, not entered twice.

    A row finds its organisation by an identifying identifier, else by its name with region and
    city. Where the actor may not amend that one, the row only fills what is blank there. Raises
    Invalid with every fault of every row; one is an organisation that is there already and is not
    the actor's to see. Writes one audit event when anything changed. A few dozen queries for ten
    thousand rows.
    """
    permit_anywhere(actor, rules.PERMISSIONS["register_organisation"])
    checked = check_rows(rows, profile_in_use(), levels=levels_to_register(actor))
    try:
        with transaction.atomic():
            return _register(actor, checked, now=now, why=why)
    except IntegrityError as error:
        raise Stale from error


def register_organisation(
    actor: Actor,
    row: OrganisationRow,
    *,
    now: datetime,
    why: str = "",
    is_new: bool = False,
) -> Organisation:
    """Register one organisation; returns the one that was there already where there is one.

    Raises Refused (`looks_alike`) where a second record would be made of what looks like one that
    the actor may see; `is_new` says that somebody looked and it is another organisation.
    """
    with transaction.atomic():
        outcome = register_organisations(actor, [row], now=now, why=why)
        (pk,) = outcome.organisation_ids
        found = Organisation.objects.get(pk=pk)
        if outcome.created and not is_new:
            alike = lookalikes_of(actor, found)
            refuse_if(rules.refuse_lookalikes(found.name, [_shown(one) for one in alike]))
    return found


def lookalikes_of(actor: Actor, organisation: Organisation) -> tuple[LookAlike, ...]:
    """The other records that look like this one, as far as the actor may see them."""
    return lookalikes(
        actor,
        organisation.name,
        name_zh=organisation.name_zh,
        region=organisation.region,
        city=organisation.city,
        website=organisation.website,
        without=[organisation.pk],
    )


def _shown(alike: LookAlike) -> str:
    one = alike.organisation
    place = ", ".join(text for text in (one.city, one.region) if text)
    return f"{one.name} ({place}, {one.pk})" if place else f"{one.name} ({one.pk})"


def levels_to_register(actor: Actor) -> tuple[SharingLevel, ...]:
    """As what the actor may share an organisation that it registers: as what it can read after."""
    if actor.is_network_staff:
        return LEVELS
    return tuple(level for level in LEVELS if level is not SharingLevel.RESTRICTED)


def amend_organisation(
    actor: Actor,
    organisation: Organisation,
    *,
    now: datetime,
    changes: Mapping[str, Any],
    identifiers: Sequence[tuple[str, str]] | None = None,
    why: str = "",
) -> Organisation:
    """Change the named columns and, unless None, replace the identifiers; nothing where all stands.

    `changes` has keys of `AMENDABLE` only. A former name stays as an alias. Raises Invalid for a
    value that can't be taken and for an identifier that belongs to another organisation, Refused
    for another level of a record that is read as one with others.
    """
    permit(actor, rules.PERMISSIONS["amend_organisation"], organisation=str(organisation.pk))
    if unknown := set(changes) - set(AMENDABLE):
        raise KeyError(f"not amendable: {sorted(unknown)}")
    try:
        with transaction.atomic():
            row = _locked(organisation.pk)
            said = _amend(actor, row, changes, identifiers)
            if said:
                record_event(actor, "amend_organisation", row, now=now, why=why, changes=said)
                index_organisations([row.pk])
    except IntegrityError as error:
        raise Stale from error
    return row


def add_organisation_alias(
    actor: Actor, organisation: Organisation, name: str, *, now: datetime, why: str = ""
) -> OrganisationAlias:
    """Add another name of the organisation; the one that is there already where there is one."""
    permit(actor, rules.PERMISSIONS["add_organisation_alias"], organisation=str(organisation.pk))
    if not rules.folded_name(name):
        raise Invalid.in_field("name", gettext_noop("Write the name."))
    if faults := faults_of_length(OrganisationAlias, {"name": name}):
        raise Invalid(faults)
    with transaction.atomic():
        row = _locked(organisation.pk)
        alias, is_new = _add_alias(row, name)
        if is_new:
            record_event(
                actor, "add_organisation_alias", row, now=now, why=why, changes={"alias": name}
            )
            index_organisations([row.pk])
    return alias


def permit_anywhere(actor: Actor, permission: Permission) -> None:
    """Return if the actor may perform the verb over the network or for any institute of theirs."""
    if not may_anywhere(actor, permission):
        permit(actor, permission)


def may_anywhere(actor: Actor, permission: Permission) -> bool:
    """Whether the actor may perform the verb over the network or for any institute of theirs."""
    return may(actor, permission) or any(
        may(actor, permission, institute=key) for key in actor.staff_institute_keys
    )


# --------------------------------------------------------------------------------- registering


def _register(
    actor: Actor, rows: Sequence[CheckedRow], *, now: datetime, why: str
) -> RegisterOutcome:
    plan = _Plan.of_stored(actor, rows)
    results = [plan.place(row, now) for row in rows]
    if plan.faults:
        raise Invalid(plan.faults)
    created = sum(verb == "created" for verb, _target in results)
    updated = sum(verb == "updated" for verb, _target in results)
    if created or updated:
        new = [target for target in plan.targets if target.is_new]
        changed = [target for target in plan.targets if target.is_changed and not target.is_new]
        subject_id = str(changed[0].organisation.pk) if len(changed) == 1 and not new else ""
        event = record_event(
            actor,
            "register_organisation",
            (SUBJECT, subject_id),
            now=now,
            why=why,
            count=created + updated,
            changes={"created": created, "updated": updated}
            | ({"name": rows[0].name} if len(rows) == 1 else {}),
        )
        for target in new:
            target.organisation.registered_in_id = event.pk
        _write(new, changed)
        index_organisations([target.organisation.pk for target in (*new, *changed)])
    return RegisterOutcome(
        created=created,
        updated=updated,
        unchanged=len(results) - created - updated,
        organisation_ids=tuple(target.organisation.pk for _verb, target in results),
        new_ids=frozenset(target.organisation.pk for verb, target in results if verb == "created"),
    )


@dataclass(slots=True)
class _Plan:
    """Which organisation each row is, and what it adds; nothing is written here."""

    by_identifier: dict[tuple[str, str], _Target]
    by_key: dict[str, list[_Target]]
    targets: list[_Target]
    faults: list[FieldError] = field(default_factory=list)

    @classmethod
    def of_stored(cls, actor: Actor, rows: Sequence[CheckedRow]) -> "_Plan":
        """The plan over the stored organisations that any row could be, locked."""
        ids = _ids_of_identifiers({pair for row in rows for pair in row.identifying})
        keys = {row.match_key for row in rows}
        for part in batched(sorted(keys), LOOKUP_BATCH):
            ids.update(
                Organisation.objects.filter(match_key__in=part).values_list(
                    Coalesce("merged_into_id", "pk"), flat=True
                )
            )
        targets = _stored_targets(actor, sorted(ids))
        plan = cls({}, {}, [])
        for target in targets.values():
            plan._enter(target)
        return plan

    def place(self, row: CheckedRow, now: datetime) -> tuple[str, _Target]:
        """Find or make the row's organisation and put the row onto it."""
        owners = {
            id(target): target
            for pair in row.identifying
            if (target := self.by_identifier.get(pair)) is not None
        }
        if len(owners) > 1:
            if not all(target.is_visible for target in owners.values()):
                return self._refuse(row, _TWO_OWNERS_UNSEEN, {"name": row.name})
            names = ", ".join(sorted(target.organisation.name for target in owners.values()))
            return self._refuse(row, _TWO_OWNERS, {"name": row.name, "owners": names})
        candidates = list(owners.values()) or [
            target
            for target in self.by_key.get(row.match_key, ())
            if not target.conflicts_with(row)
        ]
        if len(candidates) > 1:
            return self._refuse(row, _SEVERAL_NAMED, {"name": row.name})
        if not candidates:
            target = _Target(row.new_organisation(now), is_new=True)
            _put(target, row, is_first=True)
            self._enter(target)
            return "created", target
        (target,) = candidates
        if not target.is_visible:
            return self._refuse(row, _REGISTERED_UNSEEN, {"name": row.name})
        is_changed = _put(target, row, is_first=False)
        for pair in target.added_identifiers:
            self.by_identifier[pair] = target
        return ("updated" if is_changed else "unchanged"), target

    def _enter(self, target: _Target) -> None:
        self.targets.append(target)
        for key in {target.organisation.match_key, *target.keys}:
            self.by_key.setdefault(key, []).append(target)
        for pair in target.identifiers:
            if pair[0] in rules.IDENTIFYING_SCHEMES:
                self.by_identifier[pair] = target

    def _refuse(
        self, row: CheckedRow, message: str, params: Mapping[str, str]
    ) -> tuple[str, _Target]:
        self.faults.append(FieldError("name", row=row.number, message=message, params=params))
        return "refused", _Target(Organisation(), is_new=False)


def _put(target: _Target, row: CheckedRow, *, is_first: bool) -> bool:
    """Put the row's values onto the organisation; whether anything changed."""
    is_changed = _fill(target, row) and not is_first
    own = rules.folded_name(target.organisation.name)
    for alias in (*row.aliases, row.name):
        folded = rules.folded_name(alias)
        if folded and folded != own and folded not in target.aliases:
            target.aliases.add(folded)
            target.added_aliases.append(alias)
            is_changed = True
    new_pairs = [pair for pair in row.identifiers if pair not in target.identifiers]
    target.identifiers.update(new_pairs)
    target.added_identifiers.extend(new_pairs)
    new_designations = [one for one in row.designations if one not in target.designations]
    target.designations.update(new_designations)
    target.added_designations.extend(new_designations)
    is_changed = is_changed or bool(new_pairs or new_designations)
    target.is_changed = target.is_changed or is_changed
    return is_changed


def _fill(target: _Target, row: CheckedRow) -> bool:
    """Take over what the row says and the organisation says otherwise; whether there was any.

    Of several rows of one list for the same organisation the first one counts, so that the list a
    second time changes nothing. What the actor may not amend is filled where it is blank.
    """
    organisation = target.organisation
    is_changed = False
    for name, value in row.columns(FILLED).items():
        if value in ("", None) or name in target.said:
            continue
        target.said.add(name)
        stored = getattr(organisation, name)
        if stored != value and (target.is_amendable or stored in ("", None)):
            setattr(organisation, name, value)
            is_changed = True
    if is_changed:
        organisation.match_key = rules.match_key(
            organisation.name, region=organisation.region, city=organisation.city
        )
    return is_changed


def _write(new: Sequence[_Target], changed: Sequence[_Target]) -> None:
    Organisation.objects.bulk_create([target.organisation for target in new])
    if changed:
        # An upsert of whole rows: bulk_update would send one CASE branch a row and a column.
        Organisation.objects.bulk_create(
            [target.organisation for target in changed],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*FILLED, "match_key"],
        )
    both = (*new, *changed)
    OrganisationIdentifier.objects.bulk_create(
        OrganisationIdentifier(organisation_id=target.organisation.pk, scheme=scheme, value=value)
        for target in both
        for scheme, value in target.added_identifiers
    )
    OrganisationAlias.objects.bulk_create(
        OrganisationAlias(
            organisation_id=target.organisation.pk, name=alias, folded=rules.folded_name(alias)
        )
        for target in both
        for alias in target.added_aliases
    )
    OrganisationDesignation.objects.bulk_create(
        OrganisationDesignation(organisation_id=target.organisation.pk, designation=designation)
        for target in both
        for designation in target.added_designations
    )


def _ids_of_identifiers(pairs: Iterable[tuple[str, str]]) -> set[int]:
    by_scheme: dict[str, set[str]] = {}
    for scheme, value in pairs:
        by_scheme.setdefault(scheme, set()).add(value)
    return {
        pk
        for scheme, values in sorted(by_scheme.items())
        for part in batched(sorted(values), LOOKUP_BATCH)
        for pk in OrganisationIdentifier.objects.filter(scheme=scheme, value__in=part).values_list(
            Coalesce("organisation__merged_into_id", "organisation_id"), flat=True
        )
    }


def _stored_targets(actor: Actor, ids: Sequence[int]) -> dict[int, _Target]:
    permission = rules.PERMISSIONS["amend_organisation"]
    may_amend_all = may(actor, permission)
    targets: dict[int, _Target] = {}
    for part in batched(ids, LOOKUP_BATCH):
        locked = Organisation.objects.select_for_update(of=("self",)).filter(pk__in=part)
        visible = set(
            organisations_visible_to(actor).filter(pk__in=part).values_list("pk", flat=True)
        )
        targets |= {
            row.pk: _Target(
                row,
                is_new=False,
                is_visible=row.pk in visible,
                is_amendable=may_amend_all or may(actor, permission, organisation=str(row.pk)),
            )
            for row in locked.order_by("pk")
        }
        merged = merged_into(part)
        known = [*part, *merged]
        for pk, scheme, value in _of(OrganisationIdentifier.objects.all(), known).values_list(
            "organisation_id", "scheme", "value"
        ):
            targets[merged.get(pk, pk)].identifiers.add((scheme, value))
        for pk, folded in _of(OrganisationAlias.objects.all(), known).values_list(
            "organisation_id", "folded"
        ):
            targets[merged.get(pk, pk)].aliases.add(folded)
        for one in Organisation.objects.filter(pk__in=merged) if merged else ():
            target = targets[merged[one.pk]]
            target.keys.add(one.match_key)
            target.aliases.add(rules.folded_name(one.name))
        for pk, designation in _of(OrganisationDesignation.objects.all(), part).values_list(
            "organisation_id", "designation"
        ):
            targets[pk].designations.add(designation)
    return targets


def _of[M: Model](rows: QuerySet[M], ids: Iterable[int]) -> QuerySet[M]:
    return rows.filter(organisation_id__in=ids)


# ------------------------------------------------------------------------------------ amending


def _locked(pk: int) -> Organisation:
    row = Organisation.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotFound(_NO_ORGANISATION, code="no_organisation")
    return row


def _amend(
    actor: Actor,
    row: Organisation,
    changes: Mapping[str, Any],
    identifiers: Sequence[tuple[str, str]] | None,
) -> dict[str, Any]:
    """Write what differs; what changed, for the trail."""
    wanted = {name: changes.get(name, getattr(row, name)) for name in AMENDABLE}
    (checked,) = check_rows([OrganisationRow(**wanted)], profile_in_use())
    said: dict[str, Any] = {
        name: [getattr(row, name), value]
        for name, value in checked.columns(AMENDABLE).items()
        if getattr(row, name) != value
    }
    if "level" in said:
        is_of_several = row.merged_into_id is not None or row.merged.exists()
        refuse_if(rules.refuse_level_change(row.name, is_of_several=is_of_several))
    pairs = _replace_identifiers(actor, row, identifiers)
    if said:
        for name, (_before, after) in said.items():
            setattr(row, name, after)
        row.match_key = rules.match_key(row.name, region=row.region, city=row.city)
        row.save(update_fields=[*said, "match_key"])
        if "name" in said:
            _add_alias(row, said["name"][0])
    return said if pairs is None else said | {"identifiers": pairs}


def _add_alias(organisation: Organisation, name: str) -> tuple[OrganisationAlias, bool]:
    return OrganisationAlias.objects.get_or_create(
        organisation=organisation, folded=rules.folded_name(name), defaults={"name": name}
    )


def _replace_identifiers(
    actor: Actor, organisation: Organisation, wanted: Sequence[tuple[str, str]] | None
) -> list[str] | None:
    """Store exactly these identifiers; what they now are, or None where nothing changed."""
    if wanted is None:
        return None
    pairs, faults = identifier_faults(wanted, row=None)
    held = {
        (one.scheme, one.value): one
        for one in OrganisationIdentifier.objects.filter(organisation=organisation)
    }
    for scheme, value in pairs:
        if scheme in rules.IDENTIFYING_SCHEMES:
            other = (
                OrganisationIdentifier.objects.filter(scheme=scheme, value=value)
                .exclude(organisation=organisation)
                .select_related("organisation")
                .first()
            )
            if other is not None:
                params = {
                    "scheme": rules.SCHEMES[scheme].label,
                    "value": value,
                    "owner": other.organisation.name
                    if may_see_organisation(actor, other.organisation)
                    else _ONE_UNSEEN,
                }
                faults.append(FieldError(scheme, message=_TAKEN, params=params))
    if faults:
        raise Invalid(faults)
    if set(pairs) == set(held):
        return None
    gone = [one.pk for pair, one in held.items() if pair not in pairs]
    OrganisationIdentifier.objects.filter(pk__in=gone).delete()
    OrganisationIdentifier.objects.bulk_create(
        OrganisationIdentifier(organisation=organisation, scheme=scheme, value=value)
        for scheme, value in dict.fromkeys(pairs)
        if (scheme, value) not in held
    )
    return sorted(f"{scheme} {value}" for scheme, value in set(pairs))
