"""Files of what was decided of records, and of the records themselves, as `lineshaft resolve` reads
them; see docs/reference/resolution.md.

Their headings are the same in every language, since programs read them.
"""

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet

from lineshaft.apps.network.models import Organisation, OrganisationPair
from lineshaft.apps.network.queries import LOOKUP_BATCH, decisions
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn

_DECISION: Final = ("one", "other", "rule", "one_name", "other_name", "why", "decided_at")
_RECORD: Final = (
    *("id", "name", "address", "city", "state", "zip", "country", "latitude", "longitude"),
    "merged_into",
)


def decision_export_columns() -> tuple[ExportColumn, ...]:
    """The columns of a file of rules."""
    return tuple(ExportColumn(key, key) for key in _DECISION)


def decision_export_rows(pairs: QuerySet[OrganisationPair]) -> Iterator[tuple[ExportCell, ...]]:
    """One row for each pair that was merged or kept apart."""
    for one in decisions(pairs.iterator(chunk_size=LOOKUP_BATCH)):
        yield (
            one.one.pk,
            one.other.pk,
            one.rule.value,
            one.one.name,
            one.other.name,
            one.why,
            one.decided_at,
        )


def record_export_columns() -> tuple[ExportColumn, ...]:
    """The columns of a file of records."""
    return tuple(ExportColumn(key, key) for key in _RECORD)


def record_export_rows(rows: QuerySet[Organisation]) -> Iterator[tuple[ExportCell, ...]]:
    """One row for each record, merged ones too."""
    yield from rows.values_list(
        *("pk", "name", "address", "city", "region", "postal_code", "country"),
        *("latitude", "longitude", "merged_into_id"),
    ).iterator(chunk_size=LOOKUP_BATCH)
