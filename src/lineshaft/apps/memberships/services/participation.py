"""Deciding on participation: the sponsor approves, sets conditions, denies, closes, looks again.

A decision is appended and takes effect on the day it is made; the review names the state. Nobody
has to run anything on the day an approval ends.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import (
    ParticipationCommitment,
    ParticipationDecision,
    ParticipationRecheck,
    ParticipationReview,
)
from lineshaft.apps.memberships.queries import (
    countries_bound,
    deciding_agencies,
    is_decision_needed,
)
from lineshaft.apps.memberships.services.decision_letters import want_letters
from lineshaft.apps.memberships.services.screening import locked_review
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.participation import ParticipationRule
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_day, months_on
from lineshaft.kernel.text import Day, gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

_NO_KIND: Final = gettext_noop("“%(kind)s” is no kind of commitment. There are: %(known)s.")
_DUE_LATER: Final = gettext_noop("A commitment is due after the day on which it is made.")
_NO_COMMITMENT: Final = gettext_noop("There is no such commitment.")
_MET_ALREADY: Final = gettext_noop("This was met on %(day)s already.")
_MET_AHEAD: Final = gettext_noop("A commitment is met on a day up to today, not on %(day)s.")


@dataclass(frozen=True, slots=True)
class Commitment:
    """What the member commits to, by a day; `kind` is a key of the profile."""

    kind: str
    text: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval as the sponsor gives it: `ends_on` is the first day without it.

    `seen_sheet` is the screening that the sponsor has read; `grounds` are keys of the profile's
    grounds of waiver.
    """

    seen_sheet: int
    ends_on: date
    why: str
    grounds: tuple[str, ...] = ()
    commitments: tuple[Commitment, ...] = ()


def approve_participation(
    actor: Actor, review: ParticipationReview, approval: Approval, *, now: datetime
) -> ParticipationDecision:
    """Let the organisation take part without limits until the approval ends.

    Where an approval stands already, this one takes its place from this day on, without a gap.
    Raises Refused with the rule that bars it without a ground of waiver or a commitment, Invalid
    for what can't be read, Stale where a newer screening came in.
    *Source*: 42 U.S.C. 18972 in the United States' profile.
    """
    return _approve(actor, review, approval, verb="approve_participation", now=now)


def approve_participation_with_conditions(
    actor: Actor,
    review: ParticipationReview,
    approval: Approval,
    conditions: rules.Conditions,
    *,
    now: datetime,
) -> ParticipationDecision:
    """Let the organisation take part within limits that hold at every door until it ends.

    Raises as `approve_participation` does, and Refused where no condition is set.
    """
    verb = "approve_participation_with_conditions"
    return _approve(actor, review, approval, verb=verb, now=now, conditions=conditions)


def deny_participation(
    actor: Actor, review: ParticipationReview, *, seen_sheet: int, why: str, now: datetime
) -> ParticipationDecision:
    """Deny that the organisation takes part, or end an approval; from this day on it reads what
    the public reads.
    """
    with transaction.atomic():
        row = _locked(actor, review, "deny_participation", seen_sheet)
        refuse_if(rules.refuse_statement(why))
        binding = _binding(row, now.date())
        return _decide(actor, row, "deny_participation", why=why, binding=binding, now=now)


def close_participation_review(
    actor: Actor, review: ParticipationReview, *, seen_sheet: int, why: str, now: datetime
) -> ParticipationDecision:
    """Close a review whose last screening calls for none; nothing is limited then."""
    with transaction.atomic():
        row = _locked(actor, review, "close_participation_review", seen_sheet)
        refuse_if(rules.refuse_statement(why))
        is_needed = is_decision_needed(row, on=now.date())
        refuse_if(rules.refuse_decision(is_needed=is_needed, is_closing=True))
        return _decide(actor, row, "close_participation_review", why=why, binding=(), now=now)


