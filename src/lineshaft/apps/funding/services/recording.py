"""Recording claims of cost share: what a claim says, what it is worth, and its pending transfer.

Under the verbs of `contributions` and `claims`, which open the transaction and write the audit
event.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Account,
    Agreement,
    ClaimLine,
    Contribution,
    CostShareClaim,
)
from lineshaft.apps.funding.rules import AccountKind, ContributionState, TransferCode
from lineshaft.apps.funding.services.book import CHUNK_ROWS, TransferRow
from lineshaft.apps.funding.services.day_sums import count_other
from lineshaft.apps.funding.services.evidence import attach_references, permit_on
from lineshaft.apps.funding.services.ledger import RefusedRow, write_transfers
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.kernel.jurisdiction import CostShareKind
from lineshaft.kernel.money import Money
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.sharing import SharingLevel

VALUATION_FIELDS: Final = tuple(field.name for field in fields(rules.Valuation))


@dataclass(frozen=True, slots=True)
class Claim:
    """A contribution as its recorder states it; `id` becomes its key and makes a retry harmless.

    `kind` is a cost-share kind of the profile; from `units` to `approval` it states what the kind
    is valued by (see `rules.Valuation`). `amount_minor` None claims all that it is worth.
    `evidence` are references of records in the recipient's own books; files are attached beside.
    `claim_id` makes it a line of that claim.
    """

    id: UUID
    agreement_id: int
    organisation_id: int
    kind: str
    amount_minor: int | None
    currency: str
    occurred_on: date
    is_federal_origin: bool = False
    other_award: str = ""
    units: Decimal | None = None
    rate_minor: int | None = None
    fringe_bp: int | None = None
    market_value_minor: int | None = None
    book_value_minor: int | None = None
    base_minor: int | None = None
    approved_rate_bp: int | None = None
    charged_rate_bp: int | None = None
    basis_of_value: str = ""
    appraisal: str = ""
    approval: str = ""
    external_id: str = ""
    evidence: tuple[str, ...] = ()
    claim_id: UUID | None = None

    @property
    def valuation(self) -> rules.Valuation:
        """What the claim states of its worth."""
        return rules.Valuation(**{name: getattr(self, name) for name in VALUATION_FIELDS})

    @property
    def claimed_minor(self) -> int:
        """The amount, once it is settled what it is."""
        assert self.amount_minor is not None  # noqa: S101 -- `settled` has filled it
        return self.amount_minor


@dataclass(frozen=True, slots=True)
class ContributionOutcome:
    """How many contributions a verb wrote anew, and how many stood so already."""

    recorded: int
    unchanged: int


def record_claims(actor: Actor, claims: Sequence[Claim], *, now: datetime) -> ContributionOutcome:
    """Record what is not recorded yet, in the caller's transaction and without an audit event."""
    kinds = {kind.key: kind for kind in profile_in_use().cost_share_kinds}
    agreements = Agreement.objects.select_related("agency", "institute").in_bulk(
        sorted({claim.agreement_id for claim in claims})
    )
    for agreement in agreements.values():
        permit_on(actor, "record_contribution", agreement)
    headers = CostShareClaim.objects.in_bulk(_claim_ids(claims)) if _claim_ids(claims) else {}
    settled: list[Claim] = []
    for position, claim in enumerate(claims):
        try:
            _refuse_in_claim(claim, headers)
            settled.append(_settled(claim, agreements, kinds))
        except Refused as error:
            raise RefusedRow(error.refusal, position) from error
    claims = settled
    _open_sources(claims, agreements)
    rows = [_row(claim, kinds[claim.kind]) for claim in claims]
    written = write_transfers(actor, rows, now=now)
    new_ids = {line.id for line in written.recorded}
    _refuse_other_content([claim for claim in claims if claim.id not in new_ids])
    new_claims = list({claim.id: claim for claim in claims if claim.id in new_ids}.values())
    _insert(actor, new_claims, kinds, now=now)
    ClaimLine.objects.bulk_create(
        [
            ClaimLine(contribution_id=claim.id, claim_id=claim.claim_id)
            for claim in new_claims
            if claim.claim_id is not None
        ],
        batch_size=1_000,
    )
    attach_references(actor, [(claim.id, claim.evidence) for claim in new_claims], now=now)
    return ContributionOutcome(len(written.recorded), len(written.unchanged))


def _insert(
    actor: Actor, claims: Sequence[Claim], kinds: Mapping[str, CostShareKind], *, now: datetime
) -> None:
    rows = [
        _content(claim)
        | {
            "transfer_id": claim.id,
            "is_cash": kinds[claim.kind].is_cash,
            "currency": claim.currency,
            "accepted_minor": 0,
            "state": ContributionState.RECORDED.value,
            "level": SharingLevel.RESTRICTED.value,
            "recorded_by_id": actor.user_id,
            "recorded_at": now,
            "decided_by_id": None,
            "decided_at": None,
            "decision_reason": "",
        }
        for claim in claims
    ]
    if rows:
        insert_rows(Contribution, tuple(rows[0]), [tuple(row.values()) for row in rows])
    count_other(
        (one.agreement_id, one.occurred_on, kinds[one.kind].is_cash, one.claimed_minor)
        for one in claims
        if one.is_federal_origin
    )


