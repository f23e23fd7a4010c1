"""Pairs of organisations as work: which wait and in what order, what else is near them, and what
was decided as rules for the next search.

For network staff, who alone read every record; `pairs_visible_to` starts every read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Organisation, OrganisationAlias, OrganisationPair
from lineshaft.apps.network.queries.ground import LOOKUP_BATCH, organisations_matching
from lineshaft.apps.network.queries.lookalikes import pairs_visible_to
from lineshaft.engines.match.resolution import Record
from lineshaft.plumbing.actor import Actor

WAITING_STATES: Final = (rules.PairState.FOUND, rules.PairState.PROPOSED)
BY_PROBABILITY: Final = ("-probability_bp", "-score_bp", "pk")
NEIGHBOURS_MAX: Final = 30
"""Other pairs that are shown beside one; a group of more is a heap and not an organisation."""

_RECORD_COLUMNS: Final = (
    *("pk", "name", "name_zh", "address", "city", "region", "postal_code", "country"),
    *("latitude", "longitude"),
)


@dataclass(frozen=True, slots=True)
class PairsToDecide:
    """How many pairs wait for a first look, and how many merges for a second person."""

    in_doubt: int = 0
    proposed: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided of two records, as a rule for every later search."""

    pair_id: int
    one: Organisation
    other: Organisation
    rule: rules.LinkRule
    why: str
    decided_at: datetime | None


# ---------------------------------------------------------------------------------- the queue


def pairs_waiting(actor: Actor) -> QuerySet[OrganisationPair]:
    """Pairs of standing records that nobody has decided, the most likely first, then the most
    alike.
    """
    standing = pairs_visible_to(actor).filter(
        first__merged_into__isnull=True, second__merged_into__isnull=True
    )
    return standing.filter(state__in=WAITING_STATES).order_by(*BY_PROBABILITY)


def pairs_filtered(
    rows: QuerySet[OrganisationPair], *, q: str = "", likelihood: str = "", region: str = ""
) -> QuerySet[OrganisationPair]:
    """The pairs of which a record matches the search or lies in that region, and as likely as the
    word says.
    """
    if q.strip():
        matching = Organisation.objects.filter(organisations_matching(q.strip())).values("pk")
        rows = rows.filter(Q(first__in=matching) | Q(second__in=matching))
    if likelihood:
        least, below = rules.bounds_bp(rules.Likelihood(likelihood))
        rows = rows.filter(probability_bp__gte=least, probability_bp__lt=below)
    return rows.filter(Q(first__region=region) | Q(second__region=region)) if region else rows


def pair_after(
    actor: Actor, pair: OrganisationPair, rows: QuerySet[OrganisationPair]
) -> OrganisationPair | None:
    """Which of these waiting pairs comes after that one for the actor: the next in order, else the
    first; None where no other is the actor's to decide.
    """
    own = Q(state=rules.PairState.PROPOSED, proposed_by_id=actor.user_id)
    others = rows.exclude(pk=pair.pk)
    if actor.user_id is not None:
        others = others.exclude(own)
    others = others.order_by(*BY_PROBABILITY)
    behind = Q(probability_bp__lt=pair.probability_bp) | Q(
        Q(probability_bp=pair.probability_bp)
        & (Q(score_bp__lt=pair.score_bp) | Q(score_bp=pair.score_bp, pk__gt=pair.pk))
    )
    return others.filter(behind).first() or others.first()


def pairs_to_decide(actor: Actor) -> PairsToDecide:
    """How many pairs wait for the actor; one query. Own proposals are another person's work."""
    counted = (
        pairs_waiting(actor)
        .exclude(state=rules.PairState.PROPOSED, proposed_by_id=actor.user_id)
        .order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
    )
    by_state = dict(counted)
    return PairsToDecide(
        by_state.get(rules.PairState.FOUND.value, 0),
        by_state.get(rules.PairState.PROPOSED.value, 0),
    )


