"""What the audit trail and the jobs are called by code has a word for people."""

import ast
from importlib import import_module

from django.conf import settings

from lineshaft.plumbing.jobs import kinds
from lineshaft.web.verbs import VERB_NAMES
from tests.architecture.tree import PACKAGE
from tests.crash.verbs import VERBS

UNRECORDED = {"enqueue", "enqueue_batch", "run_batch", "store_import"}
"""Services that write no event of their own name: queued work, and run_import's two halves."""


def recorded_verbs() -> set[str]:
    """Every verb that stands literally in a call that records an event."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            verb = node.args[1]
            is_record = isinstance(node.func, ast.Name) and "record_event" in node.func.id
            if is_record and isinstance(verb, ast.Constant):
                found.add(str(verb.value))
    return found


def test_every_verb_of_the_audit_trail_has_a_word() -> None:
    verbs = {
        name.partition(".")[2].partition("/")[0] for name in VERBS
    } - UNRECORDED | recorded_verbs()
    assert sorted(verbs - VERB_NAMES.keys()) == []


def test_every_kind_of_job_has_a_title() -> None:
    declared = {kind for name in settings.JOB_MODULES for kind in import_module(name).JOBS}
    assert sorted(declared - kinds.job_titles().keys()) == []
