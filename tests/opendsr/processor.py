"""
A processor as the OpenDSR specification describes one, over real HTTP on loopback, written without the product's code.

It signs with its own certificate. ``mood`` makes it misbehave: ``down``, ``silent``, ``nonsense``, ``forged``,
``other_domain``, ``refuse``, ``wrong_request``.
"""

import base64
import json
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

FAMILY = "OpenDSR"


class Processor:
    """Listens on 127.0.0.1; ``requests`` holds what it has taken by id, ``calls`` each POST of a request it has read."""

    def __init__(self, authority, *, types=("erasure", "access"), identities=(("email", "raw"),), phones=False, family=FAMILY):
        self.certificate, key = authority.issue("127.0.0.1")
        self.key = serialization.load_pem_private_key(key.read_bytes(), None)
        self.types, self.identities, self.phones, self.family = types, identities, phones, family
        self.requests, self.status, self.calls, self.mood = {}, {}, [], ""
        self.domain = "127.0.0.1"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self, "GET")

            def do_POST(self):
                outer.answer(self, "POST")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}/v2"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler, method):  # noqa: PLR0911 - one mood after the other
        path = handler.path.removeprefix("/v2/")
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        if self.mood == "down":
            return self.say(handler, 503, b"")
        if path == "discovery":
            return self.say(handler, 200, json.dumps(self.discovery()).encode())
        if path == "cert.pem":
            return self.say(handler, 200, self.certificate.read_bytes())
        if method == "POST":
            read = json.loads(body)
            self.calls.append((read, dict(handler.headers), body))
            self.requests[read["subject_request_id"]] = read
            self.status.setdefault(read["subject_request_id"], "pending")
        if self.mood == "silent":
            time.sleep(1.5)
            return None
        if self.mood == "nonsense":
            return self.say(handler, 201 if method == "POST" else 200, b"<html>thank you</html>", signed=True)
        if self.mood == "refuse":
            return self.say(handler, 400, b'{"error":{"code":400}}')
        if method == "POST":
            encoded = b"something else" if self.mood == "wrong_request" else body
            answer = {
                "controller_id": "bloom",
                "expected_completion_time": "2026-12-24T12:00:00Z",
                "received_time": "2026-11-24T12:00:00Z",
                "encoded_request": base64.b64encode(encoded).decode(),
                "subject_request_id": read["subject_request_id"],
            }
            return self.say(handler, 201, json.dumps(answer).encode(), signed=True)
        number = path.removeprefix("requests/")
        if number not in self.requests:
            return self.say(handler, 404, b"")
        return self.say(handler, 200, json.dumps(self.told(number)).encode(), signed=True)

    def discovery(self):
        said = {
            "api_version": "2.0",
            "supported_identities": [{"identity_type": kind, "identity_format": form} for kind, form in self.identities],
            "supported_subject_request_types": list(self.types),
            "processor_certificate": f"{self.base}/cert.pem",
        }
        if self.phones:
            phone = {"identity_type": "phone", "identity_format": "raw"}
            said["extensions"] = {"127.0.0.1": {"identities": [phone]}}
        return said

    def told(self, number):
        return {
            "controller_id": "bloom",
            "expected_completion_time": "2026-12-24T12:00:00Z",
            "subject_request_id": number,
            "request_status": self.status[number],
        }

    def signature(self, body):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048) if self.mood == "forged" else self.key
        return base64.b64encode(key.sign(body, padding.PKCS1v15(), hashes.SHA256())).decode()

    def headers(self, body):
        domain = "other.example" if self.mood == "other_domain" else self.domain
        return {f"X-{self.family}-Processor-Domain": domain, f"X-{self.family}-Signature": self.signature(body)}

    def say(self, handler, status, body, *, signed=False):
        handler.send_response(status)
        for name, value in (self.headers(body) if signed else {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def call_back(self, number, **changed):
        """Tell the controller of a status, and return what it answers."""
        (url,) = self.requests[number]["status_callback_urls"]
        body = json.dumps({**self.told(number), "status_callback_url": url, **changed}).encode()
        asked = urllib.request.Request(
            url, data=body, method="POST", headers={"Content-Type": "application/json", **self.headers(body)}
        )
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
