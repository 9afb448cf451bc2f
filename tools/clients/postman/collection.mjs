// Makes a Postman collection of api/openapi.yaml and looks at what a person sees first: collection.mjs DESCRIPTION COLLECTION.
import { readFileSync, writeFileSync } from "node:fs";
import converter from "openapi-to-postmanv2";

const [description, file] = process.argv.slice(2);
const source = { type: "string", data: readFileSync(description, "utf8") };
const options = { folderStrategy: "Tags", requestParametersResolution: "Example", exampleParametersResolution: "Example" };
const collection = await new Promise((resolve, reject) =>
  converter.convertV2(source, options, (error, outcome) =>
    outcome?.result ? resolve(outcome.output[0].data) : reject(error ?? new Error(outcome.reason)),
  ),
);
writeFileSync(file, JSON.stringify(collection, null, 2));

// Variables may contain others: {{scheme}}://{{host}}.
const variables = new Map(collection.variable.map(({ key, value }) => [key, value]));
const filled = (text) => text.replace(/{{(\w+)}}/g, (_, name) => filled(variables.get(name) ?? ""));
expect(filled("{{baseUrl}}") === "http://127.0.0.1:3000", `the base URL is ${filled("{{baseUrl}}")}`);
expect(/^[A-Z][a-z]/.test(collection.info.name), `the collection is called ${collection.info.name}`);
const bearer = collection.auth.type === "bearer" && collection.auth.bearer.find(({ key }) => key === "token").value;
expect(bearer === "{{bearerToken}}", `the token of all requests is ${bearer}`);

let requests = 0;
for (const folder of collection.item) {
  expect(/^[A-Z][A-Za-z]+( [a-z]+)*$/.test(folder.name) && folder.item, `a folder is called ${folder.name}`);
  const names = folder.item.map(({ name }) => name);
  expect(new Set(names).size === names.length, `names are repeated in ${folder.name}`);
  for (const { name, request } of folder.item) {
    expect(/^[A-Z][a-z]+ [a-z-]+( [A-Za-z-]+)*$/.test(name), `a request is called ${name}`);
    expect(request.url.host[0] === "{{baseUrl}}", `${name} goes to ${request.url.host}`);
    requests++;
  }
}
const { auth } = collection.item.flatMap(({ item }) => item).find(({ request }) => request.url.path.includes("authorize")).request;
expect(auth.type === "basic", `authorize sends ${auth.type}`);
console.log(`postman: ${requests} requests in ${collection.item.length} folders`);

function expect(holds, what) {
  if (!holds) {
    console.error(`postman: ${what}`);
    process.exit(1);
  }
}
