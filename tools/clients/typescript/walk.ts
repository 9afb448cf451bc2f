// The quick start with openapi-fetch and the types that openapi-typescript generates from api/openapi.yaml.
import createClient from "openapi-fetch";
import type { paths } from "./contacts.js";

const { URL: baseUrl, ORG = "", APP, SECRET, USER_NAME = "", PASSWORD = "" } = process.env;
const path = { "org-id": ORG };

// Authorize: the application's name and secret give a token that is valid for an hour.
const open = createClient<paths>({ baseUrl });
const authorized = await open.GET("/auth/authorize/{org-id}", {
  params: { path },
  headers: { Authorization: `Basic ${btoa(`${APP}:${SECRET}`)}` },
});
expect(authorized.data, "authorize", authorized.error);
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${authorized.data.accessToken}` } });

// Create a contact. Repeated with its idempotency key, the request is answered the same and creates nothing.
const once = { "Idempotency-Key": crypto.randomUUID() };
const erika = { name: "Erika Mustermann", external_id: "ts-4711" };
const created = await client.POST("/contacts/org/{org-id}/individual", { params: { path, header: once }, body: erika });
expect(created.data, "create", created.error);
const id = created.data.id;
const contact = { ...path, "contact-id": id };
const etag = created.response.headers.get("ETag") ?? "";
const repeated = await client.POST("/contacts/org/{org-id}/individual", { params: { path, header: once }, body: erika });
expect(repeated.data?.id === id, "a repeated create", repeated.error);

// Without the key it is a conflict: the problem names the contact that has the external id.
const taken = await client.POST("/contacts/org/{org-id}/individual", { params: { path }, body: erika });
expect(taken.error?.status === 409 && taken.error.existing_id === id, "a taken external id", taken.error);

// Add an email address, and read the contact with all that belongs to it.
const email = await client.POST("/contacts/org/{org-id}/individual/{contact-id}/emails", {
  params: { path: contact },
  body: { address: "erika@example.com", type: "WORK_EMAIL", usage_context: "PROFESSIONAL" },
});
expect(email.data, "an email address", email.error);
const details = await client.GET("/contacts/org/{org-id}/individual/{contact-id}/full", { params: { path: contact } });
expect(details.data?.emails[0]?.address === "erika@example.com", "the details", details.error);

// Page through all contacts.
const ids: string[] = [];
let cursor: string | undefined;
do {
  const page = await client.GET("/contacts/org/{org-id}/individual", { params: { path, query: { limit: 1, cursor } } });
  expect(page.data, "a page", page.error);
  ids.push(...page.data.items.map((item) => item.id));
  cursor = page.data.next;
} while (cursor);
expect(ids.includes(id), "the pages", ids);

// Replace it only as it was read: a second change with the same ETag is refused.
const seen = { params: { path: contact, header: { "If-Match": etag } }, body: { ...erika, name: "Erika Gabler" } };
const replaced = await client.PUT("/contacts/org/{org-id}/individual/{contact-id}", seen);
expect(replaced.data?.name === "Erika Gabler", "a replacement", replaced.error);
const stale = await client.PUT("/contacts/org/{org-id}/individual/{contact-id}", seen);
expect(stale.error?.status === 412, "a stale ETag", stale.error);

// The plentymarkets dialect has the same contact: log in, find it, add an option, which is a phone of the other dialect.
const tokens = await open.POST("/rest/login", { body: { username: USER_NAME, password: PASSWORD } });
expect(tokens.data, "a login", tokens.error);
const plenty = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${tokens.data.access_token}` } });
const matches = await plenty.GET("/rest/accounts/contacts", { params: { query: { externalId: "ts-4711" } } });
const match = matches.data?.entries[0];
expect(match && String(match.id) === id, "a list", matches.error);
const added = await plenty.POST("/rest/accounts/contacts/{contactId}/options", {
  params: { path: { contactId: match.id } },
  body: [{ typeId: 1, subTypeId: 4, value: "+49 30 901820" }],
});
expect(added.data?.length === 1, "an option", added.error);
const phones = await client.GET("/contacts/org/{org-id}/individual/{contact-id}/phones", { params: { path: contact } });
expect(phones.data?.items[0]?.number === "+49 30 901820", "the phones", phones.error);

// Delete it. It stays readable, marked as deleted.
const deleted = await client.DELETE("/contacts/org/{org-id}/individual/{contact-id}", { params: { path: contact } });
expect(deleted.response.status === 204, "a deletion", deleted.error);
const read = await client.GET("/contacts/org/{org-id}/individual/{contact-id}", { params: { path: contact } });
expect(read.data?.deleted, "a deleted contact", read.error);
console.log("typescript: the quick start, by openapi-typescript and openapi-fetch");

function expect(holds: unknown, what: string, answer: unknown): asserts holds {
  if (!holds) {
    console.error(`typescript: ${what}: unexpected answer ${JSON.stringify(answer)}`);
    process.exit(1);
  }
}
