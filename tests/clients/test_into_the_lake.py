"""From the official clients into the lake: every event once, however often it was sent."""

import json
import subprocess
import sys
import time

import pytest

from tests.clients.conftest import HOME
from tests.clients.test_browser import START, shop
from tests.clients.test_servers import MANY, rudder_client, segment_client, send_all

__all__ = ["shop"]
pytestmark = pytest.mark.timeout(300)

PUBLISH = """
from pathlib import Path
from assent.audit.contracts import Actor
from assent.foundation.clock import now
from assent.privacy.policy import api as policy
from assent.tenancy import api
from tests.agreements import agree
bloom = api.controller(slug="bloom").id
policy.publish(controller=bloom, bundle=Path("policies/bloom"), by=Actor.system("test"), at=now())
agree(controller=bloom, at=now())
"""

SETTLED = """
from django.conf import settings
from assent.foundation import keys
from assent.ingest.ports import open_log
log = open_log(var=settings.ASSENT_VAR, master=keys.master())
print(log.tail() == log.consumed())
"""

COUNTED = """
import json
from collections import Counter
from assent.records.events.contracts import KIND
from assent.records.lake import api as lake
from assent.tenancy import api
who = api.controller(slug="bloom").id
rows = lake.query(controller=who, expr=lake.unbound(KIND).select("property", "event", "message"), kinds=[KIND])
pairs = zip(rows["property"].to_pylist(), rows["event"].to_pylist(), strict=True)
counted = Counter(f"{place} {event}" for place, event in pairs)
print(json.dumps({"counted": counted, "messages": len(set(rows["message"].to_pylist())), "rows": rows.num_rows}))
"""

LOOK_AROUND = """async (many) => {
  const yes = { context: { consent: { categoryPreferences: { performance: true } } } };
  await analytics.track('Segment Consent Preference Updated', {}, yes);
  for (let n = 0; n < many; n++) await analytics.track('Product Viewed', { product_id: `P-${n}`, category: 'lamps' }, yes);
}"""


def known(client, noted):
    noted(client.identify("ada", {"city": "Cluj-Napoca"}))


def test_the_lake_counts_what_the_clients_sent_resends_included(fresh_house, forgetful, node, page, shop):
    house, looked = fresh_house, 40
    forgetful.target = house.port
    house.run(PUBLISH)
    errors = []
    send_all(segment_client(house, forgetful.url, errors), identify=known)
    send_all(rudder_client(house, forgetful.url, errors), identify=known)
    assert errors == []
    command = ["node", "send.mjs", forgetful.url, house.key("kiosk"), str(MANY)]
    subprocess.run(command, cwd=node, check=True, capture_output=True)
    page.goto(shop)
    by_proxy = {"integrations": {"Segment.io": {"apiHost": f"{forgetful.url.removeprefix('http://')}/v1", "protocol": "http"}}}
    page.evaluate(START, [house.url, house.key("site"), by_proxy])
    page.evaluate(LOOK_AROUND, looked)
    page.wait_for_timeout(4_000)  # what was not acknowledged is sent again by then
    assert sum(lost for _status, lost in forgetful.log) > looked

    ingest = subprocess.Popen([sys.executable, "-m", "assent", "worker", "ingest"], env=house.env, cwd=HOME)
    try:
        end = time.monotonic() + 90
        while house.run(SETTLED) != b"True":
            assert time.monotonic() < end
            time.sleep(0.2)
    finally:
        ingest.terminate()
        ingest.wait(30)
    found = json.loads(house.run(COUNTED))
    # The lake names events as the policy does.
    orders = {slug: found["counted"].get(f"{house.keys[slug][0]} Order Completed", 0) for slug in ("shop", "till", "kiosk")}
    assert orders == dict.fromkeys(orders, MANY)
    assert found["counted"].get(f"{house.keys['site'][0]} Product Viewed", 0) == looked
    assert found["messages"] == found["rows"]
