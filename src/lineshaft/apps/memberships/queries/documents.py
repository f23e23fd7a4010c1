"""Reads of what institutes share with each other."""

from django.db.models import QuerySet

from lineshaft.apps.memberships.models import SharedDocument
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import visible_q

_NO_DOCUMENT = gettext_noop("There is no such document, or none that you may see.")


def documents_visible_to(actor: Actor) -> QuerySet[SharedDocument]:
    """The documents that the actor may read and that nobody took back, with institute and file."""
    return SharedDocument.objects.filter(
        visible_q(actor, level="file__level", institute="institute__key"),
        withdrawn_at__isnull=True,
    ).select_related("institute", "file")


def documents_filtered(
    rows: QuerySet[SharedDocument], *, q: str = "", kind: str = "", institute: str = ""
) -> QuerySet[SharedDocument]:
    """The documents whose title holds `q`, of that kind, of that institute (a key)."""
    if q.strip():
        rows = rows.filter(title__icontains=q.strip())
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(institute__key=institute) if institute else rows


def document_by_id(actor: Actor, pk: int) -> SharedDocument:
    """The document of that id; raises NotFound, also where it may not be seen."""
    found = documents_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_DOCUMENT, code="no_document")
    return found
