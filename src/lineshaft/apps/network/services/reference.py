"""Entering the reference network that ships: agencies, technology areas, institutes with facts.

Running it again adds what a newer release ships and leaves what stands: a status that a verb
changed, a name that somebody added, a fact that was here before. Names of agencies and technology
areas follow the shipped data, since nothing else writes them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    Agency,
    Institute,
    InstituteDate,
    InstituteFact,
    InstituteName,
    InstituteSponsor,
    Place,
    TechnologyArea,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.network.services.indexing import index_institutes
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.reference.institutes import InstituteReference, SponsorRole, load_institutes
from lineshaft.reference.technology import load_technology_areas

REFERENCE_PROFILE: Final = "us"
"""The profile whose institutes ship; under another one a network starts without institutes."""


@dataclass(slots=True)
class LoadOutcome:
    """How many rows of each kind were added; all zero the second time."""

    added: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.added.values())

    def count(self, kind: str, number: int) -> None:
        if number:
            self.added[kind] = self.added.get(kind, 0) + number


def load_reference_network(actor: Actor, *, now: datetime) -> LoadOutcome:
    """Add the profile's agencies, the technology areas and the institutes that ship.

    Idempotent; writes one audit event when anything was added.
    """
    permit(actor, rules.PERMISSIONS["load_reference_network"])
    profile = profile_in_use()
    outcome = LoadOutcome()
    with transaction.atomic():
        _load_agencies(profile, outcome)
        _load_technology_areas(outcome)
        if profile.key == REFERENCE_PROFILE:
            _load_institutes(profile, outcome)
        if outcome.total:
            record_event(
                actor,
                "load_reference_network",
                ("network.institute", ""),
                now=now,
                count=outcome.total,
                changes=outcome.added,
            )
            index_institutes(Institute.objects.values_list("pk", flat=True))
    return outcome


def _load_agencies(profile: JurisdictionProfile, outcome: LoadOutcome) -> None:
    stored = {agency.key: agency for agency in Agency.objects.all()}
    new = [
        Agency(key=entry.key, name=entry.name, name_zh=entry.name_zh, is_sponsor=entry.is_sponsor)
        for entry in profile.agencies
        if entry.key not in stored
    ]
    Agency.objects.bulk_create(new)
    stored |= {agency.key: agency for agency in new}
    changed = []
    for entry in profile.agencies:
        agency = stored[entry.key]
        wanted = {
            "name": entry.name,
            "name_zh": entry.name_zh,
            "is_sponsor": entry.is_sponsor,
            "parent_id": stored[entry.parent].pk if entry.parent else None,
        }
        if any(getattr(agency, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(agency, name, value)
            changed.append(agency)
    Agency.objects.bulk_update(changed, ["name", "name_zh", "is_sponsor", "parent"])
    outcome.count("agencies", len(new))


def _load_technology_areas(outcome: LoadOutcome) -> None:
    stored = {area.key: area for area in TechnologyArea.objects.all()}
    for entry in load_technology_areas():
        parent = stored[entry.parent] if entry.parent else None
        area = stored.get(entry.key)
        if area is None:
            stored[entry.key] = TechnologyArea.objects.create(
                key=entry.key, name=entry.name, name_zh=entry.name_zh, parent=parent
            )
            outcome.count("technology_areas", 1)
        elif (area.name, area.name_zh, area.parent_id) != (
            entry.name,
            entry.name_zh,
            parent.pk if parent else None,
        ):
            area.name, area.name_zh, area.parent = entry.name, entry.name_zh, parent
            area.save(update_fields=["name", "name_zh", "parent"])


def _load_institutes(profile: JurisdictionProfile, outcome: LoadOutcome) -> None:
    references = load_institutes()
    places = _load_places(profile, references, outcome)
    institutes = {institute.key: institute for institute in Institute.objects.all()}
    new = [
        _new_institute(reference, places)
        for reference in references
        if reference.key not in institutes
    ]
    Institute.objects.bulk_create(new)
    institutes |= {institute.key: institute for institute in new}
    outcome.count("institutes", len(new))
    ids = {reference.key: institutes[reference.key].pk for reference in references}
    _load_areas_of_institutes(references, {institute.key for institute in new}, ids)
    _load_sponsors(references, ids, outcome)
    _load_names(references, ids, outcome)
    _load_dates(references, ids, outcome)
    _load_facts(references, ids, outcome)


def _load_places(
    profile: JurisdictionProfile,
    references: tuple[InstituteReference, ...],
    outcome: LoadOutcome,
) -> dict[tuple[str, str], Place]:
    country = profile.country_code
    places = {(place.region, place.city): place for place in Place.objects.filter(country=country)}
    for reference in references:
        entry = reference.place
        if entry is not None and (entry.region, entry.city) not in places:
            places[entry.region, entry.city] = Place.objects.create(
                city=entry.city,
                city_zh=entry.city_zh,
                region=entry.region,
                country=country,
                latitude=Decimal(entry.latitude),
                longitude=Decimal(entry.longitude),
            )
            outcome.count("places", 1)
    return places


def _new_institute(
    reference: InstituteReference, places: dict[tuple[str, str], Place]
) -> Institute:
    status, place = reference.status, reference.place
    return Institute(
        key=reference.key,
        name=reference.name,
        name_zh=reference.name_zh,
        status=status.key,
        status_note=status.wording,
        status_as_of=status.as_of,
        status_precision=status.precision,
        status_source=status.sourced.source,
        status_confidence=status.sourced.confidence,
        place=places[place.region, place.city] if place else None,
        place_note=place.sourced.note if place else "",
        place_source=place.sourced.source if place else "",
        place_confidence=place.sourced.confidence if place else "",
    )


def _load_areas_of_institutes(
    references: tuple[InstituteReference, ...], new_keys: set[str], ids: dict[str, int]
) -> None:
    areas = dict(TechnologyArea.objects.values_list("key", "pk"))
    through = Institute.technology_areas.through
    through.objects.bulk_create(
        through(institute_id=ids[reference.key], technologyarea_id=areas[key])
        for reference in references
        if reference.key in new_keys
        for key in reference.technology_area_keys
    )


def _load_sponsors(
    references: tuple[InstituteReference, ...], ids: dict[str, int], outcome: LoadOutcome
) -> None:
    agencies = dict(Agency.objects.values_list("key", "pk"))
    stored = set(InstituteSponsor.objects.values_list("institute_id", "agency_id"))
    led = set(InstituteSponsor.objects.filter(role="lead").values_list("institute_id", flat=True))
    offices: list[tuple[InstituteSponsor, tuple[str, ...]]] = []
    for reference in references:
        institute_id = ids[reference.key]
        for entry in reference.sponsors:
            is_second_lead = entry.role is SponsorRole.LEAD and institute_id in led
            if is_second_lead or (institute_id, agencies[entry.agency_key]) in stored:
                continue
            sponsor = InstituteSponsor(
                institute_id=institute_id,
                agency_id=agencies[entry.agency_key],
                role=entry.role,
                note=entry.wording,
                source=entry.sourced.source,
                confidence=entry.sourced.confidence,
            )
            offices.append((sponsor, entry.office_keys))
    InstituteSponsor.objects.bulk_create([sponsor for sponsor, _keys in offices])
    through = InstituteSponsor.offices.through
    through.objects.bulk_create(
        through(institutesponsor_id=sponsor.pk, agency_id=agencies[key])
        for sponsor, keys in offices
        for key in keys
    )
    outcome.count("sponsors", len(offices))


def _load_names(
    references: tuple[InstituteReference, ...], ids: dict[str, int], outcome: LoadOutcome
) -> None:
    stored = set(InstituteName.objects.values_list("institute_id", "folded"))
    new = []
    for reference in references:
        for entry in reference.names:
            key = (ids[reference.key], rules.folded_name(entry.text))
            if key in stored:
                continue
            stored.add(key)
            new.append(
                InstituteName(
                    institute_id=key[0],
                    name=entry.text,
                    folded=key[1],
                    language=entry.language,
                    kind=entry.kind,
                    note=entry.sourced.note,
                    source=entry.sourced.source,
                    confidence=entry.sourced.confidence,
                )
            )
    InstituteName.objects.bulk_create(new)
    outcome.count("names", len(new))


def _load_dates(
    references: tuple[InstituteReference, ...], ids: dict[str, int], outcome: LoadOutcome
) -> None:
    stored = set(InstituteDate.objects.values_list("institute_id", "kind", "edition"))
    new = [
        InstituteDate(
            institute_id=ids[reference.key],
            kind=entry.kind,
            edition=entry.edition,
            on=entry.on,
            precision=entry.precision,
            note=entry.sourced.note,
            source=entry.sourced.source,
            confidence=entry.sourced.confidence,
        )
        for reference in references
        for entry in reference.dates
        if (ids[reference.key], entry.kind, entry.edition) not in stored
    ]
    InstituteDate.objects.bulk_create(new)
    outcome.count("dates", len(new))


def _load_facts(
    references: tuple[InstituteReference, ...], ids: dict[str, int], outcome: LoadOutcome
) -> None:
    stored = set(InstituteFact.objects.values_list("institute_id", "measure", "edition"))
    new = [
        InstituteFact(
            institute_id=ids[reference.key],
            measure=entry.measure,
            edition=entry.edition,
            kind=entry.kind,
            text=entry.text,
            text_zh=entry.text_zh,
            number=entry.number,
            qualifier=entry.qualifier,
            source=entry.sourced.source,
            confidence=entry.sourced.confidence,
            note=entry.sourced.note,
        )
        for reference in references
        for entry in reference.facts
        if (ids[reference.key], entry.measure, entry.edition) not in stored
    ]
    InstituteFact.objects.bulk_create(new)
    outcome.count("facts", len(new))
