"""Tables, their order and their pages."""

import pytest
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.listing import Page, paginate, paginate_wide
from lineshaft.web.tables import Cell, Column, Row, Table, Tick, sorting


def test_heads_of_a_sorted_column_turn_the_order_round() -> None:
    columns = (
        Column("name", "Name", sort="name"),
        Column("sum", "Sum", is_number=True, sort="sum"),
    )
    table = Table("t", columns, (), sort="name")
    assert [(head.next_sort, head.direction) for head in table.heads] == [
        ("-name", "ascending"),
        ("-sum", "none"),
    ]
    turned = Table("t", columns, (), sort="-name")
    assert [(head.next_sort, head.direction) for head in turned.heads] == [
        ("name", "descending"),
        ("-sum", "none"),
    ]


def test_row_of_another_width_is_a_mistake() -> None:
    table = Table("t", (Column("a", "A"), Column("b", "B")), (Row((Cell("1"),)),))
    with pytest.raises(ValueError, match="shorter"):
        table.lines  # noqa: B018 -- a property


def test_row_is_a_card_on_a_phone_where_its_columns_know_their_places() -> None:
    columns = (Column("a", "A", is_short=True, place="start"), Column("b", "B", place="line"))
    tick = Tick("7", "the seventh")
    table = Table("t", columns, (Row((Cell("1"), Cell("–")), tick),), tick_form="some")
    assert [column.css_class for column in columns] == ["s at-start", "at-line"]
    assert (table.has_cards, Table("t", (Column("a", "A"),), ()).has_cards) == (True, False)
    ((found, line),) = table.lines
    assert found == tick
    assert line == (
        '<th scope="row" class="s at-start">1</th>\n<td class="at-line blank" data-label="B">–</td>'
    )
    assert not Cell("", note="a note").is_blank


def test_number_of_a_card_bears_its_name_also_where_it_heads_the_row() -> None:
    columns = (
        Column("rank", "Rank", is_number=True, place="state"),
        Column("next", "Next", place="line", is_named=True),
        Column("other", "Other", is_named=True),
    )
    table = Table("t", columns, (Row((Cell("1"), Cell("2"), Cell("3"))),))
    assert [column.css_class for column in columns] == ["n at-state", "at-line named", ""]
    ((_tick, line),) = table.lines
    assert line.startswith('<th scope="row" class="n at-state" data-label="Rank">1</th>')
    named = Table("t", (Column("a", "A", place="line", is_named=True),), (Row((Cell("1"),)),))
    assert named.lines[0][1] == '<th scope="row" class="at-line named" data-label="A">1</th>'
    flat = Table("t", (Column("rank", "Rank", is_number=True),), (Row((Cell("1"),)),))
    assert flat.lines[0][1] == '<th scope="row" class="n">1</th>'


def test_label_of_a_column_is_escaped_in_head_cell_and_foot() -> None:
    columns = tuple(Column(key, '"<b>', is_number=True, place="foot") for key in "ab")
    cells = (Cell("1"), Cell("2"))
    table = Table("t", columns, (Row(cells),), foot=cells)
    said = 'data-label="&quot;&lt;b&gt;"'
    ((_tick, line),) = table.lines
    assert (line.count(said), table.foot_line.count(said)) == (2, 2)


def test_empty_text_has_a_default() -> None:
    assert Table("t", (), ()).empty_text == "Nothing here yet."
    assert Table("t", (), (), empty="No members.").empty_text == "No members."
    assert Table("t", (), ()).foot_line == ""


def test_cell_is_escaped_linked_marked_and_noted() -> None:
    assert Cell("").drawn == "–"
    assert Cell("<b>").drawn == "&lt;b&gt;"
    assert Cell("线", lang="zh").drawn == '<span lang="zh">线</span>'
    assert Cell("A & B", "/?a=1&b=2", lang="en").drawn == (
        '<a href="/?a=1&amp;b=2" lang="en">A &amp; B</a>'
    )
    drawn = Cell("due", "/x/", tag="due", note="<i>").drawn
    assert drawn == (
        '<a href="/x/"><span class="tag due">due</span></a><span class="cell-note">&lt;i&gt;</span>'
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", ("name", "name"), id="default"),
        pytest.param("sort=-sum", ("-total", "-sum"), id="descending"),
        pytest.param("sort=password", ("name", "name"), id="not allowed"),
    ],
)
def test_sorting_takes_only_what_is_allowed(query: str, expected: tuple[str, str]) -> None:
    request = RequestFactory().get(f"/?{query}")
    assert sorting(request, {"name": "name", "sum": "total"}, "name") == expected


@pytest.mark.parametrize(
    ("number", "pages", "expected"),
    [
        pytest.param(1, 1, (1,), id="single"),
        pytest.param(1, 3, (1, 2, 3), id="short"),
        pytest.param(5, 9, (1, None, 4, 5, 6, None, 9), id="middle"),
    ],
)
def test_page_numbers_leave_the_far_ones_out(
    number: int, pages: int, expected: tuple[int | None, ...]
) -> None:
    assert Page((), number, pages, 0).numbers == expected


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["2", "99", "-3", "x", "9" * 30])
def test_page_outside_the_list_is_the_nearest(wanted: str) -> None:
    users = [make_user(f"User {place}") for place in range(3)]
    page = paginate(RequestFactory().get(f"/?page={wanted}"), User.objects.order_by("name"), 2)
    if wanted in {"2", "99"}:
        assert (page.items, page.number, page.first, page.last) == ((users[2],), 2, 3, 3)
        assert (page.previous, page.next, list(page), len(page)) == (1, None, [users[2]], 1)
    else:
        assert (page.number, page.first, page.last, page.next) == (1, 1, 2, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [0, 1, 3, 5])
@pytest.mark.parametrize("wanted", ["1", "2", "99"])
def test_wide_rows_are_paged_alike_in_two_queries(
    rows: int, wanted: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(rows):
        make_user(f"User {place % 2}")
    request, users = RequestFactory().get(f"/?page={wanted}"), User.objects.order_by("name")
    with django_assert_max_num_queries(2):
        page = paginate_wide(request, users, 2)
    assert page == paginate(request, users, 2)


@pytest.mark.django_db
def test_page_of_nothing_counts_from_zero() -> None:
    page = paginate(RequestFactory().get("/"), User.objects.all())
    assert (page.first, page.last, page.pages, page.total, page.previous) == (0, 0, 1, 0, None)


@pytest.mark.django_db
def test_pages_of_equal_names_never_repeat_a_row() -> None:
    made = {make_user("Same").pk for _place in range(7)}
    seen = [
        user.pk
        for number in (1, 2, 3, 4)
        for user in paginate(
            RequestFactory().get(f"/?page={number}"), User.objects.order_by("name"), 2
        )
    ]
    assert (len(seen), set(seen)) == (7, made)
