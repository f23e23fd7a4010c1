"""The API of what goes across apps: search."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from lineshaft.plumbing.rest import LIMIT_DEFAULT, actor_of
from lineshaft.plumbing.search import queries

router = Router(tags=["search"])


class SearchAsked(Schema):
    """What to look for, and which part of what is found."""

    text: str = Field(max_length=200)
    offset: int = Field(0, ge=0, le=10_000)
    limit: int = Field(LIMIT_DEFAULT, ge=1, le=100)


class HitOut(Schema):
    """Something found: what kind of record, what it is called, and its page."""

    kind: str
    object_id: str
    title: str
    title_zh: str
    summary: str
    url: str


class SearchOut(Schema):
    """What was found, best first, and how many there are in all."""

    items: list[HitOut]
    total: int


@router.get(
    "/search",
    response=SearchOut,
    operation_id="search",
    summary="Institutes, organisations and other records by their words",
)
def search(request: HttpRequest, asked: Query[SearchAsked]) -> dict[str, Any]:
    """Every word has to be found; the last may be the beginning of a word. Chinese too."""
    actor = actor_of(request)
    found = queries.search(actor, asked.text, offset=asked.offset, limit=asked.limit)
    return {"items": found.hits, "total": found.total}
