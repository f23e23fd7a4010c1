"""The verbs of claims: open one with its lines, and decide on its lines one by one.

A line is a contribution under all the rules of one. Lock order as in `contributions`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from uuid import UUID

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, ClaimLine, Contribution, CostShareClaim
from lineshaft.apps.funding.rules import ContributionState, TransferCode
from lineshaft.apps.funding.services.deciding import (
    Acceptance,
    accept_open,
    deciding_id,
    refuse_repeated,
    void_open,
)
from lineshaft.apps.funding.services.duplicates import note_duplicates
from lineshaft.apps.funding.services.evidence import contributions_to_change, permit_on
from lineshaft.apps.funding.services.ledger import RefusedRow, in_ledger_transaction
from lineshaft.apps.funding.services.recording import Claim, ContributionOutcome, record_claims
from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


@dataclass(frozen=True, slots=True)
class ClaimHeader:
    """Whose claim it is, on what, and over which days `[starts_on, ends_on)`."""

    id: UUID
    agreement_id: int
    organisation_id: int
    starts_on: date
    ends_on: date
    number: str = ""


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What is decided on one line: how much counts (None: all), or that it is refused."""

    contribution_id: UUID
    is_refused: bool = False
    accepted_minor: int | None = None
    reason: str = ""


def open_claim(
    actor: Actor, header: ClaimHeader, *, now: datetime, lines: Sequence[Claim] = ()
) -> CostShareClaim:
    """Open a claim, with the lines that are there already; more are recorded under its id.

    The same claim sent again changes nothing, with other content it is refused. Raises RefusedRow
    for the first line that a rule does not allow.
    """

    def work() -> CostShareClaim:
        agreement = _agreement(header.agreement_id)
        permit_on(actor, "open_claim", agreement)
        claim, is_new = _opened(actor, header, agreement, now=now)
        recorded = record_claims(
            actor, [replace(line, claim_id=header.id) for line in lines], now=now
        )
        if recorded.recorded:
            note_duplicates([line.id for line in lines], now=now)
        if is_new or recorded.recorded:
            _audit(
                actor,
                "open_claim",
                claim,
                now=now,
                changes={
                    "number": header.number,
                    "organisation": header.organisation_id,
                    "starts_on": header.starts_on.isoformat(),
                    "ends_on": header.ends_on.isoformat(),
                    "lines": recorded.recorded,
                },
            )
        return claim

    return in_ledger_transaction([header.id, *(line.id for line in lines)], work)


def decide_claim(
    actor: Actor,
    claim_id: UUID,
    decisions: Sequence[LineDecision],
    *,
    today: date,
    now: datetime,
) -> ContributionOutcome:
    """Accept or refuse lines of a claim, all or none, with one audit event.

    Raises RefusedRow at the first line whose decision a rule does not allow. A line decided so
    before stays as it is.
    """

    def work() -> ContributionOutcome:
        claim = _claim(claim_id)
        permit_on(actor, "decide_claim", claim.agreement)
        refuse_if(rules.decision_made(len(decisions)))
        refuse_repeated([one.contribution_id for one in decisions])
        _refuse_strangers(claim, decisions)
        contributions = contributions_to_change([one.contribution_id for one in decisions])
        decided = 0
        for position, one in enumerate(decisions):
            try:
                decided += _decide(actor, contributions, one, today=today, now=now)
            except Refused as error:
                raise RefusedRow(error.refusal, position) from error
        if decided:
            _audit(actor, "decide_claim", claim, now=now, changes=_told(decisions))
        return ContributionOutcome(decided, len(decisions) - decided)

    ids = [deciding_id(_code(one), one.contribution_id) for one in decisions]
    return in_ledger_transaction(ids, work)


def _agreement(pk: int) -> Agreement:
    found = Agreement.objects.select_related("institute", "agency").filter(pk=pk).first()
    if found is None:
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    return found


def _claim(pk: UUID) -> CostShareClaim:
    found = (
        CostShareClaim.objects.select_related("agreement__institute", "agreement__agency")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="claim", message=gettext_noop("There is no such claim."))
    return found


def _opened(
    actor: Actor, header: ClaimHeader, agreement: Agreement, *, now: datetime
) -> tuple[CostShareClaim, bool]:
    """The claim, and whether it is new."""
    stored = CostShareClaim.objects.filter(pk=header.id).first()
    if stored is not None:
        is_same = all(getattr(stored, name) == value for name, value in asdict(header).items())
        refuse_if(rules.same_content(is_same=is_same, transfer_id=str(header.id)))
        return stored, False
    refuse_if(
        rules.claim_period(
            header.starts_on,
            header.ends_on,
            term_starts_on=agreement.starts_on,
            term_ends_on=agreement.ends_on,
        )
    )
    claim = CostShareClaim(opened_by_id=actor.user_id, opened_at=now, **asdict(header))
    claim.agreement = agreement
    claim.save(force_insert=True)
    return claim, True


def _refuse_strangers(claim: CostShareClaim, decisions: Sequence[LineDecision]) -> None:
    wanted = {one.contribution_id for one in decisions}
    found = ClaimLine.objects.filter(claim=claim, contribution_id__in=wanted).count()
    if found != len(wanted):
        raise NotFound(code="line", message=gettext_noop("There is no such line in this claim."))


def _decide(
    actor: Actor,
    contributions: Mapping[UUID, Contribution],
    one: LineDecision,
    *,
    today: date,
    now: datetime,
) -> int:
    """1 where the decision is new, 0 where the line stands so already."""
    if not one.is_refused:
        acceptance = Acceptance(one.contribution_id, one.accepted_minor, one.reason)
        return accept_open(actor, contributions, [acceptance], today=today, now=now)
    return int(
        void_open(
            actor,
            contributions[one.contribution_id],
            TransferCode.REFUSE,
            ContributionState.REFUSED,
            reason=one.reason,
            today=today,
            now=now,
        )
    )


def _code(one: LineDecision) -> TransferCode:
    return TransferCode.REFUSE if one.is_refused else TransferCode.ACCEPT


def _told(decisions: Sequence[LineDecision]) -> dict[str, object]:
    return {
        "lines": [
            {
                "contribution": str(one.contribution_id),
                "decision": str(_code(one)),
                "accepted_minor": one.accepted_minor,
                "reason": one.reason,
            }
            for one in decisions
        ]
    }


def _audit(
    actor: Actor,
    verb: str,
    claim: CostShareClaim,
    *,
    now: datetime,
    changes: Mapping[str, object],
) -> None:
    record_event(
        actor,
        verb,
        claim,
        now=now,
        institute=claim.agreement.institute.key,
        agency=claim.agreement.agency.key,
        changes=changes,
    )
