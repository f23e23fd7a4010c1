"""Stored awards as the engine compares them, and the keys under which one finds another.

Imported where it is needed and not before: the engine's arithmetic takes its time to load.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final

import numpy as np
from django.db import transaction
from django.db.models import Count, Q

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Agency, AwardKey, CommonPhrases, OutsideAward
from lineshaft.apps.network.queries import LOOKUP_BATCH
from lineshaft.apps.network.services.works import compared, work_of_award
from lineshaft.engines.match.overlap.awards import Award
from lineshaft.engines.match.overlap.candidates import COMMON_AWARDS, Record
from lineshaft.engines.match.overlap.search import record_of
from lineshaft.engines.match.overlap.sketch import field_keys, sketch_of
from lineshaft.engines.match.overlap.words import Numbers, Reader
from lineshaft.plumbing.bulk import insert_rows

COMPARED_MAX: Final = 60
"""Awards that are compared with one text: those that share most of its phrases."""

READ_BATCH: Final = 2_000
"""Awards whose texts are in memory together."""

_ID_DIGITS: Final = 19
_SHINGLE: Final = np.dtype("<i8")
_COLUMNS: Final = (
    "abstract",
    "title",
    "investigator",
    "other_investigators",
    "recipient",
    "source",
    "programme",
    "agency_name",
    "agency__key",
    "phase",
    "starts_on",
    "ends_on",
    "year",
)


def id_compared(pk: int) -> str:
    """The id under which an award is compared; the order of these is that of the numbers."""
    return f"{pk:0{_ID_DIGITS}}"


@dataclass(frozen=True, slots=True)
class AwardReader:
    """Reads stored awards for the engine; agencies are compared by the department above them, whose
    key `departments` has under every key and name, both folded.
    """

    departments: Mapping[str, str]

    @classmethod
    def stored(cls) -> "AwardReader":
        """With the agencies as they are now; one query."""
        rows = list(Agency.objects.values_list("key", "name", "parent__key"))
        parents = {key: parent for key, _name, parent in rows}
        tops = {key: rules.agencies_above(key, parents)[-1] for key in parents}
        named = {rules.folded_name(name): tops[key] for key, name, _parent in rows}
        return cls(named | {rules.folded_name(key): top for key, top in tops.items()})

    def department(self, name: str) -> str:
        """What an agency is compared by: the key of its department, else its name without case."""
        folded = rules.folded_name(name)
        return self.departments.get(folded, folded)

    def awards(self, ids: Collection[int]) -> dict[int, Award]:
        """These awards by id; one query for two thousand of them."""
        found: dict[int, Award] = {}
        for part in batched(sorted(ids), LOOKUP_BATCH, strict=False):
            rows = OutsideAward.objects.filter(pk__in=part).select_related("agency")
            found.update((row.pk, self.award_of(row)) for row in rows.only(*_COLUMNS))
        return found

    def award_of(self, row: OutsideAward) -> Award:
        """A stored award whose agency is at hand."""
        return compared(work_of_award(row), id_compared(row.pk), department=self.department)


class StoredRecords:
    """Every stored award as the engine wants it, read in batches; `ids` are those by number.

    After it was drawn, `digests` says what each award was when it was read.
    """

    def __init__(self, reader: AwardReader) -> None:
        self._reader = reader
        self.ids: list[int] = list(OutsideAward.objects.order_by("pk").values_list("pk", flat=True))
        self.digests: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Record]:
        for start in range(0, len(self.ids), READ_BATCH):
            part = self.ids[start : start + READ_BATCH]
            self.digests.update(digests_of(part))
            awards = self._reader.awards(part)
            for number, pk in enumerate(part, start):
                yield record_of(number, awards[pk])


def digests_of(ids: Iterable[int]) -> dict[int, str]:
    """What each award is now, told by its digest."""
    found: dict[int, str] = {}
    for part in batched(ids, LOOKUP_BATCH, strict=False):
        found.update(OutsideAward.objects.filter(pk__in=part).values_list("pk", "digest"))
    return found


def common_phrases() -> Numbers:
    """The shingles that were common when all awards were last compared, in rising order."""
    held = CommonPhrases.objects.values_list("shingles", flat=True).first()
    if held is None:
        return np.zeros(0, dtype=np.int64)
    return np.frombuffer(bytes(held), dtype=_SHINGLE).astype(np.int64)


def stored_form(common: Numbers) -> bytes:
    """Common shingles as `CommonPhrases` keeps them."""
    return common.astype(_SHINGLE).tobytes()


def enter_award_keys(rows: Iterable[tuple[int, Award]]) -> None:
    """Store the keys of these awards where they differ from what is stored."""
    words = Reader()
    for part in batched(rows, LOOKUP_BATCH, strict=False):
        wanted = {(key, pk) for pk, award in part for key in _keys(award, words)}
        with transaction.atomic():
            # Two that enter the keys of one award in one moment do so one after the other.
            locked = OutsideAward.objects.select_for_update(of=("self",)).order_by("pk")
            list(locked.filter(pk__in=[pk for pk, _award in part]).values_list("pk", flat=True))
            held = AwardKey.objects.filter(award_id__in=[pk for pk, _award in part])
            stored = set(held.values_list("key", "award_id"))
            outdated = {pk for _key, pk in stored - wanted}
            if outdated:
                held.filter(award_id__in=outdated).delete()
                stored = {pair for pair in stored if pair[1] not in outdated}
            insert_rows(AwardKey, ("key", "award_id"), sorted(wanted - stored))


def nearest(award: Award, common: Numbers, seen: Q, *, without: Collection[int] = ()) -> list[int]:
    """The stored awards that are worth a comparison with this one, those that share its party and
    title first, then those that share most of its phrases; sixty at most of each.

    `seen` is a condition on `award__...` of those that may be read. Four queries for a text of two
    thousand phrases.
    """
    own = np.setdiff1d(sketch_of(award.abstract, Reader()), common, assume_unique=True)
    ranked = [
        *_sharing(field_keys(award), seen, without),
        *_sharing(own.tolist(), seen, without),
    ]
    return list(dict.fromkeys(ranked))


def _keys(award: Award, words: Reader) -> Iterator[int]:
    yield from sketch_of(award.abstract, words).tolist()
    yield from field_keys(award)


def _sharing(keys: Sequence[int], seen: Q, without: Collection[int]) -> list[int]:
    shared: Counter[int] = Counter()
    for part in batched(keys, LOOKUP_BATCH, strict=False):
        holders = AwardKey.objects.filter(key__in=part)
        few = (
            holders.order_by()
            .values("key")
            .annotate(awards=Count("award_id"))
            .filter(awards__lte=COMMON_AWARDS)
        )
        rare = list(few.values_list("key", flat=True))
        readable = AwardKey.objects.filter(seen, key__in=rare).exclude(award_id__in=without)
        shared.update(readable.order_by().values_list("award_id", flat=True))
    ranked = sorted(shared.items(), key=lambda one: (-one[1], one[0]))
    return [pk for pk, _number in ranked[:COMPARED_MAX]]
