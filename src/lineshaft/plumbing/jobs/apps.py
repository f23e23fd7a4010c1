"""Django's registration of jobs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Jobs, under the label `jobs`."""

    name = "lineshaft.plumbing.jobs"
    label = "jobs"
    verbose_name = _("Jobs")
