"""Organisations in and out: rows of a list to `register_organisations`, and stored rows to tables.

An import has no rules of its own. What only a spreadsheet does is mended here: identifiers whose
leading zeros it dropped, several values in one cell.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    INSTITUTE_STATUS_LABELS,
    Institute,
    InstituteDate,
    InstituteFact,
    Organisation,
    OrganisationIdentifier,
)
from lineshaft.apps.network.queries import alike_pairs, organisations_visible_to
from lineshaft.apps.network.services import (
    OrganisationRow,
    RegisterOutcome,
    register_organisations,
)
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.spec import (
    Column,
    ColumnKind,
    ImportContext,
    ImportOutcome,
    ImportSpec,
    Row,
    RowError,
)
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn
from lineshaft.plumbing.sharing import SharingLevel

EXPORT_CHUNK: Final = 2000
_LOOKS_LIKE: Final = gettext_noop("“%(name)s” looks like “%(other)s”.")
_LOOK: Final = gettext_noop("If it is the same, write its name or an identifier of it there.")
_SEVERAL: Final = re.compile(r"[|;]")

ORGANISATION_COLUMNS: Final = (
    Column(
        "name", is_required=True, aliases=("organisation", "organization", "legal name", "名称")
    ),
    Column("name_zh", aliases=("Chinese name", "中文名称")),
    Column(
        "kind",
        is_required=True,
        aliases=("type", "类别"),
        help=gettext_noop("A key of the profile's kinds, such as industry_sme or university."),
    ),
    Column("ownership_country", aliases=("country of ownership",)),
    Column("address", aliases=("street",)),
    Column("city", aliases=("town", "城市")),
    Column("county"),
    Column("region", aliases=("state", "province", "州")),
    Column("postal_code", aliases=("zip", "postcode", "邮编")),
    Column("country", aliases=("国家",)),
    Column("latitude", ColumnKind.DECIMAL, minimum=-90, maximum=90, aliases=("lat",)),
    Column("longitude", ColumnKind.DECIMAL, minimum=-180, maximum=180, aliases=("lon", "lng")),
    Column("website", aliases=("web", "url")),
    Column(
        "level",
        ColumnKind.CHOICE,
        choices=(SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.RESTRICTED),
        help=gettext_noop("How far the record is shared; public where the cell is blank."),
    ),
    Column(
        "aliases",
        max_length=2000,
        help=gettext_noop("Other names, separated by | or ;."),
    ),
    Column("uei", is_identifier=True),
    Column("ror", is_identifier=True),
    Column("unitid", is_identifier=True),
    Column("uscc", is_identifier=True),
    Column("ein"),
    Column("duns"),
    Column("naics"),
    Column("is_hbcu", ColumnKind.BOOLEAN, aliases=("hbcu",)),
    Column("is_tribal_college", ColumnKind.BOOLEAN, aliases=("tribal",)),
    Column("is_minority_serving", ColumnKind.BOOLEAN, aliases=("msi",)),
    Column("is_minority_business", ColumnKind.BOOLEAN),
    Column("is_rural_serving", ColumnKind.BOOLEAN),
)
DESIGNATION_COLUMNS: Final = {
    "is_hbcu": rules.Designation.HBCU,
    "is_tribal_college": rules.Designation.TRIBAL_COLLEGE,
    "is_minority_serving": rules.Designation.MINORITY_SERVING,
    "is_minority_business": rules.Designation.MINORITY_BUSINESS,
    "is_rural_serving": rules.Designation.RURAL_SERVING,
}


def identifiers_of(row: Row) -> tuple[tuple[str, str], ...]:
    """The identifiers in a row's columns of the schemes' names, several in a cell kept apart."""
    return tuple(
        (scheme, rules.spreadsheet_identifier(scheme, value))
        for scheme in rules.SCHEMES
        if scheme in row.values
        for value in _several(row.text(scheme))
    )


def apply_organisations(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Register every row; what is wrong with one comes back with its row."""
    outcome = register_organisations(
        actor, [_organisation_row(row) for row in rows], now=context.now, why=context.why
    )
    return ImportOutcome(
        outcome.created,
        outcome.updated,
        outcome.unchanged,
        notices=_lookalikes(actor, rows, outcome) if context.is_dry_run else (),
    )


ORGANISATIONS_IMPORT: Final = ImportSpec(
    kind="organisations",
    title=gettext_noop("Organisations"),
    help=gettext_noop(
        "Companies, universities, colleges, laboratories. One that is there already is found by "
        "UEI, ROR, UNITID or USCC, else by name, region and city, and is not entered twice."
    ),
    columns=ORGANISATION_COLUMNS,
    apply=apply_organisations,
    permission=rules.PERMISSIONS["register_organisation"],
    mappings=Path(__file__).parent.parent / "mappings" / "organisations",
)


