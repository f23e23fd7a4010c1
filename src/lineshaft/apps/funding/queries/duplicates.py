"""Contributions that look claimed on another award, as far as the reader may see the other one.

That there is another one is told to whoever reads the contribution; which one it is, where, of whom
and how much, only to whoever may read that one as well.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from lineshaft.apps.funding.models import Contribution, ContributionDuplicate
from lineshaft.apps.funding.queries.visible import contributions_visible_to
from lineshaft.apps.funding.rules import OPEN_CONTRIBUTIONS, DuplicateSign
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class Duplicate:
    """What another contribution has in common with one; `other` None: the reader may not see it."""

    signs: tuple[DuplicateSign, ...]
    other: Contribution | None


def duplicates_of(
    actor: Actor, contributions: Iterable[Contribution]
) -> dict[UUID, tuple[Duplicate, ...]]:
    """For each contribution those that it looks like and that still claim or count, in two queries.

    Visible ones first, in the order of their keys.
    """
    signs = _signs({one.pk for one in contributions})
    wanted = {other for found in signs.values() for other in found}
    visible = {
        one.pk: one for one in contributions_visible_to(actor).filter(pk__in=wanted).order_by("pk")
    }
    return {
        pk: tuple(
            Duplicate(tuple(sorted(found[other])), visible.get(other))
            for other in sorted(found, key=lambda key: (key not in visible, key))
        )
        for pk, found in signs.items()
    }


def looks_claimed_twice() -> Exists:
    """Whether a contribution looks like one under another award that still claims or counts."""
    standing = Q(first=OuterRef("pk"), second__state__in=OPEN_CONTRIBUTIONS) | Q(
        second=OuterRef("pk"), first__state__in=OPEN_CONTRIBUTIONS
    )
    return Exists(ContributionDuplicate.objects.filter(standing).order_by())


def contributions_claimed_twice(actor: Actor, institute: str) -> QuerySet[Contribution]:
    """The institute's contributions that the actor may see, that claim or count, and look claimed
    on another award; oldest first.
    """
    return (
        contributions_visible_to(actor)
        .filter(
            looks_claimed_twice(),
            agreement__institute__key=institute,
            state__in=OPEN_CONTRIBUTIONS,
        )
        .order_by("occurred_on", "pk")
    )


def _signs(ids: set[UUID]) -> dict[UUID, dict[UUID, list[DuplicateSign]]]:
    signs: dict[UUID, dict[UUID, list[DuplicateSign]]] = defaultdict(lambda: defaultdict(list))
    standing = (
        ContributionDuplicate.objects.filter(Q(first__in=ids) | Q(second__in=ids))
        .order_by("pk")
        .values_list("first_id", "second_id", "sign", "first__state", "second__state")
    )
    for first, second, sign, first_state, second_state in standing:
        if first in ids and second_state in OPEN_CONTRIBUTIONS:
            signs[first][second].append(DuplicateSign(sign))
        if second in ids and first_state in OPEN_CONTRIBUTIONS:
            signs[second][first].append(DuplicateSign(sign))
    return signs
