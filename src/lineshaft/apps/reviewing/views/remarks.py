"""Pages of a team: what reviewers say of its application, and its reply.

They are open to those of the team who read all of the application, and to nobody else.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.competitions.queries import application_by_id
from lineshaft.apps.competitions.rules import APPLICATION_WITHDRAWN
from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.forms import ConfirmReplyForm, ReplyDocumentForm, ReplyForm
from lineshaft.apps.reviewing.models import RemarkRelease, Reply
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.uploads import refuse_cut_upload
from lineshaft.plumbing.files.views import own_attachment
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a team is shown: the stage of reply, what was released in it, and its own reply."""

    actor: Actor
    application: Application
    stage: Stage | None
    release: RemarkRelease | None
    reply: Reply | None

    @property
    def remarks(self) -> list[dict[str, Any]]:
        return self.release.remarks if self.release else []


@dataclass(frozen=True, slots=True)
class RemarkShown:
    """A remark in the reader's language, with the reply to it."""

    number: int
    title: str
    strengths: str
    weaknesses: str
    reply: str


@require_GET
@login_required
def show_remarks(request: HttpRequest, pk: int) -> HttpResponse:
    """What reviewers say of the application, and the reply as it stands."""
    found = _found(request, pk)
    texts = found.reply.texts if found.reply else {}
    context = {
        "title": _title(found),
        "lede": _lede(found, now=clock.now()),
        "crumbs": _crumbs(found.application),
        "actions": _actions(found),
        "items": _items(found),
        "whole": texts.get(str(rules.WHOLE), ""),
        "remarks": remarks_shown(found.remarks, texts),
        "table": _submissions_table(found.reply),
        "citation": rules.DISCLOSED,
    }
    return render_page(request, "reviewing/show_remarks.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def write_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The texts of the reply. With a script they save themselves; without one the button does."""
    found = _open(request, pk, "write_reply")
    texts = found.reply.texts if found.reply else {}
    form = ReplyForm(
        request.POST or None,
        numbers=[one["number"] for one in found.remarks],
        texts=texts,
        initial={"seen": found.reply.revision if found.reply else 0},
    )
    if request.headers.get("HX-Request") and request.method == "POST":
        return _saved_itself(request, found, form)
    fields = {one["number"]: form.field_of(one["number"]) for one in found.remarks}
    return form_page(
        request,
        "reviewing/write_reply.html",
        form,
        {
            "title": _("Reply to what reviewers say"),
            "lede": _lede(found, now=clock.now()),
            "limits": _limits(found),
            "whole": form.field_of(rules.WHOLE),
            "remarks": [(one, fields[one.number]) for one in remarks_shown(found.remarks, texts)],
            "submit_label": _("Save"),
            **_of_remarks(found.application),
        },
        perform=lambda: _write(found, form),
        told=lambda _done: _("Saved. Hand it in before the deadline."),
        seen_at=lambda _done: _remarks_url(found.application),
    )


@require_http_methods(["GET", "POST"])
@login_required
def attach_reply_document(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that attaches the reply as a PDF; it counts as arrived once it has arrived whole."""
    found = _open(request, pk, "attach_reply_document")
    refuse_cut_upload(request)
    form = ReplyDocumentForm(request.POST or None, request.FILES or None)
    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Attach the reply as a PDF"),
            "lede": _limits(found),
            "submit_label": _("Attach"),
            **_of_remarks(found.application),
        },
        perform=lambda: services.attach_reply_document(
            found.actor,
            found.application,
            form.cleaned_data["file"].file,
            name=form.cleaned_data["file"].name,
            now=clock.now(),
        ),
        told=lambda _done: _("The document is attached. Hand the reply in before the deadline."),
        seen_at=lambda _done: _remarks_url(found.application),
    )


@require_POST
@login_required
def remove_reply_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the document off the reply."""
    actor = actor_of(request)
    application = application_by_id(actor, pk)
    services.remove_reply_document(actor, application, now=clock.now())
    messages.success(request, _("The document is taken off."))
    return redirect(_remarks_url(application))


@require_http_methods(["GET", "POST"])
@login_required
def submit_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """How long the reply is, and the button that hands it in."""
    found = _open(request, pk, "submit_reply")
    now = clock.now()
    form = ConfirmReplyForm(request.POST if request.method == "POST" else None)
    told = _("The reply is handed in as version %(number)s.")
    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Hand in the reply"),
            "lede": f"{_length(found.reply, found.stage)} {_lede(found, now=now)}",
            "submit_label": _("Hand in"),
            **_of_remarks(found.application),
        },
        perform=lambda: services.submit_reply(found.actor, found.application, now=now),
        told=lambda made: told % {"number": made.number},
        seen_at=lambda _made: _remarks_url(found.application),
    )


