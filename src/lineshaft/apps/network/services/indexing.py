"""What of the network's ground can be found by searching."""

from collections.abc import Iterable, Iterator
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
)
from lineshaft.apps.network.queries import LOOKUP_BATCH, profile_in_use
from lineshaft.plumbing.search.documents import SearchDocument
from lineshaft.plumbing.search.services import index_entries
from lineshaft.plumbing.sharing import SharingLevel

_INDEXED: Final = ("name", "name_zh", "kind", "city", "region", "level")


def index_organisations(ids: Iterable[int]) -> None:
    """Make these organisations findable by name, alias, identifier and town."""
    index_entries(_organisation_documents(ids))


def index_institutes(ids: Iterable[int]) -> None:
    """Make these institutes findable by every name they have had, town, area and focus."""
    today = InstituteFact.objects.filter(measure="focus", edition=rules.Edition.TODAY)
    institutes = (
        Institute.objects.filter(pk__in=list(ids))
        .select_related("place")
        .prefetch_related("names", "technology_areas", Prefetch("facts", today, "focus_today"))
    )
    index_entries(_institute_document(institute) for institute in institutes)


def _organisation_documents(ids: Iterable[int]) -> Iterator[SearchDocument]:
    kinds = {kind.key: kind for kind in profile_in_use().organisation_kinds}
    base = reverse("network:list_organisations")
    for part in batched(ids, LOOKUP_BATCH):
        keywords: dict[int, list[str]] = {}
        for pk, text in (
            *OrganisationAlias.objects.filter(organisation_id__in=part).values_list(
                "organisation_id", "name"
            ),
            *OrganisationIdentifier.objects.filter(organisation_id__in=part).values_list(
                "organisation_id", "value"
            ),
        ):
            keywords.setdefault(pk, []).append(text)
        for row in Organisation.objects.filter(pk__in=part).only(*_INDEXED):
            place = ", ".join(text for text in (row.city, row.region) if text)
            kind = kinds.get(row.kind)
            yield SearchDocument(
                kind="network.organisation",
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
