"""Of the verbs that are broken off: those of other agencies' awards and of their overlaps."""

from collections.abc import Callable
from typing import Final

from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import AwardOverlap, OutsideAward
from lineshaft.apps.network.rules import OverlapKind, OverlapScope
from tests.crash.scenarios import ACTOR, NOW, TODAY

WHY: Final = "Read side by side"


def register_outside_awards() -> object:
    """Five awards."""
    rows = [
        network.AwardRow("nsf", str(n), "NSF", "USD", title=f"Cams {n}", starts_on=TODAY)
        for n in range(5)
    ]
    return network.register_outside_awards(ACTOR, rows, now=NOW)


def record_overlaps() -> object:
    """The first two of them, as one work."""
    first, second = OutsideAward.objects.order_by("pk")[:2]
    found = network.FoundOverlap(first.pk, second.pk, OverlapKind.SAME_WORK, 9000, 9000, 9000)
    return network.record_overlaps(ACTOR, [found], now=NOW)


def request_overlaps() -> object:
    """A comparison of all awards."""
    return network.request_overlaps(ACTOR, OverlapScope.ALL, now=NOW)


def _decided(verb: Callable[..., object]) -> Callable[[], object]:
    return lambda: verb(ACTOR, AwardOverlap.objects.get(), why=WHY, now=NOW)


_REOPEN: Final = _decided(network.reopen_overlap)
AWARD_VERBS: Final[dict[str, Callable[[], object]]] = {
    "network.register_outside_awards": register_outside_awards,
    "network.record_overlaps": record_overlaps,
    "network.request_overlaps": request_overlaps,
    "network.confirm_same_work": _decided(network.confirm_same_work),
    "network.reopen_overlap": _REOPEN,
    "network.confirm_continuation": _decided(network.confirm_continuation),
    "network.confirm_collaboration": _decided(network.confirm_collaboration),
    "network.keep_awards_apart": _decided(network.keep_awards_apart),
}
BEFORE_AWARDS: Final[dict[str, Callable[[], object]]] = {
    "network.confirm_collaboration": _REOPEN,
    "network.keep_awards_apart": _REOPEN,
}