@require_GET
@login_required
def download_reply_document(request: HttpRequest, pk: int) -> FileResponse:
    """The document of the reply as it stands."""
    found = _found(request, pk)
    if found.reply is None or found.reply.file is None:
        raise NotFound(code="no_document")
    return own_attachment(found.reply.file)


# ----------------------------------------------------------------------- shared with other pages


def remarks_shown(remarks: list[dict[str, Any]], texts: dict[str, str]) -> list[RemarkShown]:
    """The remarks in the reader's language, with the reply to each."""
    return [
        RemarkShown(
            one["number"],
            _("Remark %(number)s: %(criterion)s, reviewer %(reviewer)s")
            % {
                "number": one["number"],
                "criterion": _criterion(one),
                "reviewer": one["reviewer"],
            },
            one["strengths"],
            one["weaknesses"],
            texts.get(str(one["number"]), ""),
        )
        for one in remarks
    ]


def remarks_apart(
    remarks: list[dict[str, Any]], texts: dict[str, str], own: Collection[int]
) -> list[RemarkShown]:
    """The same for somebody who does not read what other reviewers say: their `own` remarks, and of
    the others the criterion alone where it is replied to.
    """
    found = [
        replace(
            shown,
            title=_("Remark %(number)s: %(criterion)s")
            % {"number": one["number"], "criterion": _criterion(one)},
            strengths=one["strengths"] if one["number"] in own else "",
            weaknesses=one["weaknesses"] if one["number"] in own else "",
        )
        for one, shown in zip(remarks, remarks_shown(remarks, texts), strict=True)
    ]
    return [one for one in found if one.reply or one.number in own]


# ----------------------------------------------------------------------------------------- leaves


def _criterion(remark: dict[str, Any]) -> str:
    named: str = (remark["criterion_zh"] if formats.is_chinese() else "") or remark["criterion"]
    return named


def _found(request: HttpRequest, pk: int) -> Remarks:
    actor = actor_of(request)
    application = application_by_id(actor, pk)
    queries.require_whole(actor, application)
    stage = queries.reply_stage_to_show(application.competition)
    if stage is None:
        return Remarks(actor, application, None, None, None)
    release = queries.release_to(application, stage)
    return Remarks(actor, application, stage, release, queries.reply_draft(application, stage))


def _open(request: HttpRequest, pk: int, verb: str) -> Remarks:
    """The same for a page that writes; raises NotPermitted, and NotFound where nothing is there to
    reply to.
    """
    found = _found(request, pk)
    if not services.may_reply(found.actor, found.application, verb):
        raise NotPermitted(rules.PERMISSIONS[verb].sentence, params={"verb": verb})
    if found.release is None:
        raise NotFound(code="no_remarks")
    return found


def _write(found: Remarks, form: ReplyForm) -> Reply:
    return services.write_reply(
        found.actor,
        found.application,
        form.texts(),
        seen=form.cleaned_data["seen"],
        now=clock.now(),
    )


def _saved_itself(request: HttpRequest, found: Remarks, form: ReplyForm) -> HttpResponse:
    """The line under the texts that says whether they were saved, and the revision to write on."""
    saved, status, moment = None, status_of(form), clock.now()
    if form.is_valid():
        with errors_into_form(form) as outcome:
            saved = _write(found, form)
        status = outcome.status
    context = {
        "saved": saved,
        "moment": moment,
        "length": _length(saved, found.stage) if saved else "",
        "faults": [str(fault) for errors in form.errors.values() for fault in errors],
    }
    shown = status if status != HTTPStatus.OK else HTTPStatus.OK
    return render_page(request, "reviewing/reply_saved.html", context, status=shown)


def _title(found: Remarks) -> str:
    if not found.remarks:
        return _("No remarks were released to your team")
    count = len(found.remarks)
    return ngettext(
        "Reviewers make %(count)s remark on “%(title)s”",
        "Reviewers make %(count)s remarks on “%(title)s”",
        count,
    ) % {"count": formats.number(count), "title": formats.local_name(found.application)}


