"""The API of what institutes share with each other."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from lineshaft.apps.memberships import queries, rules
from lineshaft.apps.memberships.models import SharedDocument
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, actor_of, paged

router = Router(tags=["memberships"])


class DocumentOut(Schema):
    """A shared document; `url` is where its file is fetched."""

    id: int
    institute: str
    kind: rules.DocumentKind
    title: str
    level: str
    url: str
    sha256: str
    shared_at: datetime
    is_demonstration: bool


@router.get(
    "/documents",
    response=PageOf[DocumentOut],
    operation_id="list_documents",
    summary="What the institutes share with each other",
)
def list_documents(
    request: HttpRequest,
    *,
    institute: str = "",
    kind: rules.DocumentKind | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Documents that the caller may read; `institute` is a key."""
    rows = queries.documents_visible_to(actor_of(request))
    rows = queries.documents_filtered(rows, institute=institute, kind=kind or "")
    page = paged(rows, cursor=cursor, limit=limit)
    return {**page, "items": [_document_out(one) for one in page["items"]]}


def _document_out(one: SharedDocument) -> DocumentOut:
    return DocumentOut(
        id=one.pk,
        institute=one.institute.key,
        kind=rules.DocumentKind(one.kind),
        title=one.title,
        level=one.file.level,
        url=one.file.get_absolute_url(),
        sha256=one.file.sha256,
        shared_at=one.shared_at,
        is_demonstration=one.is_demonstration,
    )
