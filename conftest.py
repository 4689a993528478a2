"""Every test has an empty data folder; the run's own folder goes when the run is over."""

import os
import shutil

import pytest


@pytest.fixture(autouse=True)
def _empty_data_folder(settings, tmp_path):
    """Lake, files, logs and journal begin empty; the databases' files stay where the run made them."""
    settings.ASSENT_VAR = tmp_path / "var"
    settings.ASSENT_VAR.mkdir()


def pytest_collection_modifyitems(config, items):
    """
    Put first what starts houses, so that no core is left with it at the end while the other has nothing to do.

    On PostgreSQL leave out what never comes near a database: it ran on SQLite, and says the same of both.
    """
    items.sort(key=lambda item: not item.nodeid.startswith("tests/"))
    if os.environ.get("ASSENT_DATABASE", "sqlite") == "sqlite":
        return
    near = {item: _asks_a_database(item) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if not near[item]])
    items[:] = [item for item in items if near[item]]


def _asks_a_database(item):
    marked = any(item.get_closest_marker(name) for name in ("django_db", "engine"))
    return marked or not {"db", "transactional_db", "live_server"}.isdisjoint(item.fixturenames)


def pytest_unconfigure(config):
    """Remove the run's folder (workers leave that to the first process)."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["ASSENT_TEST_RUN"], ignore_errors=True)
