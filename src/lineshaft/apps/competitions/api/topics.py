"""The API of topics: what the network asks for, and who endorses it.

Names of people are for the network, and left out.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.competitions import queries, services
from lineshaft.apps.competitions.models import Topic
from lineshaft.apps.network.queries import organisation_by_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, Words, actor_of, idempotent, paged
from lineshaft.plumbing.sharing import SharingLevel

router = Router(tags=["competitions"])


class TopicIn(Schema):
    """A topic to propose; `organisation` is the id of one that the caller speaks for."""

    title: str
    text: str
    title_zh: str = ""
    text_zh: str = ""
    technology_areas: list[str] = Field(default_factory=list)
    level: SharingLevel = SharingLevel.NETWORK
    organisation: RowId | None = None


class TopicOut(Schema):
    """A topic; `endorsed` counts the organisations that endorse it, or one merged into it."""

    id: int
    title: str
    title_zh: str
    text: str
    text_zh: str
    state: str
    level: str
    technology_areas: list[str]
    proposed_at: datetime
    endorsed: int
    merged_into: int | None
    competitions: list[str]


class EndorsementIn(Schema):
    """An endorsement for an organisation that the caller speaks for."""

    organisation: RowId
    remark: str = ""


class EndorsementOut(Schema):
    """That an organisation endorses a topic."""

    topic: int
    organisation: int
    remark: str
    endorsed_at: datetime


@router.get("/topics", response=PageOf[TopicOut], operation_id="list_topics", summary="Topics")
def list_topics(
    request: HttpRequest,
    *,
    q: Words = "",
    state: str = "",
    area: str = "",
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The topics that the caller may read; without a state those open or taken up."""
    actor = actor_of(request)
    rows = queries.with_links(actor, queries.topics_listed(actor, words=q, state=state, area=area))
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_topic(one) for one in page["items"]]}


@router.get("/topics/{topic_id}", response=TopicOut, operation_id="show_topic", summary="One topic")
def show_topic(request: HttpRequest, topic_id: RowId) -> TopicOut:
    """The topic with its endorsements counted."""
    return _topic(queries.topic_by_id(actor_of(request), topic_id))


@router.post("/topics", response=TopicOut, operation_id="propose_topic", summary="Propose a topic")
def propose_topic(request: HttpRequest, payload: TopicIn) -> HttpResponse:
    """The topic as it stands open."""
    actor = actor_of(request)

    def perform() -> TopicOut:
        sent = payload.model_dump()
        areas, named = tuple(sent.pop("technology_areas")), sent.pop("organisation")
        organisation = organisation_by_id(actor, named) if named is not None else None
        proposal = services.TopicProposal(**sent, areas=areas, organisation=organisation)
        made = services.propose_topic(actor, proposal, now=clock.now())
        return _topic(queries.topic_by_id(actor, made.pk))

    return idempotent(request, "propose_topic", perform)


@router.post(
    "/topics/{topic_id}/endorsements",
    response=EndorsementOut,
    operation_id="endorse_topic",
    summary="Endorse a topic",
)
def endorse_topic(request: HttpRequest, topic_id: RowId, payload: EndorsementIn) -> HttpResponse:
    """The endorsement; of a topic that was merged, on the one that it was merged into."""
    actor = actor_of(request)

    def perform() -> EndorsementOut:
        topic = queries.topic_by_id(actor, topic_id)
        organisation = organisation_by_id(actor, payload.organisation)
        made = services.endorse_topic(
            actor, topic, organisation, remark=payload.remark, now=clock.now()
        )
        return EndorsementOut(
            topic=made.topic_id,
            organisation=made.organisation_id,
            remark=made.remark,
            endorsed_at=made.endorsed_at,
        )

    return idempotent(request, "endorse_topic", perform)


def _topic(one: Topic) -> TopicOut:
    return TopicOut(
        id=one.pk,
        title=one.title,
        title_zh=one.title_zh,
        text=one.text,
        text_zh=one.text_zh,
        state=one.state,
        level=one.level,
        technology_areas=[area.key for area in one.technology_areas.all()],
        proposed_at=one.proposed_at,
        endorsed=one.endorsed,  # type: ignore[attr-defined] # annotated
        merged_into=one.merged_into.pk if one.merged_into else None,  # as far as it may be seen
        competitions=[use.competition.key for use in one.uses.all()],
    )
