"""Cost share in and out: contributions as a workbook has them, with their valuation."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lineshaft.apps.funding import services
from lineshaft.apps.funding.exchange.rows import (
    MAPPINGS,
    agreements_named,
    party_faults,
    reference,
    refused,
)
from lineshaft.apps.funding.models import Agreement, Contribution
from lineshaft.apps.funding.rules import LARGEST_PERCENTAGE_BP, PERMISSIONS
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import (
    organisations_by_reference,
    profile_in_use,
)
from lineshaft.kernel.ids import derived_id
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

_NO_KIND: Final = gettext_noop("This is no kind of cost share in this jurisdiction.")
_NO_KIND_REMEDY: Final = gettext_noop("Use one of: %(kinds)s.")
_PERCENTAGES: Final = ("fringe_percent", "approved_rate_percent", "charged_rate_percent")
_PERCENT_MAX: Final = LARGEST_PERCENTAGE_BP // 100
_PERCENT: Final = gettext_noop("The percentage has more than two decimals.")
_PERCENT_REMEDY: Final = gettext_noop("Write it as 28 or 28.25.")


def contribution_id(agreement_number: str, external_id: str) -> UUID:
    """The id that a contribution of that number under that agreement always has."""
    return derived_id("funding.contribution", agreement_number, external_id)


def import_contributions(
    actor: Actor, rows: Sequence[Row], context: ImportContext
) -> ImportOutcome:
    """Record the rows as contributions with their evidence; nothing is accepted by importing."""
    agreements = agreements_named(actor, rows)
    organisations = organisations_by_reference(actor, [reference(row) for row in rows])
    kinds = {kind.key for kind in profile_in_use().cost_share_kinds}
    errors: list[RowError] = []
    claims: list[services.Claim] = []
    for row, candidates in zip(rows, organisations, strict=True):
        agreement = agreements.get(row.text("agreement"))
        faults = claim_faults(row, agreement, candidates, kinds)
        errors += faults
        if agreement is not None and not faults:
            claims.append(claim_of(row, agreement, candidates[0]))
    if errors:
        return ImportOutcome(errors=tuple(errors))
    try:
        outcome = services.record_contributions(actor, claims, now=context.now, why=context.why)
    except services.RefusedRow as error:
        return ImportOutcome(errors=(refused(rows[error.position], error),))
    return ImportOutcome(created=outcome.recorded, unchanged=outcome.unchanged)


def claim_faults(
    row: Row,
    agreement: Agreement | None,
    candidates: Sequence[Organisation],
    kinds: set[str],
) -> list[RowError]:
    faults = party_faults(row, agreement, candidates)
    if row.text("kind") not in kinds:
        faults.append(
            RowError(
                row.number,
                "kind",
                row.text("kind"),
                _NO_KIND,
                _NO_KIND_REMEDY,
                {"kinds": ", ".join(sorted(kinds))},
            )
        )
    faults += [
        RowError(row.number, name, f"{percent:f}", _PERCENT, _PERCENT_REMEDY)
        for name in _PERCENTAGES
        if (percent := row.decimal(name)) is not None and percent * 100 % 1
    ]
    return faults


def claim_of(row: Row, agreement: Agreement, organisation: Organisation) -> services.Claim:
    amount, on = row.money("amount"), row.date("date")
    assert on is not None  # noqa: S101 -- the column is required
    return services.Claim(
        id=contribution_id(agreement.number, row.text("number")),
        agreement_id=agreement.pk,
        organisation_id=organisation.pk,
        kind=row.text("kind"),
        amount_minor=amount.amount_minor if amount else None,
        currency=amount.currency if amount else agreement.currency,
        occurred_on=on,
        is_federal_origin=bool(row.boolean("federal_origin")),
        other_award=row.text("other_award"),
        units=row.decimal("units"),
        rate_minor=_minor(row, "rate"),
        fringe_bp=_basis_points(row, "fringe_percent"),
        market_value_minor=_minor(row, "market_value"),
        book_value_minor=_minor(row, "book_value"),
        base_minor=_minor(row, "indirect_base"),
        approved_rate_bp=_basis_points(row, "approved_rate_percent"),
        charged_rate_bp=_basis_points(row, "charged_rate_percent"),
        basis_of_value=row.text("basis_of_value"),
        appraisal=row.text("appraisal"),
        approval=row.text("approval"),
        external_id=row.text("number"),
        evidence=(row.text("evidence"),) if row.text("evidence") else (),
    )


def contribution_records(
    contributions: QuerySet[Contribution],
) -> Iterable[tuple[ExportCell, ...]]:
    """The rows of an export, in the order of `export_columns`."""
    for one in contributions.select_related("agreement", "organisation").iterator(2_000):
        yield (
            str(one.pk),
            one.agreement.number,
            one.organisation.name,
            one.kind,
            one.occurred_on,
            one.claimed,
            one.accepted,
            one.state,
            one.external_id,
        )


def export_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export; their keys are those of an import where one matches."""
    return (
        ExportColumn("id", _("Contribution")),
        ExportColumn("agreement", _("Agreement")),
        ExportColumn("contributor", _("Contributor")),
        ExportColumn("kind", _("Kind")),
        ExportColumn("date", _("Date")),
        ExportColumn("amount", _("Claimed")),
        ExportColumn("accepted", _("Accepted")),
        ExportColumn("state", _("State")),
        ExportColumn("number", _("Own number")),
    )


