"""The application that the server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineshaft.config.settings")  # noqa: TID251

application = get_wsgi_application()
gc.freeze()  # what is loaded by now stays, so the collector need not look at it
