"""The notice says after how long nothing erased can come back from any copy."""

import pytest

from assent.privacy.documents import api
from assent.privacy.documents.contracts import Kind
from assent.privacy.documents.tests.test_changes import changed


def notice(edition, language):
    return api.to_markdown(api.build(edition=edition, kind=Kind.PRIVACY_NOTICE, language=language))


@pytest.mark.parametrize(
    ("data", "keys", "en", "ro"),
    [
        ("P30D", "P14D", "after 30 days.", "după 30 de zile."),
        ("P7D", "P3W", "after 21 days.", "după 21 de zile."),
        ("P30D", "P1M", "after one month.", "după o lună."),
    ],
)
def test_the_notice_says_after_how_long_nothing_erased_can_come_back(bloom, data, keys, en, ro):
    edition = changed(changed(bloom, "backups.data_kept", data), "backups.keys_kept", keys)
    assert f"can no longer come back from any copy {en}" in notice(edition, "en")
    assert f"nu mai poate reveni din nicio copie {ro}" in notice(edition, "ro")
