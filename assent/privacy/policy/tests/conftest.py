"""Copies of the bundles that tests may write into."""

import shutil
from pathlib import Path

import pytest

BUNDLES = Path(__file__).parents[4] / "policies"


@pytest.fixture
def house(tmp_path):
    return Path(shutil.copytree(BUNDLES, tmp_path / "policies"))
