import { nameOf } from "../api/names";
import type { Kind } from "../api/types";
import { href } from "../app/router";
import { pageOf } from "../api/kinds";

// Named is a contact's name, as a link unless it is plain.
export function Named({ kind, id, plain = false }: { kind: Kind; id: string; plain?: boolean }) {
  const name = nameOf(kind, id) || "…";
  return plain ? <>{name}</> : <a href={href(`${pageOf[kind]}/${id}`)}>{name}</a>;
}
