"""Searching the registry for records that are one organisation, and keeping the pairs found.

Two searches bring pairs to one list. `find_lookalikes` compares names, in seconds;
`resolve_organisations` weighs all that is known, as `lineshaft resolve` does, and knows what people
have decided. Neither decides anything, and what somebody decided stays as it was decided on. What
was only found keeps its id as long as either search finds it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any, Final

from django.db import transaction

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Organisation, OrganisationPair
from lineshaft.apps.network.queries import (
    LOOKUP_BATCH,
    alike_pairs,
    link_rules,
    record_key,
    records_to_resolve,
)
from lineshaft.engines.match.resolution import (
    IdPair,
    NamedPair,
    NamedResolution,
    contradiction,
    engine_named,
    resolve_named,
)
from lineshaft.kernel.errors import Refused
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.permit import permit

type Report = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what goes on; may raise to end the search."""

type Two = tuple[int, int]
"""The ids of two records, the smaller first."""

type Columns = dict[str, Any]
"""What is stored of a pair, by column."""

RESOLVE_ORGANISATIONS_JOB: Final = "resolve_organisations"
SUBJECT: Final = "network.organisationpair"
_COMPARING: Final = gettext_noop("comparing names")
_UPDATE_BATCH: Final = 200
_LIKENESS: Final = ("score_bp", "reasons")
_WEIGHT: Final = (
    *("probability_bp", "weight_centibits", "evidence", "weighed_names"),
    *("cluster", "weighed_at"),
)
_COLUMNS: Final = (
    *("first_id", "second_id", "state", "score_bp", "reasons"),
    *_WEIGHT,
    *("survivor_id", "why", "proposed_by_id", "decided_by_id", "found_at", "decided_at"),
)


@dataclass(frozen=True, slots=True)
class ResolveOutcome:
    """How many pairs were new, were weighed anew, and went since nothing speaks for them."""

    found: int
    weighed: int
    gone: int


def request_resolution(actor: Actor, *, now: datetime) -> Job:
    """Queue both searches for pairs; one that waits already is returned instead."""
    permit(actor, rules.PERMISSIONS["resolve_organisations"])
    return enqueue(actor, RESOLVE_ORGANISATIONS_JOB, {}, now=now, unique=True)


def find_lookalikes(actor: Actor, *, now: datetime, report: Report | None = None) -> int:
    """Compare every name with those that share a key, and keep the pairs that look alike.

    Compares outside a transaction and writes in one; what was decided meanwhile stays. Returns how
    many of the pairs nobody has decided.
    """
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    alike = _alike(report or (lambda _done, _total, _note: None))
    with transaction.atomic():
        held, decided = _held()
        merged = set(
            Organisation.objects.filter(merged_into__isnull=False).values_list("pk", flat=True)
        )
        found = {
            two: columns
            for two, columns in alike.items()
            if two not in decided and merged.isdisjoint(two)
        }
        gone = {
            two
            for two, row in held.items()
            if two not in found and row.probability_bp < rules.RECORDED_FROM_BP
        }
        _delete(held[two] for two in gone)
        unlike: Columns = {"score_bp": 0, "reasons": ""}
        _update(
            [(row, found.get(two, unlike)) for two, row in held.items() if two not in gone],
            _LIKENESS,
        )
        rows = [
            (
                *(*two, rules.PairState.FOUND.value, *columns.values()),
                *(0, None, [], [], None, None),
                *(None, "", None, None, now, None),
            )
            for two, columns in found.items()
            if two not in held
        ]
        # What somebody decides in this moment stands as they decided it.
        insert_rows(OrganisationPair, _COLUMNS, rows, ignore_conflicts=True)
        record_event(
            actor,
            "find_lookalikes",
            (SUBJECT, ""),
            now=now,
            count=max(1, len(found)),
            changes={"found": len(found), "new": len(rows), "gone": len(gone)},
        )
    return len(found)


def resolve_organisations(
    actor: Actor, *, now: datetime, report: Report | None = None
) -> ResolveOutcome:
    """Weigh the records of the registry against each other, and keep the pairs a person looks at.

    What was merged is one and what was kept apart is two. Reads and weighs outside a transaction
    and writes in one; what was decided meanwhile stays. Raises Refused where decisions contradict
    each other.
    """
    permit(actor, rules.PERMISSIONS["resolve_organisations"])
    resolution = _resolved(report or (lambda _done, _total, _note: None))
    with transaction.atomic():
        standing = dict(
            Organisation.objects.filter(merged_into__isnull=False).values_list(
                "pk", "merged_into_id"
            )
        )
        weighed = dict(_weighed(resolution, standing, now))
        outcome = _record(weighed, standing, now=now)
        record_event(
            actor,
            "resolve_organisations",
            (SUBJECT, ""),
            now=now,
            count=max(1, outcome.found + outcome.weighed + outcome.gone),
            changes={
                "found": outcome.found,
                "weighed": outcome.weighed,
                "gone": outcome.gone,
            },
        )
    return outcome


# --------------------------------------------------------------------------------------- leaves


def _alike(report: Report) -> dict[Two, Columns]:
    """Every two standing records whose names look alike."""
    return {
        (first, second): {"score_bp": alike.score_bp, "reasons": " ".join(alike.reasons)}
        for first, second, alike in alike_pairs(
            tell=lambda done, total: report(done, total, _COMPARING)
        )
    }


