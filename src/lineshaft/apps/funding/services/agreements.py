"""The verbs of an agreement: sign, activate, end, terminate.

Signing opens the agreement's accounts. Ending or terminating locks them first, in the ledger's own
order, and closes the award to new obligations; what is pending can still be drawn or released.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Account, Agreement
from lineshaft.apps.funding.rules import TRANSITIONS, AccountKind, AgreementState
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.kernel.errors import Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """What an agreement says; amounts in minor units, `ends_on` the first day after the term."""

    number: str
    currency: str
    signed_on: date
    starts_on: date
    ends_on: date
    federal_total_minor: int
    cost_share_required_minor: int | None = None
    title: str = ""


def sign_agreement(
    actor: Actor, institute: Institute, agency: Agency, *, terms: AgreementTerms, now: datetime
) -> Agreement:
    """Record an agreement as a draft and open its accounts, and the agency's if it has none.

    Raises Invalid for a term that ends before it starts, and Refused for a number that is taken or
    an amount that no agreement can have.
    """
    permit(actor, rules.PERMISSIONS["sign_agreement"], agency=agency.key)
    fault = check_span(terms.starts_on, terms.ends_on)
    if fault is not None:
        raise Invalid([fault])
    refuse_if(rules.positive_amount(terms.federal_total_minor))
    refuse_if(rules.cost_share_possible(terms.cost_share_required_minor))
    try:
        with transaction.atomic():
            return _sign(actor, institute, agency, terms, now=now)
    except IntegrityError as error:
        raise Stale from error


def activate_agreement(actor: Actor, agreement_id: int, *, today: date, now: datetime) -> Agreement:
    """Let money move under the agreement."""
    return _change_state(actor, agreement_id, "activate_agreement", today=today, now=now, why="")


def end_agreement(actor: Actor, agreement_id: int, *, today: date, now: datetime) -> Agreement:
    """Close the agreement at the end of its term; nothing new is obligated under it."""
    return _change_state(actor, agreement_id, "end_agreement", today=today, now=now, why="")


def terminate_agreement(
    actor: Actor, agreement_id: int, *, reason: str, today: date, now: datetime
) -> Agreement:
    """Close the agreement before its term, with the reason."""
    refuse_if(rules.closing_reason_given(reason))
    return _change_state(
        actor, agreement_id, "terminate_agreement", today=today, now=now, why=reason
    )


def _sign(
    actor: Actor, institute: Institute, agency: Agency, terms: AgreementTerms, *, now: datetime
) -> Agreement:
    is_taken = Agreement.objects.filter(number=terms.number).exists()
    refuse_if(rules.number_free(terms.number, is_taken=is_taken))
    agreement = Agreement.objects.create(
        number=terms.number,
        title=terms.title,
        agency=agency,
        institute=institute,
        currency=terms.currency,
        signed_on=terms.signed_on,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        federal_total_minor=terms.federal_total_minor,
        cost_share_required_minor=terms.cost_share_required_minor,
    )
    _open_accounts(agreement)
    record_event(
        actor,
        "sign_agreement",
        agreement,
        now=now,
        institute=institute.key,
        agency=agency.key,
        changes={
            "number": terms.number,
            "starts_on": terms.starts_on.isoformat(),
            "ends_on": terms.ends_on.isoformat(),
            "federal_total_minor": terms.federal_total_minor,
            "currency": terms.currency,
        },
    )
    return agreement


def _change_state(
    actor: Actor, agreement_id: int, verb: str, *, today: date, now: datetime, why: str
) -> Agreement:
    with transaction.atomic():
        accounts = list(
            Account.objects.filter(agreement_id=agreement_id, organisation__isnull=True)
            .order_by("pk")
            .select_for_update(no_key=True)
        )
        agreement = (
            Agreement.objects.select_for_update(of=("self",), no_key=True)
            .select_related("agency", "institute")
            .filter(pk=agreement_id)
            .first()
        )
        if agreement is None:
            raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
        permit(
            actor,
            rules.PERMISSIONS[verb],
            institute=agreement.institute.key,
            agency=agreement.agency.key,
        )
        workflow = TRANSITIONS["agreement"]
        before = agreement.state
        refuse_if(workflow.check(before, verb))
        agreement.state = workflow.target(before, verb)
        is_closing = agreement.state != AgreementState.ACTIVE
        agreement.closed_on = today if is_closing else None
        agreement.close_reason = why
        agreement.save(update_fields=["state", "closed_on", "close_reason"])
        for account in accounts:
            if account.kind == AccountKind.AWARD and account.is_closed != is_closing:
                account.is_closed = is_closing
                account.save(update_fields=["is_closed"])
        record_event(
            actor,
            verb,
            agreement,
            now=now,
            why=why,
            institute=agreement.institute.key,
            agency=agreement.agency.key,
            changes={"state": [before, agreement.state]},
        )
    return agreement


def _open_accounts(agreement: Agreement) -> None:
    Account.objects.bulk_create(
        [
            Account(
                kind=kind,
                agreement=agreement,
                currency=agreement.currency,
                debits_must_not_exceed_credits=True,
            )
            for kind in (
                AccountKind.AWARD,
                AccountKind.DRAWN,
                AccountKind.CASH,
                AccountKind.IN_KIND,
            )
        ]
    )
    Account.objects.bulk_create(
        [
            Account(
                kind=AccountKind.APPROPRIATION,
                agency_id=agreement.agency_id,
                currency=agreement.currency,
                credits_must_not_exceed_debits=True,
            )
        ],
        ignore_conflicts=True,
    )