def _lede(found: Remarks, *, now: datetime) -> str:
    """Until when can be replied, and whether it was."""
    if found.application.state == APPLICATION_WITHDRAWN:
        return _("The application is withdrawn, so nothing is said for it.")
    if found.stage is None or found.stage.ends_at is None:
        return _("The competition has come to no stage in which applicants reply.")
    said = {
        "stage": formats.local_name(found.stage),
        "moment": moment_in(found.application.competition.zone, found.stage.ends_at),
    }
    if now >= found.stage.ends_at:
        return _("“%(stage)s” was open until %(moment)s.") % said
    return _("“%(stage)s” is open until %(moment)s. The server's clock decides.") % said


def _actions(found: Remarks) -> tuple[Action, ...]:
    application = found.application
    stage = queries.reply_stage_open(application.competition)
    is_withdrawn = application.state == APPLICATION_WITHDRAWN
    if stage is None or found.release is None or is_withdrawn:
        return ()
    offered = (
        ("write_reply", _("Write the reply")),
        ("attach_reply_document", _("Attach it as a PDF")),
        ("submit_reply", _("Check and hand in")),
    )
    return tuple(
        Action(
            label,
            reverse(f"reviewing:{verb}", args=[application.pk]),
            is_primary=verb == "submit_reply",
        )
        for verb, label in offered
        if services.may_reply(found.actor, application, verb)
    )


def _items(found: Remarks) -> tuple[Item, ...]:
    if found.release is None:
        return ()
    items = [
        Item(_("Released"), formats.date_local(found.release.released_at)),
        Item(_("Length of the reply"), _length(found.reply, found.stage)),
    ]
    if found.reply is not None and found.reply.file is not None:
        url = reverse("reviewing:download_reply_document", args=[found.application.pk])
        items.append(Item(_("Document"), found.reply.file.name, url))
    return tuple(items)


def _length(reply: Reply | None, stage: Stage | None) -> str:
    """How long the reply is, in words and pages, and how long it may be."""
    words = sum(rules.words_of(text) for text in reply.texts.values()) if reply else 0
    pdf = (reply.pages or 0) if reply else 0
    said = {
        "words": formats.number(words),
        "pages": formats.number(rules.pages_of_reply(words, pdf)),
        "most": formats.number(stage.page_limit if stage else None),
    }
    if stage is None or stage.page_limit is None:
        return _("The reply has %(words)s words and takes %(pages)s pages.") % said
    return _("The reply has %(words)s words and takes %(pages)s of at most %(most)s pages.") % said


def _limits(found: Remarks) -> str:
    """How long a reply may be."""
    most = found.stage.page_limit if found.stage else None
    if most is None:
        return _("The length of a reply is not limited. A document is a PDF.")
    return _(
        "A reply takes at most %(most)s pages: those of its PDF, and a page for each %(words)s"
        " words of text."
    ) % {"most": formats.number(most), "words": formats.number(rules.WORDS_A_PAGE)}


def _submissions_table(reply: Reply | None) -> Table | None:
    """What was handed in, the latest first; None where nothing was."""
    made = list(reply.submissions.all()) if reply is not None and reply.pk else []
    if not made:
        return None
    return Table(
        _("Replies handed in, the latest first"),
        (
            Column("number", _("Version"), is_number=True),
            Column("moment", _("Handed in"), is_short=True),
            Column("by", _("By")),
            Column("state", _("State")),
            Column("digest", _("SHA-256")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.number(one.number)),
                    Cell(formats.date_local(one.submitted_at)),
                    Cell(formats.actor_name(one.submitted_by)),
                    Cell(
                        _("Late") if one.is_late else _("In time"),
                        tag="due" if one.is_late else "quiet",
                    ),
                    Cell(one.digest[:16]),
                )
            )
            for one in sorted(made, key=lambda one: -one.number)
        ),
        is_stacked=True,
    )


def _remarks_url(application: Application) -> str:
    return reverse("reviewing:show_remarks", args=[application.pk])


def _crumbs(application: Application) -> tuple[Crumb, ...]:
    return (
        Crumb(_("My applications"), reverse("competitions:list_workspaces")),
        Crumb(formats.local_name(application), application.get_absolute_url()),
    )


def _of_remarks(application: Application) -> dict[str, object]:
    """The way to the remarks, for a page of the reply."""
    url = _remarks_url(application)
    return {
        "crumbs": (*_crumbs(application), Crumb(_("Remarks"), url)),
        "cancel_url": url,
    }
