import pytest

from scripts.check_locks import INPUTS, is_fresh
from scripts.write_docs import documents, with_sections
from tests.architecture.tree import name_of


@pytest.mark.parametrize("name", INPUTS)
def test_a_lock_was_made_from_the_lists_beside_it(name: str) -> None:
    assert is_fresh(name)


def test_documents_are_what_the_code_says() -> None:
    stale = [
        name_of(path)
        for path, text in documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run make docs"


RULES = "lineshaft.plumbing.jobs.rules"


def test_with_sections_writes_between_the_marks_and_nowhere_else() -> None:
    first = with_sections("# jobs\n\nNouns.\n", RULES)
    assert "```mermaid\nstateDiagram-v2\n    [*] --> queued" in first
    assert "| `retry_job` | administrator, programme officer. " in first
    edited = first.replace("Nouns.", "More nouns.").replace("[*] --> queued", "stale") + "\nTail.\n"
    assert with_sections(edited, RULES) == first.replace("Nouns.", "More nouns.") + "\nTail.\n"


def test_with_sections_of_an_app_without_rules_changes_nothing() -> None:
    assert with_sections("# desk\n", "lineshaft.plumbing.no_rules") == "# desk\n"
