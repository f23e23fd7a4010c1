"""Proposing, endorsing, merging, taking up and withdrawing topics.

Whoever belongs to the network proposes a topic and endorses one for an organisation of theirs.
Nothing is lost by merging: the topic that is merged stays with its endorsements.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Competition, Endorsement, Topic, TopicUse
from lineshaft.apps.competitions.queries import topics_visible_to
from lineshaft.apps.competitions.services.indexing import index_topics
from lineshaft.apps.competitions.services.record import (
    faults_of_texts,
    held_competition,
    plain,
)
from lineshaft.apps.network.models import Agency, Institute, Organisation, TechnologyArea
from lineshaft.apps.network.queries import group_q
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import term_of
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

TOPIC_LEVELS: Final = (SharingLevel.NETWORK, SharingLevel.PUBLIC)

_NO_LEVEL: Final = gettext_noop("A topic is shared as one of: %(known)s.")
_NO_AREA: Final = gettext_noop("There is no technology area “%(key)s”.")
_NO_TOPIC: Final = gettext_noop("There is no such topic, or none that you may see.")
_NOT_THEIRS: Final = gettext_noop("You do not speak for %(name)s. Choose one that is yours.")


@dataclass(frozen=True, slots=True)
class TopicProposal:
    """A topic as it is proposed; at most one of organisation, institute and agency speaks."""

    title: str
    text: str
    title_zh: str = ""
    text_zh: str = ""
    areas: tuple[str, ...] = ()
    level: str = SharingLevel.NETWORK
    organisation: Organisation | None = None
    institute: Institute | None = None
    agency: Agency | None = None
    is_demonstration: bool = False


def propose_topic(actor: Actor, proposal: TopicProposal, *, now: datetime) -> Topic:
    """Propose what an institute or a project should be about."""
    permit(actor, rules.PERMISSIONS["propose_topic"])
    _permit_in_network(actor, "propose_topic")
    _permit_speaker(actor, proposal)
    areas = list(TechnologyArea.objects.filter(key__in=proposal.areas))
    if faults := _faults_of(proposal, {area.key for area in areas}):
        raise Invalid(faults)
    with transaction.atomic():
        topic = Topic.objects.create(
            title=proposal.title.strip(),
            title_zh=proposal.title_zh.strip(),
            text=plain(proposal.text),
            text_zh=plain(proposal.text_zh),
            organisation=proposal.organisation,
            institute=proposal.institute,
            agency=proposal.agency,
            proposed_by_id=actor.user_id,
            proposer=actor.label,
            level=proposal.level,
            proposed_at=now,
            is_demonstration=proposal.is_demonstration,
        )
        topic.technology_areas.set(areas)
        record_event(
            actor,
            "propose_topic",
            topic,
            now=now,
            changes={"title": topic.title, "level": topic.level},
        )
        index_topics([topic.pk])
    return topic


def endorse_topic(
    actor: Actor, topic: Topic, organisation: Organisation, *, remark: str = "", now: datetime
) -> Endorsement:
    """Endorse a topic for an organisation; one that was merged is endorsed as what it became.

    Raises Refused where the organisation, or a record merged into it, endorses it already.
    """
    permit(actor, rules.PERMISSIONS["endorse_topic"])
    _permit_in_network(actor, "endorse_topic")
    _permit_organisation(actor, organisation)
    said = remark.strip()
    if faults := faults_of_texts({"remark": said}, rules.REMARK_MAX):
        raise Invalid(faults)
    try:
        with transaction.atomic():
            row = _locked(actor, topic)
            row = _locked(actor, row.merged_into) if row.merged_into else row
            refuse_if(rules.refuse_endorsing(row.state, state_name=term_of(row.state)))
            standing = (
                Endorsement.objects.filter(Q(topic=row) | Q(topic__merged_into=row))
                .filter(group_q(organisation.standing.pk), withdrawn_at__isnull=True)
                .exists()
            )
            refuse_if(rules.refuse_second_endorsement(organisation.name, is_endorsed=standing))
            endorsement = Endorsement.objects.create(
                topic=row,
                organisation=organisation,
                endorsed_by_id=actor.user_id,
                person=actor.label,
                remark=said,
                endorsed_at=now,
            )
            record_event(
                actor, "endorse_topic", row, now=now, changes={"organisation": organisation.pk}
            )
    except IntegrityError as error:
        raise Stale from error
    return endorsement


def withdraw_endorsement(actor: Actor, endorsement: Endorsement, *, now: datetime) -> Endorsement:
    """Take an endorsement back; whoever speaks for the organisation may."""
    permit(actor, rules.PERMISSIONS["withdraw_endorsement"])
    with transaction.atomic():
        topic = _locked(actor, endorsement.topic)
        row = topic.endorsements.select_related("organisation").get(pk=endorsement.pk)
        _permit_organisation(actor, row.organisation)
        if row.withdrawn_at is None:
            row.withdrawn_at = now
            row.save(update_fields=["withdrawn_at"])
            record_event(
                actor,
                "withdraw_endorsement",
                topic,
                now=now,
                changes={"organisation": row.organisation_id},
            )
    return row


def merge_topics(actor: Actor, topic: Topic, into: Topic, *, why: str, now: datetime) -> Topic:
    """Merge a topic into another that asks the same; its endorsements count there from now on.

    What was merged into the first is merged into the second with it.
    """
    permit(actor, rules.PERMISSIONS["merge_topics"], agencies=_own_agencies(actor))
    reason = why.strip()
    if faults := faults_of_texts({"why": reason}, rules.REMARK_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        # in the order of their ids, so that two who merge crosswise wait and do not lock each other
        rows = {one.pk: _locked(actor, one) for one in sorted((topic, into), key=lambda x: x.pk)}
        row, target = rows[topic.pk], rows[into.pk]
        refuse_if(rules.TRANSITIONS["Topic"].check(row.state, "merge_topics"))
        refuse_if(
            rules.refuse_merging(
                is_same=row.pk == target.pk, title=target.title, state=target.state
            )
        )
        Topic.objects.filter(merged_into=row).update(merged_into=target)
        row.state = rules.TRANSITIONS["Topic"].target(row.state, "merge_topics")
        row.merged_into, row.why, row.closed_at = target, reason, now
        row.save(update_fields=["state", "merged_into", "why", "closed_at"])
        record_event(actor, "merge_topics", row, now=now, why=reason, changes={"into": target.pk})
    return row


def take_up_topic(
    actor: Actor, topic: Topic, competition: Competition, *, now: datetime
) -> TopicUse:
    """Let a competition that is still being written take the topic up."""
    with transaction.atomic():
        held = held_competition(actor, competition, "take_up_topic")
        row = _locked(actor, topic)
        refuse_if(rules.TRANSITIONS["Topic"].check(row.state, "take_up_topic"))
        refuse_if(rules.refuse_taking_up(held.code, may_change=held.is_changeable))
        use = TopicUse.objects.create(
            topic=row, competition=held, taken_up_at=now, taken_up_by=actor.label
        )
        row.state = rules.TRANSITIONS["Topic"].target(row.state, "take_up_topic")
        row.save(update_fields=["state"])
        record_event(
            actor,
            "take_up_topic",
            row,
            now=now,
            institute=held.institute.key if held.institute else "",
            changes={"competition": held.code},
        )
    return use


def withdraw_topic(actor: Actor, topic: Topic, *, why: str, now: datetime) -> Topic:
    """Take a topic back; whoever proposed it may, and the programme office."""
    permit(actor, rules.PERMISSIONS["withdraw_topic"])
    reason = why.strip()
    if faults := faults_of_texts({"why": reason}, rules.REMARK_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        row = _locked(actor, topic)
        is_own = actor.user_id is not None and row.proposed_by_id == actor.user_id
        if not (is_own or actor.is_system or actor.has_role(Role.PROGRAMME_OFFICER)):
            _refuse("withdraw_topic")
        refuse_if(rules.TRANSITIONS["Topic"].check(row.state, "withdraw_topic"))
        row.state = rules.TRANSITIONS["Topic"].target(row.state, "withdraw_topic")
        row.why, row.closed_at = reason, now
        row.save(update_fields=["state", "why", "closed_at"])
        record_event(actor, "withdraw_topic", row, now=now, why=reason)
    return row


def _locked(actor: Actor, topic: Topic) -> Topic:
    """The topic behind its lock; raises NotFound where the actor may not know of it."""
    row = Topic.objects.select_for_update().filter(pk=topic.pk).first()
    if row is None or not topics_visible_to(actor).filter(pk=topic.pk).exists():
        raise NotFound(_NO_TOPIC, code="no_topic")
    return row


def _permit_in_network(actor: Actor, verb: str) -> None:
    if not actor.reach().has_network:
        _refuse(verb)


def _permit_organisation(actor: Actor, organisation: Organisation) -> None:
    own = actor.organisation_ids
    if not actor.is_system and not {organisation.pk, organisation.standing.pk} & own:
        raise NotPermitted(_NOT_THEIRS, code="not_theirs", params={"name": organisation.name})


def _permit_speaker(actor: Actor, proposal: TopicProposal) -> None:
    """Raises NotPermitted for somebody who does not speak for those named."""
    if actor.is_system:
        return
    if proposal.organisation is not None:
        _permit_organisation(actor, proposal.organisation)
    if proposal.institute is not None and proposal.institute.key not in actor.own_institute_keys:
        params = {"name": proposal.institute.name}
        raise NotPermitted(_NOT_THEIRS, code="not_theirs", params=params)
    if proposal.agency is not None and proposal.agency.key not in _own_agencies(actor):
        raise NotPermitted(_NOT_THEIRS, code="not_theirs", params={"name": proposal.agency.name})


def _own_agencies(actor: Actor) -> frozenset[str]:
    return actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)


def _refuse(verb: str) -> None:
    raise NotPermitted(
        rules.PERMISSIONS[verb].sentence, code="not_permitted", params={"verb": verb}
    )


def _faults_of(proposal: TopicProposal, known: set[str]) -> list[FieldError]:
    faults = faults_of_texts({"title": proposal.title}, rules.TITLE_MAX, required=True)
    faults += faults_of_texts({"title_zh": proposal.title_zh}, rules.TITLE_MAX)
    faults += faults_of_texts({"text": proposal.text}, rules.TOPIC_TEXT_MAX, required=True)
    faults += faults_of_texts({"text_zh": proposal.text_zh}, rules.TOPIC_TEXT_MAX)
    if proposal.level not in TOPIC_LEVELS:
        params = {"known": ", ".join(TOPIC_LEVELS)}
        faults.append(FieldError("level", message=_NO_LEVEL, params=params))
    for key in proposal.areas:
        if key not in known:
            faults.append(FieldError("areas", message=_NO_AREA, params={"key": key}))
    return faults
