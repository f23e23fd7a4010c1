"""The download of a stored file, with headers under which no browser runs or frames it."""

from typing import Final
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.queries import files_visible_to
from lineshaft.plumbing.files.services import open_file

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
    response = FileResponse(
        open_file(stored),
        as_attachment=True,
        filename=stored.name,
        content_type=stored.media_type,
        headers=DOWNLOAD_HEADERS,
    )
    response["Content-Length"] = str(stored.size_bytes)
    return response
