"""Reads of topics: who sees which, by whom they are endorsed, what became of them."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Count, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Competition, Endorsement, Topic, TopicUse
from lineshaft.apps.competitions.queries.competitions import competitions_visible_to
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import (
    organisations_visible_to,
    standing_id,
    technology_area_keys_under,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import visible_q

_NO_TOPIC: Final = gettext_noop("There is no such topic, or none that you may see.")
_NO_ENDORSEMENT: Final = gettext_noop("There is no such endorsement.")


def topics_visible_to(actor: Actor) -> QuerySet[Topic]:
    """The topics that the actor may read: by their level, and those proposed by themselves."""
    condition = visible_q(actor, institute=None)
    if actor.user_id is not None and condition:
        condition |= Q(proposed_by_id=actor.user_id)
    return Topic.objects.filter(condition)


def topics_listed(
    actor: Actor, *, words: str = "", state: str = "", area: str = ""
) -> QuerySet[Topic]:
    """Topics with how many organisations endorse each, as `endorsed`, most first.

    Those that were merged or withdrawn are left out unless their state is asked for.
    """
    rows = topics_visible_to(actor)
    if state:
        rows = rows.filter(state=state)
    else:
        rows = rows.filter(state__in=[rules.PROPOSED, rules.TAKEN_UP])
    if words.strip():
        said = words.strip()
        named = Q(title__icontains=said) | Q(title_zh__icontains=said)
        rows = rows.filter(named | Q(text__icontains=said) | Q(text_zh__icontains=said))
    if area:
        under = technology_area_keys_under(area)
        tagged = Topic.technology_areas.through.objects.filter(technologyarea__key__in=under)
        rows = rows.filter(pk__in=tagged.values("topic_id"))
    return (
        with_endorsements(rows)
        .select_related("organisation", "institute", "agency")
        .order_by(F("endorsed").desc(), "-proposed_at", "-pk")
    )


def with_endorsements(rows: QuerySet[Topic]) -> QuerySet[Topic]:
    """Annotated with `endorsed`: organisations that endorse the topic or one merged into it."""
    counted = (
        Endorsement.objects.filter(withdrawn_at__isnull=True)
        .annotate(root=Coalesce("topic__merged_into_id", "topic_id"))
        .filter(root=OuterRef("pk"))
        .order_by()
        .values("root")
        .annotate(number=Count(standing_id(), distinct=True))
        .values("number")
    )
    return rows.annotate(endorsed=Coalesce(Subquery(counted, output_field=IntegerField()), 0))


def with_links(actor: Actor, rows: QuerySet[Topic]) -> QuerySet[Topic]:
    """With areas, the topic that each was merged into and the competitions that took it up, as far
    as the actor may see them.
    """
    uses = TopicUse.objects.filter(competition__in=competitions_visible_to(actor))
    return rows.prefetch_related(
        "technology_areas",
        Prefetch("merged_into", queryset=topics_visible_to(actor)),
        Prefetch("uses", queryset=uses.select_related("competition").order_by("pk")),
    )


def topic_by_id(actor: Actor, pk: int) -> Topic:
    """The topic with its areas, what was merged into it and the competitions that took it up, as
    far as the actor may see them; raises NotFound.
    """
    rows = with_endorsements(topics_visible_to(actor)).select_related(
        "organisation", "institute", "agency"
    )
    merged = Prefetch("merged", queryset=topics_visible_to(actor).order_by("pk"))
    found = with_links(actor, rows).prefetch_related(merged).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_TOPIC, code="no_topic")
    return found


def endorsements_of(actor: Actor, topic: Topic) -> QuerySet[Endorsement]:
    """Who endorses a topic, or one merged into it, the latest first.

    Of an organisation that the actor may not see, nothing but that it counts: it is left out.
    """
    rows = Endorsement.objects.filter(Q(topic=topic) | Q(topic__merged_into=topic))
    seen = organisations_visible_to(actor).values("pk")
    return (
        rows.filter(withdrawn_at__isnull=True)
        .filter(Q(organisation__in=seen) | Q(organisation__merged_into__in=seen))
        .select_related("organisation__merged_into", "topic")
        .order_by("-endorsed_at", "-pk")
    )


def endorsement_by_id(actor: Actor, topic: Topic, pk: int) -> Endorsement:
    """That endorsement of the topic; raises NotFound."""
    found = endorsements_of(actor, topic).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_ENDORSEMENT, code="no_endorsement")
    return found


def own_organisations(actor: Actor) -> Sequence[Organisation]:
    """The organisations for which the actor speaks, by name."""
    if not actor.organisation_ids:
        return ()
    rows = organisations_visible_to(actor).filter(pk__in=sorted(actor.organisation_ids))
    return list(rows.order_by("name", "pk"))


def topics_of(actor: Actor, competition: Competition) -> QuerySet[Topic]:
    """The topics that a competition took up, as far as the actor may see them."""
    rows = topics_visible_to(actor).filter(uses__competition=competition)
    return with_endorsements(rows).order_by("uses__pk")
