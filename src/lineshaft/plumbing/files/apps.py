"""Django's registration of files."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """Files, under the label `files`."""

    name = "lineshaft.plumbing.files"
    label = "files"
    verbose_name = _("Files")
