"""Which registered organisations may be the one that somebody is about to enter.

Two steps and three queries, whatever is registered: the keys of the name find the few records that
share one, those that share most first; rules then compare names and places of these alone.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched, combinations
from typing import Final

from django.db.models import Count, Prefetch, QuerySet

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    Organisation,
    OrganisationAlias,
    OrganisationKey,
    OrganisationPair,
)
from lineshaft.apps.network.queries.ground import LOOKUP_BATCH, organisations_visible_to
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

CANDIDATES_MAX: Final = 60
"""Records that are compared with one name: those that share most of its keys."""

SHOWN_MAX: Final = 10

HOLDERS_MAX: Final = 30
"""Records that share a key at most for it to make pairs of them."""

_NO_PAIR: Final = gettext_noop("There is no such pair of organisations, or none that you may see.")


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A registered organisation that may be the one entered; the best reason stands first."""

    organisation: Organisation
    score_bp: int
    reasons: tuple[rules.LikenessReason, ...]


def lookalikes(
    actor: Actor,
    name: str,
    *,
    region: str = "",
    city: str = "",
    website: str = "",
    name_zh: str = "",
    without: Iterable[int] = (),
    least_bp: int = rules.LOOKS_ALIKE_BP,
) -> tuple[LookAlike, ...]:
    """The visible organisations that look like that name and place, most alike first; ten at most.

    `without` are ids that don't count. What was merged is found by its names and shown as the
    record that stands for it. Three queries.
    """
    described = rules.Described(
        tuple(one for one in (name.strip(), name_zh.strip()) if one), region, city, website
    )
    keys = rules.lookalike_keys(described.names, region=region)
    if not keys:
        return ()
    sharing = (
        OrganisationKey.objects.filter(key__in=sorted(keys))
        .values("organisation_id")
        .annotate(shared=Count("pk"))
        .order_by("-shared", "organisation_id")
    )
    ids = [row["organisation_id"] for row in sharing[:CANDIDATES_MAX]]
    excluded = set(without)
    found: dict[int, LookAlike] = {}
    for one in _described(actor, ids):
        alike = rules.likeness(described, description_of(one), least_bp=least_bp)
        standing = one.standing
        if alike is None or standing.pk in excluded:
            continue
        if standing.pk not in found or found[standing.pk].score_bp < alike.score_bp:
            found[standing.pk] = LookAlike(standing, alike.score_bp, alike.reasons)
    ranked = sorted(found.values(), key=lambda one: (-one.score_bp, one.organisation.pk))
    return tuple(ranked[:SHOWN_MAX])


def alike_pairs(
    ids: Collection[int] | None = None,
    *,
    least_bp: int = rules.LOOKS_ALIKE_BP,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[tuple[int, int, rules.Likeness]]:
    """Every pair of standing records that look alike, of which one is among `ids` where given.

    The smaller id comes first. For rules and the programme office, whoever asks. A key that more
    than thirty records share tells nothing and is left out. `tell` is called now and then with how
    many pairs were compared, of how many, and may raise to end the comparison.
    """
    pairs = _pairs_sharing_keys(None if ids is None else sorted(ids))
    described: dict[int, rules.Described] = {}
    for part in batched(sorted({pk for pair in pairs for pk in pair}), LOOKUP_BATCH, strict=False):
        described |= _descriptions(part)
    for done, (first, second) in enumerate(pairs):
        if not done % LOOKUP_BATCH:
            tell(done, len(pairs))
        if first in described and second in described:
            alike = rules.likeness(described[first], described[second], least_bp=least_bp)
            if alike is not None:
                yield first, second, alike


def description_of(organisation: Organisation) -> rules.Described:
    """What of a stored organisation is compared; its aliases have to be at hand."""
    names = (
        organisation.name,
        organisation.name_zh,
        *(alias.name for alias in organisation.aliases.all()),
    )
    return rules.Described(
        tuple(name for name in names if name),
        organisation.region,
        organisation.city,
        organisation.website,
    )


# --------------------------------------------------------------------------------------- pairs


def pairs_visible_to(actor: Actor) -> QuerySet[OrganisationPair]:
    """Pairs of organisations that look alike: for network staff, who alone read every record."""
    pairs = OrganisationPair.objects.select_related(
        "first__merged_into", "second__merged_into", "survivor"
    )
    return pairs if actor.is_network_staff else pairs.none()


def pair_by_id(actor: Actor, pk: int) -> OrganisationPair:
    """The pair of that id; raises NotFound, also where it may not be seen."""
    found = pairs_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_PAIR, code="no_pair")
    return found


# --------------------------------------------------------------------------------------- leaves


def _described(actor: Actor, ids: Sequence[int]) -> QuerySet[Organisation]:
    """These records and what stands for them, with aliases at hand, where the actor may see it."""
    seen = organisations_visible_to(actor)
    standing = Organisation.objects.filter(pk__in=ids)
    if not actor.is_network_staff:
        direct = seen.filter(pk__in=ids).values("pk")
        through = seen.filter(merged__in=ids).values("pk")
        standing = standing.filter(pk__in=direct) | standing.filter(merged_into__in=through)
    return standing.select_related("merged_into").prefetch_related(
        Prefetch("aliases", queryset=OrganisationAlias.objects.order_by("pk"))
    )


def _pairs_sharing_keys(ids: list[int] | None) -> list[tuple[int, int]]:
    """Pairs of ids, the smaller first, that share a key which few do; one query for two thousand
    ids, or two for all.
    """
    keys = OrganisationKey.objects.order_by()
    pairs: set[tuple[int, int]] = set()
    for part in [None] if ids is None else batched(ids, LOOKUP_BATCH, strict=False):
        own = keys
        if part is not None:
            of_these = keys.filter(organisation_id__in=part)
            own = keys.filter(key__in=of_these.values("key"))
        few = (
            own.values("key")
            .annotate(holders=Count("pk"))
            .filter(holders__gte=2, holders__lte=HOLDERS_MAX)
        )
        holders: dict[int, list[int]] = {}
        for key, pk in keys.filter(key__in=few.values("key")).values_list("key", "organisation_id"):
            holders.setdefault(key, []).append(pk)
        wanted = None if part is None else set(part)
        for sharing in holders.values():
            pairs.update(
                pair
                for pair in combinations(sorted(sharing), 2)
                if wanted is None or wanted.intersection(pair)
            )
    return sorted(pairs)


def _descriptions(ids: Sequence[int]) -> dict[int, rules.Described]:
    """What is compared of those of these records that stand for themselves; two queries."""
    columns = ("pk", "name", "name_zh", "region", "city", "website")
    aliases: dict[int, list[str]] = {}
    for pk, name in OrganisationAlias.objects.filter(organisation_id__in=ids).values_list(
        "organisation_id", "name"
    ):
        aliases.setdefault(pk, []).append(name)
    standing = Organisation.objects.filter(pk__in=ids, merged_into__isnull=True)
    return {
        pk: rules.Described(
            tuple(one for one in (name, name_zh, *aliases.get(pk, ())) if one), region, city, site
        )
        for pk, name, name_zh, region, city, site in standing.values_list(*columns)
    }
