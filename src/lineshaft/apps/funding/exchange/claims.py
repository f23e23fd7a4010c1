"""Claims of cost share in: one row a line, under the number and period of its claim."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from lineshaft.apps.funding import services
from lineshaft.apps.funding.exchange.contributions import (
    CONTRIBUTION_COLUMNS,
    claim_faults,
    claim_of,
)
from lineshaft.apps.funding.exchange.rows import MAPPINGS, agreements_named, reference, refused
from lineshaft.apps.funding.models import Agreement, Contribution
from lineshaft.apps.funding.rules import PERMISSIONS
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import organisations_by_reference, profile_in_use
from lineshaft.kernel.errors import Refused
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


@dataclass(frozen=True, slots=True)
class _OneClaim:
    """A claim of the file: its head, and its lines with the rows they stand in."""

    header: services.ClaimHeader
    lines: list[services.Claim] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def claim_id(agreement_number: str, number: str) -> UUID:
    """The id that a claim of that number under that agreement always has."""
    return derived_id("funding.claim", agreement_number, number)


def import_claims(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Open the claims with the rows as their lines; what stands already is left as it is."""
    agreements = agreements_named(actor, rows)
    organisations = organisations_by_reference(actor, [reference(row) for row in rows])
    kinds = {kind.key for kind in profile_in_use().cost_share_kinds}
    errors: list[RowError] = []
    claims: dict[UUID, _OneClaim] = {}
    for row, candidates in zip(rows, organisations, strict=True):
        agreement = agreements.get(row.text("agreement"))
        faults = claim_faults(row, agreement, candidates, kinds)
        errors += faults
        if agreement is not None and not faults:
            header = _header(row, agreement, candidates[0])
            claim = claims.setdefault(header.id, _OneClaim(header))
            if claim.header != header:
                errors.append(RowError(row.number, "claim", header.number, _OTHER, _OTHER_REMEDY))
            claim.lines.append(claim_of(row, agreement, candidates[0]))
            claim.rows.append(row)
    if errors:
        return ImportOutcome(errors=tuple(errors))
    ids = [line.id for claim in claims.values() for line in claim.lines]
    before = Contribution.objects.filter(pk__in=ids).count()
    for claim in claims.values():
        try:
            services.open_claim(actor, claim.header, now=context.now, lines=claim.lines)
        except services.RefusedRow as error:
            return ImportOutcome(errors=(refused(claim.rows[error.position], error),))
        except Refused as error:
            fault = RowError(
                claim.rows[0].number, "claim", claim.header.number, error.message, "", error.params
            )
            return ImportOutcome(errors=(fault,))
    return ImportOutcome(created=len(ids) - before, unchanged=before)


_OTHER: Final = gettext_noop(
    "Another row gives this claim another contributor or period; a claim has one of each."
)
_OTHER_REMEDY: Final = gettext_noop("Mend the row, or give it the number of another claim.")

CLAIMS_IMPORT: Final = ImportSpec(
    kind="claims",
    title=gettext_noop("Claims of cost share"),
    help=gettext_noop(
        "What one contributor brought to an agreement in a period, one row a line of the claim."
    ),
    columns=(
        Column(
            "claim",
            is_required=True,
            max_length=120,
            help=gettext_noop("Your own number for the claim; its lines bear the same one."),
            aliases=("claim number",),
        ),
        Column(
            "starts_on",
            ColumnKind.DATE,
            is_required=True,
            help=gettext_noop("The first day of the claim's period."),
            aliases=("period start", "period from"),
        ),
        Column(
            "ends_on",
            ColumnKind.DATE,
            is_required=True,
            help=gettext_noop("The first day after the period."),
        ),
        *CONTRIBUTION_COLUMNS,
    ),
    apply=import_claims,
    permission=PERMISSIONS["open_claim"],
    mappings=MAPPINGS / "claims",
)


def _header(row: Row, agreement: Agreement, organisation: Organisation) -> services.ClaimHeader:
    starts_on, ends_on = row.date("starts_on"), row.date("ends_on")
    assert starts_on is not None  # noqa: S101 -- the column is required
    assert ends_on is not None  # noqa: S101 -- as above
    return services.ClaimHeader(
        id=claim_id(agreement.number, row.text("claim")),
        agreement_id=agreement.pk,
        organisation_id=organisation.pk,
        starts_on=starts_on,
        ends_on=ends_on,
        number=row.text("claim"),
    )
