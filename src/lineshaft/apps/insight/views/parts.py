"""Pages on which an institute's manager checks the institute's figures and attests them."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from lineshaft.apps.insight import queries, rules, services
from lineshaft.apps.insight.forms import AttestPartForm
from lineshaft.apps.insight.queries import Measured, PartStanding
from lineshaft.apps.insight.services import wording
from lineshaft.apps.insight.views import drawing
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.web import formats
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_http_methods(["GET", "POST"])
def attest_part(request: HttpRequest, year: int, key: str) -> HttpResponse:
    """An institute's figures of a year, what changed since last, and the attestation."""
    actor = actor_of(request)
    standing = queries.part_to_read(actor, year, key)
    form = AttestPartForm(request.POST or None, initial={"seen_digest": standing.digest})
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            services.attest_part(
                actor,
                year,
                institute=key,
                seen_digest=form.cleaned_data["seen_digest"],
                note=form.cleaned_data["note"],
                now=clock.now(),
            )
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("The figures are attested."))
            return redirect("insight:attest_part", year, key)
        status, refusal = outcome.status, outcome.refusal
        standing = queries.part_to_read(actor, year, key)
        data = request.POST.copy()
        data["seen_digest"] = standing.digest
        form.data = data
    edition = standing.part.edition
    may_attest = may(actor, rules.PERMISSIONS["attest_part"], institute=key)
    return render_page(
        request,
        "insight/attest_part.html",
        {
            "standing": standing,
            "snapshot": edition.snapshot,
            "edition": edition,
            "attested_by": wording.attested_by(standing.part),
            "title": _title(standing),
            "crumbs": _crumbs(actor, year),
            "tag": drawing.part_tag(standing),
            "table": _changes_table(standing),
            "citation": rules.YEARLY_REPORT,
            "form": form if may_attest and not standing.is_attested else None,
            "refusal": refusal,
            "actions": _actions(standing, may_attest=may_attest),
        },
        status=status,
    )


@require_POST
def withdraw_attestation(request: HttpRequest, year: int, key: str) -> HttpResponse:
    """Take an attestation back."""
    services.withdraw_attestation(actor_of(request), year, institute=key, now=clock.now())
    messages.success(request, _("The attestation is withdrawn."))
    return redirect("insight:attest_part", year, key)


def _title(standing: PartStanding) -> str:
    name = standing.institute.name_in("zh-hans" if formats.is_chinese() else "en")
    period = formats.fiscal_year(standing.part.edition.fiscal_year)
    if standing.is_attested:
        return _("%(institute)s stands behind its figures of %(period)s") % {
            "institute": name,
            "period": period,
        }
    if standing.is_stale:
        return _("The figures of %(institute)s in %(period)s changed since they were attested") % {
            "institute": name,
            "period": period,
        }
    return _("%(institute)s has still to attest its figures of %(period)s") % {
        "institute": name,
        "period": period,
    }


def _crumbs(actor: Actor, year: int) -> tuple[Crumb, ...]:
    opens = actor.is_network_staff
    return (
        Crumb(_("Annual report"), reverse("insight:list_reports")),
        Crumb(
            formats.fiscal_year(year), reverse("insight:show_report", args=[year]) if opens else ""
        ),
    )


def _changes_table(standing: PartStanding) -> Table:
    """The institute's figures now, and as they were attested or published last."""
    edition = standing.part.edition
    year, institute = edition.fiscal_year, standing.institute.key
    now = queries.institute_values(edition.snapshot, institute, year)
    before_snapshot, before_label = queries.compared_with(standing.part)
    before = (
        {_place(one): one for one in queries.institute_values(before_snapshot, institute, year)}
        if before_snapshot
        else {}
    )
    rows = tuple(_change_row(one, before.get(_place(one)), is_compared=bool(before)) for one in now)
    has_before = before_snapshot is not None
    return Table(
        caption=_("Figures as of %(as_of)s, snapshot %(hash)s")
        % {
            "as_of": formats.date_local(edition.snapshot.taken_at),
            "hash": edition.snapshot.short_hash,
        },
        columns=(
            Column("figure", _("Figure")),
            Column("now", _("Now"), is_number=True),
            Column(
                "before",
                _("When attested")
                if before_label == "attested"
                else (
                    _("As published") if has_before else pgettext("replaced by a change", "Before")
                ),
                is_number=True,
            ),
            Column("change", _("Change")),
        ),
        rows=rows,
        empty=_("There is nothing to report for this institute."),
    )


def _change_row(one: Measured, before: Measured | None, *, is_compared: bool) -> Row:
    title = wording.title_text(one.definition)
    if one.dimension:
        title = f"{title}: {wording.dimension_text(one.definition, one.dimension)}"
    records = reverse("insight:list_records", args=[one.fiscal_year, one.definition.id])
    is_changed = is_compared and (before is None or before.value != one.value)
    return Row(
        (
            Cell(title),
            Cell(
                wording.exact_text(one.definition, one.value),
                f"{records}?institute={one.institute}",
            ),
            Cell(wording.exact_text(before.definition, before.value) if before else ""),
            Cell(_("changed"), tag="due") if is_changed else Cell(""),
        )
    )


def _place(one: Measured) -> tuple[str, str]:
    return one.definition.id, one.dimension


def _actions(standing: PartStanding, *, may_attest: bool) -> tuple[Action, ...]:
    year, key = standing.part.edition.fiscal_year, standing.institute.key
    actions = [
        Action(_("Bring the figures up to date"), reverse("insight:request_snapshot"), is_post=True)
    ]
    if may_attest and standing.part.state == rules.PartState.ATTESTED:
        actions.append(
            Action(
                _("Withdraw the attestation"),
                reverse("insight:withdraw_attestation", args=[year, key]),
                is_post=True,
            )
        )
    return tuple(actions)
