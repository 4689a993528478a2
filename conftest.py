"""Every test has an empty data folder; the run's own folder goes when the run is over."""

import os
import shutil

import pytest


@pytest.fixture(autouse=True)
def _empty_data_folder(settings, tmp_path):
    """Lake, files, logs and journal begin empty; the databases' files stay where the run made them."""
    settings.ASSENT_VAR = tmp_path / "var"
    settings.ASSENT_VAR.mkdir()


def pytest_unconfigure(config):
    """Remove the run's folder (workers leave that to the first process)."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["ASSENT_TEST_RUN"], ignore_errors=True)
