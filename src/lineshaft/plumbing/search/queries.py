"""Searching: which entries hold every word, in what order, and only what the actor may see."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.limits import Gate
from lineshaft.plumbing.search import rules
from lineshaft.plumbing.search.documents import SearchHit, SearchResults
from lineshaft.plumbing.search.models import SearchEntry, SearchToken
from lineshaft.plumbing.sharing import visible_q

LIMIT_MAX = 200
LAST_CHARACTER = "\U0010ffff"
EXACT_TITLE_BONUS = 1000


def entries_visible_to(actor: Actor) -> QuerySet[SearchEntry]:
    """The entries of what the actor may see."""
    return SearchEntry.objects.filter(
        visible_q(actor, institute="institute", organisation="organisation_id", gate=Gate.SEARCH)
    )


def search(
    actor: Actor,
    text: str,
    *,
    kinds: Iterable[str] | None = None,
    limit: int = 20,
    offset: int = 0,
) -> SearchResults:
    """What holds every word of `text`, best first; two queries, whatever is found.

    The last word counts as the beginning of a word unless a space follows it. Best is what bears
    the very name, then the sum of the weights of what matched, then the title. A text without a
    word finds nothing. `by_kind` ignores `kinds`, so that a page can offer the other kinds.
    """
    wanted = rules.query_tokens(text)
    if not wanted:
        return SearchResults((), 0, ())
    entries = entries_visible_to(actor)
    for token in wanted:
        holders = SearchToken.objects.filter(_condition(token)).values("entry_id")
        entries = entries.filter(pk__in=holders)
    by_kind = tuple(
        entries.order_by("kind").values_list("kind").annotate(number=Count("pk")).order_by("kind")
    )
    if kinds is not None:
        chosen = frozenset(kinds)
        entries = entries.filter(kind__in=chosen)
        total = sum(number for kind, number in by_kind if kind in chosen)
    else:
        total = sum(number for _kind, number in by_kind)
    start = max(0, offset)
    rows = _ranked(entries, wanted, text)[start : start + min(max(1, limit), LIMIT_MAX)]
    return SearchResults(tuple(_hit(row) for row in rows), total, by_kind)


def _ranked(
    entries: QuerySet[SearchEntry], wanted: list[rules.QueryToken], text: str
) -> QuerySet[SearchEntry]:
    matched = Q()
    for token in wanted:
        matched |= _condition(token, "tokens__token")
    folded = rules.fold(text.strip())
    bonus = Case(
        When(Q(title_folded=folded) | Q(title_zh=text.strip()), then=Value(EXACT_TITLE_BONUS)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return (
        entries.filter(matched)
        .annotate(weight=Sum("tokens__weight"))
        .annotate(score=F("weight") + bonus)
        .order_by("-score", "title_folded", "pk")
    )


def _condition(token: rules.QueryToken, column: str = "token") -> Q:
    if not token.is_prefix:
        return Q(**{column: token.text})
    if connection.vendor == "postgresql":
        # LIKE with Django's pattern index; a range would follow the database's collation.
        return Q(**{f"{column}__startswith": token.text})
    # SQLite can't use an index for LIKE ... ESCAPE, and orders text by code point.
    return Q(**{f"{column}__gte": token.text, f"{column}__lt": token.text + LAST_CHARACTER})


def _hit(entry: SearchEntry) -> SearchHit:
    return SearchHit(
        kind=entry.kind,
        object_id=entry.object_id,
        title=entry.title,
        title_zh=entry.title_zh,
        summary=entry.summary,
        summary_zh=entry.summary_zh,
        url=entry.url,
        score=entry.score,  # type: ignore[attr-defined] # annotated in _ranked
    )
