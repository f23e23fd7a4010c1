"""Sharing a document of an institute, and taking it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from django.db import transaction

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import SharedDocument
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.errors import FieldError, Invalid, NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.files.services import close_file, store_file
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

DOCUMENT_LEVELS: Final = (SharingLevel.NETWORK, SharingLevel.PUBLIC, SharingLevel.INSTITUTE)
"""As what an institute shares a document; the network first, which is what it is for."""

_NO_TITLE: Final = gettext_noop("Write a title of at most %(most)s characters.")
_NO_KIND: Final = gettext_noop("“%(value)s” is no kind of document. There are: %(known)s.")
_NO_LEVEL: Final = gettext_noop("This is shared with one of: %(known)s.")
_NO_DOCUMENT: Final = gettext_noop("There is no such document, or none that you may see.")
_NO_REASON: Final = gettext_noop("Say in at most %(most)s characters why it is taken back.")


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as somebody shares it."""

    kind: str
    title: str
    level: str = SharingLevel.NETWORK
    is_demonstration: bool = False


def share_document(
    actor: Actor,
    institute: Institute,
    row: DocumentRow,
    content: BinaryIO | bytes,
    *,
    name: str,
    now: datetime,
) -> SharedDocument:
    """Share a file of the institute with whomever the level opens it to.

    Raises Invalid with every fault of the row, and what `store_file` says of the file.
    """
    permit(actor, rules.PERMISSIONS["share_document"], institute=institute.key)
    if faults := _faults(row):
        raise Invalid(faults)
    with transaction.atomic():
        file = store_file(
            actor,
            content,
            name=name,
            now=now,
            level=SharingLevel(row.level),
            purpose="shared_document",
            institute=institute.key,
        )
        document = SharedDocument.objects.create(
            institute=institute,
            kind=row.kind,
            title=row.title.strip(),
            file=file,
            shared_at=now,
            is_demonstration=row.is_demonstration,
        )
        record_event(
            actor,
            "share_document",
            document,
            now=now,
            institute=institute.key,
            changes={"title": document.title, "kind": row.kind, "level": row.level},
        )
    return document


def withdraw_document(
    actor: Actor, document: SharedDocument, *, why: str, now: datetime
) -> SharedDocument:
    """Take a document back: it is listed no more, and its file opens to the institute alone."""
    reason = why.strip()
    if not 0 < len(reason) <= rules.WHY_MAX:
        raise Invalid.in_field("why", _NO_REASON, most=rules.WHY_MAX)
    with transaction.atomic():
        row = (
            SharedDocument.objects.select_for_update(of=("self",))
            .select_related("institute", "file")
            .filter(pk=document.pk, withdrawn_at__isnull=True)
            .first()
        )
        if row is None:
            raise NotFound(_NO_DOCUMENT, code="no_document")
        permit(actor, rules.PERMISSIONS["withdraw_document"], institute=row.institute.key)
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        close_file(actor, row.file, now=now, why=reason)
        record_event(
            actor, "withdraw_document", row, now=now, why=reason, institute=row.institute.key
        )
    return row


def _faults(row: DocumentRow) -> list[FieldError]:
    faults = []
    if not 0 < len(row.title.strip()) <= rules.DOCUMENT_TITLE_MAX:
        params = {"most": rules.DOCUMENT_TITLE_MAX}
        faults.append(FieldError("title", message=_NO_TITLE, params=params))
    if row.kind not in set(rules.DocumentKind):
        known = {"value": row.kind, "known": ", ".join(rules.DocumentKind)}
        faults.append(FieldError("kind", message=_NO_KIND, params=known))
    if row.level not in DOCUMENT_LEVELS:
        known = {"known": ", ".join(DOCUMENT_LEVELS)}
        faults.append(FieldError("level", message=_NO_LEVEL, params=known))
    return faults
