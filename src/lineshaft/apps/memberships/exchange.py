"""Members in and out: rows of an institute's list to `admit_members`.

A row names its organisation by an identifier or by its name, and its institute by key or any name
it has had. An organisation is never made here: it is registered first, so that a misspelt name does
not become a second one.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import DirectoryEntry, MemberAgreement
from lineshaft.apps.memberships.queries import may_read_terms
from lineshaft.apps.memberships.services import MemberRow, admit_members
from lineshaft.apps.network import rules as network_rules
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import (
    OrganisationReference,
    institutes_by_name,
    organisations_by_reference,
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

EXPORT_CHUNK: Final = 2000
REFERENCE_SCHEMES: Final = network_rules.IDENTIFYING_SCHEMES

_NO_ORGANISATION: Final = gettext_noop("No organisation that you may see has this name there.")
_NO_IDENTIFIED: Final = gettext_noop("No organisation that you may see has this identifier.")
_NO_REFERENCE: Final = gettext_noop("The row names no organisation.")
_REGISTER_FIRST: Final = gettext_noop(
    "Register it first, or write its name, city and region as it is registered."
)
_NAME_IT: Final = gettext_noop("Write its name or an identifier: %(schemes)s.")
_SEVERAL: Final = gettext_noop("Several organisations bear this name.")
_SAY_WHICH: Final = gettext_noop("Add city and region, or an identifier: %(schemes)s.")
_NO_INSTITUTE: Final = gettext_noop("There is no institute of this key or name.")
_WRITE_KEY: Final = gettext_noop("Write the institute's key, such as america-makes.")
_SEVERAL_INSTITUTES: Final = gettext_noop("Several institutes bear this name.")

MEMBER_COLUMNS: Final = (
    Column("organisation", aliases=("organization", "member", "name", "成员", "单位")),
    *(Column(scheme) for scheme in REFERENCE_SCHEMES),
    Column("city", aliases=("城市",)),
    Column("region", aliases=("state", "州")),
    Column("institute", is_required=True, aliases=("创新中心",)),
    Column(
        "tier",
        is_required=True,
        aliases=("membership tier", "level", "会员等级"),
        help=gettext_noop("A key of the profile's membership tiers, such as industry or academic."),
    ),
    Column("signed_on", ColumnKind.DATE, aliases=("signed",)),
    Column("starts_on", ColumnKind.DATE, is_required=True, aliases=("start", "from", "joined")),
    Column(
        "ends_on",
        ColumnKind.DATE,
        aliases=("end", "until"),
        help=gettext_noop("The first day without the membership; blank for no end."),
    ),
    Column(
        "ended_reason",
        ColumnKind.CHOICE,
        choices=tuple(reason.value for reason in rules.EndReason if reason),
    ),
    Column("waiver_reference", aliases=("waiver",), max_length=200),
)


def apply_members(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Admit every row; what names nothing, or several things, comes back with its row."""
    institutes = institutes_by_name(actor, {row.text("institute") for row in rows})
    references = [_reference(row) for row in rows]
    organisations = organisations_by_reference(actor, references)
    errors: list[RowError] = []
    members: list[MemberRow] = []
    for row, reference, found in zip(rows, references, organisations, strict=True):
        institute = _institute(row, institutes, errors)
        organisation = _organisation(row, reference, found, errors)
        if institute is not None and organisation is not None:
            members.append(_member_row(row, organisation, institute))
    if errors:
        return ImportOutcome(errors=tuple(errors))
    outcome = admit_members(actor, members, now=context.now, why=context.why)
    return ImportOutcome(outcome.created, outcome.updated, outcome.unchanged)


IMPORTS: Final = {
    "members": ImportSpec(
        kind="members",
        title=gettext_noop("Members"),
        help=gettext_noop(
            "Membership agreements of registered organisations with institutes. A row that is "
            "there already changes nothing; one that adds an end ends the agreement."
        ),
        columns=MEMBER_COLUMNS,
        apply=apply_members,
        permission=rules.PERMISSIONS["admit_member"],
        mappings=Path(__file__).parent / "mappings",
    )
}