CONTRIBUTION_COLUMNS: Final = (
    Column(
        "number",
        is_required=True,
        is_identifier=True,
        max_length=120,
        help=gettext_noop("Your own number for the contribution; it never changes."),
        aliases=("id", "external id", "reference number"),
    ),
    Column(
        "agreement",
        is_required=True,
        max_length=64,
        help=gettext_noop("Number of the award."),
        aliases=("award", "award number", "agreement number"),
    ),
    Column(
        "contributor",
        max_length=300,
        help=gettext_noop("Name of the organisation that contributed."),
        aliases=("organisation", "organization", "member"),
    ),
    Column("uei", max_length=32),
    Column("ror", max_length=32),
    Column("ein", max_length=32),
    Column(
        "kind",
        is_required=True,
        max_length=40,
        help=gettext_noop("Kind of cost share, such as cash, personnel or space."),
        aliases=("type", "category"),
    ),
    Column(
        "amount",
        ColumnKind.MONEY,
        help=gettext_noop("Empty claims all that it is worth by the columns behind."),
        aliases=("value", "amount claimed"),
    ),
    Column("date", ColumnKind.DATE, is_required=True, aliases=("contributed on",)),
    Column(
        "evidence",
        max_length=200,
        help=gettext_noop("The record in your own books that proves it."),
        aliases=("evidence reference", "document"),
    ),
    Column("federal_origin", ColumnKind.BOOLEAN),
    Column("other_award", max_length=64),
    Column(
        "units",
        ColumnKind.DECIMAL,
        minimum=0,
        help=gettext_noop("For work and what is lent: hours, months, areas."),
        aliases=("hours", "quantity"),
    ),
    Column(
        "rate",
        ColumnKind.MONEY,
        help=gettext_noop("For one unit."),
        aliases=("hourly rate", "unit rate"),
    ),
    Column(
        "fringe_percent",
        ColumnKind.DECIMAL,
        minimum=0,
        maximum=_PERCENT_MAX,
        help=gettext_noop("Fringe benefits in percent of the rate, for work."),
        aliases=("fringe",),
    ),
    Column(
        "market_value",
        ColumnKind.MONEY,
        help=gettext_noop("For what is given: its fair market value."),
        aliases=("fair market value", "fair value"),
    ),
    Column(
        "book_value",
        ColumnKind.MONEY,
        help=gettext_noop("For property of the recipient itself: its book value."),
    ),
    Column(
        "indirect_base",
        ColumnKind.MONEY,
        help=gettext_noop("For indirect cost: the base of the rate."),
    ),
    Column("approved_rate_percent", ColumnKind.DECIMAL, minimum=0, maximum=_PERCENT_MAX),
    Column("charged_rate_percent", ColumnKind.DECIMAL, minimum=0, maximum=_PERCENT_MAX),
    Column(
        "appraisal",
        max_length=200,
        help=gettext_noop("For space, land and buildings: the independent appraisal."),
    ),
    Column(
        "approval",
        max_length=200,
        help=gettext_noop("For indirect cost: the agency’s prior approval."),
    ),
    Column("basis_of_value", max_length=500, aliases=("valuation method",)),
)
CONTRIBUTIONS_IMPORT: Final = ImportSpec(
    kind="contributions",
    title=gettext_noop("Contributions"),
    help=gettext_noop(
        "Cost share that members and others brought to an agreement, one row for each."
    ),
    columns=CONTRIBUTION_COLUMNS,
    apply=import_contributions,
    permission=PERMISSIONS["record_contribution"],
    mappings=MAPPINGS / "contributions",
)


def _minor(row: Row, column: str) -> int | None:
    amount = row.money(column)
    return amount.amount_minor if amount else None


def _basis_points(row: Row, column: str) -> int | None:
    percent = row.decimal(column)
    return None if percent is None else int(percent * 100)
