"""The verbs of a waiver: request, grant, deny, revoke. Each locks its agreement first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, Waiver
from lineshaft.apps.funding.rules import AgreementState
from lineshaft.apps.funding.services.agreements import locked_agreement
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.jurisdiction import MatchingRule
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


@dataclass(frozen=True, slots=True)
class WaiverTerms:
    """Which rule is to be waived, on which ground, by how much, and for which days.

    `share_bp` is the lowered share in basis points, `excluded_minor` federal money to leave out of
    the test; one of them is given. `ends_on` is the first day after.
    """

    rule_id: str
    ground: str
    starts_on: date
    ends_on: date
    reason: str
    share_bp: int | None = None
    excluded_minor: int | None = None


def request_waiver(actor: Actor, agreement_id: int, *, terms: WaiverTerms, now: datetime) -> Waiver:
    """Ask that a matching rule be waived under the agreement.

    Raises Invalid for an empty span, and Refused for a closed agreement, a rule that does not bind,
    a ground that its text does not name, or a waiver that lifts nothing.
    *Source*: 15 U.S.C. 278s(e)(7)(B).
    """
    fault = check_span(terms.starts_on, terms.ends_on)
    if fault is not None:
        raise Invalid([fault])
    with transaction.atomic():
        agreement = locked_agreement(actor, agreement_id, "request_waiver")
        refuse_if(rules.waiver_still_possible(AgreementState(agreement.state)))
        refuse_if(rules.waiver_reason_given(terms.reason))
        rule = _binding_rule(agreement, terms)
        refuse_if(rules.ground_allowed(rule, terms.ground))
        refuse_if(
            rules.waiver_lifts_one(
                rule, share_bp=terms.share_bp, excluded_minor=terms.excluded_minor
            )
        )
        span = Span(terms.starts_on, terms.ends_on)
        refuse_if(rules.waiver_within(span, Span(agreement.starts_on, agreement.ends_on), rule))
        waiver = Waiver.objects.create(
            agreement=agreement,
            rule_id=terms.rule_id,
            ground=terms.ground,
            share_bp=terms.share_bp,
            excluded_minor=terms.excluded_minor,
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            reason=terms.reason,
            requested_by_id=actor.user_id,
            requested_at=now,
        )
        _record(actor, "request_waiver", waiver, now=now, why=terms.reason)
    return waiver


def grant_waiver(actor: Actor, waiver_id: int, *, reason: str, now: datetime) -> Waiver:
    """Let the waiver count in its days; decided by another person than who requested it."""
    return _decide(actor, waiver_id, "grant_waiver", reason=reason, now=now)


def deny_waiver(actor: Actor, waiver_id: int, *, reason: str, now: datetime) -> Waiver:
    """Refuse the waiver, with the reason."""
    return _decide(actor, waiver_id, "deny_waiver", reason=reason, now=now)


def revoke_waiver(
    actor: Actor, waiver_id: int, *, reason: str, today: date, now: datetime
) -> Waiver:
    """End a granted waiver today; for the days before it still counts."""
    with transaction.atomic():
        waiver = _locked(actor, waiver_id, "revoke_waiver")
        refuse_if(rules.waiver_reason_given(reason))
        waiver.revoked_on, waiver.revoked_reason = today, reason
        waiver.save(update_fields=["state", "revoked_on", "revoked_reason"])
        _record(actor, "revoke_waiver", waiver, now=now, why=reason)
    return waiver


def _binding_rule(agreement: Agreement, terms: WaiverTerms) -> MatchingRule:
    """The rule of that id, if it is in force in the waiver's days and binds one of the sponsors."""
    profile = profile_in_use()
    found = next((one for one in profile.matching_rules if one.id == terms.rule_id), None)
    keys = agreement.sponsors.values_list("agency__key", flat=True)
    binds = found is not None and (
        any(found.binds(*profile.lineage(key)) for key in keys)
        and found.authority.in_force.covers(Span(terms.starts_on, terms.ends_on))
    )
    refuse_if(rules.waiver_rule_binds(found, binds=binds))
    assert found is not None  # noqa: S101 -- refused just above
    return found


def _decide(actor: Actor, waiver_id: int, verb: str, *, reason: str, now: datetime) -> Waiver:
    with transaction.atomic():
        waiver = _locked(actor, waiver_id, verb)
        refuse_if(rules.waiver_reason_given(reason))
        is_requester = actor.user_id is not None and waiver.requested_by_id == actor.user_id
        refuse_if(rules.approver_apart(is_requester=is_requester))
        waiver.decided_by_id = actor.user_id
        waiver.decided_at = now
        waiver.decision_reason = reason
        waiver.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
        _record(actor, verb, waiver, now=now, why=reason)
    return waiver


def _locked(actor: Actor, waiver_id: int, verb: str) -> Waiver:
    """The waiver, locked behind its agreement and moved on by the verb, but not saved."""
    agreement_id = (
        Waiver.objects.filter(pk=waiver_id).values_list("agreement_id", flat=True).first()
    )
    if agreement_id is None:
        raise NotFound(code="waiver", message=gettext_noop("There is no such waiver."))
    locked_agreement(actor, agreement_id, verb)
    waiver = (
        Waiver.objects.select_for_update(of=("self",), no_key=True)
        .select_related("agreement__institute", "agreement__agency")
        .get(pk=waiver_id)
    )
    refuse_if(rules.WAIVER_WORKFLOW.check(waiver.state, verb))
    waiver.state = rules.WAIVER_WORKFLOW.target(waiver.state, verb)
    return waiver


def _record(actor: Actor, verb: str, waiver: Waiver, *, now: datetime, why: str) -> None:
    agreement = waiver.agreement
    changes: dict[str, Any] = {
        "agreement": agreement.number,
        "rule": waiver.rule_id,
        "ground": waiver.ground,
        "share_bp": waiver.share_bp,
        "excluded_minor": waiver.excluded_minor,
        "starts_on": waiver.starts_on.isoformat(),
        "ends_on": waiver.ends_on.isoformat(),
        "state": str(waiver.state),
    }
    record_event(
        actor,
        verb,
        waiver,
        now=now,
        why=why,
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        changes=changes,
    )
