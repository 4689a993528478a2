"""The product's settings with a data folder of this run's own."""

import os
import tempfile
from pathlib import Path

_run = os.environ.get("ASSENT_TEST_RUN")
if _run is None:
    # The first process makes the folder; the workers it starts find it in their environment.
    _run = os.environ["ASSENT_TEST_RUN"] = tempfile.mkdtemp(prefix="assent-test-")
_var = Path(_run) / os.environ.get("PYTEST_XDIST_WORKER", "main")
(_var / "test").mkdir(parents=True, exist_ok=True)
(_var / "static").mkdir(exist_ok=True)  # the live server looks into it
os.environ["ASSENT_VAR"] = str(_var)
os.environ.setdefault("ASSENT_LOG_LEVEL", "ERROR")

from assent.config.settings import *  # noqa: E402, F403

ASSENT_HOSTS = [*ASSENT_HOSTS, "testserver"]  # noqa: F405 - the name under which Django's test client asks
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; what is tested is not the hash
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
for _alias in DATABASES:  # noqa: F405
    if DATABASES[_alias]["ENGINE"] == "assent.foundation.sqlite3":  # noqa: F405
        DATABASES[_alias]["ENGINE"] = "tests.sqlite"  # noqa: F405
