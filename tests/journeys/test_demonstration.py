"""The demonstration as it is really loaded: outlooks that differ, reports that are certified."""

import pytest

from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey


def test_officer_reads_who_stands_alone_and_what_was_certified(
    sign_in: SignIn, address: str
) -> None:
    page = sign_in("programme_officer")
    page.goto(f"{address}/outlooks/")
    verdicts = page.get_by_role("main").get_by_role("table").inner_text()
    assert [one for one in ("Lasts", "May run out", "Runs out") if one not in verdicts] == []
    title = page.get_by_role("heading", level=1).inner_text()
    assert title == "Institutes whose money is spent within two years: 4 of 16"
    reports = page.request.get(f"{address}/api/v1/financial-reports").json()["items"]
    found = {(one["content"]["award"], one["content"]["period_end"]): one["id"] for one in reports}
    certified = (
        ("DEMO-iacmi-2", "2022-09-30"),
        ("DEMO-nextflex-2", "2021-09-30"),
        ("DEMO-nextflex-2", "2022-09-30"),
    )
    assert [one for one in certified if one not in found] == []
    page.goto(f"{address}/financial-reports/{found[certified[0]]}/")
    assert "on time" in page.get_by_role("main").inner_text()
    for centre in ("great-lakes", "gulf-coast"):
        page.goto(f"{address}/bodies/board-of-the-{centre}-extension-centre/")
        board = page.get_by_role("main").inner_text()
        for part in ("(A)(ii)", "(B)"):  # small firms have the majority; nobody sits on both
            assert f"15 U.S.C. 278k(k)(3){part}" in board
    page.goto(f"{address}/institutes/demonstration-institute/")
    assert "this institute does not exist" in page.get_by_role("main").inner_text()