def member_export_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export; their keys are those of the import."""
    return (
        ExportColumn("organisation", _("Organisation")),
        ExportColumn("city", _("City")),
        ExportColumn("region", _("Region")),
        ExportColumn("kind", _("Kind")),
        ExportColumn("institute", _("Institute")),
        ExportColumn("starts_on", _("From")),
        ExportColumn("ends_on", _("Until")),
        ExportColumn("tier", _("Membership tier")),
        ExportColumn("is_demonstration", _("Demonstration")),
    )


def member_export_rows(
    actor: Actor, rows: QuerySet[MemberAgreement]
) -> Iterator[tuple[ExportCell, ...]]:
    """One row for each agreement; the tier stays blank where the actor may not read it."""
    for one in rows.iterator(chunk_size=EXPORT_CHUNK):
        may_read = may_read_terms(
            actor, institute=one.institute.key, organisation_id=one.organisation_id
        )
        organisation = one.organisation.standing
        yield (
            organisation.name,
            organisation.city,
            organisation.region,
            organisation.kind,
            one.institute.key,
            one.starts_on,
            one.ends_on,
            one.tier if may_read else "",
            one.is_demonstration,
        )


def directory_export_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export of the directory."""
    return (
        ExportColumn("organisation", _("Organisation")),
        ExportColumn("kind", _("Kind")),
        ExportColumn("city", _("City")),
        ExportColumn("region", _("Region")),
        ExportColumn("description", _("Description")),
        ExportColumn("capabilities", _("What it can do")),
        ExportColumn("areas", _("Technology areas")),
        ExportColumn("contact_name", _("Contact")),
        ExportColumn("contact_email", _("E-mail address")),
        ExportColumn("website", _("Website")),
        ExportColumn("is_demonstration", _("Demonstration")),
    )


def directory_export_rows(rows: QuerySet[DirectoryEntry]) -> Iterator[tuple[ExportCell, ...]]:
    """One row for each entry, read in chunks."""
    for one in rows.iterator(chunk_size=EXPORT_CHUNK):
        organisation = one.organisation
        yield (
            organisation.name,
            organisation.kind,
            organisation.city,
            organisation.region,
            one.description,
            one.capabilities,
            " | ".join(sorted(area.key for area in one.technology_areas.all())),
            one.contact_name,
            one.contact_email,
            organisation.website,
            one.is_demonstration,
        )


def _reference(row: Row) -> OrganisationReference:
    return OrganisationReference(
        name=row.text("organisation"),
        identifiers=tuple(
            (scheme, row.text(scheme)) for scheme in REFERENCE_SCHEMES if row.text(scheme)
        ),
        region=row.text("region"),
        city=row.text("city"),
    )


def _institute(
    row: Row, institutes: Mapping[str, list[Institute]], errors: list[RowError]
) -> Institute | None:
    name = row.text("institute")
    found = institutes[name]
    if len(found) == 1:
        return found[0]
    message = _SEVERAL_INSTITUTES if found else _NO_INSTITUTE
    errors.append(RowError(row.number, "institute", name, message, _WRITE_KEY))
    return None


def _organisation(
    row: Row,
    reference: OrganisationReference,
    found: list[Organisation],
    errors: list[RowError],
) -> Organisation | None:
    if len(found) == 1:
        return found[0]
    schemes = ", ".join(network_rules.SCHEMES[key].label for key in REFERENCE_SCHEMES)
    params = {"schemes": schemes}
    if not reference.name and not reference.identifiers:
        error = RowError(row.number, "organisation", "", _NO_REFERENCE, _NAME_IT, params)
    elif found:
        error = RowError(row.number, "organisation", reference.name, _SEVERAL, _SAY_WHICH, params)
    elif reference.name:
        error = RowError(
            row.number, "organisation", reference.name, _NO_ORGANISATION, _REGISTER_FIRST
        )
    else:
        scheme, value = reference.identifiers[0]
        error = RowError(row.number, scheme, value, _NO_IDENTIFIED, _REGISTER_FIRST)
    errors.append(error)
    return None


def _member_row(row: Row, organisation: Organisation, institute: Institute) -> MemberRow:
    starts_on = row.date("starts_on")
    if starts_on is None:
        message = "The reader refuses a row without a required date."
        raise AssertionError(message)
    return MemberRow(
        organisation_id=organisation.pk,
        institute_key=institute.key,
        tier=row.text("tier"),
        starts_on=starts_on,
        ends_on=row.date("ends_on"),
        signed_on=row.date("signed_on"),
        ended_reason=row.text("ended_reason"),
        waiver_reference=row.text("waiver_reference"),
        number=row.number,
    )
