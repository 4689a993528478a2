"""The Big List of Naughty Strings in every text a client may send: all is counted, nothing breaks, nothing is set aside."""

import json

import pytest

from assent.ingest import api
from assent.ingest.tests.cast import HOME

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

NAUGHTY = json.loads((HOME / "assent/entrypoints/collect/tests/data/blns.json").read_text())


@pytest.mark.parametrize("secret", [True, False], ids=["server", "page"])
def test_naughty_strings_are_only_strings(house, secret):
    made = [
        shape
        for text in NAUGHTY
        for shape in (
            {"type": "track", "event": "Order Completed", "userId": text, "anonymousId": text, "messageId": text + "1"},
            {"type": "track", "event": text, "userId": "u", "anonymousId": "d", "timestamp": text},
            {
                "type": "track",
                "event": "Order Completed",
                "userId": "u",
                "anonymousId": "d",
                "properties": {text: text, "order_id": text, "coupon": text, "currency": text, "products": [{"name": text}]},
            },
            {
                "type": "identify",
                "userId": text,
                "anonymousId": text,
                "traits": {"email": text, "phone": text, "name": text, "city": text, "birthday": text, "address": {text: text}},
            },
            {
                "type": "track",
                "event": "Consent Given",
                "userId": "u",
                "anonymousId": "d",
                "properties": {"purpose": text, "channel": text, "wording": text, "language": text, "method": text},
            },
            {
                "type": "track",
                "event": "Segment Consent Preference Updated",
                "userId": "u",
                "anonymousId": "d",
                "context": {"locale": text, "identity_hash": text, "consent": {"categoryPreferences": {text: True}}},
            },
        )
    ]
    house.send(*made, secret=secret)
    done = house.run()
    assert done.read == len(made)
    assert done.set_aside == 0
    assert api.set_aside(controller=house.controller) == []
    assert sum(house.fates().values()) == len(made)
