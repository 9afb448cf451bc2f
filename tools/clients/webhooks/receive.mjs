// A receiver of webhooks that verifies each delivery with the published verifier of Standard Webhooks for JavaScript.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { Webhook } from "standardwebhooks";

const { URL: platform, ORG, APP, SECRET } = process.env;
const deliveries = [];
const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  deliveries.push({ headers: request.headers, body });
  server.emit("delivery");
  response.writeHead(204).end();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

async function call(method, path, authorization, body) {
  const headers = { Authorization: authorization, "Content-Type": "application/json" };
  const response = await fetch(platform + path, { method, headers, body: body && JSON.stringify(body) });
  assert(response.ok, `${method} ${path}: ${response.status}`);
  return response.status === 204 ? undefined : response.json();
}

// nextDelivery takes the next delivery, which each of the secrets verifies, and no other one.
async function nextDelivery(type, ...secrets) {
  if (deliveries.length === 0) await once(server, "delivery", { signal: AbortSignal.timeout(20_000) });
  const { headers, body } = deliveries.shift();
  for (const secret of secrets) assert.equal(new Webhook(secret).verify(body, headers).type, type);
  assert.throws(() => new Webhook(`whsec_${btoa("another secret of the same length")}`).verify(body, headers));
}

const basic = `Basic ${btoa(`${APP}:${SECRET}`)}`;
const { accessToken } = await call("GET", `/auth/authorize/${ORG}?scope=contacts:read+contacts:write+contacts:admin`, basic);
const bearer = `Bearer ${accessToken}`;
const url = `http://127.0.0.1:${server.address().port}/`;
const webhook = await call("POST", `/contacts/org/${ORG}/webhooks`, bearer, { url, events: ["placeholder_customer.*"] });
const path = `/contacts/org/${ORG}/webhooks/${webhook.id}`;
await call("POST", `${path}/test`, bearer);
await nextDelivery("webhook.test", webhook.secret);
const till = { customer_id: "till-js", name: "Till", is_active: true, customer_since: "2026-01-02", requires_formal_invoice: false, track_revenue: true };
const made = await call("POST", `/contacts/org/${ORG}/placeholder-customers`, bearer, till);
await nextDelivery("placeholder_customer.created", webhook.secret);
const rotated = await call("POST", `${path}/secret`, bearer);
await call("PUT", `/contacts/org/${ORG}/placeholder-customers/${made.id}`, bearer, { ...till, name: "Renamed" });
await nextDelivery("placeholder_customer.changed", rotated.secret, webhook.secret);
await call("DELETE", path, bearer);
server.close();
server.closeAllConnections();
console.log("webhooks: the JavaScript verifier accepts every delivery");