def recheck_participation(
    actor: Actor, review: ParticipationReview, *, why: str, now: datetime
) -> ParticipationRecheck:
    """Let an approval stand after looking at it again; it is due again as the profile says."""
    with transaction.atomic():
        row = _locked(actor, review, "recheck_participation", review.sheet_id)
        refuse_if(rules.refuse_statement(why))
        today = now.date()
        next_on = months_on(today, profile_in_use().screening.recheck_months)
        checked = ParticipationRecheck.objects.create(
            decision=row.decisions.latest("number"),
            checked_on=today,
            next_on=next_on,
            why=why.strip(),
        )
        row.recheck_on = next_on
        row.save(update_fields=["recheck_on"])
        _audit(actor, "recheck_participation", row, now=now, why=why, next_on=next_on)
    return checked


def fulfil_commitment(
    actor: Actor,
    commitment: ParticipationCommitment,
    *,
    met_on: date,
    evidence: str,
    now: datetime,
) -> ParticipationCommitment:
    """Enter that a commitment was met on that day, with the evidence."""
    with transaction.atomic():
        row = (
            ParticipationCommitment.objects.select_for_update(of=("self",))
            .select_related("decision__review__institute")
            .filter(pk=commitment.pk)
            .first()
        )
        if row is None:
            raise NotFound(_NO_COMMITMENT, code="no_commitment")
        review = row.decision.review
        permit(
            actor,
            rules.PERMISSIONS["fulfil_commitment"],
            institute=review.institute.key,
            agencies=deciding_agencies(review.institute),
        )
        if row.met_on is not None:
            raise Invalid.in_field("met_on", _MET_ALREADY, day=Day(row.met_on))
        if fault := check_day(met_on, name="met_on"):
            raise Invalid([fault])
        if met_on > now.date():
            raise Invalid.in_field("met_on", _MET_AHEAD, day=Day(met_on))
        if refusal := rules.refuse_statement(evidence):
            raise Invalid.in_field("evidence", refusal.message, **refusal.params)
        row.met_on, row.evidence = met_on, evidence.strip()
        row.save(update_fields=["met_on", "evidence"])
        said = {"commitment": row.pk, "met_on": met_on}
        _audit(actor, "fulfil_commitment", review, now=now, why=evidence, **said)
    return row


def permit_decision(actor: Actor, verb: str, institute: Institute) -> None:
    """Return if the actor decides for that institute: its sponsor, or the programme office where it
    has none.
    """
    agencies = deciding_agencies(institute)
    permit(
        actor,
        rules.permission_to_decide(verb, has_sponsor=bool(agencies)),
        agencies=agencies,
    )


def _approve(
    actor: Actor,
    review: ParticipationReview,
    approval: Approval,
    *,
    verb: str,
    now: datetime,
    conditions: rules.Conditions | None = None,
) -> ParticipationDecision:
    profile, today = profile_in_use(), now.date()
    with transaction.atomic():
        row = _locked(actor, review, verb, approval.seen_sheet)
        refuse_if(rules.refuse_statement(approval.why))
        if conditions is not None:
            refuse_if(rules.refuse_conditions(conditions))
        if faults := _faults_of(approval, today):
            raise Invalid(faults)
        binding = _binding(row, today)
        is_needed = is_decision_needed(row, on=today)
        refuse_if(rules.refuse_decision(is_needed=is_needed, is_closing=False))
        if row.decision is not None:
            refuse_if(
                rules.refuse_extension(
                    row.state,
                    row.decision.ownership_country,
                    ownership_country=row.ownership_country,
                )
            )
        refuse_if(rules.refuse_end_of_approval(profile, approval.ends_on, today))
        refuse_if(rules.refuse_grounds(profile, binding, approval.grounds))
        refuse_if(rules.refuse_commitments(binding, len(approval.commitments)))
        decision = _decide(
            actor,
            row,
            verb,
            why=approval.why,
            binding=binding,
            now=now,
            approval=approval,
            conditions=conditions or rules.NO_CONDITIONS,
        )
        ParticipationCommitment.objects.bulk_create(
            ParticipationCommitment(
                decision=decision, kind=one.kind, text=one.text.strip(), due_on=one.due_on
            )
            for one in approval.commitments
        )
    return decision


