"""The official client for browsers in a real Chromium, on a page of another origin: preflights, text/plain, short paths."""

import functools
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

PAGE = """<!doctype html><meta charset="utf-8"><title>Bloom</title>
<script src="/node_modules/@segment/analytics-next/dist/umd/index.js"></script>
<body>A shop of Bloom</body>"""

START = """async ([collector, writeKey, options]) => {
  window.sent = [];
  const [analytics] = await AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: collector }, options);
  window.analytics = analytics;
}"""

SEND = """async (many) => {
  const noted = (context) => window.sent.push([context.event.messageId, context.event.type]);
  noted(await analytics.identify('ada', { city: 'Cluj-Napoca' }));
  noted(await analytics.page('Shop', 'Home'));
  noted(await analytics.screen('Shop', 'Basket'));
  noted(await analytics.group('g1', { plan: 'gold' }));
  noted(await analytics.alias('ada2'));
  const all = [];
  for (let n = 0; n < many; n++)
    all.push(analytics.track('Order Completed', { total: n / 100, currency: 'RON', note: 'ăâîșț 🎉' }));
  (await Promise.all(all)).forEach(noted);
  return window.sent;
}"""

MANY = 25


class _Quiet(SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def shop(node):
    """The address of the page: not the collector's, so that the browser asks before it sends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=node))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


def arrived(page, inbox, ids, *, seconds=30):
    """Wait until all messages are there and return them; the browser sends when it likes."""
    for _ in range(seconds * 5):
        found = inbox.messages("site")
        if ids.keys() <= found.keys():
            break
        page.wait_for_timeout(200)
    return found


def check(found, ids):
    assert {name: copies[0]["type"] for name, copies in found.items()} == ids
    said = [[{**copy, "sentAt": None, "_metadata": None} for copy in copies] for copies in found.values()]
    assert all(copy == copies[0] for copies in said for copy in copies)
    tracks = [copies[0] for copies in found.values() if copies[0]["type"] == "track"]
    assert sorted(track["properties"]["total"] for track in tracks) == [number / 100 for number in range(MANY)]
    assert {track["properties"]["note"] for track in tracks} == {"ăâîșț 🎉"}


BATCHING = {
    "integrations": {"Segment.io": {"deliveryStrategy": {"strategy": "batching", "config": {"size": 10, "timeout": 500}}}}
}


@pytest.mark.parametrize("options", [{}, BATCHING], ids=["single", "batching"])
def test_each_event_of_a_page_arrives_once_and_nowhere_else(house, inbox, page, shop, options):
    page.goto(shop)
    page.evaluate(START, [house.url, house.key("site"), options])
    ids = dict(page.evaluate(SEND, MANY))
    found = arrived(page, inbox, ids)
    check(found, ids)
    assert {len(copies) for copies in found.values()} == {1}
    entries = inbox.entries("site")
    assert {entry.secret for entry in entries} == {False}
    assert {entry.ip_short for entry in entries} == {"127.0.0.0"}
    assert ("batch" in {entry.kind for entry in entries}) == bool(options)
    assert page.strangers == []


def test_a_page_resends_what_it_heard_no_answer_to(house, inbox, page, shop, forgetful):
    page.goto(shop)
    options = {"integrations": {"Segment.io": {"apiHost": f"{forgetful.url.removeprefix('http://')}/v1", "protocol": "http"}}}
    page.evaluate(START, [house.url, house.key("site"), options])
    ids = dict(page.evaluate(SEND, MANY))
    for _ in range(200):
        found = inbox.messages("site")
        if ids.keys() <= found.keys() and all(len(copies) > 1 for copies in found.values()):
            break
        page.wait_for_timeout(200)
    check(found, ids)
    assert {len(copies) for copies in found.values()} == {2}
    assert {status for status, _lost in forgetful.log} == {200}


def test_a_browser_that_asks_for_privacy_is_heard(house, inbox, page, shop):
    page.set_extra_http_headers({"Sec-GPC": "1"})
    page.route(f"{house.url}/**", lambda route: route.fallback(headers={**route.request.headers, "sec-gpc": "1"}))
    page.goto(shop)
    page.evaluate(START, [house.url, house.key("site"), {}])
    ids = page.evaluate("async () => (await analytics.track('Looked')).event.messageId")
    assert ids in arrived(page, inbox, {ids: "track"})
    assert {entry.gpc for entry in inbox.entries("site")} == {True}


def test_a_secret_key_on_a_page_is_refused_with_words(house, inbox, page, shop):
    page.goto(shop)
    with page.expect_response(lambda answer: "/settings" in answer.url) as told:
        page.evaluate(
            START.replace("await Analytics", "Analytics").replace("const [analytics]", "const analytics"),
            [house.url, house.key("shop"), {}],
        )
    assert told.value.status == 403
    assert json.loads(told.value.text())["code"] == "secret_key"
    assert inbox.messages("shop") == {}
