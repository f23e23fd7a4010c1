"""What a topic overlaps with, and a person's judgement of it.

Compared are the summary, the need and the approach: with the focus of every institute that there
is, with the texts of competitions that run, with the awards of other agencies, and, for whoever
runs the competition, with what other applications handed in. Nothing is refused by likeness alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Submission,
    TopicJudgement,
)
from lineshaft.apps.competitions.queries import (
    NO_APPLICATION,
    applications_compared,
    areas_related,
    competitions_compared,
    content_of,
    institutes_compared,
    judgements_of,
    name_compared,
    seat_of,
    submissions_visible_to,
)
from lineshaft.apps.competitions.services.applying import audit_application
from lineshaft.apps.competitions.services.record import faults_of_texts, held_competition, plain
from lineshaft.apps.network.models import Institute, OutsideAward
from lineshaft.apps.network.rules import ABSTRACT_LENGTH_MAX
from lineshaft.apps.network.services import WorkDescribed, overlaps_with
from lineshaft.kernel.errors import Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import local_name
from lineshaft.web.passages import Passage

_NO_JUDGEMENT: Final = gettext_noop("A judgement is one of: %(known)s.")
_PARTS: Final = (rules.SectionKey.NEED, rules.SectionKey.APPROACH)
_WHOLE_BP: Final = 10_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is compared; `areas` are keys of technology areas."""

    text: str
    title: str = ""
    areas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TopicOverlap:
    """Something with which a topic overlaps: `other`, called `name`, with the `text` compared.

    `likeness_bp` is that of the words, `share_bp` how much of the topic stands in passages of both,
    `score_bp` orders them. A passage is two runs of characters, the first in the topic.
    `judgement` is the last one of a person, None where there is none.
    """

    of: rules.OverlapOf
    other: Institute | Competition | OutsideAward | Submission
    other_id: int
    name: str
    text: str
    score_bp: int
    likeness_bp: int
    share_bp: int
    shares_area: bool
    passages: tuple[Passage, ...] = ()
    judgement: TopicJudgement | None = None


@dataclass(frozen=True, slots=True)
class JudgementTerms:
    """What somebody makes of the overlap with a thing, named by its kind and its id."""

    of: str
    other_id: int
    judgement: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    of: rules.OverlapOf
    other: Institute | Competition | Submission
    other_id: int
    name: str
    text: str
    areas: frozenset[str]


def topic_of_submission(submission: Submission) -> Topic:
    """The topic as it was handed in."""
    content: Mapping[str, Any] = submission.content
    texts = [content[part]["text"] for part in _PARTS]
    return _topic(content[rules.TERMS], texts)


def topic_of_application(actor: Actor, application: Application) -> Topic:
    """The topic as it stands in the workspace, of the parts that are open to the actor."""
    seat = seat_of(actor, application)
    texts = [content_of(application, part)["text"] for part in _PARTS if part in seat.parts]
    return _topic(content_of(application, rules.TERMS), texts)


def topic_overlaps(
    actor: Actor, submission: Submission, *, now: datetime
) -> tuple[TopicOverlap, ...]:
    """What the topic that was handed in overlaps with, for whoever runs the competition, the
    nearest first; twenty of each kind at most. As many queries for any number of things.
    """
    topic, competition = topic_of_submission(submission), submission.application.competition
    candidates = [
        *_public_candidates(actor, competition),
        *_rivals(actor, submission),
    ]
    found = _compared(actor, topic, candidates, now=now)
    judged = {(one.of, one.other_id): one for one in judgements_of(submission.application)}
    return tuple(replace(one, judgement=judged.get((one.of, one.other_id))) for one in found)


def public_overlaps(
    actor: Actor, application: Application, *, now: datetime
) -> tuple[TopicOverlap, ...]:
    """What the topic in the workspace overlaps with of what everybody may read, for its team."""
    reader = Actor.public(actor.language)
    topic = topic_of_application(actor, application)
    candidates = _public_candidates(reader, application.competition)
    return _compared(reader, topic, candidates, now=now)


def judge_topic_overlap(
    actor: Actor,
    submission: Submission,
    terms: JudgementTerms,
    *,
    seen: int | None = None,
    now: datetime,
) -> TopicJudgement:
    """Judge an overlap; a judgement stays, and a later one stands beside it.

    `seen` is the id of the judgement that the actor read, 0 for none; raises Stale where there is a
    later one, NotFound for what is closed to the actor.
    """
    said = plain(terms.reason)
    if faults := faults_of_texts({"reason": said}, rules.ADVICE_MAX):
        raise Invalid(faults)
    if terms.judgement not in set(rules.TopicJudgementKind):
        known = ", ".join(rules.TopicJudgementKind)
        raise Invalid.in_field("judgement", _NO_JUDGEMENT, known=known)
    with transaction.atomic():
        row = held_competition(actor, submission.application.competition, "judge_topic_overlap")
        opened = submissions_visible_to(actor, row).filter(pk=submission.pk)
        held = opened.select_for_update(of=("self",)).first()
        if held is None:
            raise NotFound(NO_APPLICATION, code="no_application")
        name = name_compared(actor, held, terms.of, terms.other_id, is_local=False)
        refuse_if(rules.refuse_judging_overlap(said))
        last = judgements_of(held.application).filter(of=terms.of, other_id=terms.other_id).last()
        if seen is not None and seen != (last.pk if last else 0):
            raise Stale
        made = TopicJudgement.objects.create(
            application=held.application,
            of=terms.of,
            other_id=terms.other_id,
            other_name=name,
            judgement=terms.judgement,
            reason=said,
            judged_by=actor.label,
            judged_at=now,
        )
        changes = {"of": terms.of}
        audit_application(actor, "judge_topic_overlap", held.application, now=now, changes=changes)
    return made


