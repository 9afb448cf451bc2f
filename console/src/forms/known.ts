import { useEffect, useState } from "preact/hooks";
import { get, inOrganization } from "../api/client";
import type { Department, Identity, Location, Page } from "../api/types";
import { nameOf } from "../api/names";

// useList returns the items of a list, empty until they are there.
function useList<T>(path: string | undefined): T[] {
  const [items, set] = useState<T[]>([]);
  useEffect(() => {
    set([]);
    if (!path) return;
    const ending = new AbortController();
    get<Page<T>>(inOrganization(path), ending.signal).then(page => set(page.items), () => undefined); // an empty choice says enough
    return () => ending.abort();
  }, [path]);
  return items;
}

export const useDepartments = (organization: string | undefined) => useList<Department>(organization && `organization/${organization}/departments`);
export const useLocations = (organization: string | undefined) => useList<Location>(organization && `organization/${organization}/locations`);

// useIdentities returns a person's professional identities with the names of their organizations.
export function useIdentities(individual: string | undefined): (Identity & { organization: string })[] {
  const identities = useList<Identity>(individual && `individual/${individual}/professional-identities`);
  return identities.map(identity => ({ ...identity, organization: nameOf("organization", identity.organization_contact) }));
}
