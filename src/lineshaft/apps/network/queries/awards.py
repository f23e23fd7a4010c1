"""Reads of awards of other agencies."""

from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from lineshaft.apps.network.models import OutsideAward
from lineshaft.apps.network.queries.ground import organisations_visible_to
from lineshaft.apps.network.queries.merges import group_q, standing_id
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import visible_q

WORDS_MAX: Final = 8
"""Words of a search that are looked for; each is one pass over the texts."""

_NO_AWARD: Final = gettext_noop("There is no such award, or none that you may see.")


def outside_awards_visible_to(actor: Actor) -> QuerySet[OutsideAward]:
    """The awards of other agencies that the actor may read."""
    return OutsideAward.objects.filter(visible_q(actor, institute=None))


def with_recipient_seen_by(actor: Actor, rows: QuerySet[OutsideAward]) -> QuerySet[OutsideAward]:
    """Annotated with `seen_organisation_id`: the registered recipient, None where there is none or
    the actor may not see it.
    """
    seen = organisations_visible_to(actor).filter(pk=OuterRef("standing")).values("pk")
    return rows.annotate(standing=standing_id()).annotate(seen_organisation_id=Subquery(seen[:1]))


def outside_awards_filtered(
    actor: Actor,
    rows: QuerySet[OutsideAward],
    *,
    q: str = "",
    agency: str = "",
    year: int | None = None,
    organisation: int | None = None,
) -> QuerySet[OutsideAward]:
    """The awards whose title, text, number, recipient or people hold every word of `q`, of that
    agency as its register writes it, of that year, to that organisation; none to one that the actor
    may not see.
    """
    for word in q.split()[:WORDS_MAX]:
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(number__icontains=word)
            | Q(recipient__icontains=word)
            | Q(investigator__icontains=word)
            | Q(other_investigators__icontains=word)
            | Q(abstract__icontains=word)
        )
    if agency:
        rows = rows.filter(agency_name=agency)
    if year is not None:
        rows = rows.filter(year=year)
    if organisation is None:
        return rows
    is_seen = Exists(organisations_visible_to(actor).filter(pk=organisation))
    return rows.filter(group_q(organisation), is_seen)


def outside_award_by_id(actor: Actor, pk: int) -> OutsideAward:
    """The award of that id with its agency and `seen_organisation_id`; raises NotFound."""
    rows = with_recipient_seen_by(actor, outside_awards_visible_to(actor))
    found = rows.select_related("agency").filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_AWARD, code="no_outside_award")
    return found


def outside_awards_by_agency(rows: QuerySet[OutsideAward]) -> list[tuple[str, int]]:
    """How many of the awards each agency made, most first."""
    counted = rows.order_by().values_list("agency_name").annotate(number=Count("pk"))
    return list(counted.order_by("-number", "agency_name"))


def agencies_of_outside_awards(actor: Actor) -> list[str]:
    """The agencies that made awards which the actor may read, as registers write them, by name."""
    rows = outside_awards_visible_to(actor).order_by("agency_name")
    return list(rows.values_list("agency_name", flat=True).distinct())


def years_of_outside_awards(actor: Actor) -> list[int]:
    """The years in which they were made, latest first."""
    rows = outside_awards_visible_to(actor).filter(year__isnull=False).order_by("-year")
    return [year for year in rows.values_list("year", flat=True).distinct() if year is not None]
