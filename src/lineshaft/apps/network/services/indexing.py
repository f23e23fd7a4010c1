"""What of the network's ground can be found by searching."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import batched
from typing import Final

from django.db.models import Prefetch
from django.urls import reverse

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    Institute,
    InstituteFact,
    Organisation,
    OrganisationAlias,
    OrganisationIdentifier,
    OrganisationKey,
    OutsideAward,
)
from lineshaft.apps.network.queries import LOOKUP_BATCH, merged_into, profile_in_use
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.search.documents import SearchDocument
from lineshaft.plumbing.search.services import index_entries, remove_entries
from lineshaft.plumbing.sharing import SharingLevel

_KIND: Final = "network.organisation"
_AWARD_INDEXED: Final = (
    "title",
    "number",
    "agency_name",
    "office_name",
    "recipient",
    "investigator",
    "year",
    "level",
)
_INDEXED: Final = ("name", "name_zh", "kind", "city", "region", "level")


def index_organisations(ids: Iterable[int]) -> None:
    """Make these organisations findable by name, alias, identifier and town.

    What was merged is found as what stands for it; what looks alike by the keys of its names.
    """
    chosen = list(ids)
    _enter_keys(chosen)
    index_entries(_organisation_documents(chosen))


def unindex_organisations(ids: Iterable[int]) -> None:
    """Take organisations that were merged out of what is found by itself; their keys stay."""
    remove_entries(_KIND, (str(pk) for pk in ids))


def index_institutes(ids: Iterable[int]) -> None:
    """Make these institutes findable by every name they have had, town, area and focus."""
    today = InstituteFact.objects.filter(measure="focus", edition=rules.Edition.TODAY)
    institutes = (
        Institute.objects.filter(pk__in=list(ids))
        .select_related("place")
        .prefetch_related("names", "technology_areas", Prefetch("facts", today, "focus_today"))
    )
    index_entries(_institute_document(institute) for institute in institutes)


def index_outside_awards(event_id: int) -> None:
    """Make the awards that were recorded or corrected in that event findable by title, number,
    recipient and principal investigator.

    Not by their texts: the words of thirty thousand abstracts would be most of the index.
    """
    chosen = OutsideAward.objects.filter(recorded_in_id=event_id).only(*_AWARD_INDEXED)
    index_entries(_award_document(one) for one in chosen.iterator(chunk_size=LOOKUP_BATCH))


def index_award_keys(event_id: int) -> None:
    """Make the awards that were recorded or corrected in that event findable by what they share
    with others, party, title and phrases.
    """
    # Not at the top: the engine's arithmetic takes its time to load.
    from lineshaft.apps.network.services import comparing  # noqa: PLC0415

    chosen = OutsideAward.objects.filter(recorded_in_id=event_id).order_by("pk")
    reader = comparing.AwardReader.stored()
    for part in batched(chosen.values_list("pk", flat=True), comparing.READ_BATCH, strict=False):
        comparing.enter_award_keys(reader.awards(part).items())


def _enter_keys(ids: Sequence[int]) -> None:
    """Make the keys of these organisations anew, where they differ from what is stored."""
    for part in batched(ids, LOOKUP_BATCH, strict=False):
        names: dict[int, list[str]] = {}
        wanted: set[tuple[int, int]] = set()
        for pk, name in OrganisationAlias.objects.filter(organisation_id__in=part).values_list(
            "organisation_id", "name"
        ):
            names.setdefault(pk, []).append(name)
        for pk, name, name_zh, region in Organisation.objects.filter(pk__in=part).values_list(
            "pk", "name", "name_zh", "region"
        ):
            known = (name, name_zh, *names.get(pk, ()))
            wanted.update((pk, key) for key in rules.lookalike_keys(known, region=region))
        held = OrganisationKey.objects.filter(organisation_id__in=part)
        stored = set(held.values_list("organisation_id", "key"))
        gone = {pk for pk, _key in stored - wanted}
        if gone:
            held.filter(organisation_id__in=gone).delete()
            stored = {pair for pair in stored if pair[0] not in gone}
        insert_rows(OrganisationKey, ("organisation_id", "key"), sorted(wanted - stored))


def _organisation_documents(ids: Iterable[int]) -> Iterator[SearchDocument]:
    kinds = {kind.key: kind for kind in profile_in_use().organisation_kinds}
    base = reverse("network:list_organisations")
    for part in batched(ids, LOOKUP_BATCH):
        merged = merged_into(part)
        known = [*part, *merged]
        keywords: dict[int, list[str]] = {}
        for pk, text in (
            *OrganisationAlias.objects.filter(organisation_id__in=known).values_list(
                "organisation_id", "name"
            ),
            *OrganisationIdentifier.objects.filter(organisation_id__in=known).values_list(
                "organisation_id", "value"
            ),
            *_names_of(merged),
        ):
            keywords.setdefault(merged.get(pk, pk), []).append(text)
        standing = Organisation.objects.filter(pk__in=part, merged_into__isnull=True)
        for row in standing.only(*_INDEXED):
            place = ", ".join(text for text in (row.city, row.region) if text)
            kind = kinds.get(row.kind)
            yield SearchDocument(
                kind=_KIND,
                object_id=str(row.pk),
                title=row.name,
                title_zh=row.name_zh,
                url=f"{base}{row.pk}/",
                level=SharingLevel(row.level),
                summary=" · ".join(text for text in (kind.name if kind else "", place) if text),
                summary_zh=" · ".join(
                    text for text in (kind.name_zh if kind else "", place) if text
                ),
                keywords=tuple(sorted(keywords.get(row.pk, ()))),
                organisation_id=row.pk,
            )


def _award_document(award: OutsideAward) -> SearchDocument:
    maker = award.office_name or award.agency_name
    year = str(award.year or "")
    return SearchDocument(
        kind="network.outsideaward",
        object_id=str(award.pk),
        title=award.title,
        url=reverse("network:show_outside_award", args=[award.pk]),
        level=SharingLevel(award.level),
        summary=" · ".join(text for text in (maker, award.recipient, year) if text),
        keywords=(award.number, award.recipient, award.investigator),
    )


def _names_of(ids: Collection[int]) -> Iterable[tuple[int, str]]:
    return Organisation.objects.filter(pk__in=ids).values_list("pk", "name") if ids else ()


def _institute_document(institute: Institute) -> SearchDocument:
    areas = list(institute.technology_areas.all())
    focus: list[InstituteFact] = institute.focus_today  # type: ignore[attr-defined] # prefetched
    texts = [fact.text for fact in focus] or [area.name for area in areas]
    texts_zh = [fact.text_zh for fact in focus if fact.text_zh] or [area.name_zh for area in areas]
    place = institute.place
    return SearchDocument(
        kind="network.institute",
        object_id=str(institute.pk),
        title=institute.name,
        title_zh=institute.name_zh,
        url=reverse("network:show_institute", args=[institute.key]),
        level=SharingLevel.PUBLIC,
        summary=" · ".join(texts),
        summary_zh=" · ".join(texts_zh),
        keywords=(
            institute.key,
            *(name.name for name in institute.names.all()),
            *(area.name for area in areas),
            *(area.name_zh for area in areas),
            *((place.city, place.city_zh, place.region) if place else ()),
        ),
        institute=institute.key,
    )