def neighbours_of(actor: Actor, pair: OrganisationPair) -> tuple[OrganisationPair, ...]:
    """The other pairs that are not apart and have a record with this one in common, or stand with
    it in one group of the last search; the most likely first. One query.
    """
    both = (pair.first_id, pair.second_id)
    touching = Q(first__in=both) | Q(second__in=both)
    if pair.cluster is not None:
        touching |= Q(cluster=pair.cluster)
    return tuple(
        pairs_visible_to(actor)
        .filter(touching)
        .filter(state__in=(*WAITING_STATES, rules.PairState.MERGED))
        .exclude(pk=pair.pk)
        .order_by(*BY_PROBABILITY)[:NEIGHBOURS_MAX]
    )


# ---------------------------------------------------------------------------------- decisions


def decided_pairs(actor: Actor) -> QuerySet[OrganisationPair]:
    """The pairs that were merged or kept apart, in the order in which they were first found."""
    states = [state for state in rules.PairState if rules.rule_of_state(state) is not None]
    return pairs_visible_to(actor).filter(state__in=states).order_by("pk")


def decisions(pairs: Iterable[OrganisationPair]) -> Iterator[Decision]:
    """What these pairs say to a search; one that is not decided says nothing."""
    for pair in pairs:
        rule = rules.rule_of_state(pair.state)
        if rule is not None:
            yield Decision(pair.pk, pair.first, pair.second, rule, pair.why, pair.decided_at)


def link_rules() -> dict[rules.LinkRule, tuple[tuple[int, int], ...]]:
    """The pairs of ids that are one, and that are two, by every decision; for the search itself."""
    found: dict[rules.LinkRule, list[tuple[int, int]]] = {rule: [] for rule in rules.LinkRule}
    for first, second, state in OrganisationPair.objects.order_by("pk").values_list(
        "first_id", "second_id", "state"
    ):
        rule = rules.rule_of_state(state)
        if rule is not None:
            found[rule].append((first, second))
    return {rule: tuple(pairs) for rule, pairs in found.items()}


def apart_across(one_id: int, other_id: int) -> OrganisationPair | None:
    """A pair kept apart of which one record is read as the one organisation and the other as the
    other; the pair of the two themselves does not count. One query.
    """

    def of(pk: int, side: str) -> Q:
        return Q(**{side: pk}) | Q(**{f"{side}__merged_into": pk})

    across = (of(one_id, "first") & of(other_id, "second")) | (
        of(other_id, "first") & of(one_id, "second")
    )
    first, second = sorted((one_id, other_id))
    return (
        OrganisationPair.objects.select_related("first", "second")
        .filter(across, state=rules.PairState.KEPT_APART)
        .exclude(first=first, second=second)
        .order_by("pk")
        .first()
    )


# ------------------------------------------------------------------------------------ records


def records_visible_to(actor: Actor) -> QuerySet[Organisation]:
    """Every record, merged ones too: for network staff."""
    rows = Organisation.objects.order_by("pk")
    return rows if actor.is_network_staff else rows.none()


def records_to_resolve() -> Iterator[Record]:
    """What is compared of every record of the registry, merged ones too: one `Record` for each of
    its names, all of one id. For the search itself, whoever asks.
    """
    aliases: dict[int, list[str]] = {}
    for pk, name in OrganisationAlias.objects.order_by("pk").values_list("organisation_id", "name"):
        aliases.setdefault(pk, []).append(name)
    rows = Organisation.objects.order_by("pk").values_list(*_RECORD_COLUMNS)
    for row in rows.iterator(chunk_size=LOOKUP_BATCH):
        pk, name, name_zh, address, city, region, postal_code, country, north, east = row
        for text in dict.fromkeys((name, name_zh, *aliases.get(pk, ()))):
            if text:
                yield Record(
                    id=record_key(pk),
                    name=text,
                    address=address,
                    city=city,
                    state=region,
                    zip=postal_code,
                    country=country,
                    latitude="" if north is None else str(north),
                    longitude="" if east is None else str(east),
                )


def record_key(pk: int) -> str:
    """An id as a text that is ordered as numbers are."""
    return f"{pk:019}"
