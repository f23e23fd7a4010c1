"""Spreadsheets in and out: organisations, what was decided of their records, outside awards,
ties between people.

An import has no rules of its own: it hands its rows to the service that a page calls.
"""

from typing import Final

from lineshaft.apps.network.exchange.awards import AWARDS_IMPORT
from lineshaft.apps.network.exchange.organisations import (
    ORGANISATIONS_IMPORT,
    identifiers_of,
    institute_export_columns,
    institute_export_rows,
    organisation_export_columns,
    organisation_export_rows,
)
from lineshaft.apps.network.exchange.pairs import (
    decision_export_columns,
    decision_export_rows,
    record_export_columns,
    record_export_rows,
)
from lineshaft.apps.network.exchange.ties import TIES_IMPORT
from lineshaft.plumbing.exchange.spec import ImportSpec

IMPORTS: Final[dict[str, ImportSpec]] = {
    "organisations": ORGANISATIONS_IMPORT,
    "awards": AWARDS_IMPORT,
    "person-ties": TIES_IMPORT,
}

__all__ = [
    "IMPORTS",
    "decision_export_columns",
    "decision_export_rows",
    "identifiers_of",
    "institute_export_columns",
    "institute_export_rows",
    "organisation_export_columns",
    "organisation_export_rows",
    "record_export_columns",
    "record_export_rows",
]
