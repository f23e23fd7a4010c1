"""The queue of pairs that a reviewer works through: its filters travel in the address of each pair,
so that the next one comes at once after a decision.
"""

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.network import queries, rules
from lineshaft.apps.network.forms import PairFilters
from lineshaft.apps.network.models import LIKENESS_LABELS, PAIR_STATE_LABELS, OrganisationPair
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.pages import Crumb, Tag, Tone, actor_of

STATE_TONES: Final[dict[str, Tone]] = {
    rules.PairState.PROPOSED: "due",
    rules.PairState.MERGED: "ok",
}
_IN_QUEUE: Final = "queue"
_DECIDED: Final = "decided"


@dataclass(frozen=True, slots=True)
class Queue:
    """A reviewer's way through the pairs: who, what narrows them, and the pair decided last."""

    actor: Actor
    form: PairFilters
    chosen: dict[str, str]
    is_worked: bool
    decided: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The queue that the address names."""
        chinese = formats.is_chinese()
        codes = queries.profile_in_use().place_codes.codes
        regions = [(code, name_zh if chinese else name) for code, name, name_zh in codes]
        form = PairFilters(request.GET, regions=regions)
        return cls(
            actor_of(request),
            form,
            form.chosen(),
            _IN_QUEUE in request.GET,
            request.GET.get(_DECIDED, ""),
        )

    @property
    def waits(self) -> bool:
        """Whether its pairs wait for a decision."""
        return self.chosen.get("state", rules.PairState.FOUND) in queries.WAITING_STATES

    def rows(self) -> QuerySet[OrganisationPair]:
        """Its pairs, the most likely first."""
        narrowed = dict(self.chosen)
        state = narrowed.pop("state", "")
        rows = queries.pairs_waiting(self.actor)
        if state:
            every = queries.pairs_visible_to(self.actor).filter(state=state)
            rows = every.order_by(*queries.BY_PROBABILITY)
        return queries.pairs_filtered(rows, **narrowed)

    def address(self, decided: OrganisationPair | None = None) -> str:
        """What stands behind the address of a pair in this queue."""
        extra = {_DECIDED: str(decided.pk)} if decided else {}
        return f"?{urlencode({_IN_QUEUE: 'on', **self.chosen, **extra})}"

    def after(self, pair: OrganisationPair) -> OrganisationPair | None:
        """The pair that comes next for the reviewer, who has seen that one."""
        if not self.waits:
            return None
        return queries.pair_after(self.actor, pair, self.rows())

    def url_after(self, pair: OrganisationPair, *, is_decided: bool) -> str:
        """Where the reviewer goes next: the next pair, else the list."""
        following = self.after(pair)
        if following is None:
            narrowed = f"?{urlencode(self.chosen)}" if self.chosen else ""
            return reverse("network:list_pairs") + narrowed
        url = reverse("network:show_pair", args=[following.pk])
        return url + self.address(pair if is_decided else None)


def pair_url(pair: OrganisationPair, queue: Queue | None = None) -> str:
    """Where a pair is seen, within a queue where there is one."""
    url = reverse("network:show_pair", args=[pair.pk])
    return url + queue.address() if queue else url


def pair_tag(pair: OrganisationPair) -> Tag:
    """The state of a pair."""
    state = rules.PairState(pair.state)
    return Tag(str(PAIR_STATE_LABELS[state]), STATE_TONES.get(pair.state, "quiet"))


def reasons_text(reasons: tuple[rules.LikenessReason, ...]) -> str:
    """Why names look alike."""
    return formats.joined([str(LIKENESS_LABELS[one]) for one in reasons]) or formats.MISSING


def organisations_crumb() -> tuple[Crumb, ...]:
    """The way to the list of pairs."""
    return (Crumb(_("Organisations"), reverse("network:list_organisations")),)
