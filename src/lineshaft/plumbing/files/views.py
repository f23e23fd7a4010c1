"""The download of a stored file, with headers under which no browser runs or frames it."""

from typing import Final
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.queries import files_visible_to
from lineshaft.plumbing.files.services import open_file
from lineshaft.plumbing.gates import pass_gate
from lineshaft.plumbing.limits import Gate

DOWNLOAD_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@require_safe
def download_file(request: HttpRequest, pk: UUID, name: str) -> FileResponse:
    """The content as an attachment. A file that the actor may not see answers as if absent."""
    actor: Actor = request.actor  # type: ignore[attr-defined] # set by config's middleware
    stored = files_visible_to(actor).filter(pk=pk, name=name).first()
    if stored is None:
        raise NotFound(code="file")
    return attachment(actor, stored)


def attachment(actor: Actor, stored: StoredFile) -> FileResponse:
    """The content as an attachment; the caller has asked whether the actor may see the file.

    The way out for a stored file. Raises Refused for one above what a decision on limited
    participation leaves the actor; what they sent in themselves stays theirs.
    """
    if stored.uploaded_by_id != actor.user_id:
        pass_gate(
            actor,
            Gate.FILE_DOWNLOAD,
            now=clock.now(),
            institute=stored.institute,
            level=stored.level,
            name=stored.name,
        )
    return own_attachment(stored)


def own_attachment(stored: StoredFile) -> FileResponse:
    """The content of what is between the reader and an institute, as an attachment.

    What somebody signed or owes is theirs, whatever a decision on their participation leaves.
    """
    response = FileResponse(
        open_file(stored),
        as_attachment=True,
        filename=stored.name,
        content_type=stored.media_type,
        headers=DOWNLOAD_HEADERS,
    )
    response["Content-Length"] = str(stored.size_bytes)
    return response
