"""What the apps hand to the index and what a search answers."""

from dataclasses import dataclass

from lineshaft.plumbing.sharing import SharingLevel


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One thing to be found. `kind` is the model's label ("network.institute").

    `keywords` are searched and not shown: aliases, identifiers, places. `level`, `institute` (key)
    and `organisation_id` decide who finds it, as on the thing itself.
    """

    kind: str
    object_id: str
    title: str
    url: str
    level: SharingLevel
    title_zh: str = ""
    summary: str = ""
    summary_zh: str = ""
    keywords: tuple[str, ...] = ()
    institute: str = ""
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class IndexOutcome:
    """How many entries were new, rewritten, or the same as before."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One result. `name` and `name_zh` follow the rule of bilingual data."""

    kind: str
    object_id: str
    title: str
    title_zh: str
    summary: str
    summary_zh: str
    url: str
    score: int

    @property
    def name(self) -> str:
        return self.title

    @property
    def name_zh(self) -> str:
        return self.title_zh


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of hits; `total` counts all that the actor may see, `by_kind` splits it."""

    hits: tuple[SearchHit, ...]
    total: int
    by_kind: tuple[tuple[str, int], ...]
