// Runs the program that docs/changes.md shows: it has to make a copy of all contacts, and to bring it up to date.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import createClient from "openapi-fetch";
import type { paths } from "./contacts.js";

const { URL: baseUrl, ORG = "", APP, SECRET } = process.env;
const path = { "org-id": ORG };
const authorized = await createClient<paths>({ baseUrl }).GET("/auth/authorize/{org-id}", {
  params: { path },
  headers: { Authorization: `Basic ${btoa(`${APP}:${SECRET}`)}` },
});
const TOKEN = authorized.data?.accessToken;
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${TOKEN}` } });

// copied returns the name of a contact in the copy, after the program has run.
function copied(id: string): unknown {
  execFileSync("node", ["mirror.js"], { env: { ...process.env, TOKEN, CONTACTS: `${baseUrl}/contacts/org/${ORG}` }, stdio: "inherit" });
  return JSON.parse(readFileSync("mirror.json", "utf8")).contacts[id]?.individual_contact.name;
}

rmSync("mirror.json", { force: true });
const created = await client.POST("/contacts/org/{org-id}/individual", { params: { path }, body: { name: "Erika Mirror" } });
const id = created.data?.id ?? "";
const first = copied(id);
await client.PUT("/contacts/org/{org-id}/individual/{contact-id}", { params: { path: { ...path, "contact-id": id } }, body: { name: "Max Mirror" } });
const second = copied(id);
if (first !== "Erika Mirror" || second !== "Max Mirror") throw new Error(`the copy has ${first}, then ${second}`);
