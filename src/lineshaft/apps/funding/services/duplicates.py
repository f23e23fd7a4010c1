"""Finding contributions that look claimed on two awards: at recording, with new evidence, and anew
before acceptance, since two institutes may record at the same moment.

A handful of queries, however many contributions. Of each contribution at most `PAIRS_EACH` others
are kept for one sign: enough to see the pattern, and a careless file of one reference for all its
rows does not pair every row with every other. Where more than `MISSPELT_AMONG` contributors gave
the same, only names that are equal but for case, punctuation and legal form are found.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import batched, chain, islice
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from lineshaft.apps.funding.models import (
    Contribution,
    ContributionDuplicate,
    ContributionEvidence,
)
from lineshaft.apps.funding.rules import (
    NEAR,
    OPEN_CONTRIBUTIONS,
    Claimed,
    DuplicateSign,
    is_file_mark,
    is_same_content,
    sign_of_mark,
)
from lineshaft.apps.funding.services.book import UPDATE_ROWS
from lineshaft.apps.network.queries import spellings_of
from lineshaft.apps.network.rules import bare_name, may_be_one_name

PAIRS_EACH: Final = 10
MISSPELT_AMONG: Final = 200

type Found = tuple[Claimed, DuplicateSign]
type Content = tuple[str, str, int]

_COLUMNS: Final = (
    "pk",
    "agreement_id",
    "agreement__institute_id",
    "organisation_id",
    "kind",
    "currency",
    "claimed_minor",
    "occurred_on",
)


class _Group:
    """Contributions that have one thing in common, by award and by contributor."""

    def __init__(self) -> None:
        self._by_award: dict[int, list[Claimed]] = defaultdict(list)
        self._by_contributor: dict[int, list[Claimed]] = defaultdict(list)

    def add(self, one: Claimed) -> None:
        self._by_award[one.agreement_id].append(one)
        self._by_contributor[one.organisation_id].append(one)

    @property
    def contributor_ids(self) -> frozenset[int]:
        """Who gave any of them."""
        return frozenset(self._by_contributor)

    def on_other_awards(self, subject: Claimed) -> Iterator[Claimed]:
        """Those under other awards, whoever gave them."""
        for award, found in self._by_award.items():
            if award != subject.agreement_id:
                yield from found

    def in_institute(self, subject: Claimed) -> Iterator[Claimed]:
        """Those under other awards of the same institute."""
        for award, found in self._by_award.items():
            if award != subject.agreement_id and found[0].institute_id == subject.institute_id:
                yield from found

    def of_contributors(self, ids: Iterable[int]) -> Iterator[Claimed]:
        """Those that one of these gave."""
        for pk in sorted(ids):
            yield from self._by_contributor[pk]


class _Contributors:
    """Which of some organisations may be one, under another spelling."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._spellings = spellings_of(ids)
        self._ids_by_name: dict[str, set[int]] = defaultdict(set)
        for pk, names in self._spellings.items():
            for name in names:
                self._ids_by_name[bare_name(name)].add(pk)
        self.same_among = cache(self._same_among)

    def _same_among(self, pk: int, others: frozenset[int]) -> frozenset[int]:
        names = self._spellings.get(pk, frozenset())
        same = {pk}.union(*(self._ids_by_name[bare_name(name)] for name in names)) & others
        if len(others) <= MISSPELT_AMONG:
            same |= {
                other for other in others - same if may_be_one_name(names, self._spellings[other])
            }
        return frozenset(same)


def note_duplicates(contribution_ids: Collection[UUID], *, now: datetime) -> None:
    """Find what looks like one of these contributions on another award, and keep each pair once.

    Compared with contributions that are recorded or accepted, in whichever institute.
    """
    for some in batched(sorted(contribution_ids), UPDATE_ROWS, strict=False):
        subjects = _claimed(Contribution.objects.filter(pk__in=some))
        pairs = {
            (min(subject.id, other.id), max(subject.id, other.id), sign)
            for subject, (other, sign) in _found_of(subjects)
        }
        ContributionDuplicate.objects.bulk_create(
            [
                ContributionDuplicate(first_id=first, second_id=second, sign=sign, found_at=now)
                for first, second, sign in sorted(pairs)
            ],
            ignore_conflicts=True,
            batch_size=1_000,
        )


