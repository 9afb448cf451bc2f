import { call, inOrganization, Problem, send, Unreachable } from "../api/client";
import type { Form, Image } from "../api/types";

// pictureOf returns the address of a picture within this page, "" while there is none. Whoever asked revokes it.
export async function pictureOf(path: string, id: string, size: number): Promise<string> {
  const answer = await send("GET", inOrganization(`${path}/images/${id}?size=${size}`)); // leads to the bucket
  return answer.ok ? URL.createObjectURL(await answer.blob()) : "";
}

const inBody = 3 << 20; // bytes: what is larger goes to the bucket by a form
const most = 12_000_000;

// isPicture reports whether the platform takes a file.
export const isPicture = (file: File) => ["image/jpeg", "image/png"].includes(file.type) && file.size <= most;

// upload adds a picture to a contact.
export async function upload(path: string, file: File): Promise<void> {
  const collection = inOrganization(`${path}/images`);
  if (file.size <= inBody) {
    await call<Image>("POST", collection, { body: { data: await base64(file) } });
    return;
  }
  const { data: form } = await call<Form>("POST", `${collection}/upload`, { body: { content_type: file.type, content_length: file.size } });
  const fields = new FormData();
  for (const [name, value] of Object.entries(form.fields)) fields.append(name, value);
  fields.append("file", file); // the last field
  let answer: Response;
  try {
    answer = await fetch(form.url, { method: "POST", body: fields, credentials: "omit" });
  } catch {
    throw new Unreachable(true);
  }
  if (!answer.ok) throw new Problem(answer.status, `HTTP ${answer.status}`);
}

async function base64(file: File): Promise<string> {
  const address = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("the file can't be read"));
    reader.readAsDataURL(file);
  });
  return address.slice(address.indexOf(",") + 1);
}
