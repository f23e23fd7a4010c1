"""The documents of an application: attached, counted, taken off.

A file is sealed: it is opened by the pages of its application alone. The moment at which it has
wholly arrived decides whether it was in time; one that arrives late leaves nothing behind.
"""

from datetime import datetime
from typing import BinaryIO, Final

from django.db import transaction
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Application, ApplicationDocument
from lineshaft.apps.competitions.queries import NO_APPLICATION
from lineshaft.apps.competitions.services.applying import changed, held_application, open_call
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.rules import MediaType, media_type_of, safe_name
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.sharing import SharingLevel

PURPOSE: Final = "application_document"
_NO_KIND: Final = gettext_noop("There is no kind of document “%(key)s”.")


def attach_document(
    actor: Actor,
    application: Application,
    kind: str,
    content: BinaryIO,
    *,
    name: str,
    now: datetime,
) -> ApplicationDocument:
    """Attach a file; `now` is when it had wholly arrived.

    Raises Refused for what arrives late, for too many pages of a kind whose pages are limited, and
    what `store_file` says of the file.
    """
    kinds = {one.key: one for one in profile_in_use().competing.documents}
    if kind not in kinds:
        raise Invalid.in_field("kind", _NO_KIND, key=kind)
    is_pdf = media_type_of(content, name) is MediaType.PDF
    pages = count_pages(content) if is_pdf else None
    with transaction.atomic():
        held = held_application(actor, application, "attach_document", rules.DOCUMENTS)
        stage = open_call(held, now=now)
        standing = held.documents.filter(removed_at__isnull=True).count()
        refuse_if(rules.refuse_one_more(standing, rules.DOCUMENTS_MAX))
        most = stage.page_limit if kinds[kind].is_counted else None
        refuse_if(rules.refuse_pages(safe_name(name), pages, most=most, is_pdf=is_pdf))
        file = store_file(
            actor,
            content,
            name=name,
            now=now,
            level=SharingLevel.RESTRICTED,
            purpose=PURPOSE,
            is_sealed=True,
        )
        document = ApplicationDocument.objects.create(
            application=held,
            kind=kind,
            file=file,
            pages=pages,
            attached_at=now,
            attached_by=actor.label,
        )
        said = {"document": document.pk}
        changed(actor, held, "attach_document", rules.DOCUMENTS, now=now, changes=said)
    return document


def remove_document(
    actor: Actor, application: Application, document: ApplicationDocument, *, now: datetime
) -> None:
    """Take a document off; what was handed in before still names it."""
    with transaction.atomic():
        held = held_application(actor, application, "remove_document", rules.DOCUMENTS)
        open_call(held, now=now)
        row = held.documents.filter(pk=document.pk, removed_at__isnull=True).first()
        if row is None:
            raise NotFound(NO_APPLICATION, code="no_application")
        row.removed_at = now
        row.save(update_fields=["removed_at"])
        said = {"document": row.pk}
        changed(actor, held, "remove_document", rules.DOCUMENTS, now=now, changes=said)


def count_pages(content: BinaryIO) -> int | None:
    """The pages of a PDF, counted one by one; None for one that is damaged or locked."""
    content.seek(0)
    try:
        reader = PdfReader(content)
        return None if reader.is_encrypted else len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # whatever a file that is no whole PDF makes a reader stumble over
    finally:
        content.seek(0)
