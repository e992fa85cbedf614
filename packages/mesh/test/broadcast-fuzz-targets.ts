/** Broadcasts as a neighbour may send them to a node that reads all, and one channel: told are those that were signed or sealed, and no others. */
import { millis } from "@ropewalk/kernel/units";
import { decodeBroadcast } from "@ropewalk/mesh/pure/messages/wire/broadcast";
import { BroadcastMesh } from "./pure/messages/broadcasts/broadcast-mesh.ts";

const channel = "here";
const mesh = BroadcastMesh.chain(2);
for (const index of [0, 1])
  mesh.desk(index, (desk) => desk.broadcasting.channels.put(channel, new Uint8Array(32).fill(7)));
mesh.send(0);
mesh.run(100);
const signed = mesh.last(0, 1).octets;
mesh.send(0, { channel });
mesh.run(100);
const sealed = mesh.last(0, 1).octets;

export const fuzzTargets: readonly {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
  readonly sample?: number;
}[] = [
  {
    name: "mesh broadcasts at a node",
    run: (bytes) => {
      // Frames that are none end the link, which is another target's.
      if (decodeBroadcast(bytes) === undefined) return;
      // So that no budget stands in front of what is to be tried.
      mesh.now = millis(mesh.now + 1_000);
      mesh.say(1, 0, bytes);
      if (mesh.heard(1).length !== 2) throw new Error("it was told what nobody has signed or sealed");
    },
    seeds: [signed, sealed],
    sample: 3_000,
  },
];
