"""Participation in words: how a review stands, what it limits, what a screening found."""

from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import (
    STANDING_LABELS,
    ParticipationReview,
    ScreeningSheet,
)
from lineshaft.apps.memberships.queries import ReviewStanding
from lineshaft.apps.memberships.rules import Standing
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.web import formats
from lineshaft.web.pages import Crumb, Item, Step, Tag, Tone

TONES: dict[Standing, Tone] = {
    Standing.APPROVED: "ok",
    Standing.CLOSED: "ok",
    Standing.CONDITIONAL: "ok",
    Standing.DENIED: "bad",
    Standing.EXPIRED: "bad",
}


def standing_tag(one: ReviewStanding) -> Tag:
    """How a review stands, as a state; what waits for somebody is marked."""
    if one.is_recheck_due:
        return Tag(_("To be checked again"), "due")
    return Tag(str(STANDING_LABELS[one.standing]), TONES.get(one.standing, "due"))


def open_sentence(one: ReviewStanding) -> str:
    """What an organisation may do under a standing, in one plain sentence."""
    match one.standing:
        case Standing.APPROVED | Standing.CLOSED:
            return _("It takes part as every member does.")
        case Standing.CONDITIONAL:
            return _("It takes part as every member does, within these limits:")
        case Standing.REQUESTED:
            return _("It is held until the sponsor has decided. What is public stays open.")
        case _:
            return _("It takes part in nothing beyond what is public.")


def finding_items(sheet: ScreeningSheet) -> tuple[dict[str, str], ...]:
    """Why a review is called for: the question, what was found, the authority."""
    screening = profile_in_use().screening
    found = []
    for one in sheet.findings:
        question = screening.question(one["question"])
        text = formats.spoken(rules.FOUND[one["code"]]) % {
            "country": formats.country(one["country"]),
            "share": formats.percent_bp(one["share_bp"]),
        }
        found.append(
            {
                "question": formats.local_name(question) if question else "",
                "text": text,
                "citation": one["citation"],
            }
        )
    return tuple(found)


def answer_items(sheet: ScreeningSheet) -> tuple[Item, ...]:
    """Each question with its answer."""
    found = []
    for question in profile_in_use().screening.questions:
        answer = sheet.answers.get(question.key, "")
        if question.kind == "owners":
            continue
        if question.kind == "country":
            text = formats.country(answer)
        else:
            text = {rules.YES: _("Yes"), rules.NO: _("No")}.get(answer, formats.MISSING)
        found.append(Item(formats.local_name(question), text))
    return tuple(found)


def steps(one: ReviewStanding) -> tuple[Step, ...]:
    """The line of stations: screened, decided, checked again, ended."""
    review, decision = one.review, one.decision
    is_undecided = one.standing in {Standing.REQUESTED, Standing.REOPENED}
    screened = formats.date_local(review.sheet.screened_at)
    decided = formats.date_local(decision.starts_on) if decision and not is_undecided else ""
    found = [
        Step(_("Screened"), "done", screened),
        Step(_("Sponsor decides"), "now" if is_undecided else "done", decided),
    ]
    if one.standing in rules.OPEN and decision and decision.ends_on:
        again = formats.date_local(review.recheck_on)
        found.append(Step(_("Checked again"), "now" if one.is_recheck_due else "next", again))
        found.append(Step(_("Approval ends"), "next", formats.date_local(decision.ends_on)))
    elif not is_undecided:
        found.append(Step(str(STANDING_LABELS[one.standing]), "now"))
    return tuple(found)


def review_crumbs(*reviews: ParticipationReview) -> tuple[Crumb, ...]:
    """The way to the list, and to a review."""
    listed = Crumb(_("Foreign participation"), reverse("memberships:list_participation_reviews"))
    return (listed, *(Crumb(one.reference, one.get_absolute_url()) for one in reviews))


def institute_item(institute: Institute) -> Item:
    """The institute with its page."""
    url = reverse("network:show_institute", args=[institute.key])
    return Item(_("Institute"), formats.local_name(institute), url)