def _claim_ids(claims: Iterable[Claim]) -> set[UUID]:
    return {claim.claim_id for claim in claims if claim.claim_id is not None}


def _refuse_in_claim(line: Claim, headers: Mapping[UUID, CostShareClaim]) -> None:
    if line.claim_id is None:
        return
    header = headers.get(line.claim_id)
    if header is None:
        raise NotFound(code="claim", message=gettext_noop("There is no such claim."))
    is_of_claim = (line.agreement_id, line.organisation_id) == (
        header.agreement_id,
        header.organisation_id,
    )
    refuse_if(
        rules.line_in_claim(
            line.occurred_on, header.starts_on, header.ends_on, is_of_claim=is_of_claim
        )
    )


def _settled(
    claim: Claim, agreements: Mapping[int, Agreement], kinds: Mapping[str, CostShareKind]
) -> Claim:
    """The claim with its amount, once no rule refuses it."""
    agreement = agreements.get(claim.agreement_id)
    if agreement is None:
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    refuse_if(rules.same_currency(claim.currency, agreement.currency))
    refuse_if(rules.date_in_span(claim.occurred_on, agreement.starts_on, agreement.ends_on))
    refuse_if(rules.kind_known(claim.kind, is_known=claim.kind in kinds))
    amount_minor = settled_amount(
        claim.valuation, kinds[claim.kind], claim.amount_minor, claim.currency
    )
    return replace(claim, amount_minor=amount_minor)


def settled_amount(
    valuation: rules.Valuation, kind: CostShareKind, amount_minor: int | None, currency: str
) -> int:
    """What is claimed, all of the worth where it is left open; refused where a rule forbids it."""
    refuse_if(rules.valuation_positive(valuation))
    for figure_minor in valuation.figures_minor:
        refuse_if(rules.entry_amount(figure_minor, currency))
    refuse_if(rules.units_kept(valuation.units))
    refuse_if(
        rules.percentages_kept(
            valuation.fringe_bp, valuation.approved_rate_bp, valuation.charged_rate_bp
        )
    )
    refuse_if(rules.valuation_complete(valuation, kind))
    worth_minor = rules.worth_minor(valuation, kind.method)
    claimed_minor = amount_minor if amount_minor is not None else worth_minor or 0
    refuse_if(rules.positive_amount(claimed_minor))
    refuse_if(rules.entry_amount(claimed_minor, currency))
    worth = None if worth_minor is None else Money(worth_minor, currency)
    refuse_if(rules.within_worth(Money(claimed_minor, currency), worth, kind))
    return claimed_minor


def _content(claim: Claim) -> dict[str, object]:
    """What of a claim is kept beside its transfer, and makes a reused id another claim."""
    return {
        "agreement_id": claim.agreement_id,
        "organisation_id": claim.organisation_id,
        "kind": claim.kind,
        "is_federal_origin": claim.is_federal_origin,
        "other_award": claim.other_award,
        **{name: getattr(claim, name) for name in VALUATION_FIELDS},
        "occurred_on": claim.occurred_on,
        "claimed_minor": claim.claimed_minor,
        "external_id": claim.external_id,
    }


def _refuse_other_content(claims: Iterable[Claim]) -> None:
    """A retry repeats the whole claim, not only its transfer."""
    by_id = {claim.id: claim for claim in claims}
    if not by_id:
        return
    ids = list(by_id)
    for start in range(0, len(ids), CHUNK_ROWS):
        some = ids[start : start + CHUNK_ROWS]
        lines = dict(
            ClaimLine.objects.filter(contribution__in=some).values_list("contribution", "claim")
        )
        for stored in Contribution.objects.filter(pk__in=some):
            asked = _content(by_id[stored.pk])
            is_same = lines.get(stored.pk) == by_id[stored.pk].claim_id and all(
                getattr(stored, name) == value for name, value in asked.items()
            )
            refuse_if(rules.same_content(is_same=is_same, transfer_id=str(stored.pk)))


def _open_sources(claims: Iterable[Claim], agreements: Mapping[int, Agreement]) -> None:
    """Open the contributors' accounts that are not there yet, in one order for every caller."""
    wanted = {(claim.agreement_id, claim.organisation_id) for claim in claims}
    existing = set(
        Account.objects.filter(
            kind=AccountKind.SOURCE, agreement_id__in=sorted({pair[0] for pair in wanted})
        ).values_list("agreement_id", "organisation_id")
    )
    Account.objects.bulk_create(
        [
            Account(
                kind=AccountKind.SOURCE,
                agreement_id=agreement_id,
                organisation_id=organisation_id,
                currency=agreements[agreement_id].currency,
                credits_must_not_exceed_debits=True,
            )
            for agreement_id, organisation_id in sorted(wanted - existing)
        ],
        ignore_conflicts=True,
        batch_size=1_000,
    )


def _row(claim: Claim, kind: CostShareKind) -> TransferRow:
    code = TransferCode.CONTRIBUTE_CASH if kind.is_cash else TransferCode.CONTRIBUTE_IN_KIND
    return TransferRow(
        claim.id,
        claim.agreement_id,
        code,
        claim.claimed_minor,
        claim.currency,
        claim.occurred_on,
        organisation_id=claim.organisation_id,
        reference=claim.external_id,
    )
