"""Approving the minutes: the record of a meeting is printed in each language, stored, and fixed.

What was approved is stored and never made again; from then on nothing of the meeting changes but
that its actions are done.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import translation

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import Meeting, Minutes
from lineshaft.apps.governance.queries import record_of
from lineshaft.apps.governance.services.minutes_document import render_minutes
from lineshaft.apps.governance.services.record import audit_meeting, held_meeting
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.sharing import SharingLevel

LEVEL_OF_PUBLIC: Final = SharingLevel.NETWORK
"""Minutes name people, so those of a public meeting are for the network; its page is public."""


def approve_minutes(actor: Actor, meeting: Meeting, *, now: datetime) -> Minutes:
    """Print and store the minutes of a closed meeting as PDF, in English and Chinese."""
    with transaction.atomic():
        held = held_meeting(actor, meeting, "approve_minutes")
        row = held.meeting
        refuse_if(rules.TRANSITIONS["Meeting"].check(row.state, "approve_minutes"))
        files = {language: _store(actor, row, language, now) for language in ("en", "zh-hans")}
        made = Minutes.objects.create(
            meeting=row,
            file_en=files["en"],
            file_zh=files["zh-hans"],
            approved_at=now,
            approved_by=actor.label,
        )
        row.state = rules.TRANSITIONS["Meeting"].target(row.state, "approve_minutes")
        row.changed_at = now
        row.save(update_fields=["state", "changed_at"])
        audit_meeting(
            actor,
            "approve_minutes",
            held,
            now=now,
            sha256=[files["en"].sha256, files["zh-hans"].sha256],
        )
    return made


def _store(actor: Actor, meeting: Meeting, language: str, now: datetime) -> StoredFile:
    with translation.override(language):
        content = render_minutes(record_of(meeting), language, approved_at=now, by=actor.label)
    institute, level = meeting.body.institute, SharingLevel(meeting.level)
    return store_file(
        actor,
        content,
        name=f"minutes-{meeting.body.key}-{meeting.number}-{language}.pdf",
        now=now,
        level=LEVEL_OF_PUBLIC if level is SharingLevel.PUBLIC else level,
        purpose="minutes",
        institute=institute.key if institute else "",
    )
