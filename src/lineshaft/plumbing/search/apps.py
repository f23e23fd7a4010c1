"""Django's registration of search."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Search, under the label `search`."""

    name = "lineshaft.plumbing.search"
    label = "search"
    verbose_name = _("Search")
