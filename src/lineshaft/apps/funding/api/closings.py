"""Books over the API: how far they are closed, and the verbs that close and open them."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import BooksClosing
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, actor_of, idempotent, paged

router = Router()


class ClosingOut(Schema):
    """An entry that closed books through a day, or opened them again; the last one stands.

    `institute` is empty for the network's books, `through` for books that are open.
    """

    number: int
    institute: str
    kind: str
    through: date | None
    transfer_count: int
    reason: str
    recorded_at: datetime

    @staticmethod
    def resolve_institute(closing: BooksClosing) -> str:
        return closing.institute.key if closing.institute else ""


class CloseBooksIn(Schema):
    """The last day that is closed."""

    through: date


class ReopenBooksIn(Schema):
    """The last day that stays closed, null for none, and why the others are opened."""

    through: date | None = None
    reason: str


@router.get(
    "/institutes/{institute}/books", response=PageOf[ClosingOut], operation_id="list_closings"
)
def list_closings(
    request: HttpRequest, institute: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Closings of the institute's books, the newest first."""
    found = queries.institute_with_books(actor_of(request), institute)
    closings = queries.closings_of(found)
    return paged(closings, cursor=cursor, limit=limit, order_by=("-number", "pk"))


@router.get("/books", response=PageOf[ClosingOut], operation_id="list_network_closings")
def list_network_closings(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Closings of the network's books, the newest first."""
    queries.network_books_are_visible(actor_of(request))
    closings = queries.closings_of(None)
    return paged(closings, cursor=cursor, limit=limit, order_by=("-number", "pk"))


@router.post("/institutes/{institute}/books/close", response=ClosingOut, operation_id="close_books")
def close_books(request: HttpRequest, institute: str, body: CloseBooksIn) -> HttpResponse:
    """Let nothing more be dated on or before that day in the institute's books."""
    actor = actor_of(request)
    found = institute_by_key(actor, institute)

    def perform() -> ClosingOut:
        closed = services.close_books(
            actor, found, through=body.through, today=clock.today(), now=clock.now()
        )
        return ClosingOut.from_orm(closed)

    return idempotent(request, "close_books", perform)


@router.post(
    "/institutes/{institute}/books/reopen", response=ClosingOut, operation_id="reopen_books"
)
def reopen_books(request: HttpRequest, institute: str, body: ReopenBooksIn) -> HttpResponse:
    """Open the institute's books after that day again, with the reason."""
    actor = actor_of(request)
    found = institute_by_key(actor, institute)

    def perform() -> ClosingOut:
        opened = services.reopen_books(
            actor, found, through=body.through, reason=body.reason, now=clock.now()
        )
        return ClosingOut.from_orm(opened)

    return idempotent(request, "reopen_books", perform)


@router.post("/books/close", response=ClosingOut, operation_id="close_network_books")
def close_network_books(request: HttpRequest, body: CloseBooksIn) -> HttpResponse:
    """Let nothing more be dated on or before that day in any institute's books."""

    def perform() -> ClosingOut:
        closed = services.close_network_books(
            actor_of(request), through=body.through, today=clock.today(), now=clock.now()
        )
        return ClosingOut.from_orm(closed)

    return idempotent(request, "close_network_books", perform)


@router.post("/books/reopen", response=ClosingOut, operation_id="reopen_network_books")
def reopen_network_books(request: HttpRequest, body: ReopenBooksIn) -> HttpResponse:
    """Open the network's books after that day again, with the reason."""

    def perform() -> ClosingOut:
        opened = services.reopen_network_books(
            actor_of(request), through=body.through, reason=body.reason, now=clock.now()
        )
        return ClosingOut.from_orm(opened)

    return idempotent(request, "reopen_network_books", perform)
