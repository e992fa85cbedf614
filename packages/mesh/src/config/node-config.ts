/** What the pure node is given of the configuration. */
import type { MeshConfig } from "../config.ts";
import type { MeshNodeConfig } from "../pure/mesh-node-config.ts";
import { capability } from "../pure/wire/announce.ts";
import { linkBudgetOf } from "./limits.ts";

export function nodeConfig({ preset, kind, announce, routing, limits }: MeshConfig): MeshNodeConfig {
  const constrained = preset === "constrained" ? capability.constrained : 0;
  return {
    capabilities: capability.relay | constrained,
    kind,
    interval: announce.interval,
    lifetime: announce.maxAge,
    maxHops: announce.maxHops,
    routes: { most: routing.maxRoutes, contacts: routing.contacts },
    limits: linkBudgetOf(limits),
  };
}
