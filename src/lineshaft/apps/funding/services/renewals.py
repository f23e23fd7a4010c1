"""The verbs of a renewal: open its review, notify deficiencies, renew, or find not eligible.

Each locks the agreement, then its renewal. Renewing signs the agreement that follows, as a draft.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import Agreement, Renewal
from lineshaft.apps.funding.rules import RenewalState
from lineshaft.apps.funding.services.agreements import (
    AgreementTerms,
    locked_agreement,
    sign_following,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


def open_renewal_review(
    actor: Actor, agreement_id: int, *, on: date, today: date, now: datetime
) -> Renewal:
    """Begin the merit review by which an agreement may be renewed; an agreement has one."""
    with transaction.atomic():
        agreement = locked_agreement(actor, agreement_id, "open_renewal_review")
        reviews = Renewal.objects.filter(agreement=agreement).count()
        refuse_if(rules.renewal_possible(agreement.state, open_renewals=reviews))
        refuse_if(rules.in_order(on, agreement.starts_on, today))
        renewal = Renewal.objects.create(agreement=agreement, opened_on=on)
        _record(actor, "open_renewal_review", renewal, now=now, on=on)
    return renewal


def notify_deficiencies(
    actor: Actor, renewal_id: int, *, deficiencies: str, on: date, today: date, now: datetime
) -> Renewal:
    """The review failed: name what is to be remedied, and give the time that the law gives.

    *Source*: 15 U.S.C. 278s(e)(2)(B)(iii), with the days of the profile's term limit.
    """
    with transaction.atomic():
        renewal = _locked(actor, renewal_id, "notify_deficiencies")
        refuse_if(rules.deficiencies_named(deficiencies))
        refuse_if(rules.in_order(on, renewal.opened_on, today))
        ends_on = rules.cure_ends_on(on, profile_in_use().term_in_force(on))
        refuse_if(rules.cure_given(ends_on))
        renewal.notified_on, renewal.cure_ends_on = on, ends_on
        renewal.deficiencies = deficiencies
        renewal.save(update_fields=["state", "notified_on", "cure_ends_on", "deficiencies"])
        _record(
            actor,
            "notify_deficiencies",
            renewal,
            now=now,
            why=deficiencies,
            on=on,
            cure_ends_on=ends_on,
        )
    return renewal


def grant_renewal(
    actor: Actor,
    renewal_id: int,
    *,
    terms: AgreementTerms,
    progress: str,
    on: date,
    today: date,
    now: datetime,
) -> Agreement:
    """Renew: sign the agreement that follows, by the same lead, no longer than the first term.

    Raises Invalid for an empty term, and Refused for a renewal that is too long, does not follow,
    does not weigh progress on the standards, or rests on a cure after the time for it.
    *Source*: 15 U.S.C. 278s(e)(2)(B)(i)-(ii).
    """
    fault = check_span(terms.starts_on, terms.ends_on)
    if fault is not None:
        raise Invalid([fault])
    with transaction.atomic():
        renewal = _locked(actor, renewal_id, "grant_renewal")
        agreement = renewal.agreement
        refuse_if(rules.progress_weighed(progress))
        refuse_if(rules.in_order(on, renewal.notified_on or renewal.opened_on, today))
        refuse_if(rules.cured_in_time(on, renewal.cure_ends_on))
        refuse_if(rules.renewal_follows(terms.starts_on, agreement.ends_on))
        first = queries.first_term(agreement)
        refuse_if(rules.renewal_no_longer(Span(terms.starts_on, terms.ends_on), first))
        following = sign_following(actor, agreement, terms=terms, now=now)
        renewal.renewed_by = following
        renewal.decided_on, renewal.progress = on, progress
        renewal.save(update_fields=["state", "renewed_by", "decided_on", "progress"])
        _record(
            actor, "grant_renewal", renewal, now=now, why=progress, on=on, renewed_by=terms.number
        )
    return following


def find_ineligible(
    actor: Actor, renewal_id: int, *, progress: str, on: date, today: date, now: datetime
) -> Renewal:
    """The deficiencies were not remedied in time: the agreement is not renewed.

    *Source*: 15 U.S.C. 278s(e)(2)(B)(iv).
    """
    with transaction.atomic():
        renewal = _locked(actor, renewal_id, "find_ineligible")
        refuse_if(rules.progress_weighed(progress))
        refuse_if(rules.cure_over(on, renewal.cure_ends_on or renewal.opened_on))
        refuse_if(rules.in_order(on, renewal.notified_on or renewal.opened_on, today))
        renewal.decided_on, renewal.progress = on, progress
        renewal.save(update_fields=["state", "decided_on", "progress"])
        _record(actor, "find_ineligible", renewal, now=now, why=progress, on=on)
    return renewal


def _locked(actor: Actor, renewal_id: int, verb: str) -> Renewal:
    """The renewal, locked behind its agreement and moved on by the verb, but not saved."""
    agreement_id = (
        Renewal.objects.filter(pk=renewal_id).values_list("agreement_id", flat=True).first()
    )
    if agreement_id is None:
        raise NotFound(code="renewal", message=gettext_noop("There is no such renewal."))
    locked_agreement(actor, agreement_id, verb)
    renewal = (
        Renewal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("agreement__institute", "agreement__agency")
        .get(pk=renewal_id)
    )
    refuse_if(rules.RENEWAL_WORKFLOW.check(renewal.state, verb))
    renewal.state = rules.RENEWAL_WORKFLOW.target(renewal.state, verb)
    return renewal


def _record(
    actor: Actor, verb: str, renewal: Renewal, *, now: datetime, why: str = "", **said: Any
) -> None:
    agreement = renewal.agreement
    record_event(
        actor,
        verb,
        renewal,
        now=now,
        why=why,
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        changes={"agreement": agreement.number, "state": RenewalState(renewal.state), **said},
    )
