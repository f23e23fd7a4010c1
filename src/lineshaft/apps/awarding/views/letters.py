"""Pages of letters: those that whoever runs a competition has printed, looks at and sends; and the
one on which a team reads what was decided on its application.
"""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.models import LETTER_LABELS
from lineshaft.apps.awarding.queries import Addressed
from lineshaft.apps.awarding.views.words import competition_crumbs, outcome_cell
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.queries import competition_by_key, may_run
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.services import day_in
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.files.views import attachment, own_attachment
from lineshaft.plumbing.listing import page_of_all
from lineshaft.web import formats
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
@login_required
def list_letters(request: HttpRequest, key: str) -> HttpResponse:
    """The letters of a competition, as far as its applications are open to the reader."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    addressed = queries.addressed_of(actor, shown)
    page = page_of_all(request, addressed)
    runs = may_run(actor, "begin_selection", shown)
    context = {
        "title": _title(addressed),
        "lede": _(
            "Letters are printed in both languages, kept as they were printed, and sent once."
            " Debriefs leave after the results are published."
        ),
        "crumbs": competition_crumbs(shown),
        "tabs": competition_tabs(key, "awarding:list_letters"),
        "actions": _actions(shown, addressed) if runs else (),
        "table": Table(
            _("Applications that were decided on, and their letters"),
            (
                Column("title", _("Application")),
                Column("outcome", _("Outcome")),
                *(
                    Column(f"{kind}{language}", f"{LETTER_LABELS[kind]} ({name})")
                    for kind in rules.LetterKind
                    for language, name in _languages()
                ),
                Column("sent", _("Sent")),
            ),
            tuple(_row(shown, one) for one in page),
            page=page,
            empty=_("Letters are printed once the competition is decided."),
            is_stacked=True,
        ),
    }
    return render_page(request, "awarding/list_letters.html", context)


@require_POST
@login_required
def print_letters(request: HttpRequest, key: str) -> HttpResponse:
    """Have what is missing printed, and show the job, which tells its end and no number."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    job = services.print_letters(actor, shown, now=clock.now())
    return redirect("jobs:show_job", pk=job.pk)


