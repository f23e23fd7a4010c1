"""Django's registration of reviewing."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewingConfig(AppConfig):
    """Reviewing, under the label `reviewing`."""

    name = "lineshaft.apps.reviewing"
    label = "reviewing"
    verbose_name = _("Reviewing")