def _locked(
    actor: Actor, review: ParticipationReview, verb: str, seen_sheet: int
) -> ParticipationReview:
    """The review behind its lock, if the actor may do that to it in its state as it was read."""
    row = locked_review(review.pk)
    permit_decision(actor, verb, row.institute)
    refuse_if(rules.TRANSITIONS["ParticipationReview"].check(row.state, verb))
    if row.sheet_id != seen_sheet:
        raise Stale
    return row


def _binding(row: ParticipationReview, today: date) -> tuple[ParticipationRule, ...]:
    countries = {*row.sheet.countries, *countries_bound(row.organisation)}
    return rules.binding_rules(profile_in_use(), countries, today)


def _decide(
    actor: Actor,
    row: ParticipationReview,
    verb: str,
    *,
    why: str,
    binding: Sequence[ParticipationRule],
    now: datetime,
    approval: Approval | None = None,
    conditions: rules.Conditions = rules.NO_CONDITIONS,
) -> ParticipationDecision:
    """Append the decision and move the review; `approval` is None for what approves nothing."""
    today = now.date()
    target = rules.TRANSITIONS["ParticipationReview"].target(row.state, verb)
    decision = ParticipationDecision.objects.create(
        review=row,
        number=row.decisions.count() + 1,
        kind=target,
        sheet_id=row.sheet_id,
        ownership_country=row.ownership_country,
        starts_on=today,
        ends_on=approval.ends_on if approval else None,
        grounds=list(approval.grounds) if approval else [],
        citations=[rule.authority.citation.text for rule in binding],
        why=why.strip(),
        decided_at=now,
        **_columns(conditions),
    )
    before, row.state, row.decision = row.state, target, decision
    months = profile_in_use().screening.recheck_months
    row.waits_since, row.recheck_on = None, months_on(today, months) if approval else None
    row.save(update_fields=["state", "decision", "waits_since", "recheck_on"])
    given = {"ends_on": approval.ends_on, "grounds": list(approval.grounds)} if approval else {}
    set_ones = {"conditions": asdict(conditions)} if conditions != rules.NO_CONDITIONS else {}
    said = {"state": [before, target], "decision": decision.number, **given, **set_ones}
    _audit(actor, verb, row, now=now, why=why, **said)
    want_letters(decision, now=now)
    return decision


def _columns(conditions: rules.Conditions) -> dict[str, object]:
    """The conditions as the columns of a decision."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(conditions).items()
    }


def _faults_of(approval: Approval, today: date) -> list[FieldError]:
    known = {one.key for one in profile_in_use().screening.commitment_kinds}
    faults = [fault] if (fault := check_day(approval.ends_on, name="ends_on")) else []
    for one in approval.commitments:
        if one.kind not in known:
            params = {"kind": one.kind, "known": ", ".join(sorted(known))}
            faults.append(FieldError("commitments", message=_NO_KIND, params=params))
        if refusal := rules.refuse_statement(one.text):
            faults.append(FieldError("commitments", message=refusal.message, params=refusal.params))
        if fault := check_day(one.due_on, name="commitments"):
            faults.append(fault)
        elif one.due_on <= today:
            faults.append(FieldError("commitments", message=_DUE_LATER))
    return faults


def _audit(
    actor: Actor,
    verb: str,
    review: ParticipationReview,
    *,
    now: datetime,
    why: str,
    **changes: object,
) -> None:
    record_event(
        actor,
        verb,
        review,
        now=now,
        why=why.strip(),
        institute=review.institute.key,
        changes={"organisation": review.organisation_id, **changes},
    )
