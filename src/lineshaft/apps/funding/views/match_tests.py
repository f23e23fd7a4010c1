"""Pages of the three tests of match: of one agreement, what they count, and of the network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.forms import (
    MATCH_STATUS_LABELS,
    MATCH_TEST_LABELS,
    MatchTestFilterForm,
    chosen,
)
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.queries import AgreementTest
from lineshaft.apps.funding.rules import MatchStatus, MatchTest, RuleTest
from lineshaft.apps.funding.views.counted import counted_table, period_asked
from lineshaft.apps.funding.views.match_profile import ProfileSection, profile_section
from lineshaft.apps.funding.views.match_wording import (
    asked,
    finding,
    method_texts,
    shown_status,
    status_tag,
    tests_table,
    years_table,
)
from lineshaft.apps.funding.views.pages import agreement_tabs, under_crumbs
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import MatchingRule
from lineshaft.kernel.money import Money
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn, Provenance
from lineshaft.plumbing.listing import page_of_all, paginate
from lineshaft.web.downloads import table_download
from lineshaft.web.formats import date_local, fiscal_year, local_name, money, number, percent_bp
from lineshaft.web.pages import Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Table

_OF_TRANSFERS = ("federal", "drawn")
"""What is counted of transfers, as the address names it; the rest is of contributions."""

_NOT_OPEN = gettext_noop(
    "What is foreseen of agreements is open to their institutes, their sponsors and the "
    "network's staff."
)


@dataclass(frozen=True, slots=True)
class RuleSection:
    """What the page says of one rule."""

    anchor: str
    title: str
    tag: Tag
    rule: MatchingRule
    items: tuple[Item, ...]
    table: Table


@require_GET
def show_match_tests(request: HttpRequest, pk: int) -> HttpResponse:
    """How the agreement stands under each of the three tests, and when one would fail."""
    actor, today = actor_of(request), clock.today()
    agreement = queries.agreement_by_id(actor, pk)
    is_foreseen = queries.foresees(actor, agreement)
    books = queries.match_books([agreement], today=today)[agreement.pk]
    tests = [
        one
        for one in rules.match_tests(profile_in_use(), books, today)
        if is_foreseen or one.read.test is not MatchTest.LEVERAGE
    ]
    foreseen = frozenset({agreement.pk} if is_foreseen else ())
    profile: ProfileSection = profile_section(agreement, books, today)
    context = {
        "title": finding(agreement, tests, is_foreseen=is_foreseen),
        "lede": _("Each test by itself: by fiscal year, to date, and as forecast to the end."),
        "crumbs": under_crumbs(agreement),
        "tabs": agreement_tabs(agreement, "funding:show_match_tests"),
        "is_foreseen": is_foreseen,
        "table": tests_table(
            [AgreementTest(agreement, one) for one in tests], foreseen, _("The three tests")
        ),
        "sections": [_section(agreement, one, is_foreseen=is_foreseen) for one in tests],
        "methods": method_texts(),
        "profile": profile,
    }
    return render_page(request, "funding/show_match_tests.html", context)


@require_GET
def list_match_records(request: HttpRequest, pk: int, counted: str) -> HttpResponse:
    """The transfers or contributions that a number of a test counts, cut to what may be read."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    is_open = counted in {*_OF_TRANSFERS, "nonfederal"} or (
        counted == "other" and queries.foresees(actor, agreement)
    )
    if not is_open:
        raise Http404
    period = period_asked(request)
    found: QuerySet[Any]
    if counted in _OF_TRANSFERS:
        found = queries.match_transfers(actor, agreement, period, counted=counted).order_by(
            "-occurred_on", "-pk"
        )
    else:
        found = queries.match_contributions(
            actor, agreement, period, with_other=counted == "other"
        ).order_by("-occurred_on", "-pk")
    page = paginate(request, found)
    total = queries.count_match_records(agreement, period, counted=counted)
    context = {
        "title": _records_title(agreement, total, counted, period),
        "lede": _("As the ledger stands now."),
        "crumbs": (
            *under_crumbs(agreement),
            Crumb(
                pgettext("of cost share", "Match"), reverse("funding:show_match_tests", args=[pk])
            ),
        ),
        "withheld": max(0, total - page.total),
        "table": counted_table(page, of_transfers=counted in _OF_TRANSFERS),
    }
    return render_page(request, "funding/list_match_records.html", context)


