"""The domains of e-mail at which anybody can have an address."""

from functools import cache

from lineshaft.kernel.datafile import DataTable
from lineshaft.reference.sourced import read_data_file, read_sourced


@cache
def load_public_mail_domains() -> frozenset[str]:
    """Return the domains that ship; raises Invalid where the file is wrong."""
    return parse_public_mail_domains(read_data_file("public_mail_domains.toml"))


def parse_public_mail_domains(root: DataTable) -> frozenset[str]:
    """Return the domains of a data file; raises Invalid, code "data_file"."""
    found: set[str] = set()
    for row in root.tables("services"):
        read_sourced(row)
        domains = row.texts("domains")
        if not domains or any(one != one.strip().lower() or "." not in one for one in domains):
            raise row.wrong("domains", "a list of domains in small letters")
        found.update(domains)
    root.finish()
    return frozenset(found)
