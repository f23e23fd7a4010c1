"""Asking a question on a competition, and answering it.

Whoever asked is told by mail that there is an answer. An answer for everybody stands on the page of
the competition, without a name.
"""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Competition, Question, Stage
from lineshaft.apps.competitions.queries import competitions_visible_to, deadline_of
from lineshaft.apps.competitions.services.record import (
    NO_COMPETITION,
    audit_competition,
    faults_of_texts,
    held_competition,
    plain,
)
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit

_NO_QUESTION: Final = gettext_noop("There is no such question, or none that you may see.")


def ask_question(actor: Actor, competition: Competition, text: str, *, now: datetime) -> Question:
    """Ask whoever runs a competition, until the day that its terms give."""
    permit(actor, rules.PERMISSIONS["ask_question"])
    said = plain(text)
    if faults := faults_of_texts({"text": said}, rules.QUESTION_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        rows = Competition.objects.select_for_update(of=("self",)).select_related("institute")
        row = rows.filter(pk=competition.pk).first()
        if row is None or not competitions_visible_to(actor).filter(pk=row.pk).exists():
            raise NotFound(NO_COMPETITION, code="no_competition")
        stages = list(Stage.objects.filter(competition=row).order_by("number"))
        closes_at = row.questions_until or deadline_of(stages, row.stage_number)
        refuse_if(rules.refuse_question(row.state, closes_at=closes_at, now=now))
        last = row.questions.order_by("number").last()
        question = Question.objects.create(
            competition=row,
            number=last.number + 1 if last else 1,
            text=said,
            asked_at=now,
            asked_by_id=actor.user_id,
            asker=actor.label,
        )
        audit_competition(
            actor, "ask_question", row, now=now, changes={"question": question.number}
        )
    return question


def answer_question(
    actor: Actor,
    question: Question,
    answer: str,
    *,
    answer_zh: str = "",
    is_public: bool,
    now: datetime,
) -> Question:
    """Answer once, for everybody or for whoever asked alone."""
    said, said_zh = plain(answer), plain(answer_zh)
    faults = faults_of_texts({"answer": said}, rules.QUESTION_MAX, required=True)
    faults += faults_of_texts({"answer_zh": said_zh}, rules.QUESTION_MAX)
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        row = held_competition(actor, question.competition, "answer_question")
        held = row.questions.select_related("asked_by").filter(pk=question.pk).first()
        if held is None:
            raise NotFound(_NO_QUESTION, code="no_question")
        refuse_if(rules.refuse_second_answer(is_answered=held.answered_at is not None))
        held.answer, held.answer_zh, held.is_public = said, said_zh, is_public
        held.answered_at, held.answered_by = now, actor.label
        held.save(update_fields=["answer", "answer_zh", "is_public", "answered_at", "answered_by"])
        audit_competition(
            actor,
            "answer_question",
            row,
            now=now,
            changes={"question": held.number, "is_public": is_public},
        )
        _tell(row, held, now=now)
    return held


def _tell(competition: Competition, question: Question, *, now: datetime) -> None:
    """A message to whoever asked, in their language; it says where, and not what."""
    user = question.asked_by
    if user is None or not user.email:
        return
    with override(user.language or None):
        said = {
            "code": competition.code,
            "number": question.number,
            "address": settings.ORIGIN
            + reverse("competitions:list_questions", args=[competition.key]),
        }
        send_mail_later(
            user.email,
            _("Your question on %(code)s is answered") % said,
            _("Question %(number)s on %(code)s is answered. Read it at %(address)s.") % said,
            now=now,
            about=competition,
        )