@require_GET
def list_match_tests(request: HttpRequest) -> HttpResponse:
    """Every agreement that the reader oversees under the three tests, foreseen breaches first."""
    actor = actor_of(request)
    form = _filter(request, actor)
    found = queries.network_match_tests(actor, today=clock.today(), **chosen(form))
    page = page_of_all(request, found)
    table = tests_table(
        page.items,
        frozenset(one.agreement.pk for one in page),
        _("Agreements under the three tests, foreseen breaches first"),
    )
    query = request.GET.copy()
    query.pop("page", None)
    urls = {
        kind: f"{reverse('funding:export_match_tests', args=[kind])}?{query.urlencode()}"
        for kind in ("csv", "xlsx")
    }
    context = {
        "title": _list_title(found),
        "lede": _("As the ledger stands today; waivers in force are counted."),
        "filter_form": form,
        "table": replace(
            table,
            page=page,
            export_url=urls["csv"],
            empty=_("No agreement answers to this filter."),
        ),
        "exports": [("XLSX", urls["xlsx"])],
        "methods": method_texts(),
    }
    return render_page(request, "funding/list_match_tests.html", context)


@require_GET
def export_match_tests(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same list as a file: csv, xlsx or json."""
    actor = actor_of(request)
    filters = _filter(request, actor)
    narrowed = chosen(filters)
    found = queries.network_match_tests(actor, today=clock.today(), **narrowed)
    return table_download(
        actor,
        form,
        name="match-tests",
        columns=_export_columns(),
        rows=_export_rows(found),
        provenance=Provenance(
            title=_("Agreements under the three tests of match"),
            generated_at=clock.now(),
            is_demonstration=settings.IS_DEMONSTRATION,
            filters={name: str(value) for name, value in narrowed.items()},
        ),
    )


def _section(agreement: Agreement, one: RuleTest, *, is_foreseen: bool) -> RuleSection:
    return RuleSection(
        anchor=f"rule-{one.rule.id.lower()}",
        title=_("%(test)s: %(rule)s")
        % {"test": MATCH_TEST_LABELS[one.read.test], "rule": one.rule.id},
        tag=status_tag(shown_status(one, is_foreseen=is_foreseen)),
        rule=one.rule,
        items=_items(agreement, one, is_foreseen=is_foreseen),
        table=years_table(agreement, one, is_foreseen=is_foreseen),
    )


def _items(agreement: Agreement, one: RuleTest, *, is_foreseen: bool) -> tuple[Item, ...]:
    currency = agreement.currency
    items = [
        Item(_("Asks"), asked(one.rule)),
        Item(_("Binds"), _("by law") if one.read.binds else _("not by law")),
        Item(_("In force"), _in_force(one.rule)),
    ]
    if one.failing is not None:
        items.append(Item(_("Lacking now"), money(one.failing.lacking_minor, currency)))
    if is_foreseen and one.breach is not None:
        breach = one.breach
        items += [
            Item(
                _("First fails on"),
                _("%(day)s, for want of %(amount)s")
                % {
                    "day": date_local(breach.on),
                    "amount": money(breach.lacking_minor, currency),
                },
            ),
            Item(
                _("To avoid it"),
                _("promise %(amount)s more by %(act_by)s, due by %(day)s")
                % {
                    "amount": money(breach.lacking_minor, currency),
                    "act_by": date_local(breach.act_by),
                    "day": date_local(breach.on),
                },
            ),
            Item(
                _("To hold through the term"),
                _("%(amount)s more by %(day)s")
                % {
                    "amount": money(breach.most_minor, currency),
                    "day": date_local(breach.most_on),
                },
            ),
        ]
    return tuple(items)


def _in_force(rule: MatchingRule) -> str:
    span = rule.authority.in_force
    if span.ends_on is None:
        return _("since %(day)s") % {"day": date_local(span.starts_on)}
    return _("from %(starts_on)s up to %(ends_on)s") % {
        "starts_on": date_local(span.starts_on),
        "ends_on": date_local(span.ends_on),
    }


def _records_title(
    agreement: Agreement, total: int, counted: str, period: FiscalPeriod | None
) -> str:
    labels = {
        "federal": _("federal money"),
        "drawn": _("federal money drawn"),
        "nonfederal": _("non-federal money"),
        "other": _("all other money"),
    }
    return ngettext(
        "%(count)s record behind the %(kind)s under %(number)s, %(period)s",
        "%(count)s records behind the %(kind)s under %(number)s, %(period)s",
        total,
    ) % {
        "count": number(total),
        "kind": labels[counted],
        "number": agreement.number,
        "period": fiscal_year(period.year) if period else _("all years"),
    }


def _filter(request: HttpRequest, actor: Actor) -> MatchTestFilterForm:
    """The filter with what the actor's agreements offer; raises NotFound for who oversees none."""
    if not queries.may_read_match_tests(actor):
        raise NotFound(_NOT_OPEN, code="match_tests")
    agencies: dict[str, str] = {}
    institutes: dict[str, str] = {}
    for agreement in queries.agreements_foreseen_by(actor):
        institutes[agreement.institute.key] = local_name(agreement.institute)
        for sponsor in agreement.sponsors.all():
            agencies[sponsor.agency.key] = local_name(sponsor.agency)
    return MatchTestFilterForm(
        request.GET or None,
        agencies=sorted(agencies.items(), key=lambda pair: pair[1].casefold()),
        institutes=sorted(institutes.items(), key=lambda pair: pair[1].casefold()),
    )


def _list_title(found: Sequence[AgreementTest]) -> str:
    short, risky = (
        {
            one.agreement.pk
            for one in found
            if one.result.is_pressing and one.result.status is status
        }
        for status in (MatchStatus.BELOW, MatchStatus.AT_RISK)
    )
    if short:
        return ngettext(
            "%(count)s agreement falls short of its match today",
            "%(count)s agreements fall short of their match today",
            len(short),
        ) % {"count": number(len(short))}
    if not risky:
        return _("No breach of a match is foreseen")
    return ngettext(
        "%(count)s agreement would fall short of its match",
        "%(count)s agreements would fall short of their match",
        len(risky),
    ) % {"count": number(len(risky))}


def _export_columns() -> tuple[ExportColumn, ...]:
    return (
        ExportColumn("agreement", _("Agreement")),
        ExportColumn("institute", _("Institute")),
        ExportColumn("agency", _("Agency")),
        ExportColumn("test", _("Test")),
        ExportColumn("rule", _("Rule")),
        ExportColumn("binds", _("Binds by law")),
        ExportColumn("asked", _("Share asked for")),
        ExportColumn("federal", _("Federal to date")),
        ExportColumn("matching", _("Matching to date")),
        ExportColumn("share", _("Share to date")),
        ExportColumn("share_at_end", _("Share at the end")),
        ExportColumn("standing", _("Standing")),
        ExportColumn("fails_on", _("Fails on")),
        ExportColumn("lacking", _("Lacking")),
        ExportColumn("act_by", _("Promise by")),
        ExportColumn("most_lacking", _("Most lacking")),
        ExportColumn("most_lacking_on", _("Most lacking on")),
    )


def _export_rows(found: Sequence[AgreementTest]) -> Iterator[tuple[ExportCell, ...]]:
    for one in found:
        agreement, result = one.agreement, one.result
        to_date, breach = result.to_date, result.breach

        def amount(minor: int, currency: str = agreement.currency) -> ExportCell:
            return Money(minor, currency).amount

        yield (
            agreement.number,
            agreement.institute.key,
            agreement.agency.key,
            str(MATCH_TEST_LABELS[result.read.test]),
            result.rule.id,
            result.read.binds,
            percent_bp(to_date.lifted.share_bp, 2),
            amount(to_date.federal_minor),
            amount(to_date.matching_minor),
            percent_bp(to_date.share_bp, 2),
            percent_bp(result.at_end.share_bp, 2) if result.at_end else "",
            str(MATCH_STATUS_LABELS[result.status]),
            breach.on if breach else None,
            amount(result.lacking_minor),
            breach.act_by if breach else None,
            amount(breach.most_minor) if breach else None,
            breach.most_on if breach else None,
        )
