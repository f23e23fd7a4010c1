"""The page of an agreement's waivers, and the forms that request one and decide on it."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.forms import ReasonForm, WaiverForm, posted
from lineshaft.apps.funding.models import WAIVER_STATE_LABELS, Agreement, Waiver
from lineshaft.apps.funding.rules import AgreementState, WaiverState, waiver_still_possible
from lineshaft.apps.funding.views.pages import agreement_tabs, change_page, under_crumbs
from lineshaft.apps.funding.views.transfers import may_under
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.jurisdiction import MatchingRule
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.web.formats import date_local, local_name, money, percent_bp
from lineshaft.web.pages import Action, Crumb, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_TONES: dict[str, Tone] = {
    WaiverState.REQUESTED: "due",
    WaiverState.GRANTED: "ok",
    WaiverState.DENIED: "bad",
    WaiverState.REVOKED: "quiet",
}


@require_GET
def list_waivers(request: HttpRequest, pk: int) -> HttpResponse:
    """Which rules are waived under the agreement, by how much, in which days and why."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    page = paginate(request, queries.waivers_visible_to(actor).filter(agreement=agreement))
    is_asking = may_under(actor, "request_waiver", agreement)
    why_not = _why_not(agreement, _binding(agreement)) if is_asking else ""
    context = {
        "title": _title(agreement, list(page)),
        "lede": _("Every waiver stands in the yearly report, with its ground."),
        "crumbs": under_crumbs(agreement),
        "actions": _actions(agreement) if is_asking and not why_not else (),
        "why_not": why_not,
        "tabs": agreement_tabs(agreement, "funding:list_waivers"),
        "table": _table(actor, agreement, page),
    }
    return render_page(request, "funding/list_waivers.html", context)


@require_http_methods(["GET", "POST"])
def request_waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that asks for a waiver of a rule that binds the agreement."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    profile, today = profile_in_use(), clock.today()
    binding = _binding(agreement)
    why_not = _why_not(agreement, binding)
    keys = {key for rule in binding for key in rule.waiver_keys}

    def change(data: dict[str, Any]) -> str:
        waiver = services.request_waiver(
            actor, pk, terms=services.WaiverTerms(**data), now=clock.now()
        )
        return _("A waiver of %(rule)s is requested.") % {"rule": waiver.rule_id}

    return change_page(
        request,
        agreement,
        "request_waiver",
        WaiverForm(
            posted(request),
            binding=binding,
            grounds=[ground for ground in profile.waiver_grounds if ground.key in keys],
            currency=agreement.currency,
            initial={"starts_on": today, "ends_on": agreement.ends_on},
        ),
        change,
        title=_("Request a waiver"),
        lede=_("Give a lowered share or an amount to leave out. The agency decides on it.")
        if not why_not
        else "",
        why_not=why_not,
        rules_url=reverse("funding:show_rules", args=[pk]),
        next_url=reverse("funding:list_waivers", args=[pk]),
        crumbs=(_crumb(agreement),),
    )


@require_http_methods(["GET", "POST"])
def grant_waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that lets a waiver count."""
    actor = actor_of(request)
    return _decision_page(
        request,
        pk,
        "grant_waiver",
        lambda reason: services.grant_waiver(actor, pk, reason=reason, now=clock.now()),
        title=_("Grant the waiver"),
    )


@require_http_methods(["GET", "POST"])
def deny_waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that denies a waiver, with the reason."""
    actor = actor_of(request)
    return _decision_page(
        request,
        pk,
        "deny_waiver",
        lambda reason: services.deny_waiver(actor, pk, reason=reason, now=clock.now()),
        title=_("Deny the waiver"),
    )


