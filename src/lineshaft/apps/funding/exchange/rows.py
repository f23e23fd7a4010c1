"""What the imports of funding share: the agreements that rows name, and how a row is refused."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.queries import agreements_visible_to
from lineshaft.apps.network.models import Agency, Organisation
from lineshaft.apps.network.queries import OrganisationReference
from lineshaft.apps.network.rules import spreadsheet_identifier
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.spec import Row, RowError

MAPPINGS: Final = Path(__file__).parent.parent / "mappings"

_SCHEMES: Final = ("uei", "ror", "ein")

_NO_AGREEMENT: Final = gettext_noop("There is no agreement with this number.")
_NO_AGREEMENT_REMEDY: Final = gettext_noop("Write the award's number as the agreement prints it.")
_NO_AGENCY: Final = gettext_noop("There is no agency with this key.")
_NO_AGENCY_REMEDY: Final = gettext_noop("Write the key of a sponsor, or leave the cell blank.")
_NO_ORGANISATION: Final = gettext_noop("No organisation is registered under this name or number.")
_NO_ORGANISATION_REMEDY: Final = gettext_noop(
    "Import the organisation first, or give its UEI, ROR or EIN."
)
_SEVERAL: Final = gettext_noop("Several organisations bear this name.")
_SEVERAL_REMEDY: Final = gettext_noop("Give the UEI, ROR or EIN of the one you mean.")


def payment_id(agreement_number: str, external_id: str) -> UUID:
    """The id that a transfer of that number under that agreement always has."""
    return derived_id("funding.payment", agreement_number, external_id)


def agreements_named(actor: Actor, rows: Sequence[Row]) -> dict[str, Agreement]:
    """The agreements that the rows name and the actor may see, by number."""
    numbers = sorted({row.text("agreement") for row in rows})
    return {one.number: one for one in agreements_visible_to(actor).filter(number__in=numbers)}


def no_agreement(row: Row) -> RowError:
    """That the row names no agreement."""
    return RowError(
        row.number, "agreement", row.text("agreement"), _NO_AGREEMENT, _NO_AGREEMENT_REMEDY
    )


def agencies_named(rows: Sequence[Row]) -> dict[str, Agency]:
    """The agencies that the rows name, by key."""
    keys = sorted({row.text("agency") for row in rows} - {""})
    return {one.key: one for one in Agency.objects.filter(key__in=keys)} if keys else {}


def agency_faults(row: Row, agencies: Mapping[str, Agency]) -> list[RowError]:
    """That the row names an agency that there is not; a blank leaves it to the agreement."""
    key = row.text("agency")
    if not key or key in agencies:
        return []
    return [RowError(row.number, "agency", key, _NO_AGENCY, _NO_AGENCY_REMEDY)]


def refused(row: Row, error: services.RefusedRow, *, named: str = "number") -> RowError:
    """The rule's own words, at the row that it refused; `named` is the column of its number."""
    return RowError(row.number, "", row.text(named), error.message, "", error.params)


def reference(row: Row) -> OrganisationReference:
    """How the row names the contributor."""
    return OrganisationReference(
        name=row.text("contributor"),
        identifiers=tuple(
            (scheme, spreadsheet_identifier(scheme, row.text(scheme)))
            for scheme in _SCHEMES
            if row.text(scheme)
        ),
    )


def party_faults(
    row: Row, agreement: Agreement | None, candidates: Sequence[Organisation]
) -> list[RowError]:
    """That the row names no agreement, or not exactly one organisation."""
    faults = []
    if agreement is None:
        faults.append(no_agreement(row))
    name = row.text("contributor")
    if not candidates:
        faults.append(
            RowError(row.number, "contributor", name, _NO_ORGANISATION, _NO_ORGANISATION_REMEDY)
        )
    elif len(candidates) > 1:
        faults.append(RowError(row.number, "contributor", name, _SEVERAL, _SEVERAL_REMEDY))
    return faults
