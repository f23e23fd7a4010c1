"""Pages of what institutes share with each other: the list, sharing, taking back."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.directory import DocumentFilters, DocumentForm, WithdrawForm
from lineshaft.apps.memberships.models import DOCUMENT_KIND_LABELS, SharedDocument
from lineshaft.apps.network import queries as network
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.uploads import refuse_cut_upload
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS = {"shared": "shared_at", "title": "title", "institute": "institute__name"}


@require_GET
def list_documents(request: HttpRequest) -> HttpResponse:
    """What the institutes share that the reader may read, newest first."""
    actor = actor_of(request)
    institutes = network.institutes_visible_to(actor).prefetch_related(None)
    own = institutes.filter(status__in=rules.TAKES_NEW_MEMBERS).order_by("name", "key")
    named = [(one.key, formats.local_name(one)) for one in own]
    form = DocumentFilters(request.GET, institutes=named)
    chosen = form.chosen()
    order, sort = sorting(request, SORTS, "-shared")
    visible = queries.documents_visible_to(actor)
    page = paginate(request, queries.documents_filtered(visible, **chosen).order_by(order, "pk"))
    has_own = any(_may_withdraw(actor, one) for one in page)
    table = Table(
        caption=_("Documents of the institutes"),
        columns=(
            Column("title", _("Title"), sort="title"),
            Column("kind", _("Kind")),
            Column("institute", _("Institute"), sort="institute"),
            Column("level", _("Shared with")),
            Column("shared", _("Shared on"), sort="shared", is_short=True),
            *((Column("act", _("To do")),) if has_own else ()),
        ),
        rows=tuple(_row(actor, one, has_own=has_own) for one in page),
        page=page,
        sort=sort,
        empty=_("No institute has shared a document that you may read."),
        is_stacked=True,
    )
    permission = rules.PERMISSIONS["share_document"]
    actions = tuple(
        Action(
            _("Share a document of %(name)s") % {"name": name},
            reverse("memberships:share_document", args=[key]),
        )
        for key, name in named
        if key in actor.own_institute_keys and may(actor, permission, institute=key)
    )
    return render_page(
        request,
        "memberships/list_documents.html",
        {
            "table": table,
            "form": form,
            "total": page.total,
            "is_narrowed": bool(chosen),
            "actions": actions,
        },
    )


@require_http_methods(["GET", "POST"])
def share_document(request: HttpRequest, key: str) -> HttpResponse:
    """Share a file of the institute."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["share_document"], institute=key)
    refuse_cut_upload(request)
    form = DocumentForm(request.POST or None, request.FILES or None)

    def perform() -> SharedDocument:
        values = dict(form.cleaned_data)
        file = values.pop("file")
        row = services.DocumentRow(**values)
        return services.share_document(
            actor, institute, row, file.file, name=file.name or "", now=clock.now()
        )

    return form_page(
        request,
        "memberships/share_document.html",
        form,
        {"institute": institute, "crumbs": _crumbs(), "cancel_url": _list_url()},
        perform=perform,
        told=lambda _document: _("The document is shared."),
        seen_at=lambda _document: _list_url(),
    )


@require_http_methods(["GET", "POST"])
def withdraw_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a document back, and say why."""
    actor = actor_of(request)
    document = queries.document_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["withdraw_document"], institute=document.institute.key)
    form = WithdrawForm(request.POST or None)
    return form_page(
        request,
        "memberships/withdraw_document.html",
        form,
        {"document": document, "crumbs": _crumbs(), "cancel_url": _list_url()},
        perform=lambda: services.withdraw_document(
            actor, document, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _document: _("The document is taken back."),
        seen_at=lambda _document: _list_url(),
    )


def _list_url() -> str:
    return reverse("memberships:list_documents")


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Shared documents"), _list_url()),)


def _may_withdraw(actor: Actor, one: SharedDocument) -> bool:
    return may(actor, rules.PERMISSIONS["withdraw_document"], institute=one.institute.key)


def _row(actor: Actor, one: SharedDocument, *, has_own: bool) -> Row:
    url = reverse("memberships:withdraw_document", args=[one.pk])
    act = Cell(_("Take back"), url=url) if _may_withdraw(actor, one) else Cell("")
    return Row(
        (
            Cell(one.title, url=one.file.get_absolute_url()),
            Cell(str(DOCUMENT_KIND_LABELS[rules.DocumentKind(one.kind)])),
            Cell(
                formats.local_name(one.institute),
                url=reverse("network:show_institute", args=[one.institute.key]),
            ),
            Cell(str(one.file.get_level_display())),
            Cell(formats.date_local(one.shared_at.date())),
            *((act,) if has_own else ()),
        )
    )
