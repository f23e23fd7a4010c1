"""The application that the server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineshaft.config.settings")  # noqa: TID251

application = get_wsgi_application()