def duplicate_counts(contribution_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many open contributions under other awards each looks like, where there is any."""
    others: dict[UUID, set[UUID]] = defaultdict(set)
    for some in batched(sorted(contribution_ids), UPDATE_ROWS, strict=False):
        for this, that in (("first", "second"), ("second", "first")):
            pairs = ContributionDuplicate.objects.filter(**{f"{this}__in": some}).order_by()
            for pk, other in pairs.values_list(this, that):
                others[pk].add(other)
    standing = _open_among(set().union(*others.values()))
    counts = {pk: len(found & standing) for pk, found in others.items()}
    return {pk: count for pk, count in counts.items() if count}


def _open_among(ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of them that are open, asked for by key alone: see `_by_mark`."""
    return frozenset(
        pk
        for some in batched(sorted(ids), UPDATE_ROWS, strict=False)
        for pk, state in Contribution.objects.filter(pk__in=some)
        .order_by()
        .values_list("pk", "state")
        if state in OPEN_CONTRIBUTIONS
    )


def _found_of(subjects: dict[UUID, Claimed]) -> Iterator[tuple[Claimed, Found]]:
    marks = _marks_of(subjects)
    marked = _by_mark(marks)
    contents = _by_content(subjects.values())
    groups = [*marked.values(), *contents.values()]
    contributors = _Contributors({pk for group in groups for pk in group.contributor_ids})
    for subject_id, mark in sorted(marks):
        subject = subjects[subject_id]
        for found in islice(_sharing(mark, subject, marked[mark], contributors), PAIRS_EACH):
            yield subject, found
    for subject in subjects.values():
        group = contents[_content_of(subject)]
        for found in islice(_alike(subject, group, contributors), PAIRS_EACH):
            yield subject, found


def _sharing(
    mark: str, subject: Claimed, group: _Group, contributors: _Contributors
) -> Iterator[Found]:
    same = contributors.same_among(subject.organisation_id, group.contributor_ids)
    if is_file_mark(mark):
        candidates = group.on_other_awards(subject)
    else:
        candidates = chain(group.in_institute(subject), group.of_contributors(same))
    for other in candidates:
        sign = sign_of_mark(mark, subject, other, is_same_contributor=other.organisation_id in same)
        if sign is not None:
            yield other, sign


def _alike(subject: Claimed, group: _Group, contributors: _Contributors) -> Iterator[Found]:
    same = contributors.same_among(subject.organisation_id, group.contributor_ids)
    for other in group.of_contributors(same):
        if is_same_content(subject, other, is_same_contributor=True):
            yield other, DuplicateSign.CONTENT


def _claimed(contributions: QuerySet[Contribution]) -> dict[UUID, Claimed]:
    rows = contributions.order_by().values_list(*_COLUMNS)
    return {row[0]: Claimed(*row) for row in rows}


def _open_of(contributions: QuerySet[Contribution]) -> dict[UUID, Claimed]:
    """Those of them that are open."""
    return {
        row[0]: Claimed(*row)
        for state, *row in contributions.order_by().values_list("state", *_COLUMNS)
        if state in OPEN_CONTRIBUTIONS
    }


def _content_of(one: Claimed) -> Content:
    return one.kind, one.currency, one.claimed_minor


def _by_content(subjects: Collection[Claimed]) -> dict[Content, _Group]:
    """Every open contribution of the amounts and about the days of the subjects, themselves too.

    The state is read with them, as in `_by_mark`.
    """
    days = [subject.occurred_on for subject in subjects]
    found = Contribution.objects.filter(
        claimed_minor__in={subject.claimed_minor for subject in subjects},
        occurred_on__range=(min(days) - NEAR, max(days) + NEAR),
    )
    groups: dict[Content, _Group] = defaultdict(_Group)
    for one in _open_of(found).values():
        groups[_content_of(one)].add(one)
    return groups


def _marks_of(subjects: Collection[UUID]) -> set[tuple[UUID, str]]:
    evidence = ContributionEvidence.objects.filter(contribution_id__in=subjects).exclude(mark="")
    return set(evidence.order_by().values_list("contribution_id", "mark"))


def _by_mark(marks: set[tuple[UUID, str]]) -> dict[str, _Group]:
    """Every open contribution that one of the marks proves.

    Asked for by key, and their state read with them: asked for by both, SQLite goes through all
    that are open.
    """
    wanted = {mark for _subject, mark in marks}
    evidence = ContributionEvidence.objects.filter(mark__in=wanted).order_by()
    proved = list(evidence.values_list("mark", "contribution_id").distinct())
    groups: dict[str, _Group] = defaultdict(_Group)
    for some in batched(proved, UPDATE_ROWS, strict=False):
        open_ones = _open_of(Contribution.objects.filter(pk__in={pk for _mark, pk in some}))
        for mark, pk in some:
            if pk in open_ones:
                groups[mark].add(open_ones[pk])
    return groups
