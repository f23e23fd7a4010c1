"""Changes of a membership: the next term, another tier, lapse, expulsion, leaving, its end.

A new term and a new tier are a new agreement that begins where the one before ends, admitted
through `admit_member`, so that every rule of admission holds again. What was agreed is never
rewritten.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.memberships import queries, rules
from lineshaft.apps.memberships.models import AgreedTerms, InvoiceLine, MemberAgreement
from lineshaft.apps.memberships.queries import TierOffer
from lineshaft.apps.memberships.rules import BilledLine, EndReason
from lineshaft.apps.memberships.services.agreements import (
    SUBJECT,
    MemberRow,
    admit_member,
    end_agreement,
    lock_institute,
    locked_agreement,
)
from lineshaft.apps.memberships.services.applications import offer_to
from lineshaft.apps.memberships.services.invoices import (
    cancel_unpaid,
    somebody_of,
    write_invoice,
    year_line,
)
from lineshaft.apps.memberships.services.letters import tell_ended
from lineshaft.apps.memberships.services.signing import keep_terms
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

_NO_REASON: Final = gettext_noop("Say why the membership ends.")
_LAPSED: Final = gettext_noop("The dues were not paid within the days of grace.")


def renew_membership(actor: Actor, agreement: MemberAgreement, *, now: datetime) -> MemberAgreement:
    """Agree the next term under the terms then in force, and issue the invoice of its first year.

    Returns the agreement of the next term, which begins where this one ends. Raises Refused where
    there is none to agree, and as `admit_member` does.
    """
    with transaction.atomic():
        row = _locked(agreement)
        permit(actor, rules.PERMISSIONS["renew_membership"], institute=row.institute.key)
        held = queries.next_agreement_of(row)
        refuse_if(
            rules.refuse_renewal(
                ends_on=row.ends_on,
                ended_reason=row.ended_reason,
                renewed_from=held.starts_on if held else None,
                grace_days=profile_in_use().dues_grace_days,
                today=now.date(),
            )
        )
        assert row.ends_on is not None  # noqa: S101 -- asked above
        offer = offer_to(row.institute, row.organisation.standing, row.tier, on=row.ends_on)
        ends_on = rules.month_after(row.ends_on, offer.term_months)
        following = _row(row, starts_on=row.ends_on, ends_on=ends_on)
        renewed = _follow(actor, row, following, offer, offer.term_months, now=now)
        _audit(actor, "renew_membership", renewed, now=now, follows=row.pk)
        if offer.dues_minor:
            line = year_line(row.tier, row.ends_on, ends_on, offer.dues_minor)
            _bill(actor, renewed, row, [line], now=now)
    return renewed


def change_tier(
    actor: Actor, agreement: MemberAgreement, *, tier: str, on: date, now: datetime
) -> MemberAgreement:
    """Let another tier follow from a day on, until the term's end; returns its agreement.

    What is billed from then on, for the rest of the year and for later years, is credited and the
    new dues charged, by days, in one invoice; a difference in the member's favour is carried to the
    next. What was written off was not paid, and is not credited. What is not billed yet is billed
    by the new tier. Raises Refused for a day that is past, where the end or what follows is settled
    already, beside an open invoice, and as `admit_member` does.
    """
    with transaction.atomic():
        row = _locked(agreement)
        permit(actor, rules.PERMISSIONS["change_tier"], institute=row.institute.key)
        next_one = queries.next_agreement_of(row)
        refuse_if(
            rules.refuse_change(
                old_tier=row.tier,
                new_tier=tier,
                on=on,
                held=Span(row.starts_on, row.ends_on),
                ended_reason=row.ended_reason,
                followed_from=next_one.starts_on if next_one else None,
                today=now.date(),
            )
        )
        held = queries.open_invoices_of([row]).first()
        refuse_if(rules.refuse_open_invoice(held.number if held else ""))
        offer = offer_to(row.institute, row.organisation.standing, tier, on=on)
        agreed, billed = queries.agreed_terms_of(row), queries.billed_lines_from(row, on)
        following = replace(_row(row, starts_on=on, ends_on=row.ends_on), tier=tier)
        end_agreement(actor, row, "change_tier", ends_on=on, reason=EndReason.TIER_CHANGED, now=now)
        changed = _follow(actor, row, following, offer, _term_months(agreed, offer), now=now)
        if billed:
            _bill(actor, changed, row, _pro_rata(row, billed, on=on, offer=offer), now=now)
    return changed


def end_membership(
    actor: Actor,
    agreement: MemberAgreement,
    *,
    ends_on: date,
    reason: EndReason,
    now: datetime,
    why: str = "",
) -> MemberAgreement:
    """End the membership for the institute on that day, the first without it; the member is told.

    An agreement with a later end is shortened. Raises Refused where it has ended by then already or
    had not started, as its term's end before that day, in the past, and before what follows it.
    """
    with transaction.atomic():
        row = _locked(agreement)
        permit(actor, rules.PERMISSIONS["end_membership"], institute=row.institute.key)
        if reason is EndReason.NOT_ENDED:
            raise Invalid.in_field("reason", _NO_REASON)
        refuse_if(rules.refuse_end_reason(reason, row.ends_on))
        _end(actor, row, "end_membership", ends_on, reason, now=now, why=why)
    return row


def expel_member(
    actor: Actor, agreement: MemberAgreement, *, ends_on: date, reason: str, now: datetime
) -> MemberAgreement:
    """End the membership for breach, from a day on, with the reason that the member is told."""
    with transaction.atomic():
        row = _locked(agreement)
        permit(actor, rules.PERMISSIONS["expel_member"], institute=row.institute.key)
        refuse_if(rules.refuse_reason(reason))
        _end(actor, row, "expel_member", ends_on, EndReason.BREACH, now=now, why=reason)
    return row


def leave_membership(
    actor: Actor, agreement: MemberAgreement, *, ends_on: date, now: datetime, reason: str = ""
) -> MemberAgreement:
    """End the membership for the organisation, from a day on."""
    with transaction.atomic():
        row = _locked(agreement)
        own = str(row.organisation.standing.pk)
        permit(actor, rules.PERMISSIONS["leave_membership"], organisation=own)
        refuse_if(rules.refuse_text(reason))
        _end(actor, row, "leave_membership", ends_on, EndReason.LEFT, now=now, why=reason)
    return row


def lapse_memberships(
    actor: Actor,
    *,
    now: datetime,
    institute: Institute | None = None,
    passes_over_taken_back: bool = False,
) -> tuple[MemberAgreement, ...]:
    """End every membership whose dues are unpaid after the days of grace; returns them.

    Of one institute, or of the network. Run again it ends nothing more. Dues of an earlier term or
    tier that are owed again, as a payment was taken back, end what followed. One event for all, and
    one for each invoice that is cancelled with them. `passes_over_taken_back` leaves to a person
    those of whose open invoices something was paid and taken back.
    """
    key = institute.key if institute else None
    permit(actor, rules.PERMISSIONS["lapse_memberships"], institute=key)
    today = now.date()
    with transaction.atomic():
        at = [institute.pk] if institute else sorted({pk for pk, _id in _late(None, on=today)})
        for pk in at:
            lock_institute(pk)
        # Read again under the locks: what was paid meanwhile is not late.
        late = {agreement_id for pk, agreement_id in _late(key, on=today) if pk in at}
        if passes_over_taken_back:
            open_ones = queries.lapsing_invoices(institute=key or "", on=today)
            late -= {one.lapsing_id for one in open_ones if one.taken_back_at is not None}
        rows = MemberAgreement.objects.select_for_update(of=("self",)).filter(
            queries.in_force_q(today), pk__in=late, starts_on__lt=today
        )
        ended = tuple(rows.select_related("institute", "organisation").order_by("pk"))
        for row in ended:
            row.ends_on, row.ended_reason = today, EndReason.DUES_UNPAID
            row.save(update_fields=["ends_on", "ended_reason"])
            cancel_unpaid(actor, row, now=now, reason=_LAPSED)
            _tell_ended(row, _LAPSED, now=now)
        if ended:
            record_event(
                actor,
                "lapse_memberships",
                (SUBJECT, ""),
                now=now,
                institute=key or "",
                count=len(ended),
                changes={"agreements": [row.pk for row in ended], "ends_on": today},
            )
    return ended


# -------------------------------------------------------------------------------------- leaves


def _locked(agreement: MemberAgreement) -> MemberAgreement:
    """The agreement, locked after its institute, in the order of an admission."""
    lock_institute(agreement.institute_id)
    return locked_agreement(agreement.pk)


def _late(institute: str | None, *, on: date) -> set[tuple[int, int]]:
    """Which agreements lapse on that day for unpaid dues, each after its institute."""
    grace_days = profile_in_use().dues_grace_days
    return {
        (one.institute_id, one.lapsing_id)
        for one in queries.lapsing_invoices(institute=institute or "", on=on)
        if queries.lapses_on(one, grace_days=grace_days) <= on
    }


def _row(row: MemberAgreement, *, starts_on: date, ends_on: date | None) -> MemberRow:
    return MemberRow(
        organisation_id=row.organisation.standing.pk,
        institute_key=row.institute.key,
        tier=row.tier,
        starts_on=starts_on,
        ends_on=ends_on,
        waiver_reference=row.waiver_reference,
        level=row.level,
        is_demonstration=row.is_demonstration,
        is_new=True,
    )


def _follow(
    actor: Actor,
    row: MemberAgreement,
    following: MemberRow,
    offer: TierOffer,
    term_months: int,
    *,
    now: datetime,
) -> MemberAgreement:
    """Admit what follows the agreement, and keep what was agreed for it."""
    made = admit_member(actor, following, now=now, why=f"follows membership {row.pk}")
    terms = (offer.dues_minor, offer.in_kind_minor, term_months)
    keep_terms(made, terms=terms, follows=row, now=now)
    return made


def _term_months(agreed: AgreedTerms | None, offer: TierOffer) -> int:
    """The term that runs on: a change of tier does not begin a new one."""
    return agreed.term_months if agreed else offer.term_months


def _pro_rata(
    row: MemberAgreement, billed: Sequence[InvoiceLine], *, on: date, offer: TierOffer
) -> list[BilledLine]:
    given_up, behind = queries.given_up_of(billed), queries.spans_behind(row, billed)
    return [
        line
        for one in billed
        for line in rules.lines_of_change(
            paid=Span(one.starts_on, one.ends_on),
            paid_minor=one.amount_minor - given_up.get(one.pk, 0),
            on=on,
            old_tier=one.tier,
            new_tier=offer.tier.key,
            new_dues_minor=offer.dues_minor,
            behind=behind[one.pk],
        )
    ]


def _bill(
    actor: Actor,
    made: MemberAgreement,
    before: MemberAgreement,
    lines: Sequence[BilledLine],
    *,
    now: datetime,
) -> None:
    to = somebody_of(before, now=now)
    write_invoice(actor, made.institute, lines, agreement=made, to=to, now=now)


def _end(
    actor: Actor,
    row: MemberAgreement,
    verb: str,
    ends_on: date,
    reason: EndReason,
    *,
    now: datetime,
    why: str,
) -> None:
    refuse_if(rules.refuse_past_end(ends_on, today=now.date()))
    following = queries.next_agreement_of(row)
    refuse_if(rules.refuse_next_term(following.starts_on if following else None, ends_on))
    end_agreement(actor, row, verb, ends_on=ends_on, reason=reason, now=now, why=why)
    cancel_unpaid(actor, row, now=now, reason=why)
    _tell_ended(row, why, now=now)


def _tell_ended(row: MemberAgreement, why: str, *, now: datetime) -> None:
    to = somebody_of(row, now=now)
    if to is not None:
        tell_ended(row, to, why, now=now)


def _audit(
    actor: Actor, verb: str, row: MemberAgreement, *, now: datetime, **changes: object
) -> None:
    record_event(actor, verb, row, now=now, institute=row.institute.key, changes=changes)
