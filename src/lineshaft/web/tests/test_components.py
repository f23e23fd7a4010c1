"""Components drawn from values: what a reader gets, and that no markup slips in."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.base import Message
from django.template import Context
from django.template.loader import get_template
from django.test import RequestFactory

from lineshaft.kernel.refusals import Citation, Refusal
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page
from lineshaft.web.charts import spark
from lineshaft.web.pages import Action, Crumb, Figure, Item, Step, Tab, Tag, Tile
from lineshaft.web.tables import Cell, Column, Row, Table


def draw(component: str, address: str = "/list/", **context: Any) -> str:
    """The component's HTML on one line, as for a request of that address."""
    template: Any = get_template(f"components/{component}.html")
    request = RequestFactory().get(address)
    values = Context({"request": request, "actor": Actor.public(), **context})
    values.request = request  # type: ignore[attr-defined] # as RequestContext has it
    html = template.template.render(values)
    return " ".join(html.split())


COLUMNS = (Column("name", "Name", sort="name"), Column("sum", "Sum", is_number=True))
ROWS = (
    Row((Cell("<b>LIFT</b>", url="/lift/"), Cell("5"))),
    Row((Cell("轻量", lang="zh-Hans", note="former name"), Cell("due", tag="due"))),
)


def test_table_has_caption_heads_and_a_scrolling_region() -> None:
    html = draw("table", table=Table("Members, FY2022", COLUMNS, ROWS, sort="name"))
    assert (
        '<div class="table-region" tabindex="0" role="region" aria-label="Members, FY2022">' in html
    )
    assert "<caption><span>Members, FY2022</span></caption>" in html
    assert '<th scope="col" aria-sort="ascending">' in html
    assert 'href="?sort=-name"' in html
    assert '<a href="/lift/">&lt;b&gt;LIFT&lt;/b&gt;</a>' in html
    assert '<span lang="zh-Hans">轻量</span><span class="cell-note">former name</span>' in html
    assert '<td class="n" data-label="Sum"><span class="tag due">due</span></td>' in html


def test_table_keeps_the_filter_in_its_links() -> None:
    page = Page(ROWS, 2, 3, 120)
    html = draw(
        "table",
        "/list/?kind=sme&page=2",
        table=Table("t", COLUMNS, ROWS, page=page, export_url="/list.csv"),
    )
    assert 'href="?kind=sme&amp;sort=name"' in html
    assert 'href="?kind=sme&amp;page=3" rel="next"' in html
    assert "51 to 52 of 120" in html
    assert 'Download as <a href="/list.csv" download>CSV</a></p>' in html


def test_table_with_total_and_stacked_rows_says_both() -> None:
    table = Table("t", COLUMNS, ROWS, foot=(Cell("All"), Cell("5")), is_stacked=True)
    html = draw("table", table=table)
    assert 'class="table-region stacked"' in html
    assert (
        '<tfoot> <tr> <td data-label="Name">All</td> <td class="n" data-label="Sum">5</td>' in html
    )


def test_table_without_rows_says_so() -> None:
    html = draw("table", table=Table("Members", COLUMNS, (), empty="No member yet."))
    assert html == ('<p class="table-empty"><span class="quiet">Members</span>No member yet.</p>')


def test_page_head_shows_way_title_state_and_actions() -> None:
    html = draw(
        "page_head",
        title="LIFT",
        lede="Light metals",
        crumbs=(Crumb("Institutes", "/institutes/"), Crumb("Here")),
        tag=Tag("Active", "ok"),
        as_of=date(2022, 11, 3),
        actions=(
            Action("Amend", "/amend/", is_primary=True),
            Action("End", "/end/", is_post=True, fields={"key": "1"}),
        ),
    )
    assert '<li><a href="/institutes/">Institutes</a></li> <li>Here</li>' in html
    assert '<h1>LIFT <span class="tag ok">Active</span> </h1>' in html
    assert "As of Nov 3, 2022" in html
    assert '<a class="button" href="/amend/">Amend</a>' in html
    assert '<input type="hidden" name="key" value="1">' in html


def test_tabs_in_groups_show_the_pages_of_the_current_one() -> None:
    pages = (Tab("Panel", "/p/", is_current=True), Tab("Conflicts", "/c/"))
    others = (Tab("Ranking", "/r/"), Tab("Replies", "/y/"))
    html = draw(
        "tabs",
        tabs=(
            Tab("Reviewers", "/p/", is_current=True, parts=pages),
            Tab("Reviews", "/r/", parts=others),
        ),
    )
    assert '<a href="/p/" aria-current="true">Reviewers</a>' in html
    assert '<a href="/p/" aria-current="page">Panel</a>' in html
    assert "Conflicts" in html
    assert "Reviews" in html
    assert "Replies" not in html


def test_tabs_mark_the_current_one() -> None:
    html = draw("tabs", tabs=(Tab("A", "/a/", is_current=True), Tab("B", "/b/")))
    assert '<a href="/a/" aria-current="page">A</a>' in html
    assert '<a href="/b/">B</a>' in html


