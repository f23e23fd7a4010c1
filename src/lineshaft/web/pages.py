"""What a page is made of beside its tables: the values that components draw, and the one way to
render.

A view builds these values, a component draws them; neither knows the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from lineshaft.plumbing.actor import Actor

type Tone = Literal["ok", "due", "bad", "quiet"]
type StepState = Literal["done", "now", "next"]


@dataclass(frozen=True, slots=True)
class Crumb:
    """One place on the way to a page; the page itself is not among its crumbs."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a thing; with `parts` a group of pages, shown while one of them is."""

    label: str
    url: str
    is_current: bool = False
    parts: tuple["Tab", ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """A state as a word. `due` and `bad` are for what needs a hand, `ok` for what is settled."""

    text: str
    tone: Tone = "quiet"


@dataclass(frozen=True, slots=True)
class Step:
    """A station on a line; `note` is a date or a short word under its label."""

    label: str
    state: StepState = "next"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure: `value` is formatted, `source` says what it is made of, `period` which time.

    The whole tile opens `url`. `spark` is what `charts.spark` returns.
    """

    label: str
    value: str
    url: str = ""
    unit: str = ""
    source: str = ""
    period: str = ""
    spark: SafeString | str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A term with its text, one line of a definition list."""

    term: str
    text: str
    url: str = ""
    tag: Tag | None = None
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do from a page: a link, or a POST where `is_post`."""

    label: str
    url: str
    is_post: bool = False
    is_primary: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with what stands around it. `svg` comes from `charts` and carries its own text
    alternative; the numbers go beneath it as a table.
    """

    svg: SafeString
    caption: str
    source: str = ""
    as_of: date | datetime | None = None


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware has put on the request; the public where there is none yet."""
    actor: Actor | None = getattr(request, "actor", None)
    return Actor.public(getattr(request, "LANGUAGE_CODE", "en")) if actor is None else actor


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page in the one layout, never kept by a shared cache since it depends on the reader."""
    response = render(request, template, dict(context or {}), status=status)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
    return response
