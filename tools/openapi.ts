/**
 * `npm run openapi`: writes the description of entry's HTTP beside its package. What is made is committed, so that a change of the API is seen
 * where it is made; `tools/openapi.test.ts` holds both together.
 */
import { writeFileSync } from "node:fs";
import { allRoutes, type RouteDeps } from "@ropewalk/entry/http/all-routes";
import { describeRoutes } from "@ropewalk/entry/http/openapi";

export const descriptionFile = "packages/entry/openapi.json";

/** Routes are described by what they say of themselves, and none is run. */
export function description(): Promise<string> {
  return describeRoutes(allRoutes({} as RouteDeps));
}

if (import.meta.main) writeFileSync(descriptionFile, await description());
