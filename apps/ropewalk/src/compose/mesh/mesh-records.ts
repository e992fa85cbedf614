/** What the mesh tells, as records of the log: strangers and peers that are away are no news for an operator, links and the store's troubles are. */
import type { StoreEvent } from "@ropewalk/mesh/io/store/store-messages";
import type { MeshEvent } from "@ropewalk/mesh/mesh-event";
import type { Messages } from "@ropewalk/mesh/messages";
import type { Log } from "@ropewalk/ops/log";

type Level = "debug" | "info" | "warn" | "error";

const records: Readonly<Record<Exclude<MeshEvent["kind"], "store">, readonly [Level, string]>> = {
  "link-up": ["info", "a neighbour has a link"],
  "link-down": ["info", "a link with a neighbour has ended"],
  refused: ["debug", "somebody who dialled got no link"],
  "dial-failed": ["debug", "a peer could not be dialled"],
  "paths-changed": ["debug", "addresses or uplinks of this machine are others now"],
  reconfigured: ["debug", "the mesh goes on by another configuration"],
  held: ["error", "sequences cannot be set aside: there are no links until they can"],
  kept: ["info", "sequences are set aside again"],
  "store-died": ["error", "the thread of the store of messages has died: no message can be sent or received"],
};

const storeRecords: Readonly<Record<StoreEvent["kind"], readonly [Level, string]>> = {
  salvaged: [
    "warn",
    "the store of messages was damaged: what could be read of it is kept, and the damaged file is put aside",
  ],
  full: ["warn", "the disk is full: messages cannot be kept, and those that are there are delivered still"],
  roomy: ["info", "there is room for messages again"],
  failing: ["error", "messages cannot be kept: the disk or the file of their store fails"],
  working: ["info", "messages can be kept again"],
};

export function recordMeshEvent(log: Log, event: MeshEvent): void {
  if (event.kind === "store") {
    const { kind, ...facts } = event.event;
    const [level, message] = storeRecords[kind];
    log[level]({ event: `store-${kind}`, ...facts }, message);
    return;
  }
  const [level, message] = records[event.kind];
  const { kind, ...facts } = event;
  log[level]({ event: kind, ...facts }, message);
}

/** How the store was found when the node began. */
export function recordFoundStore(log: Log, { start, salvaged }: Messages["found"], file: string): void {
  if (salvaged !== undefined) recordMeshEvent(log, { kind: "store", event: { kind: "salvaged", salvaged } });
  else if (start === "lost")
    log.warn({ event: "store-lost", file }, "nothing could be read of the store of messages, which begins anew");
  else log.info({ event: "store-opened", file, start }, "the node carries messages");
}