@require_POST
@login_required
def send_letters(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """Send the letters of a kind that have not left."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    services.send_letters(actor, shown, _kind(kind), now=clock.now())
    return redirect("awarding:list_letters", key=key)


@require_GET
@login_required
def download_letter(
    request: HttpRequest, key: str, application_id: int, kind: str, language: str
) -> FileResponse:
    """A letter as it was printed, for whoever runs the competition."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    addressed = queries.addressed_in(actor, shown, application_id)
    letter = queries.letter_in(addressed, kind, language)
    return attachment(actor, letter.file)


@require_GET
@login_required
def show_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """What was decided on the reader's own application, once that was sent."""
    application, addressed = queries.letters_to(actor_of(request), pk)
    context = {
        "title": _("The decision has not been sent yet"),
        "lede": _("Once it is, it stands here, and a message tells you."),
        "crumbs": _own_crumbs(application),
        "items": (),
        "explanation": "",
        "letters": [],
    }
    if addressed is not None:
        record = addressed.record
        context |= {
            "title": services.outcome_sentence(record, application.competition.currency),
            "lede": _("Decided on %(day)s; the letters are as they were sent.")
            % {"day": day_in(application.competition.zone, record.decided_at)},
            "items": _own_items(application, addressed),
            "explanation": formats.local_of(record, "explanation"),
            "letters": _own_letters(application, addressed),
        }
    return render_page(request, "awarding/show_decision.html", context)


@require_GET
@login_required
def download_decision(request: HttpRequest, pk: int, kind: str, language: str) -> FileResponse:
    """A letter on the reader's own application, as it was sent."""
    _application, addressed = queries.letters_to(actor_of(request), pk)
    return own_attachment(queries.letter_in(addressed, kind, language).file)


# ---------------------------------------------------------------------------------------- leaves


def _title(addressed: list[Addressed]) -> str:
    sent = sum(rules.LetterKind.DECISION in one.sent for one in addressed)
    return ngettext(
        "%(sent)s of %(count)s decision letter is sent",
        "%(sent)s of %(count)s decision letters are sent",
        len(addressed),
    ) % {"sent": formats.number(sent), "count": formats.number(len(addressed))}


def _languages() -> list[tuple[str, str]]:
    names = {"en": "English", "zh-hans": "中文"}
    return [(key, names.get(key, key)) for key in services.LANGUAGES]


def _kind(word: str) -> rules.LetterKind:
    if word not in set(rules.LetterKind):
        raise NotFound(queries.NO_LETTER, code="no_letter")
    return rules.LetterKind(word)


def _row(competition: Competition, one: Addressed) -> Row:
    application = one.application
    said = {"number": application.number, "title": formats.local_name(application.lead)}
    return Row(
        (
            Cell(_("%(number)s: %(title)s") % said),
            outcome_cell(Outcome(one.record.outcome)),
            *(
                _letter_cell(competition, one, kind, language)
                for kind in rules.LetterKind
                for language, _name in _languages()
            ),
            Cell(_sent(competition, one)),
        )
    )


def _letter_cell(
    competition: Competition, one: Addressed, kind: rules.LetterKind, language: str
) -> Cell:
    if (kind, language) not in one.letters:
        return Cell(_("Not printed"))
    args = [competition.key, one.application.pk, kind.value, language]
    return Cell("PDF", reverse("awarding:download_letter", args=args))


def _sent(competition: Competition, one: Addressed) -> str:
    lines = [
        _("%(kind)s, %(day)s")
        % {
            "kind": LETTER_LABELS[rules.LetterKind(kind)],
            "day": day_in(competition.zone, sending.sent_at),
        }
        for kind, sending in sorted(one.sent.items())
    ]
    return formats.joined(lines)


def _actions(competition: Competition, addressed: list[Addressed]) -> tuple[Action, ...]:
    if rules.refuse_printing(competition.state) is not None:
        return ()
    found = []
    missing = {
        kind: sum(not one.is_printed(kind, services.LANGUAGES) for one in addressed)
        for kind in rules.LetterKind
    }
    if any(missing.values()):
        url = reverse("awarding:print_letters", args=[competition.key])
        found.append(Action(_("Print what is missing"), url, is_post=True, is_primary=True))
    labels = {
        rules.LetterKind.DECISION: _("Send the decision letters"),
        rules.LetterKind.DEBRIEF: _("Send the debriefs"),
    }
    for kind, label in labels.items():
        unsent = sum(kind not in one.sent for one in addressed)
        refusal = rules.refuse_sending(
            kind, competition.state, missing=missing[kind], unsent=unsent
        )
        if refusal is None:
            url = reverse("awarding:send_letters", args=[competition.key, kind.value])
            found.append(Action(label, url, is_post=True, is_primary=not found))
    return tuple(found)


def _own_crumbs(application: Application) -> tuple[Crumb, ...]:
    listed = Crumb(_("My applications"), reverse("competitions:list_workspaces"))
    return (listed, Crumb(formats.local_name(application), application.get_absolute_url()))


def _own_items(application: Application, addressed: Addressed) -> tuple[Item, ...]:
    competition, record = application.competition, addressed.record
    items = [
        Item(_("Competition"), formats.local_name(competition), competition.get_absolute_url()),
        Item(_("Outcome"), str(record.get_outcome_display())),
    ]
    if record.amount_minor is not None:
        items.append(Item(_("Amount"), formats.money(record.amount_minor, competition.currency)))
    return tuple(items)


def _own_letters(application: Application, addressed: Addressed) -> list[tuple[str, str, str]]:
    """The letters that were sent: what each is called, its language and where it is."""
    names = dict(_languages())
    return [
        (
            f"{LETTER_LABELS[rules.LetterKind(kind)]} ({names.get(language, language)})",
            language,
            reverse("awarding:download_decision", args=[application.pk, kind, language]),
        )
        for kind, language in sorted(addressed.letters)
    ]
