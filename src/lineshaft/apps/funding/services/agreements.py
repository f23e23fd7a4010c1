"""The verbs of an agreement: sign, activate, end, terminate.

Signing opens the agreement's accounts. Ending or terminating locks them first, in the ledger's own
order, and closes the award to new obligations; what is pending can still be drawn or released.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Account, Agreement, AgreementSponsor
from lineshaft.apps.funding.queries import agencies_to_sign_for, closed_days
from lineshaft.apps.funding.rules import (
    AGREEMENT_ACCOUNTS,
    SPONSOR_ACCOUNTS,
    TRANSITIONS,
    UNLIMITED_ACCOUNTS,
    AccountKind,
    AgreementState,
)
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.network.rules import RecipientKind
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit


@dataclass(frozen=True, slots=True)
class SponsorPart:
    """What an agency beside the lead gives of the federal total, in minor units."""

    agency_id: int
    federal_total_minor: int


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """What an agreement says; amounts in minor units, `ends_on` the first day after the term.

    `federal_total_minor` is of all sponsors together; the lead gives what its `co_sponsors` do not.
    """

    number: str
    currency: str
    signed_on: date
    starts_on: date
    ends_on: date
    federal_total_minor: int
    cost_share_required_minor: int | None = None
    title: str = ""
    co_sponsors: tuple[SponsorPart, ...] = ()

    @property
    def lead_part_minor(self) -> int:
        """What the leading agency gives of the federal total."""
        return self.federal_total_minor - sum(p.federal_total_minor for p in self.co_sponsors)


def sign_agreement(
    actor: Actor, institute: Institute, agency: Agency, *, terms: AgreementTerms, now: datetime
) -> Agreement:
    """Record an agreement as a draft and open its accounts, and its sponsors' if they have none.

    Raises NotPermitted for an agency that does not stand behind the institute, Invalid for a term
    that ends before it starts, and Refused for a number that is taken, an amount that no agreement
    can have, or a first term of a length that the law does not allow.
    *Source*: 15 U.S.C. 278s(e)(2)(A), through the profile's term limit.
    """
    _permit_signing(actor, institute, agency)
    sponsor_ids = {agency.pk, *(part.agency_id for part in terms.co_sponsors)}
    try:
        with transaction.atomic():
            refuse_if(_first_term_refusal(institute, sponsor_ids, terms))
            return _sign(actor, institute, agency, terms=terms, now=now)
    except IntegrityError as error:
        raise Stale from error


def sign_following(
    actor: Actor, agreement: Agreement, *, terms: AgreementTerms, now: datetime
) -> Agreement:
    """Sign the agreement that renews another, by the same lead, in the caller's transaction.

    How long it may be is the renewal's to decide; the limits of a first term are not asked.
    """
    permit(actor, rules.PERMISSIONS["sign_agreement"], agency=agreement.agency.key)
    return _sign(actor, agreement.institute, agreement.agency, terms=terms, now=now)


def activate_agreement(actor: Actor, agreement_id: int, *, today: date, now: datetime) -> Agreement:
    """Let money move under the agreement."""
    return _change_state(actor, agreement_id, "activate_agreement", today=today, now=now, why="")


def end_agreement(actor: Actor, agreement_id: int, *, today: date, now: datetime) -> Agreement:
    """Close the agreement at the end of its term; nothing new is obligated under it.

    Raises Refused before that: to close it earlier is to terminate it. *Source*: 2 CFR 200.340.
    """
    return _change_state(actor, agreement_id, "end_agreement", today=today, now=now, why="")


def terminate_agreement(
    actor: Actor, agreement_id: int, *, reason: str, today: date, now: datetime
) -> Agreement:
    """Close the agreement before its term, with the reason."""
    refuse_if(rules.closing_reason_given(reason))
    return _change_state(
        actor, agreement_id, "terminate_agreement", today=today, now=now, why=reason
    )


def locked_accounts(agreement_id: int) -> list[Account]:
    """The agreement's own accounts, locked in the ledger's order: before the agreement itself."""
    return list(
        Account.objects.filter(agreement_id=agreement_id, organisation__isnull=True)
        .order_by("pk")
        .select_for_update(no_key=True)
    )


def locked_agreement(actor: Actor, agreement_id: int, verb: str) -> Agreement:
    """The agreement, locked, for a verb that the actor may perform under it.

    Raises NotFound, and NotPermitted.
    """
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
    return agreement


def change_state(
    actor: Actor, agreement_id: int, verb: str, *, today: date, now: datetime, why: str
) -> Agreement:
    """The agreement after the verb moved it, in the caller's transaction; closing closes its award.

    Raises NotFound, NotPermitted, and Refused where its state or its term does not allow the verb.
    """
    accounts = locked_accounts(agreement_id)
    agreement = locked_agreement(actor, agreement_id, verb)
    workflow = TRANSITIONS["agreement"]
    before = agreement.state
    refuse_if(workflow.check(before, verb))
    if verb == "end_agreement":
        refuse_if(rules.term_over(agreement.ends_on, today))
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


def _change_state(
    actor: Actor, agreement_id: int, verb: str, *, today: date, now: datetime, why: str
) -> Agreement:
    with transaction.atomic():
        return change_state(actor, agreement_id, verb, today=today, now=now, why=why)


def _permit_signing(actor: Actor, institute: Institute, agency: Agency) -> None:
    """Return if the actor may sign for the agency with the institute, as the form offers it.

    An agreement makes nobody a sponsor: its sponsors see the institute's inner records, so that
    an agency would let itself in by a draft.
    """
    permission = rules.PERMISSIONS["sign_agreement"]
    permit(actor, permission, agency=agency.key)
    if not actor.is_system and agency not in agencies_to_sign_for(actor, institute):
        raise NotPermitted(
            code="not_a_sponsor",
            message=gettext_noop(
                "%(agency)s does not sponsor %(institute)s. A sponsor of the institute signs the "
                "agreement, and %(agency)s can stand beside it as a co-sponsor."
            ),
            params={
                "verb": permission.verb,
                "agency": agency.key,
                "institute": institute.name,
            },
        )


def _first_term_refusal(
    institute: Institute, sponsor_ids: Collection[int], terms: AgreementTerms
) -> Refusal | None:
    """Why the term can't be the institute's first, where the law in force binds a sponsor."""
    profile = profile_in_use()
    limit = profile.term_in_force(terms.signed_on)
    is_institute = institute.kind == RecipientKind.INSTITUTE
    if limit is None or not limit.is_binding or not is_institute:
        return None
    if terms.ends_on <= terms.starts_on:
        return None
    keys = Agency.objects.filter(pk__in=sponsor_ids).values_list("key", flat=True)
    binds = any(limit.binds(*profile.lineage(key)) for key in keys)
    if not binds or Agreement.objects.filter(institute=institute).exists():
        return None
    return rules.first_term_allowed(Span(terms.starts_on, terms.ends_on), limit)


def _sign(
    actor: Actor, institute: Institute, agency: Agency, *, terms: AgreementTerms, now: datetime
) -> Agreement:
    fault = check_span(terms.starts_on, terms.ends_on)
    if fault is not None:
        raise Invalid([fault])
    refuse_if(rules.positive_amount(terms.federal_total_minor))
    refuse_if(rules.cost_share_possible(terms.cost_share_required_minor))
    refuse_if(
        rules.parts_possible(
            [part.federal_total_minor for part in terms.co_sponsors],
            terms.federal_total_minor,
            are_distinct=len({agency.pk, *(part.agency_id for part in terms.co_sponsors)})
            == len(terms.co_sponsors) + 1,
        )
    )
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
    parts = (SponsorPart(agency.pk, terms.lead_part_minor), *terms.co_sponsors)
    _open_accounts(agreement, parts)
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
            "sponsors": dict(agreement.sponsors.values_list("agency__key", "federal_total_minor")),
        },
    )
    return agreement


def _open_accounts(agreement: Agreement, parts: Sequence[SponsorPart]) -> None:
    """Open what the agreement and its sponsors lack, closed as far as the books of each are.

    The institute is locked, so that no books close meanwhile.
    """
    Institute.objects.select_for_update(no_key=True).get(pk=agreement.institute_id)
    days = closed_days()
    own = [days[books] for books in (agreement.institute_id, None) if books in days]
    AgreementSponsor.objects.bulk_create(
        [
            AgreementSponsor(
                agreement=agreement,
                agency_id=part.agency_id,
                federal_total_minor=part.federal_total_minor,
            )
            for part in parts
        ]
    )
    owned: list[tuple[AccountKind, int | None]] = [
        (kind, part.agency_id) for part in parts for kind in SPONSOR_ACCOUNTS
    ]
    owned += [(kind, None) for kind in AGREEMENT_ACCOUNTS]
    Account.objects.bulk_create(
        [
            Account(
                kind=kind,
                agreement=agreement,
                agency_id=agency_id,
                currency=agreement.currency,
                debits_must_not_exceed_credits=kind not in UNLIMITED_ACCOUNTS,
                closed_through=max(own, default=None),
            )
            for kind, agency_id in owned
        ]
    )
    Account.objects.bulk_create(
        [
            Account(
                kind=AccountKind.APPROPRIATION,
                agency_id=part.agency_id,
                currency=agreement.currency,
                credits_must_not_exceed_debits=True,
                closed_through=days.get(None),
            )
            for part in parts
        ],
        ignore_conflicts=True,
    )
