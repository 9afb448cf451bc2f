import { isSearchable, search, type Hit } from "./search";
import type { Kind } from "./types";

const most = 8;

// suggest returns the first contacts of some kinds that a search finds.
export async function suggest(kinds: readonly Kind[], text: string, signal: AbortSignal): Promise<Hit[]> {
  if (!isSearchable(text.trim())) return [];
  const { hits } = await search(text.trim(), kinds.length === 1 ? kinds[0] : undefined, signal, 3 * most);
  return hits.filter(hit => kinds.includes(hit.kind)).slice(0, most);
}
