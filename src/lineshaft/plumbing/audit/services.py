"""Writing the trail: events in the transaction of their verb, seals over what was committed.

Events are appended without a shared lock; the sealer alone orders them. Content can be erased
while the chain still verifies, because a seal is over digests.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit import rules
from lineshaft.plumbing.audit.models import AuditEvent, AuditSeal, SealedEvent
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.triggers import missing_triggers


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that verification found: where, and what is wrong (English msgid and params)."""

    where: str
    message: str
    params: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.where}: {self.message % dict(self.params)}"


def record_event(
    actor: Actor,
    verb: str,
    subject: models.Model | tuple[str, str],
    *,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    why: str = "",
    institute: str = "",
    agency: str = "",
    count: int = 1,
) -> AuditEvent:
    """Append one event to the trail, in the caller's transaction.

    `subject` is a stored row, or (type, id) for what is none, such as a batch. `changes` holds
    plain values; `count` is the number of records that a bulk verb wrote.
    """
    if not transaction.get_connection().in_atomic_block:
        message = "An audit event is written in the transaction of its verb."
        raise RuntimeError(message)
    subject_type, subject_id = (
        subject if isinstance(subject, tuple) else (subject._meta.label_lower, str(subject.pk))
    )
    event = AuditEvent(
        at=now,
        actor_user_id=actor.user_id,
        actor_label=actor.label,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        institute=institute,
        agency=agency,
        count=count,
        changes=rules.plain(changes or {}),
        why=why,
        salt=secrets.token_hex(16),
    )
    event.digest = rules.event_digest(event.salt, _content(event))
    event.save(force_insert=True)
    return event


def seal(*, now: datetime) -> int:
    """Seal every committed event that no seal holds yet; return how many were sealed.

    The whole trail is looked through. Two sealers at once are harmless: seals are numbered by
    primary key, so the later one fails with IntegrityError and has sealed nothing.
    """
    return _seal_behind(0, now)


def seal_recent(*, now: datetime) -> int:
    """Do the same for what came since the last settled seal, at the cost of those events alone.

    An event can be committed after one with a higher number was sealed, as long as its transaction
    lasts; a seal of `rules.SETTLED_AFTER` ago has none such before it. `seal` finds any that a
    longer transaction may leave.
    """
    settled = AuditSeal.objects.filter(sealed_at__lte=now - rules.SETTLED_AFTER)
    last_settled = settled.order_by("-number").first()
    if last_settled is None:
        return seal(now=now)
    held = SealedEvent.objects.filter(seal=last_settled).aggregate(models.Max("event_id"))
    return _seal_behind(held["event_id__max"], now)


def erase_event(actor: Actor, event_id: int, *, now: datetime, why: str) -> AuditEvent:
    """Erase the personal content of an event; its digest and its place in the chain stay."""
    permit(actor, rules.PERMISSIONS["erase_event"])
    with transaction.atomic():
        event = AuditEvent.objects.select_for_update().filter(pk=event_id).first()
        if event is None:
            raise NotFound(code="event", message=gettext_noop("There is no such event."))
        event.actor_label = ""
        event.changes = {}
        event.why = ""
        event.salt = ""
        event.save(update_fields=["actor_label", "changes", "why", "salt"])
        record_event(actor, "erase_event", event, why=why, now=now)
    return event


def verify() -> list[Problem]:
    """Re-derive every digest and the whole chain, and compare the triggers. Writes nothing."""
    problems = [
        Problem(name, gettext_noop("The trigger is missing or altered."), {})
        for name in missing_triggers()
    ]
    problems.extend(_verify_events())
    problems.extend(_verify_seals())
    return problems


def _content(event: AuditEvent) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "actor": event.actor_user_id,
        "label": event.actor_label,
        "verb": event.verb,
        "subject": [event.subject_type, event.subject_id],
        "institute": event.institute,
        "agency": event.agency,
        "count": event.count,
        "changes": event.changes,
        "why": event.why,
    }


def _seal_behind(event_id: int, now: datetime) -> int:
    sealed = 0
    while batch := _seal_batch(event_id, now):
        sealed += batch
    return sealed


def _seal_batch(event_id: int, now: datetime) -> int:
    with transaction.atomic():
        events = list(
            AuditEvent.objects.filter(pk__gt=event_id, sealedevent__isnull=True)
            .order_by("pk")
            .values_list("pk", "digest")[: rules.SEAL_EVENTS_MAX]
        )
        if not events:
            return 0
        last = AuditSeal.objects.order_by("-number").first()
        previous = last.digest if last else rules.FIRST_DIGEST
        new_seal = AuditSeal.objects.create(
            number=last.number + 1 if last else 1,
            previous_digest=previous,
            digest=rules.seal_digest(previous, events),
            events=len(events),
            sealed_at=now,
        )
        insert_rows(
            SealedEvent, ("event_id", "seal_id"), [(pk, new_seal.pk) for pk, _digest in events]
        )
    return len(events)


def _verify_events() -> list[Problem]:
    return [
        Problem(
            f"audit event {event.pk}",
            gettext_noop("Its content does not give its digest."),
            {},
        )
        for event in AuditEvent.objects.order_by("pk").iterator(chunk_size=2000)
        if not event.is_erased and rules.event_digest(event.salt, _content(event)) != event.digest
    ]


def _verify_seals() -> list[Problem]:
    problems = []
    previous = rules.FIRST_DIGEST
    for expected_number, link in enumerate(AuditSeal.objects.order_by("number").iterator(), 1):
        events = list(
            SealedEvent.objects.filter(seal=link)
            .order_by("event_id")
            .values_list("event_id", "event__digest")
        )
        stands = (
            link.number == expected_number
            and link.previous_digest == previous
            and link.events == len(events)
            and rules.seal_digest(previous, events) == link.digest
        )
        if not stands:
            problems.append(
                Problem(
                    f"audit seal {link.number}",
                    gettext_noop("It does not follow from the seal before and its events."),
                    {},
                )
            )
        previous = link.digest
    return problems
