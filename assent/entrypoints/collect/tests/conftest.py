"""A collector over a real log in an empty folder."""

import pytest

from assent.entrypoints.collect.tests.cast import Door
from assent.foundation.crypto import FileMasterKey
from assent.ingest.ports import open_log, open_writer


@pytest.fixture
def master(tmp_path):
    return FileMasterKey(tmp_path / "master.key")


@pytest.fixture
def writer(tmp_path, master):
    writer = open_writer(var=tmp_path, master=master)
    yield writer
    writer.close()


@pytest.fixture
def log(tmp_path, master):
    log = open_log(var=tmp_path, master=master)
    yield log
    log.close()


@pytest.fixture
def door(writer):
    return Door(writer)
