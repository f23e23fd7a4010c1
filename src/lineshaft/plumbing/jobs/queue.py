"""A job's place in the queue of django-tasks-db: one task for each attempt, naming the job.

Only our own worker takes these tasks, task and job in one transaction. Any other worker of the
queue would run a job without its lease; it meets an error, and the job gets a new place.
"""

from django.tasks import task


@task
def run_job(job_id: str) -> None:
    """Stand for the job with that id in the queue."""
    message = f"Job {job_id} runs under a lease: only `lineshaft worker` takes it."
    raise RuntimeError(message)
