"""Invented organisations, and what is true of them."""

from random import Random

from lineshaft.engines.match.resolution import Record

ORGANISATIONS: dict[str, list[Record]] = {
    "acme": [
        Record("a1", "Acmeon Widget Manufacturing, Inc.", city="Troy", state="MI", zip="48083"),
        Record("a2", "ACMEON WIDGET MFG LLC", city="Troy", state="MI", zip="48083"),
        Record("a3", "The Acmeon Widgit Manufacturing Company", city="Troy", state="MI"),
    ],
    "college": [
        Record("b1", "Brookhaven Valley Community College", city="Ames", state="IA", zip="50010"),
        Record("b2", "BVCC", city="Ames", state="IA", zip="50010"),
    ],
    "other college": [
        Record("b3", "Bridgewater Vale County College", city="Mesa", state="AZ", zip="85201")
    ],
    "site": [
        Record("c1", "Lintel House Head Start", address="224 N. Central Ave", phone="312 555 0142"),
        Record("c2", "Lintel House", address="224 North Central", phone="(312) 555-0142"),
    ],
    "other site": [
        Record("c3", "Lintel House Center", address="9 E. 85th St", phone="312 555 0199")
    ],
    "nothing": [Record("d1", "Inc.")],
    "nothing either": [Record("d2", "Inc.")],
    "campus": [Record("e1", "University of Arvandale at North Ridge", state="OH")],
    "other campus": [Record("e2", "University of Arvandale at Pine Bluff", state="OH")],
    "zh": [
        Record("f1", "凌峰精密机械有限公司"),
        Record("f2", "凌峰精密机械股份有限公司"),
    ],
    "at one place": [
        Record("g1", "Quillon Optics", latitude="43.1566", longitude="-77.6088"),
        Record("g2", "Quillon Optics Laboratory", latitude="43.1567", longitude="-77.6089"),
    ],
    "one house": [
        Record("h1", "Marrow Street Clinic", "17 Marrow St", zip="60612-1234"),
        Record("h2", "Marrow Clinic", "17 Marrow Street", zip="606121234"),
    ],
    "far away": [Record("g3", "Quillon Works", latitude="34.05", longitude="-118.24")],
}
RECORDS = [record for records in ORGANISATIONS.values() for record in records]


def expected() -> dict[str, str]:
    """For each id the least id of its organisation."""
    return {
        record.id: min(other.id for other in records)
        for records in ORGANISATIONS.values()
        for record in records
    }


def many(number: int) -> list[Record]:
    """So many organisations in three spellings each, in towns that many share."""
    random = Random(5)
    records = []
    for place in range(number):
        word = "".join(random.choice("bdklmnrstv") + random.choice("aeiou") for _ in range(4))
        trade = random.choice(("Castings", "Optics", "Tool Works", "Composites", "Photonics"))
        where = {"city": f"Town{place % 40}", "state": random.choice(("OH", "MI", "PA"))}
        misspelt = word[:3] + word[4:]
        for letter, name in (
            ("a", f"{word.title()} {trade}, Inc."),
            ("b", f"THE {word} {trade} COMPANY"),
            ("c", f"{misspelt.title()} Precision {trade}"),
        ):
            records.append(Record(f"{place:05}{letter}", name, **where))
    return records
