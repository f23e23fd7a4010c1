"""How agreements stand under the rules: one under all of them, and all under an imagined one."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.forms import ImagineForm
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.rules import RuleKind, RuleStanding, Standing
from lineshaft.apps.funding.views.pages import agreement_tabs, under_crumbs
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.jurisdiction import (
    FundingBand,
    FundingProfile,
    MatchingBasis,
    MatchingRule,
    TermLimit,
)
from lineshaft.plumbing import clock
from lineshaft.web.formats import (
    MISSING,
    date_local,
    fiscal_year,
    local_name,
    money,
    money_in_millions,
    number,
    percent_bp,
)
from lineshaft.web.pages import Action, Crumb, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_TONES: dict[Standing, Tone] = {
    Standing.MET: "ok",
    Standing.NOT_MET: "bad",
    Standing.OPEN: "quiet",
}


@require_GET
def show_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """Which rules bind the agreement, on what authority, and how it stands under each."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    standings = queries.rule_standings_of(agreement, today=clock.today())
    context = {
        "title": _title(agreement, standings),
        "lede": _("As the ledger stands today; waivers in force are counted."),
        "crumbs": under_crumbs(agreement),
        "actions": (Action(_("What if a rule were different?"), reverse("funding:imagine_rule")),),
        "tabs": agreement_tabs(agreement, "funding:show_rules"),
        "table": _rules_table(agreement, standings),
    }
    return render_page(request, "funding/show_rules.html", context)