@require_http_methods(["GET", "POST"])
def revoke_waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that ends a granted waiver, with the reason."""
    actor = actor_of(request)
    return _decision_page(
        request,
        pk,
        "revoke_waiver",
        lambda reason: services.revoke_waiver(
            actor, pk, reason=reason, today=clock.today(), now=clock.now()
        ),
        title=_("Revoke the waiver"),
    )


def _decision_page(
    request: HttpRequest, pk: int, verb: str, decide: Any, *, title: str
) -> HttpResponse:
    actor = actor_of(request)
    waiver = queries.waiver_by_id(actor, pk)
    form: Form = ReasonForm(posted(request))
    rule = _rule(waiver)

    def change(data: dict[str, Any]) -> str:
        decided = decide(data["reason"])
        return _("Waiver of %(rule)s: %(state)s.") % {
            "rule": decided.rule_id,
            "state": WAIVER_STATE_LABELS[WaiverState(decided.state)],
        }

    return change_page(
        request,
        waiver.agreement,
        verb,
        form,
        change,
        title=title,
        lede=f"{_lifts(waiver)} {_days(waiver)} {waiver.reason}",
        next_url=reverse("funding:list_waivers", args=[waiver.agreement_id]),
        crumbs=(_crumb(waiver.agreement),),
        actions=_instead(verb, waiver),
        citation=rule.citation if rule else None,
    )


def _instead(verb: str, waiver: Waiver) -> tuple[Action, ...]:
    """The other decision, offered beside granting."""
    if verb != "grant_waiver":
        return ()
    return (Action(_("Deny the waiver"), reverse("funding:deny_waiver", args=[waiver.pk])),)


def _crumb(agreement: Agreement) -> Crumb:
    return Crumb(_("Waivers"), reverse("funding:list_waivers", args=[agreement.pk]))


def _rule(waiver: Waiver) -> MatchingRule | None:
    rules_by_id = {rule.id: rule for rule in profile_in_use().matching_rules}
    return rules_by_id.get(waiver.rule_id)


def _title(agreement: Agreement, waivers: list[Waiver]) -> str:
    today = clock.today()
    in_force = [one for one in waivers if one.lifted and one.lifted.span.contains(today)]
    waiting = sum(one.state == WaiverState.REQUESTED for one in waivers)
    if in_force:
        named = ", ".join(sorted({one.rule_id for one in in_force}))
        return _("%(rules)s is waived in part under %(number)s today") % {
            "rules": named,
            "number": agreement.number,
        }
    if waiting:
        return _("A waiver under %(number)s waits for a decision") % {"number": agreement.number}
    return _("No rule is waived under %(number)s") % {"number": agreement.number}


def _binding(agreement: Agreement) -> list[MatchingRule]:
    """The rules in force today that bind the agreement and can be waived."""
    today = clock.today()
    return [
        rule
        for rule in queries.matching_rules_of(agreement, today=today)
        if rule.waiver_keys and rule.authority.is_in_force(today)
    ]


def _why_not(agreement: Agreement, binding: list[MatchingRule]) -> str:
    """Why no waiver can be asked for under the agreement; empty where one can."""
    closed = waiver_still_possible(AgreementState(agreement.state))
    if closed is not None:
        return closed.as_text(_)
    return "" if binding else _("No rule that can be waived binds this agreement today.")


def _actions(agreement: Agreement) -> tuple[Action, ...]:
    url = reverse("funding:request_waiver", args=[agreement.pk])
    return (Action(_("Request a waiver"), url, is_primary=True),)


def _lifts(waiver: Waiver) -> str:
    if waiver.share_bp is not None:
        return _("A share of %(share)s is asked for.") % {"share": percent_bp(waiver.share_bp)}
    return _("%(amount)s of federal money is left out of the test.") % {
        "amount": money(waiver.excluded_minor, waiver.agreement.currency)
    }


def _days(waiver: Waiver) -> str:
    return _("From %(starts_on)s up to %(ends_on)s.") % {
        "starts_on": date_local(waiver.starts_on),
        "ends_on": date_local(waiver.revoked_on or waiver.ends_on),
    }


def _table(actor: Actor, agreement: Agreement, page: Any) -> Table:
    reads_reasons = queries.may_read_contributors(actor, agreement.institute.key)
    grounds = {ground.key: local_name(ground) for ground in profile_in_use().waiver_grounds}
    return Table(
        caption=_("Waivers, newest first"),
        columns=(
            Column("rule", _("Rule")),
            Column("lifts", _("What is lifted")),
            Column("ground", _("Ground")),
            Column("days", _("Term")),
            Column("state", _("State")),
            Column("verb", _("Action")),
        ),
        rows=tuple(
            _row(actor, one, grounds.get(one.ground, one.ground), reads_reasons=reads_reasons)
            for one in page
        ),
        page=page,
        empty=_("No waiver is on record."),
        is_stacked=True,
    )


def _row(actor: Actor, waiver: Waiver, ground: str, *, reads_reasons: bool) -> Row:
    rule = _rule(waiver)
    state = WaiverState(waiver.state)
    return Row(
        (
            Cell(waiver.rule_id, note=local_name(rule) if rule else ""),
            Cell(_lifts(waiver), note=waiver.reason if reads_reasons else ""),
            Cell(ground),
            Cell(_days(waiver)),
            Cell(
                str(WAIVER_STATE_LABELS[state]),
                tag=_TONES[state],
                note=waiver.decision_reason if reads_reasons else "",
            ),
            _verb_cell(actor, waiver),
        )
    )


def _verb_cell(actor: Actor, waiver: Waiver) -> Cell:
    offered: tuple[tuple[str, str], ...] = ()
    if waiver.state == WaiverState.REQUESTED and waiver.requested_by_id != actor.own_id:
        offered = (("grant_waiver", _("Decide")),)
    elif waiver.state == WaiverState.GRANTED:
        offered = (("revoke_waiver", _("Revoke")),)
    for verb, label in offered:
        if may_under(actor, verb, waiver.agreement):
            return Cell(label, url=reverse(f"funding:{verb}", args=[waiver.pk]))
    return Cell("")