def organisation_export_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export; their keys are those of the import."""
    return (
        ExportColumn("name", _("Name")),
        ExportColumn("name_zh", _("Chinese name")),
        ExportColumn("kind", _("Kind")),
        ExportColumn("ownership_country", _("Country of ownership")),
        ExportColumn("city", _("City")),
        ExportColumn("region", _("Region")),
        ExportColumn("postal_code", _("Postal code")),
        ExportColumn("country", _("Country")),
        ExportColumn("latitude", _("Latitude")),
        ExportColumn("longitude", _("Longitude")),
        ExportColumn("website", _("Website")),
        *(ExportColumn(key, scheme.label) for key, scheme in rules.SCHEMES.items()),
        ExportColumn("is_demonstration", _("Demonstration")),
    )


def organisation_export_rows(rows: QuerySet[Organisation]) -> Iterator[tuple[ExportCell, ...]]:
    """One row for each organisation, read in chunks."""
    found = rows.prefetch_related(
        Prefetch("identifiers", OrganisationIdentifier.objects.order_by("scheme", "value"))
    )
    for one in found.iterator(chunk_size=EXPORT_CHUNK):
        by_scheme: dict[str, list[str]] = {}
        for identifier in one.identifiers.all():
            by_scheme.setdefault(identifier.scheme, []).append(identifier.value)
        yield (
            one.name,
            one.name_zh,
            one.kind,
            one.ownership_country,
            one.city,
            one.region,
            one.postal_code,
            one.country,
            one.latitude,
            one.longitude,
            one.website,
            *(" | ".join(by_scheme.get(scheme, ())) for scheme in rules.SCHEMES),
            one.is_demonstration,
        )


def institute_export_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export of institutes."""
    return (
        ExportColumn("key", _("Key")),
        ExportColumn("name", _("Name")),
        ExportColumn("name_zh", _("Chinese name")),
        ExportColumn("status", _("Status")),
        ExportColumn("status_as_of", _("Status as of")),
        ExportColumn("sponsors", _("Sponsor agencies")),
        ExportColumn("technology_areas", _("Technology areas")),
        ExportColumn("focus", _("Technology focus area")),
        ExportColumn("lead", _("Lead organisation")),
        ExportColumn("city", _("City")),
        ExportColumn("region", _("Region")),
        ExportColumn("latitude", _("Latitude")),
        ExportColumn("longitude", _("Longitude")),
        ExportColumn("announced", _("Announced")),
        ExportColumn("established", _("Established")),
    )


def institute_export_rows(rows: QuerySet[Institute]) -> Iterator[tuple[ExportCell, ...]]:
    """One row for each institute; dates as exactly as they are known."""
    found = rows.prefetch_related(
        Prefetch("dates", InstituteDate.objects.filter(edition=rules.Edition.TODAY)),
        Prefetch(
            "facts",
            InstituteFact.objects.filter(
                edition=rules.Edition.TODAY, measure__in=("focus", "lead")
            ),
        ),
    )
    for one in found:
        texts = {fact.measure: fact.text for fact in one.facts.all()}
        place = one.place
        yield (
            one.key,
            one.name,
            one.name_zh,
            str(INSTITUTE_STATUS_LABELS[rules.InstituteStatus(one.status)]),
            one.status_as_of,
            " | ".join(sponsor.agency.key for sponsor in one.sponsors.all()),
            " | ".join(area.name for area in one.technology_areas.all()),
            texts.get("focus", ""),
            one.lead.name if one.lead else texts.get("lead", ""),
            place.city if place else "",
            place.region if place else "",
            place.latitude if place else None,
            place.longitude if place else None,
            _dated(one.dates.all(), rules.DateKind.ANNOUNCED),
            _dated(one.dates.all(), rules.DateKind.ESTABLISHED),
        )


def _lookalikes(
    actor: Actor, rows: Sequence[Row], outcome: RegisterOutcome
) -> tuple[RowError, ...]:
    """The rows that would make a record of what looks like one that the actor may see, or like
    another row.
    """
    row_of = dict(zip(outcome.organisation_ids, rows, strict=True))
    pairs = [(first, second) for first, second, _why in alike_pairs(outcome.new_ids)]
    seen = organisations_visible_to(actor).in_bulk({pk for pair in pairs for pk in pair})
    notices: dict[int, RowError] = {}
    for new, other in (*pairs, *((second, first) for first, second in pairs)):
        if new in outcome.new_ids and other in seen and new not in notices:
            known = seen[other]
            place = ", ".join(text for text in (known.city, known.region) if text)
            row = row_of[new]
            params = {
                "name": row.text("name"),
                "other": f"{known.name} ({place})" if place else known.name,
            }
            notices[new] = RowError(row.number, "name", "", _LOOKS_LIKE, _LOOK, params)
    return tuple(sorted(notices.values(), key=lambda notice: notice.row))


def _organisation_row(row: Row) -> OrganisationRow:
    return OrganisationRow(
        name=row.text("name"),
        kind=row.text("kind"),
        name_zh=row.text("name_zh"),
        ownership_country=row.text("ownership_country"),
        address=row.text("address"),
        city=row.text("city"),
        county=row.text("county"),
        region=row.text("region"),
        postal_code=row.text("postal_code"),
        country=row.text("country"),
        latitude=row.decimal("latitude"),
        longitude=row.decimal("longitude"),
        website=row.text("website"),
        level=row.text("level") or SharingLevel.PUBLIC,
        identifiers=identifiers_of(row),
        aliases=tuple(_several(row.text("aliases"))),
        designations=tuple(
            designation
            for column, designation in DESIGNATION_COLUMNS.items()
            if row.boolean(column)
        ),
        number=row.number,
    )


def _several(text: str) -> list[str]:
    return [part.strip() for part in _SEVERAL.split(text) if part.strip()]


def _dated(dates: Iterable[InstituteDate], kind: rules.DateKind) -> str:
    lengths = {rules.Precision.DAY: 10, rules.Precision.MONTH: 7, rules.Precision.YEAR: 4}
    return next(
        (
            one.on.isoformat()[: lengths[rules.Precision(one.precision)]]
            for one in dates
            if one.kind == kind
        ),
        "",
    )