@pytest.mark.parametrize("url", ["/figure/", ""], ids=["opens", "stands"])
def test_tile_is_a_link_only_where_it_opens(url: str) -> None:
    tile = Tile("Members", "2,512", url=url, unit="firms", period="FY2022", spark=spark([1, 2]))
    html = draw("tiles", tiles=(tile,))
    assert ('<a class="tile" href="/figure/">' in html) is bool(url)
    assert '2,512 <span class="tile-unit">firms</span>' in html
    assert '<svg class="spark"' in html


def test_steps_say_done_and_now() -> None:
    steps = (Step("Topic", "done", "3 May"), Step("Review", "now"), Step("Award"))
    html = draw("steps", steps=steps, steps_label="Competition")
    assert '<li class="now" aria-current="step">' in html
    assert '<span class="visually-hidden">done</span> <span class="step-note">3 May</span>' in html


def test_rule_note_quotes_rule_source_and_day() -> None:
    citation = Citation("15 U.S.C. 278s", "https://uscode.house.gov/", date(2019, 12, 20))
    html = draw("rule_note", text="At least half.", citation=citation)
    assert "<p>At least half.</p>" in html
    assert ">15 U.S.C. 278s</a>, in force since Dec 20, 2019</cite>" in html


def test_chart_has_its_numbers_beneath() -> None:
    figure = Figure(
        spark([1, 2]), "Members", source="Census", as_of=datetime(2022, 1, 2, tzinfo=UTC)
    )
    html = draw("chart", chart=figure, table=Table("Members", COLUMNS, ROWS))
    assert "Source: Census" in html
    assert "As of Jan 2, 2022 00:00" in html
    assert "<summary>The numbers as a table</summary>" in html


def test_definition_list_shows_links_and_states() -> None:
    items = (Item("Lead", "EWI", url="/ewi/"), Item("State", "x", tag=Tag("due", "due"), lang="zh"))
    html = draw("definition_list", items=items)
    assert '<dt>Lead</dt> <dd><a href="/ewi/">EWI</a></dd>' in html
    assert '<dd lang="zh">x <span class="tag due">due</span> </dd>' in html


def test_empty_offers_the_next_step() -> None:
    html = draw("empty", title="None", text="Yet.", action_label="Add", action_url="/add/")
    assert '<a class="button quiet" href="/add/">Add</a>' in html


def test_progress_without_a_total_is_indeterminate() -> None:
    assert '<progress aria-label="Import">' in draw("progress", label="Import", done=0, total=0)
    assert 'value="3" max="9"' in draw("progress", label="Import", done=3, total=9)


def test_messages_are_a_status() -> None:
    html = draw("messages", messages=[Message(25, "Saved <x>")])
    assert html == (
        '<div role="status"> <ul class="messages">'
        ' <li class="message success">Saved &lt;x&gt;</li> </ul> </div>'
    )


@pytest.mark.parametrize("is_demonstration", [True, False])
def test_notice_stands_on_a_demonstration_only(is_demonstration: bool) -> None:
    html = draw("demo_notice", is_demonstration=is_demonstration)
    assert ("Demonstration" in html) is is_demonstration


class EvidenceForm(forms.Form):
    note = forms.CharField(help_text="In a sentence.")
    file = forms.FileField(required=False)
    is_cash = forms.BooleanField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_form_shows_errors_beside_the_field_and_on_top() -> None:
    form = EvidenceForm({"note": "", "kind": "a", "secret": "s"})
    html = draw("form", form=form, submit_label="Record", cancel_url="/back/")
    assert 'enctype="multipart/form-data"' in html
    assert '<li><a href="#id_note">Note</a>: This field is required.</li>' in html
    assert (
        '<div class="field-error" id="id_note_error"><p>This field is required.</p></div>' in html
    )
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_note_helptext id_note_error"' in html
    assert '<label class="check" for="id_is_cash">' in html
    assert '<legend id="id_kind">Kind</legend>' in html
    assert '<input type="hidden" name="secret" value="s" id="id_secret">' in html
    assert '<a href="/back/">Cancel</a>' in html


def test_form_quotes_the_rule_that_refused_it() -> None:
    form = EvidenceForm({"note": "x", "kind": "a"})
    form.add_error(None, "Not cash.")
    refusal = Refusal("no", "Not cash.", Citation("2 CFR 200.306(b)"))
    html = draw("form", form=form, submit_label="Record", refusal=refusal)
    assert "<h2>A rule refuses this</h2>" in html
    assert "<li>Not cash.</li>" in html
    assert '<cite class="citation">2 CFR 200.306(b)</cite>' in html


class ListFilter(forms.Form):
    kind = forms.CharField(required=False)
    open = forms.BooleanField(required=False)


def test_filters_keep_the_order_and_offer_to_clear() -> None:
    form = ListFilter({"kind": "sme"})
    html = draw("filters", "/list/?kind=sme&sort=-name", form=form)
    assert '<input type="hidden" name="sort" value="-name">' in html
    assert '<a href="/list/">Clear</a>' in html
    assert "Clear" not in draw("filters", form=ListFilter())
