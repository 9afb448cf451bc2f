"""A receiver of webhooks that verifies each delivery with the published verifier of Standard Webhooks for Python."""

import base64
import http.server
import json
import os
import queue
import sys
import threading
import urllib.request

from standardwebhooks import Webhook, WebhookVerificationError

deliveries: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        deliveries.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def call(method: str, path: str, authorization: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["URL"] + path, data, {"Authorization": authorization, "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def next_delivery(type: str, secrets: list[str], foreign: str) -> None:
    """Takes the next delivery, which each of the secrets verifies, and no other one."""
    headers, body = deliveries.get(timeout=20)
    for secret in secrets:
        event = Webhook(secret).verify(body, headers)
        if event["type"] != type or event["type"] != json.loads(body)["type"]:
            sys.exit(f"webhooks: got {event}, want {type}")
    try:
        Webhook(foreign).verify(body, headers)
        sys.exit("webhooks: a delivery is accepted with another secret")
    except WebhookVerificationError:
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
org = os.environ["ORG"]
basic = base64.b64encode(f"{os.environ['APP']}:{os.environ['SECRET']}".encode()).decode()
token = call("GET", f"/auth/authorize/{org}?scope=contacts:read+contacts:write+contacts:admin", "Basic " + basic)
bearer = "Bearer " + token["accessToken"]

webhook = call("POST", f"/contacts/org/{org}/webhooks", bearer, {"url": f"http://127.0.0.1:{server.server_port}/", "events": ["organization.*"]})
path = f"/contacts/org/{org}/webhooks/{webhook['id']}"
foreign = "whsec_" + base64.b64encode(b"another secret of the same length").decode()
call("POST", path + "/test", bearer)
next_delivery("webhook.test", [webhook["secret"]], foreign)
made = call("POST", f"/contacts/org/{org}/organization", bearer, {"name": "Verified by Python"})
next_delivery("organization.created", [webhook["secret"]], foreign)
rotated = call("POST", path + "/secret", bearer)
contact = f"/contacts/org/{org}/organization/{made['id']}"
call("POST", contact + "/emails", bearer, {"address": "office@example.com", "type": "WORK_EMAIL", "usage_context": "ORGANIZATION"})
next_delivery("organization.changed", [rotated["secret"], webhook["secret"]], foreign)
urllib.request.urlopen(urllib.request.Request(os.environ["URL"] + path, headers={"Authorization": bearer}, method="DELETE")).close()
print("webhooks: the Python verifier accepts every delivery")
