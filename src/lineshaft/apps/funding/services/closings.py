"""The verbs of books: close them through a day, open them again; an institute's, or the network's.

Each locks the institutes and their accounts, so that nothing moves meanwhile and no agreement is
signed, writes one numbered entry, and sets the day on the accounts, where the ledger reads it. An
institute's accounts are closed through the later of its own day and the network's; what the
agencies appropriate is closed with the network's books alone.
"""

from datetime import date, datetime

from django.db import transaction

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import Account, BooksClosing
from lineshaft.apps.funding.rules import ClosingKind
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit


def close_books(
    actor: Actor, institute: Institute, *, through: date, today: date, now: datetime
) -> BooksClosing:
    """Let nothing more be dated on or before that day in the institute's books."""
    permit(actor, rules.PERMISSIONS["close_books"], institute=institute.key)
    return _close(actor, institute, "close_books", through=through, today=today, now=now)


def close_network_books(actor: Actor, *, through: date, today: date, now: datetime) -> BooksClosing:
    """The same in the books of every institute, and in what the agencies appropriate."""
    permit(actor, rules.PERMISSIONS["close_network_books"])
    return _close(actor, None, "close_network_books", through=through, today=today, now=now)


def reopen_books(
    actor: Actor, institute: Institute, *, through: date | None, reason: str, now: datetime
) -> BooksClosing:
    """Open the institute's books after that day again, or all of them, with the reason.

    Raises Refused for who closed them, and for days that a certified report covers.
    *Source*: 2 CFR 200.303, 2 CFR 200.415.
    """
    permit(actor, rules.PERMISSIONS["reopen_books"], institute=institute.key)
    return _reopen(actor, institute, "reopen_books", through=through, reason=reason, now=now)


def reopen_network_books(
    actor: Actor, *, through: date | None, reason: str, now: datetime
) -> BooksClosing:
    """The same in the network's books; what an institute closed itself stays closed."""
    permit(actor, rules.PERMISSIONS["reopen_network_books"])
    return _reopen(actor, None, "reopen_network_books", through=through, reason=reason, now=now)


def _close(
    actor: Actor,
    institute: Institute | None,
    verb: str,
    *,
    through: date,
    today: date,
    now: datetime,
) -> BooksClosing:
    with transaction.atomic():
        _lock(institute)
        standing = queries.standing_of(institute.pk if institute else None)
        refuse_if(rules.closing_day_possible(through))
        refuse_if(rules.span_over(through, today))
        refuse_if(rules.closes_further(through, standing.through if standing else None))
        entry = _enter(actor, institute, standing, ClosingKind.CLOSE, through, now=now)
        _audit(actor, verb, entry, standing, now=now)
    return entry


def _reopen(
    actor: Actor,
    institute: Institute | None,
    verb: str,
    *,
    through: date | None,
    reason: str,
    now: datetime,
) -> BooksClosing:
    with transaction.atomic():
        _lock(institute)
        standing = queries.standing_of(institute.pk if institute else None)
        refuse_if(rules.reopening_says_why(reason))
        network = queries.standing_of(None) if institute else None
        held = network.through if network else None
        closed = standing.through if standing else None
        refuse_if(rules.opens_something(through, closed, held))
        spans = queries.closed_spans_of(institute.pk if institute else None)
        opened = [one for one in spans if through is None or one.through > through]
        is_closer = any(one.closer_id == actor.user_id for one in opened if one.closer_id)
        refuse_if(rules.opener_apart(is_closer=is_closer))
        report = queries.last_certified(institute)
        if report is not None:
            stays = max((day for day in (through, held) if day is not None), default=None)
            number = report.agreement.number
            refuse_if(rules.certified_stays(stays, report.period_end, number))
        entry = _enter(
            actor, institute, standing, ClosingKind.REOPEN, through, now=now, reason=reason
        )
        _audit(actor, verb, entry, standing, now=now)
    return entry


def _lock(institute: Institute | None) -> None:
    institutes = Institute.objects.order_by("pk")
    accounts = Account.objects.order_by("pk")
    if institute is not None:
        institutes = institutes.filter(pk=institute.pk)
        accounts = accounts.filter(agreement__institute=institute)
    list(institutes.select_for_update(no_key=True).values_list("pk", flat=True))
    list(accounts.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _enter(
    actor: Actor,
    institute: Institute | None,
    standing: BooksClosing | None,
    kind: ClosingKind,
    through: date | None,
    *,
    now: datetime,
    reason: str = "",
) -> BooksClosing:
    entry = BooksClosing.objects.create(
        institute=institute,
        number=standing.number + 1 if standing else 1,
        kind=kind.value,
        through=through,
        transfer_count=queries.transfers_through(institute, through) if through else 0,
        reason=reason,
        recorded_by_id=actor.user_id,
        recorded_at=now,
    )
    _set_accounts(institute)
    return entry


def _set_accounts(institute: Institute | None) -> None:
    """Set the day on the accounts of these books: the later of an institute's and the network's.

    A contributor's own account needs none: whatever leaves it arrives in one that has.
    """
    accounts = Account.objects.filter(organisation__isnull=True)
    days = queries.closed_days()
    network = days.pop(None, None)
    if institute is not None:
        own = [day for day in (days.get(institute.pk), network) if day is not None]
        accounts.filter(agreement__institute=institute).update(
            closed_through=max(own, default=None)
        )
        return
    later = {pk: day for pk, day in days.items() if network is None or day > network}
    accounts.exclude(agreement__institute__in=sorted(later)).update(closed_through=network)
    for pk, day in later.items():
        accounts.filter(agreement__institute=pk).update(closed_through=day)


def _audit(
    actor: Actor, verb: str, entry: BooksClosing, before: BooksClosing | None, *, now: datetime
) -> None:
    record_event(
        actor,
        verb,
        entry,
        now=now,
        why=entry.reason,
        institute=entry.institute.key if entry.institute else "",
        changes={
            "closed_through": [_day(before), _day(entry)],
            "transfer_count": entry.transfer_count,
        },
    )


def _day(entry: BooksClosing | None) -> str:
    return entry.through.isoformat() if entry is not None and entry.through is not None else "–"
