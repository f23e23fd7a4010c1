"""The API's common manners: who asks, how lists page, how errors read, how a write repeats.

Errors are problem details (RFC 9457). A cursor is opaque to the client and holds the sort key of
the last row. An Idempotency-Key binds a write to its first answer for that user.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final, Protocol

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as ValidationFault
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.utils import check_csrf

from lineshaft.kernel.errors import (
    Invalid,
    LineshaftError,
    NotFound,
    NotPermitted,
    Refused,
    Stale,
    TooLarge,
    Unavailable,
)
from lineshaft.kernel.text import gettext_noop, is_storable
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import IdempotencyRecord, User
from lineshaft.plumbing.access.services import user_of_token
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.gates import pass_gate
from lineshaft.plumbing.limits import Gate

logger = logging.getLogger(__name__)

type Words = Annotated[str, Field(max_length=200)]
"""By which a list is narrowed; longer ones no database compares."""

type RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""The id of a stored row as a request names one: what a 64-bit column can hold."""

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 500
KEY_LENGTH_MAX: Final = 100
CURSOR_LENGTH_MAX: Final = 1_000
PROBLEM_TYPE: Final = "application/problem+json"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
STATUS_OF: Final[dict[type[LineshaftError], int]] = {
    NotPermitted: 403,
    NotFound: 404,
    Refused: 409,
    Stale: 409,
    Invalid: 422,
    TooLarge: 413,
    Unavailable: 503,
}


class ActorBuilder(Protocol):
    """Assembles the actor of a user; `config.actor.actor_of_user` is the one."""

    def __call__(
        self, user: User, *, today: date, language: str, token_scopes: frozenset[str] | None
    ) -> Actor: ...


class SessionOrToken:
    """Authentication of the API: a bearer token, else the browser's session, else the public."""

    def __init__(self, build_actor: ActorBuilder) -> None:
        self.build_actor = build_actor

    def __call__(self, request: HttpRequest) -> Any:
        """Put the actor on the request; raises AuthenticationError for a token that is no good.

        A session that writes has to show its CSRF token, as a form does.
        """
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            token = user_of_token(secret.strip(), now=clock.now())
            if token is None:
                raise AuthenticationError(
                    HTTPStatus.UNAUTHORIZED, "The token is unknown, expired or revoked."
                )
            scopes = frozenset({"read", "write"} if token.may_write else {"read"})
            request.actor = self.build_actor(  # type: ignore[attr-defined]
                token.user,
                today=clock.today(),
                language=get_language() or "en",
                token_scopes=scopes,
            )
            # Whoever may read and not export reads at a browser: a token takes whole lists.
            pass_gate(request.actor, Gate.EXPORT, now=clock.now(), name=request.path)  # type: ignore[attr-defined]
        elif request.method not in SAFE_METHODS and not request.user.is_authenticated:
            raise AuthenticationError(HTTPStatus.UNAUTHORIZED, "Nobody has signed in.")
        elif request.method not in SAFE_METHODS and check_csrf(request) is not None:
            raise NotPermitted(
                code="csrf",
                message=gettext_noop(
                    "A session that writes must send its CSRF token; other systems send a token."
                ),
            )
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.lacks_second_factor and request.method not in SAFE_METHODS:
            raise NotPermitted(
                code="second_factor",
                message=gettext_noop(
                    "Your role needs a second factor. Sign in to the pages and set one up; until"
                    " then you read what anybody reads."
                ),
            )
        return actor


def unstorable() -> Invalid:
    """The answer to a text that no database column holds."""
    return Invalid(
        message=gettext_noop(
            "There is a character in the text that cannot be stored (NUL, or half of a character)."
            " Take it out and send it again."
        ),
        code="unstorable",
    )


class StorableParser(Parser):
    """Reads the bodies of requests, and refuses text that no database column holds."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body's content; raises Invalid for such a text."""
        content = super().parse_body(request)
        if not is_storable(content):
            raise unstorable()
        return content

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The fields of a form or of an address; raises Invalid for such a text."""
        if not is_storable(dict(data.lists())):
            raise unstorable()
        return super().parse_querydict(data, list_fields, request)


def actor_of(request: HttpRequest) -> Actor:
    """The actor whom authentication put on the request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


type FiscalYear = Annotated[int, Field(ge=1900, le=2200)]
"""A year of the profile's fiscal calendar that can have records."""


