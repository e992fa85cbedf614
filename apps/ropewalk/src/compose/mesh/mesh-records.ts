/** What the mesh tells, as records of the log: strangers and peers that are away are no news for an operator, links are. */
import type { MeshEvent } from "@ropewalk/mesh/mesh-event";
import type { Log } from "@ropewalk/ops/log";

const records: Readonly<Record<MeshEvent["kind"], readonly ["debug" | "info" | "error", string]>> = {
  "link-up": ["info", "a neighbour has a link"],
  "link-down": ["info", "a link with a neighbour has ended"],
  refused: ["debug", "somebody who dialled got no link"],
  "dial-failed": ["debug", "a peer could not be dialled"],
  "paths-changed": ["debug", "addresses or uplinks of this machine are others now"],
  reconfigured: ["debug", "the mesh goes on by another configuration"],
  held: ["error", "sequences cannot be set aside: there are no links until they can"],
  kept: ["info", "sequences are set aside again"],
  store: ["info", "something has happened to the store of messages"],
  "store-died": ["error", "the thread of the store of messages has died: no message can be sent or received"],
};

export function recordMeshEvent(log: Log, event: MeshEvent): void {
  const [level, message] = records[event.kind];
  const { kind, ...facts } = event;
  log[level]({ event: kind, ...facts }, message);
}
