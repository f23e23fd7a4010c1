"""Django's registration of the shared face of every app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Base templates, components, styles and charts, under the label `web`."""

    name = "lineshaft.web"
    label = "web"
    verbose_name = _("Web")
