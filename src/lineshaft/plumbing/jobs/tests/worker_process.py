"""A worker in a process of its own, for the tests that kill one.

Run as `python worker_process.py`; the database comes from the environment.
"""

import threading

import django

if __name__ == "__main__":
    django.setup()
    from django.conf import settings

    from lineshaft.plumbing.jobs import rules
    from lineshaft.plumbing.jobs.tests.factories import THIS
    from lineshaft.plumbing.jobs.worker import run_worker

    settings.JOB_MODULES = (THIS,)
    rules.HEARTBEAT_S = 0.2  # type: ignore[misc,assignment] # shortened for the test
    run_worker(threading.Event(), name="victim", poll_s=0.05)
