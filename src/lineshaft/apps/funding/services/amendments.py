"""The verbs of an amendment: propose, execute, withdraw. Only execution changes the agreement.

Execution locks the agreement's accounts, then the agreement, then the amendment, so that no money
is authorised beside a total that is being raised; what it replaced stays in the amendment.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, assert_never

from django.db import transaction
from django.db.models import F

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, AgreementSponsor, Amendment
from lineshaft.apps.funding.rules import AmendmentKind
from lineshaft.apps.funding.services.agreements import (
    change_state,
    locked_accounts,
    locked_agreement,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


@dataclass(frozen=True, slots=True)
class AmendmentTerms:
    """What an amendment changes and why; what its kind does not change stays None or empty.

    `agency_id` is the sponsor that adds money; None: the leading agency.
    """

    kind: AmendmentKind
    effective_on: date
    reason: str
    new_ends_on: date | None = None
    added_federal_minor: int | None = None
    agency_id: int | None = None
    new_title: str = ""


def propose_amendment(
    actor: Actor, agreement_id: int, *, terms: AmendmentTerms, now: datetime
) -> Amendment:
    """Put an amendment of a running agreement on record; nothing of the agreement changes yet.

    Raises Refused where the agreement is not active or the amendment lacks what its kind changes.
    """
    with transaction.atomic():
        agreement = locked_agreement(actor, agreement_id, "propose_amendment")
        refuse_if(rules.amendable(agreement.state))
        refuse_if(rules.amendment_reason_given(terms.reason))
        refuse_if(
            rules.amendment_says_what(
                terms.kind,
                new_ends_on=terms.new_ends_on,
                added_federal_minor=terms.added_federal_minor,
                new_title=terms.new_title,
            )
        )
        _refuse_impossible(agreement, terms)
        agency_id: int | None = None
        if terms.kind is AmendmentKind.INCREMENTAL_FUNDING:
            agency_id = terms.agency_id or agreement.agency_id
            sponsors = dict(agreement.sponsors.values_list("agency_id", "agency__key"))
            refuse_if(
                rules.sponsor_known(
                    sponsors.get(agency_id, str(agency_id)), is_sponsor=agency_id in sponsors
                )
            )
        last = agreement.amendments.order_by("-number").first()
        amendment = Amendment.objects.create(
            agreement=agreement,
            number=last.number + 1 if last else 1,
            kind=terms.kind,
            effective_on=terms.effective_on,
            new_ends_on=terms.new_ends_on,
            added_federal_minor=terms.added_federal_minor,
            agency_id=agency_id,
            new_title=terms.new_title.strip(),
            reason=terms.reason,
            proposed_by_id=actor.user_id,
            proposed_at=now,
        )
        _record(actor, "propose_amendment", amendment, now=now, why=terms.reason, changes={})
    return amendment


def execute_amendment(
    actor: Actor, amendment_id: int, *, reason: str = "", today: date, now: datetime
) -> Amendment:
    """Change the agreement as the amendment says, and keep what stood before and after.

    Not by who proposed it. A termination moves the agreement to terminated and closes its award.
    Raises Refused, among other reasons, where the term has moved on since it was proposed.
    """
    with transaction.atomic():
        agreement_id = _agreement_of(amendment_id)
        locked_accounts(agreement_id)
        agreement = locked_agreement(actor, agreement_id, "execute_amendment")
        amendment = _locked(amendment_id)
        refuse_if(rules.AMENDMENT_WORKFLOW.check(amendment.state, "execute_amendment"))
        is_proposer = actor.user_id is not None and amendment.proposed_by_id == actor.user_id
        refuse_if(rules.second_signature(is_proposer=is_proposer))
        refuse_if(rules.amendable(agreement.state))
        amendment.before = _standing(agreement)
        _apply(actor, agreement, amendment, today=today, now=now)
        agreement.refresh_from_db()
        after = _standing(agreement)
        changed = {key for key, value in after.items() if amendment.before[key] != value}
        amendment.before = {key: amendment.before[key] for key in sorted(changed)}
        amendment.after = {key: after[key] for key in sorted(changed)}
        _decide(actor, amendment, "execute_amendment", reason=reason, now=now)
    return amendment


def withdraw_amendment(actor: Actor, amendment_id: int, *, reason: str, now: datetime) -> Amendment:
    """Take back a proposed amendment, with the reason; the agreement stays as it is."""
    with transaction.atomic():
        locked_agreement(actor, _agreement_of(amendment_id), "withdraw_amendment")
        amendment = _locked(amendment_id)
        refuse_if(rules.AMENDMENT_WORKFLOW.check(amendment.state, "withdraw_amendment"))
        refuse_if(rules.amendment_reason_given(reason))
        _decide(actor, amendment, "withdraw_amendment", reason=reason, now=now)
    return amendment


def _refuse_impossible(agreement: Agreement, terms: AmendmentTerms | Amendment) -> None:
    refuse_if(rules.extends_by_now(terms.effective_on, agreement.ends_on))
    if terms.new_ends_on is not None:
        refuse_if(rules.extension_later(terms.new_ends_on, agreement.ends_on))


def _apply(
    actor: Actor, agreement: Agreement, amendment: Amendment, *, today: date, now: datetime
) -> None:
    kind = AmendmentKind(amendment.kind)
    match kind:
        case AmendmentKind.NO_COST_EXTENSION:
            _refuse_impossible(agreement, amendment)
            Agreement.objects.filter(pk=agreement.pk).update(ends_on=amendment.new_ends_on)
        case AmendmentKind.INCREMENTAL_FUNDING:
            added = amendment.added_federal_minor or 0
            for rows in (
                Agreement.objects.filter(pk=agreement.pk),
                AgreementSponsor.objects.filter(agreement=agreement, agency=amendment.agency),
            ):
                rows.update(federal_total_minor=F("federal_total_minor") + added)
        case AmendmentKind.SCOPE:
            Agreement.objects.filter(pk=agreement.pk).update(title=amendment.new_title)
        case AmendmentKind.TERMINATION_FOR_CONVENIENCE | AmendmentKind.TERMINATION_FOR_CAUSE:
            change_state(
                actor,
                agreement.pk,
                "terminate_agreement",
                today=today,
                now=now,
                why=amendment.reason,
            )
        case _:
            assert_never(kind)


def _standing(agreement: Agreement) -> dict[str, Any]:
    """The columns of the agreement that an amendment can change, as plain values."""
    return {
        "ends_on": agreement.ends_on.isoformat(),
        "federal_total_minor": agreement.federal_total_minor,
        "title": agreement.title,
        "state": str(agreement.state),
        "sponsors": dict(
            agreement.sponsors.order_by("agency__key").values_list(
                "agency__key", "federal_total_minor"
            )
        ),
    }


def _agreement_of(amendment_id: int) -> int:
    found = Amendment.objects.filter(pk=amendment_id).values_list("agreement_id", flat=True).first()
    if found is None:
        raise NotFound(code="amendment", message=gettext_noop("There is no such amendment."))
    return found


def _locked(amendment_id: int) -> Amendment:
    return (
        Amendment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("agreement__institute", "agreement__agency")
        .get(pk=amendment_id)
    )


def _decide(actor: Actor, amendment: Amendment, verb: str, *, reason: str, now: datetime) -> None:
    amendment.state = rules.AMENDMENT_WORKFLOW.target(amendment.state, verb)
    amendment.decided_by_id = actor.user_id
    amendment.decided_at = now
    amendment.decision_reason = reason
    amendment.save(
        update_fields=[
            "state",
            "decided_by",
            "decided_at",
            "decision_reason",
            "before",
            "after",
        ]
    )
    changes = {key: [amendment.before[key], after] for key, after in amendment.after.items()}
    _record(actor, verb, amendment, now=now, why=reason, changes=changes)


def _record(
    actor: Actor,
    verb: str,
    amendment: Amendment,
    *,
    now: datetime,
    why: str,
    changes: dict[str, Any],
) -> None:
    agreement = amendment.agreement
    record_event(
        actor,
        verb,
        amendment,
        now=now,
        why=why,
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        changes={"agreement": agreement.number, "kind": str(amendment.kind), **changes},
    )
