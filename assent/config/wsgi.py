"""The WSGI application of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from assent.foundation.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assent.config.settings")

application = get_wsgi_application()

# What is loaded now stays: left to the collector, it would be walked again with each batch of people.
gc.collect()
gc.freeze()
# A request of a thousand people makes a hundred thousand objects that go by themselves: looked through far less often.
gc.set_threshold(100_000, 20, 20)

# Loaded in each worker process of the web server: it must not outlive the server's main process.
die_with_parent(patience=1.0)