@require_GET
def imagine_rule(request: HttpRequest) -> HttpResponse:
    """Every agreement read under a profile with one figure changed; nothing is stored."""
    actor, today = actor_of(request), clock.today()
    form = ImagineForm(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() and form.cleaned_data["kind"] else None
    compared: list[tuple[Agreement, RuleStanding, RuleStanding]] = []
    if chosen is not None:
        imagined = rules.imagined(profile_in_use(), **chosen)
        key = (chosen["kind"], chosen["rule_id"])
        for agreement, facts in queries.network_facts(actor):
            now = _under(key, rules.rule_standings(profile_in_use(), facts, today))
            then = _under(key, rules.rule_standings(imagined, facts, today))
            if now is not None and then is not None:
                compared.append((agreement, now, then))
    context = {
        "title": _imagined_title(compared, chosen["rule_id"] if chosen else ""),
        "lede": _("Nothing of this is stored: what happened is only read under another rule."),
        "crumbs": (Crumb(_("Institutes"), reverse("network:list_institutes")),),
        "form": form,
        "table": _compared_table(compared) if chosen else None,
    }
    return render_page(request, "funding/imagine_rule.html", context)


def _under(key: tuple[RuleKind, str], standings: Sequence[RuleStanding]) -> RuleStanding | None:
    """How it stands under that one rule; None where the rule does not concern it."""
    return next((one for one in standings if (one.kind, one.rule.id) == key), None)


def _title(agreement: Agreement, standings: Sequence[RuleStanding]) -> str:
    broken = [one for one in standings if one.is_binding and one.standing is Standing.NOT_MET]
    binding = sum(one.is_binding for one in standings)
    if broken:
        return _("%(number)s falls short of %(rules)s") % {
            "number": agreement.number,
            "rules": ", ".join(sorted({one.rule.id for one in broken})),
        }
    if not binding:
        return _("No rule binds %(number)s by law") % {"number": agreement.number}
    return ngettext(
        "%(number)s breaks no rule; %(count)s binds it by law",
        "%(number)s breaks no rule; %(count)s bind it by law",
        binding,
    ) % {"number": agreement.number, "count": binding}


def _imagined_title(
    compared: list[tuple[Agreement, RuleStanding, RuleStanding]], rule_id: str
) -> str:
    if not rule_id:
        return _("What if a rule were different?")
    short_now = sum(now.standing is Standing.NOT_MET for _one, now, _then in compared)
    short_then = sum(then.standing is Standing.NOT_MET for _one, _now, then in compared)
    return _(
        "With another figure in %(rule)s, %(then)s of %(all)s agreements would fall short; "
        "%(now)s do today"
    ) % {"rule": rule_id, "then": short_then, "all": len(compared), "now": short_now}


def _rules_table(agreement: Agreement, standings: Sequence[RuleStanding]) -> Table:
    return Table(
        caption=_("Rules in force during the agreement"),
        columns=(
            Column("rule", _("Rule")),
            Column("asks", _("What it asks")),
            Column("has", _("How it stands")),
            Column("standing", _("Standing")),
            Column("binds", _("Binds")),
            Column("in_force", _("In force")),
            Column("authority", _("Authority")),
        ),
        rows=tuple(_rule_row(agreement, one) for one in standings),
        empty=_("No rule of the profile concerns this agreement."),
        is_stacked=True,
    )


def _rule_row(agreement: Agreement, one: RuleStanding) -> Row:
    authority = one.authority
    return Row(
        (
            Cell(one.rule.id, note=_name(one)),
            Cell(_asks(one), note=_waived(one, agreement.currency)),
            Cell(_has(one, agreement), note=_missing(one, agreement.currency)),
            Cell(_standing_word(one.standing), tag=_TONES[one.standing]),
            Cell(_("by law") if one.is_binding else _("by design"), note=_scope(one)),
            Cell(_in_force(one)),
            Cell(authority.citation.text, url=authority.citation.url),
        )
    )


def _standing_word(standing: Standing) -> str:
    match standing:
        case Standing.MET:
            return _("met")
        case Standing.NOT_MET:
            return _("not met")
        case Standing.OPEN:
            return _("nothing to test yet")


def _name(one: RuleStanding) -> str:
    match one.rule:
        case MatchingRule():
            return local_name(one.rule)
        case TermLimit():
            return _("Length of the term")
        case FundingBand():
            return _("Federal money of one institute")
        case FundingProfile():
            return _("Federal money falls over the years")


def _asks(one: RuleStanding) -> str:
    match one.rule:
        case MatchingRule() as rule:
            share = percent_bp(rule.share_bp)
            if rule.basis is MatchingBasis.YEAR:
                return _("%(share)s non-federal in each year") % {"share": share}
            return _("%(share)s non-federal of the whole") % {"share": share}
        case TermLimit() as term:
            return _("A first term of %(least)s to %(most)s years; no renewal longer") % {
                "least": number(term.least_years),
                "most": number(term.most_years),
            }
        case FundingBand() as band:
            return _("%(least)s to %(most)s") % {
                "least": money_in_millions(band.least_minor),
                "most": money_in_millions(band.most_minor),
            }
        case FundingProfile() as entry:
            return _("Falls after year %(falls)s, nothing after year %(free)s") % {
                "falls": number(entry.falls_after_years),
                "free": number(entry.free_after_years),
            }


def _waived(one: RuleStanding, currency: str) -> str:
    if not one.is_waived or one.lifted is None:
        return ""
    share = percent_bp(one.lifted.share_bp)
    if not one.lifted.excluded_minor:
        return _("by waiver: %(share)s") % {"share": share}
    return _("by waiver: %(share)s, with %(amount)s left out") % {
        "share": share,
        "amount": money(one.lifted.excluded_minor, currency),
    }


def _has(one: RuleStanding, agreement: Agreement) -> str:
    currency = agreement.currency
    match one.rule:
        case MatchingRule():
            said = {
                "share": percent_bp(
                    rules.nonfederal_share_bp(one.federal_minor, one.nonfederal_minor)
                ),
                "nonfederal": money(one.nonfederal_minor, currency),
                "federal": money(one.federal_minor, currency),
                "year": fiscal_year(one.year),
            }
            if one.standing is Standing.OPEN:
                return MISSING
            if one.year is not None:
                return _("%(share)s in %(year)s: %(nonfederal)s beside %(federal)s") % said
            return _("%(share)s: %(nonfederal)s beside %(federal)s") % said
        case TermLimit():
            return _("from %(starts_on)s up to %(ends_on)s") % {
                "starts_on": date_local(agreement.starts_on),
                "ends_on": date_local(agreement.ends_on),
            }
        case FundingBand():
            return money(one.federal_minor, currency)
        case FundingProfile():
            if one.year is None:
                return MISSING
            return _("%(amount)s in %(year)s") % {
                "amount": money(one.federal_minor, currency),
                "year": fiscal_year(one.year),
            }


def _missing(one: RuleStanding, currency: str) -> str:
    if not one.needed_minor or one.standing is not Standing.NOT_MET:
        return ""
    return _("%(amount)s more would meet it") % {"amount": money(one.needed_minor, currency)}


def _scope(one: RuleStanding) -> str:
    """Whose money the rule is about."""
    match one.rule:
        case MatchingRule() as rule:
            named, but = sorted(rule.agency_keys), sorted(rule.except_agency_keys)
        case TermLimit() as term:
            named, but = [], sorted(term.except_agency_keys)
        case FundingProfile() as entry:
            named, but = sorted(entry.agency_keys), []
        case FundingBand():
            named, but = [], []
    if named:
        return ", ".join(named)
    if but:
        return _("every agency but %(agencies)s") % {"agencies": ", ".join(but)}
    return _("every agency")


def _in_force(one: RuleStanding) -> str:
    span = one.authority.in_force
    if span.ends_on is None:
        return _("since %(day)s") % {"day": date_local(span.starts_on)}
    return _("from %(starts_on)s up to %(ends_on)s") % {
        "starts_on": date_local(span.starts_on),
        "ends_on": date_local(span.ends_on),
    }


def _compared_table(compared: list[tuple[Agreement, RuleStanding, RuleStanding]]) -> Table:
    return Table(
        caption=_("Agreements under the rule, now and as imagined"),
        columns=(
            Column("institute", _("Institute")),
            Column("agreement", _("Agreement")),
            Column("has", _("How it stands")),
            Column("now", _("Now")),
            Column("then", _("As imagined")),
            Column("missing", _("What would be missing"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(local_name(agreement.institute)),
                    Cell(agreement.number, url=reverse("funding:show_rules", args=[agreement.pk])),
                    Cell(_has(then, agreement)),
                    Cell(_standing_word(now.standing), tag=_TONES[now.standing]),
                    Cell(_standing_word(then.standing), tag=_TONES[then.standing]),
                    Cell(
                        money(then.needed_minor, agreement.currency)
                        if then.needed_minor and then.standing is Standing.NOT_MET
                        else ""
                    ),
                )
            )
            for agreement, now, then in compared
        ),
        empty=_("This rule concerns no agreement."),
        is_stacked=True,
    )