class Problem(Schema):
    """A problem detail: `code` is stable for programs, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    citation: str | None = None
    errors: list[dict[str, Any]] = []


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    citation: str | None = None,
    errors: Sequence[dict[str, Any]] = (),
) -> HttpResponse:
    """An answer of media type application/problem+json."""
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        citation=citation,
        errors=list(errors),
    )
    response = HttpResponse(body.model_dump_json(), status=status, content_type=PROBLEM_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def problem_of(error: LineshaftError) -> HttpResponse:
    """The answer to an error of the program's own tree, in the reader's language."""
    errors: list[dict[str, Any]] = []
    if isinstance(error, Invalid):
        errors = [
            {
                "field": fault.field,
                "row": fault.row,
                "column": fault.column,
                "message": fault.as_text(_),
            }
            for fault in error.errors
        ]
    return problem_response(
        status_of(error), error.code, error.as_text(_), citation=error.citation, errors=errors
    )


def status_of(error: LineshaftError) -> int:
    """The HTTP status of an error of the tree."""
    for kind, status in STATUS_OF.items():
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def install_problem_handlers(api: NinjaAPI) -> None:
    """Have every error leave the API in one shape."""
    for kind, answer in _ANSWERS:
        api.add_exception_handler(kind, _without_request(answer))


def _without_request(
    answer: Callable[[Any], HttpResponse],
) -> Callable[[HttpRequest, Any], HttpResponse]:
    def handle(_request: HttpRequest, error: Any) -> HttpResponse:
        return answer(error)

    return handle


def _problem_of_fields(error: ValidationError) -> HttpResponse:
    faults = [
        {
            "field": ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0]),
            "row": None,
            "column": None,
            "message": fault["msg"],
        }
        for fault in error.errors
    ]
    return problem_response(422, "invalid", _("Some entries cannot be taken."), errors=faults)


def _problem_of_token(_error: AuthenticationError) -> HttpResponse:
    return problem_response(
        401,
        "token",
        _("Send a token that is neither expired nor revoked. Create one under your account."),
    )


def _problem_of_request(error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, LineshaftError):  # said while the body was read
        return problem_of(error.__cause__)
    return problem_response(error.status_code, "request", str(error))


def _problem_of_range(error: Exception) -> HttpResponse:
    logger.warning("a value that no column takes was refused", exc_info=error)
    return problem_response(
        422, "out_of_range", _("A number or text is larger than can be stored. Send a smaller one.")
    )


_ANSWERS: Final[tuple[tuple[type[Exception], Callable[[Any], HttpResponse]], ...]] = (
    (LineshaftError, problem_of),
    (ValidationError, _problem_of_fields),
    (AuthenticationError, _problem_of_token),
    (HttpError, _problem_of_request),
    (Http404, lambda _error: problem_of(NotFound())),
    # SQLite's driver and PostgreSQL each say in their own way that a value does not fit.
    (OverflowError, _problem_of_range),
    (DataError, _problem_of_range),
    (RequestDataTooBig, lambda _error: problem_of(TooLarge())),
)


class PageOf[Item](Schema):
    """A page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None


def paged[ModelT: models.Model](
    rows: QuerySet[ModelT],
    *,
    cursor: str | None,
    limit: int,
    order_by: Sequence[str] = ("pk",),
) -> dict[str, Any]:
    """One page of `rows` behind `cursor`, ordered by columns that together tell rows apart.

    `order_by` names columns that are never null, each with an optional leading minus; the last
    has to be unique. One query, whatever the page. Raises Invalid for a cursor not of this list.
    """
    if not 1 <= limit <= LIMIT_MAX:
        raise Invalid.in_field(
            "limit", gettext_noop("A page holds from 1 to %(most)d rows."), most=LIMIT_MAX
        )
    ordered = rows.order_by(*order_by)
    if cursor:
        ordered = ordered.filter(
            _behind(order_by, _read_cursor(cursor, _fields(rows.model, order_by)))
        )
    found = list(ordered[: limit + 1])
    items = found[:limit]
    next_cursor = _write_cursor(items[-1], order_by) if len(found) > limit else None
    return {"items": items, "next_cursor": next_cursor}


@dataclass(frozen=True, slots=True)
class Accepted:
    """An answer of a write that was taken and is not done yet: status 202."""

    value: Any


