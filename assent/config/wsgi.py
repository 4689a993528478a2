"""The WSGI application of the web server."""

import os

from django.core.wsgi import get_wsgi_application

from assent.foundation.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assent.config.settings")

application = get_wsgi_application()

# Loaded in each worker process of the web server: it must not outlive the server's main process.
die_with_parent(patience=1.0)
