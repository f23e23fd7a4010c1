"""The page on which a text is compared with the awards of other agencies; nothing of it is kept."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lineshaft.apps.network import queries, services
from lineshaft.apps.network.forms import MOST_ID, CheckForm
from lineshaft.apps.network.models import OVERLAP_KIND_LABELS, OutsideAward
from lineshaft.apps.network.services import OverlapSeen
from lineshaft.apps.network.views import wording
from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Crumb, Item, actor_of, render_page
from lineshaft.web.passages import MarkedText, marked
from lineshaft.web.tables import Cell, Column, Row, Table

SIGN_IN: Final = gettext_noop("Sign in to compare a text with the awards of other agencies.")


@dataclass(frozen=True, slots=True)
class CheckedAward:
    """An award that overlaps with the text, as it is drawn."""

    award: OutsideAward
    texts: tuple[MarkedText, ...]
    items: tuple[Item, ...]
    label: str
    is_first: bool


@require_http_methods(["GET", "POST"])
def check_text(request: HttpRequest) -> HttpResponse:
    """The awards that overlap with a text that is sent, or with the award that the address names,
    the most alike first, each read side by side.
    """
    actor = actor_of(request)
    if actor.is_anonymous:
        raise NotPermitted(SIGN_IN)
    award = _award_named(actor, request)
    form = CheckForm(request.POST if request.method == "POST" else None)
    found: tuple[OverlapSeen, ...] | None = None
    text, refusal, status = "", None, status_of(form)
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            found = services.overlaps_with(actor, form.work(), clock.now())
        text, refusal, status = form.cleaned_data["text"], outcome.refusal, outcome.status
    elif request.method == "GET" and award is not None:
        work = services.work_of_award(award)
        found = services.overlaps_with(actor, work, clock.now(), without=(award.pk,))
        text = award.abstract
    return render_page(
        request,
        "network/check_text.html",
        {
            "form": form,
            "refusal": refusal,
            "checked": found is not None,
            "award": award,
            "found": _drawn(found or (), text),
            "table": _table(found or ()),
            "crumbs": (
                Crumb(_("Awards of other agencies"), reverse("network:list_outside_awards")),
            ),
        },
        status=status,
    )


def _award_named(actor: Actor, request: HttpRequest) -> OutsideAward | None:
    """The award of `?award=`; raises NotFound where it is none that the actor may see."""
    asked = request.GET.get("award", "")
    if not asked or request.method != "GET":
        return None
    is_id = asked.isdecimal() and asked.isascii() and int(asked) <= MOST_ID
    return queries.outside_award_by_id(actor, int(asked) if is_id else 0)


def _table(found: tuple[OverlapSeen, ...]) -> Table:
    return Table(
        caption=_("Awards of other agencies that overlap, the most alike first"),
        columns=(
            Column("title", _("Award")),
            Column("kind", _("Seems to be")),
            Column("likeness", _("Likeness"), is_number=True),
            Column("share", _("Of the text"), is_number=True),
            Column("until", _("Ends on"), is_short=True),
        ),
        rows=tuple(_row(one) for one in found),
        empty=_("No award that you may see shares enough of it."),
        is_stacked=True,
    )


def _row(one: OverlapSeen) -> Row:
    award = one.award
    ends_on = formats.date_local(award.ends_on) if award.ends_on else formats.MISSING
    return Row(
        (
            Cell(
                award.title,
                url=f"#award-{award.pk}",
                lang="en",
                note=wording.maker_and_year(award),
            ),
            Cell(str(OVERLAP_KIND_LABELS[one.kind])),
            Cell(formats.percent_bp(one.score_bp, 0)),
            Cell(formats.percent_bp(one.share_of_work_bp, 0)),
            Cell(ends_on, note=_("has ended") if one.is_over else ""),
        )
    )


def _drawn(found: tuple[OverlapSeen, ...], text: str) -> tuple[CheckedAward, ...]:
    return tuple(_checked(one, text, place) for place, one in enumerate(found))


def _checked(one: OverlapSeen, text: str, place: int) -> CheckedAward:
    award = one.award
    own, other = marked(text, award.abstract, one.passages, prefix=f"p{place}")
    url = reverse("network:show_outside_award", args=[award.pk])
    return CheckedAward(
        award,
        (
            MarkedText(_("The text"), own, lang=""),
            MarkedText(award.title, other, url=url, note=wording.maker_and_year(award)),
        ),
        (
            Item(_("Seems to be"), str(OVERLAP_KIND_LABELS[one.kind])),
            Item(_("What agrees beside the text"), wording.facts_agreeing(one.facts)),
            Item(_("Of the text"), formats.percent_bp(one.share_of_work_bp, 0)),
            Item(_("Of the award's text"), formats.percent_bp(one.share_of_award_bp, 0)),
            Item(_("Recipient"), award.recipient or formats.MISSING),
        ),
        formats.percent_bp(one.score_bp, 0),
        is_first=place == 0,
    )