def idempotent(
    request: HttpRequest, verb: str, perform: Callable[[], Any], *, status: int = 200
) -> HttpResponse:
    """Perform a write once for its Idempotency-Key and give the same answer ever after.

    `perform` runs in the transaction that stores its answer and returns a Schema, a plain value, or
    one of them as Accepted.
    Without the header the write is simply performed. Raises Refused-like Invalid when the key was
    used for another request.
    """
    key = request.headers.get("Idempotency-Key", "")
    actor = actor_of(request)
    if not key or actor.user_id is None:
        return _json(*_answer(perform(), status))
    if len(key) > KEY_LENGTH_MAX:
        raise Invalid.in_field(
            "Idempotency-Key",
            gettext_noop("A key has at most %(most)d characters."),
            most=KEY_LENGTH_MAX,
        )
    digest = hashlib.sha256(request.get_full_path().encode() + b"\n" + request.body).hexdigest()
    stored = IdempotencyRecord.objects.filter(user_id=actor.user_id, key=key).first()
    if stored is None:
        try:
            with transaction.atomic():
                record = IdempotencyRecord.objects.create(
                    user_id=actor.user_id,
                    key=key,
                    verb=verb,
                    request_digest=digest,
                    status=status,
                    body="",
                    created_at=clock.now(),
                )
                record.body, record.status = _answer(perform(), status)
                record.save(update_fields=["body", "status"])
        except IntegrityError:
            stored = IdempotencyRecord.objects.filter(user_id=actor.user_id, key=key).first()
            if stored is None:
                raise
        else:
            return _json(record.body, record.status)
    if stored.request_digest != digest:
        raise Invalid.in_field(
            "Idempotency-Key",
            gettext_noop("This key was used for another request. Send a new one."),
        )
    response = _json(stored.body, stored.status)
    response["Idempotent-Replay"] = "true"
    return response


def _json(body: str, status: int) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


def _answer(done: Any, status: int) -> tuple[str, int]:
    if isinstance(done, Accepted):
        return _dump(done.value), HTTPStatus.ACCEPTED
    return _dump(done), status


def _dump(value: Any) -> str:
    if isinstance(value, Schema):
        return value.model_dump_json()
    return json.dumps(value, ensure_ascii=False, default=str)


def _behind(order_by: Sequence[str], values: Sequence[Any]) -> Q:
    condition = Q()
    equal = Q()
    for name, value in zip(order_by, values, strict=True):
        column, lookup = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        condition |= equal & Q(**{f"{column}__{lookup}": value})
        equal &= Q(**{column: value})
    name = order_by[0]
    column, lookup = (name[1:], "lte") if name.startswith("-") else (name, "gte")
    # What follows from the rest, said so that an index finds the page and need not walk to it.
    return Q(**{f"{column}__{lookup}": values[0]}) & condition


def _write_cursor(row: models.Model, order_by: Sequence[str]) -> str:
    values = []
    for name in order_by:
        value: Any = row
        for part in name.removeprefix("-").split("__"):
            value = getattr(value, part)
        values.append(value if isinstance(value, int | str) else str(value))
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _fields(model: type[models.Model], order_by: Sequence[str]) -> list[models.Field[Any, Any]]:
    fields = []
    for name in order_by:
        owner = model
        for part in name.removeprefix("-").split("__"):
            field: Any = owner._meta.pk if part == "pk" else owner._meta.get_field(part)
            owner = field.related_model or owner
        while isinstance(field, models.ForeignKey):
            field = field.target_field
        fields.append(field)
    return fields


def _read_cursor(cursor: str, fields: Sequence[models.Field[Any, Any]]) -> list[Any]:
    """The values of a cursor, each as its column takes it; Invalid for any other text."""
    try:
        # A longer text is cut, and then is none of ours: json.loads could nest too deep in it.
        text = base64.urlsafe_b64decode(cursor[:CURSOR_LENGTH_MAX] + "=" * (-len(cursor) % 4))
        return [
            _of_field(field, value) for field, value in zip(fields, json.loads(text), strict=True)
        ]
    except (ValueError, TypeError, ValidationFault) as error:
        raise Invalid.in_field(
            "cursor", gettext_noop("This is no cursor of this list. Start without one.")
        ) from error


def _of_field(field: models.Field[Any, Any], written: object) -> Any:
    value = field.to_python(written)
    if value is None or isinstance(written, list | dict | bool | float) or "\0" in str(value):
        raise ValidationFault("")
    field.run_validators(value)  # the range of a number
    str(value).encode()  # no half of a surrogate pair
    return value