def _resolved(report: Report) -> NamedResolution:
    said = link_rules()
    must, apart = (
        [(record_key(first), record_key(second)) for first, second in said[rule]]
        for rule in (rules.LinkRule.MUST_LINK, rules.LinkRule.CANNOT_LINK)
    )
    _refuse_contradiction(must, apart)
    return resolve_named(
        records_to_resolve(),
        engine=engine_named("duckdb"),
        must_link=must,
        cannot_link=apart,
        report=report,
    )


def _refuse_contradiction(must: Sequence[IdPair], apart: Sequence[IdPair]) -> None:
    """Raise Refused, by the names of the records, where decisions can't all be true."""
    found = contradiction(must, apart)
    if found is None:
        return
    ids = {int(key) for pair in (found.apart, *found.chain) for key in pair}
    names = dict(Organisation.objects.filter(pk__in=ids).values_list("pk", "name"))
    apart_names, *chain = (
        (names[int(one)], names[int(other)]) for one, other in (found.apart, *found.chain)
    )
    raise Refused(rules.refuse_contradiction(apart_names, chain))


def _weighed(
    resolution: NamedResolution, standing: dict[int, int], now: datetime
) -> Iterator[tuple[Two, Columns]]:
    """What the search says of every two organisations, by their standing records: of two that
    stand for several the heaviest pair of their records.
    """
    seen: set[Two] = set()
    for found in resolution.pairs():
        one, other = (int(key) for key in (found.pair.one, found.pair.other))
        here, there = standing.get(one, one), standing.get(other, other)
        two = (min(here, there), max(here, there))
        if here == there or two in seen:
            continue
        seen.add(two)
        group = resolution.clusters[found.pair.one]
        is_together = group == resolution.clusters[found.pair.other]
        columns: Columns = {
            "probability_bp": rules.probability_bp(found.pair.probability),
            "weight_centibits": round(found.pair.weight * 100),
            "evidence": [
                [one.comparison, one.level, round(one.weight * 100)] for one in found.pair.evidence
            ],
            "weighed_names": _names(found, is_turned=here > there),
            "cluster": int(group) if is_together else None,
            "weighed_at": now,
        }
        yield two, columns


def _names(found: NamedPair, *, is_turned: bool) -> list[str]:
    names = [found.name, found.other_name]
    return names[::-1] if is_turned else names


def _record(
    weighed: dict[Two, Columns], standing: dict[int, int], *, now: datetime
) -> ResolveOutcome:
    held, decided = _held()
    apart = _apart_by_standing(standing)
    likely = {
        two
        for two, columns in weighed.items()
        if columns["probability_bp"] >= rules.RECORDED_FROM_BP and two not in apart
    }
    gone = {two for two, row in held.items() if not row.score_bp and two not in likely}
    _delete(held[two] for two in gone)
    kept = [(row, weighed.get(two, _unlikely(now))) for two, row in held.items() if two not in gone]
    proposed = [
        (row, weighed[two])
        for two, row in decided.items()
        if row.state == rules.PairState.PROPOSED and row.weighed_at is None and two in weighed
    ]
    _update(kept + proposed, _WEIGHT)
    new = [
        OrganisationPair(first_id=two[0], second_id=two[1], found_at=now, **weighed[two])
        for two in sorted(likely - held.keys() - decided.keys())
    ]
    OrganisationPair.objects.bulk_create(new, batch_size=_UPDATE_BATCH, ignore_conflicts=True)
    return ResolveOutcome(len(new), len(kept) + len(proposed), len(gone))


def _unlikely(now: datetime) -> Columns:
    """Of two that the search did not compare, or that nothing speaks for."""
    return {
        "probability_bp": 0,
        "weight_centibits": None,
        "evidence": [],
        "weighed_names": [],
        "cluster": None,
        "weighed_at": now,
    }


def _held() -> tuple[dict[Two, OrganisationPair], dict[Two, OrganisationPair]]:
    """The pairs that were only found, locked, and those of which somebody has said something."""
    found = OrganisationPair.objects.select_for_update(of=("self",)).filter(
        state=rules.PairState.FOUND
    )
    others = OrganisationPair.objects.exclude(state=rules.PairState.FOUND)
    return (
        {(row.first_id, row.second_id): row for row in found.order_by("pk")},
        {(row.first_id, row.second_id): row for row in others},
    )


def _apart_by_standing(standing: dict[int, int]) -> set[Two]:
    """What was kept apart, by the records that stand for it now."""
    return {
        (min(one, other), max(one, other))
        for first, second in link_rules()[rules.LinkRule.CANNOT_LINK]
        for one, other in [(standing.get(first, first), standing.get(second, second))]
    }


def _delete(rows: Iterable[OrganisationPair]) -> None:
    for part in batched((row.pk for row in rows), LOOKUP_BATCH, strict=False):
        OrganisationPair.objects.filter(pk__in=part, state=rules.PairState.FOUND).delete()


def _update(wanted: Iterable[tuple[OrganisationPair, Columns]], columns: tuple[str, ...]) -> None:
    """Write these columns of these rows, where they differ from what is stored."""
    changed = []
    for row, values in wanted:
        if any(getattr(row, name) != values[name] for name in columns):
            for name in columns:
                setattr(row, name, values[name])
            changed.append(row)
    OrganisationPair.objects.bulk_update(changed, columns, batch_size=_UPDATE_BATCH)
