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
  // The whole table came or went.
  "mesh",
  "mesh.preset",
  "mesh.identity.file",
  "mesh.identity.passphrase_file",
  "mesh.routing.max_routes",
  "mesh.store.enabled",
  "mesh.store.max_custody_bytes",
  "mesh.store.max_outbox_bytes",
  "mesh.store.max_message_bytes",
  "mesh.store.max_inbox",
  "mesh.store.max_inbox_bytes",
  "mesh.store.max_life",
];

/** `absent`: tables whose part does not run, so that nothing of theirs can change while running. */
export function appliedOutcome(changed: readonly string[], absent: readonly string[] = []): ReloadOutcome {
  const isFixed = (path: string) =>
    fixedKeys.includes(path) || absent.some((name) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`));
  const needsRestart = changed.filter(isFixed);
  return { kind: "applied", document: { applied: changed.filter((path) => !isFixed(path)), needsRestart } };
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