# ---------------------------------------------------------------------------------------- leaves


def _topic(terms: Mapping[str, Any], texts: Iterable[str]) -> Topic:
    parts = [terms["abstract"], terms["abstract_zh"], *texts]
    text = "\n\n".join(part for part in parts if part)
    return Topic(text[:ABSTRACT_LENGTH_MAX], terms["title"], frozenset(terms["areas"]))


def _public_candidates(reader: Actor, competition: Competition) -> list[_Candidate]:
    """Institutes and competitions, as far as the reader may see them."""
    found = [_institute(one) for one in institutes_compared(reader, competition)]
    return [*found, *(_competition(one) for one in competitions_compared(reader, competition))]


def _institute(one: Institute) -> _Candidate:
    told = [text for fact in one.focus_told for text in (fact.text, fact.text_zh)]  # type: ignore[attr-defined] # prefetched
    areas = list(one.technology_areas.all())
    named = [text for area in areas for text in (area.name, area.name_zh)]
    text = "\n\n".join(part for part in ("\n".join(told), "; ".join(named)) if part)
    return _Candidate(
        rules.OverlapOf.INSTITUTE,
        one,
        one.pk,
        local_name(one),
        text,
        frozenset(area.key for area in areas),
    )


def _competition(one: Competition) -> _Candidate:
    texts = (one.summary, one.text, one.summary_zh, one.text_zh)
    return _Candidate(
        rules.OverlapOf.COMPETITION,
        one,
        one.pk,
        one.title,
        "\n\n".join(text for text in texts if text),
        frozenset(area.key for area in one.technology_areas.all()),
    )


def _rivals(actor: Actor, submission: Submission) -> list[_Candidate]:
    return [
        _Candidate(
            rules.OverlapOf.APPLICATION,
            one,
            one.application_id,
            one.title,  # type: ignore[attr-defined] # annotated
            one.abstract,  # type: ignore[attr-defined] # annotated
            frozenset(one.areas),  # type: ignore[attr-defined] # annotated
        )
        for one in applications_compared(actor, submission)
    ]


def _compared(
    reader: Actor, topic: Topic, candidates: list[_Candidate], *, now: datetime
) -> tuple[TopicOverlap, ...]:
    """What overlaps, the nearest first; nothing where the topic says nothing yet."""
    if not topic.text.strip():
        return ()
    # Not at the top: the engine's arithmetic takes its time to load.
    from lineshaft.engines.match.topics import likenesses  # noqa: PLC0415

    related = areas_related(topic.areas)
    likeness = likenesses(topic.text, [one.text for one in candidates])
    found = [
        _overlap(topic, one, round(alike * _WHOLE_BP), shares_area=bool(related & one.areas))
        for one, alike in _nearest(candidates, likeness, related)
    ]
    shown = [
        one
        for one in found
        if rules.is_overlap_shown(one.likeness_bp, one.share_bp, shares_area=one.shares_area)
    ]
    return tuple(
        sorted(
            [*shown, *_awards(reader, topic, now=now)],
            key=lambda one: (-one.score_bp, one.of, one.other_id),
        )
    )


def _nearest(
    candidates: list[_Candidate], likeness: list[float], related: frozenset[str]
) -> list[tuple[_Candidate, float]]:
    """Of each kind those that are most alike, so that passages are looked for in these alone."""
    ranked = sorted(
        zip(candidates, likeness, strict=True),
        key=lambda pair: (-pair[1] - bool(related & pair[0].areas), pair[0].other_id),
    )
    found = []
    for kind in rules.OverlapOf:
        found += [pair for pair in ranked if pair[0].of is kind][: rules.OVERLAPS_SHOWN_MAX]
    return found


def _overlap(topic: Topic, one: _Candidate, likeness_bp: int, *, shares_area: bool) -> TopicOverlap:
    from lineshaft.engines.match.topics import shared_passages  # noqa: PLC0415 -- as above

    share, passages = shared_passages(topic.text, one.text)
    share_bp = round(share * _WHOLE_BP)
    return TopicOverlap(
        one.of,
        one.other,
        one.other_id,
        one.name,
        one.text,
        rules.overlap_score_bp(likeness_bp, share_bp, shares_area=shares_area),
        likeness_bp,
        share_bp,
        shares_area,
        tuple((each.a_start, each.a_end, each.b_start, each.b_end) for each in passages),
    )


def _awards(reader: Actor, topic: Topic, *, now: datetime) -> list[TopicOverlap]:
    """Awards of other agencies that overlap, by the same comparison as the network's own page."""
    work = WorkDescribed(title=topic.title, text=topic.text)
    return [
        TopicOverlap(
            rules.OverlapOf.AWARD,
            one.award,
            one.award.pk,
            one.award.title,
            one.award.abstract,
            one.score_bp,
            one.score_bp,
            one.share_of_work_bp,
            shares_area=False,
            passages=one.passages,
        )
        for one in overlaps_with(reader, work, now)
    ]
