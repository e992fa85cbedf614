/** What came of reading the configuration again, for the one who asked. */
import type { ReloadDocument } from "@ropewalk/api/http";
import type { FaultDocument } from "@ropewalk/api/problem";
import type { ConfigFault } from "@ropewalk/ops/config-fault";

export type ReloadOutcome =
  | { readonly kind: "applied"; readonly document: ReloadDocument }
  /** Nothing was changed. */
  | { readonly kind: "refused"; readonly detail: string; readonly faults: readonly FaultDocument[] };

/** Keys that are read at the start only, since what they made (a server, a socket, a trust) is in use. */
const fixedKeys = [
  "node.http",
  "node.socket_group",
  "log.format",
  "backhaul.probe.ca_file",
  "backhaul.dns.follow",
  "tunnel.http.listen",
];

export function appliedOutcome(changed: readonly string[]): ReloadOutcome {
  const needsRestart = changed.filter(isFixed);
  return { kind: "applied", document: { applied: changed.filter((path) => !isFixed(path)), needsRestart } };
}

/** A node of the mesh is made once, with all that its table says. */
function isFixed(path: string): boolean {
  return fixedKeys.includes(path) || /^mesh(?:[.[]|$)/.test(path);
}

export function refusedOutcome(faults: readonly ConfigFault[]): ReloadOutcome {
  return {
    kind: "refused",
    detail: "The configuration has faults; the node goes on with the one it has.",
    faults: faults.map(({ path, value, reason, origin }) => ({
      path: path === "" ? (origin ?? "") : path,
      value: value ?? null,
      reason: origin === undefined || path === "" ? reason : `${reason} (${origin})`,
    })),
  };
}

/** The configuration has no fault, and what it asks for cannot be had. */
export function unhadOutcome(reason: string): ReloadOutcome {
  return { kind: "refused", detail: `What it asks for cannot be had, and nothing was changed: ${reason}`, faults: [] };
}
