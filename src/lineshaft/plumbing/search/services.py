"""Writing the index, in the transaction of the verb that changed the thing.

The index is derived data: it is written without a permission of its own and without an audit event.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import batched

from django.db import transaction

from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.search import rules
from lineshaft.plumbing.search.documents import IndexOutcome, SearchDocument
from lineshaft.plumbing.search.models import SearchEntry, SearchToken

BATCH_DOCUMENTS = 500
ENTRY_COLUMNS = (
    "title",
    "title_zh",
    "title_folded",
    "summary",
    "summary_zh",
    "url",
    "level",
    "institute",
    "organisation_id",
    "digest",
)


def index_entries(documents: Iterable[SearchDocument]) -> IndexOutcome:
    """Make the documents findable, in the caller's transaction or one of its own.

    A document that is already indexed as it stands is not written. The last of several documents
    for the same thing wins.
    """
    created = updated = unchanged = 0
    with transaction.atomic():
        for batch in batched(documents, BATCH_DOCUMENTS):
            chosen = {(document.kind, document.object_id): document for document in batch}
            known = _known(chosen)
            entries = [_entry(document) for document in chosen.values()]
            changed = [
                entry
                for entry in entries
                if known.get((entry.kind, entry.object_id)) != entry.digest
            ]
            _write(changed, chosen)
            new = sum((entry.kind, entry.object_id) not in known for entry in changed)
            created += new
            updated += len(changed) - new
            unchanged += len(chosen) - len(changed)
    return IndexOutcome(created, updated, unchanged)


def remove_entries(kind: str, object_ids: Iterable[str]) -> int:
    """Take things out of the index; return how many were in it."""
    removed = 0
    with transaction.atomic():
        for batch in batched(object_ids, BATCH_DOCUMENTS):
            entries = SearchEntry.objects.filter(kind=kind, object_id__in=batch)
            SearchToken.objects.filter(entry__in=entries).delete()
            removed += entries.delete()[0]
    return removed


def _known(chosen: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    by_kind: dict[str, list[str]] = {}
    for kind, object_id in chosen:
        by_kind.setdefault(kind, []).append(object_id)
    return {
        (kind, object_id): digest
        for kind, object_ids in by_kind.items()
        for object_id, digest in SearchEntry.objects.filter(
            kind=kind, object_id__in=object_ids
        ).values_list("object_id", "digest")
    }


def _write(entries: list[SearchEntry], chosen: dict[tuple[str, str], SearchDocument]) -> None:
    if not entries:
        return
    SearchEntry.objects.bulk_create(
        entries,
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=list(ENTRY_COLUMNS),
    )
    ids = [entry.pk for entry in entries]
    SearchToken.objects.filter(entry_id__in=ids).delete()
    tokens = [
        (entry.pk, token, weight)
        for entry in entries
        for token, weight in _weights(chosen[entry.kind, entry.object_id])
    ]
    insert_rows(SearchToken, ("entry_id", "token", "weight"), tokens)


def _entry(document: SearchDocument) -> SearchEntry:
    return SearchEntry(
        kind=document.kind,
        object_id=document.object_id,
        title=document.title[:300],
        title_zh=document.title_zh[:300],
        title_folded=rules.fold(document.title)[:300],
        summary=document.summary[:500],
        summary_zh=document.summary_zh[:500],
        url=document.url,
        level=document.level,
        institute=document.institute,
        organisation_id=document.organisation_id,
        digest=_digest(document),
    )


def _digest(document: SearchDocument) -> str:
    content = [getattr(document, column.name) for column in fields(document)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _weights(document: SearchDocument) -> Iterator[tuple[str, int]]:
    weights: Counter[str] = Counter()
    weighed = (
        (rules.TITLE_WEIGHT, (document.title, document.title_zh)),
        (rules.KEYWORD_WEIGHT, document.keywords),
        (rules.SUMMARY_WEIGHT, (document.summary, document.summary_zh)),
    )
    for weight, texts in weighed:
        for token in {token for text in texts for token in rules.tokens_of(text)}:
            weights[token] += weight
    yield from weights.most_common(rules.ENTRY_TOKENS_MAX)
