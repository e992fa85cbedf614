/** Who is given what waits: every neighbour that keeps, also one whose announce was known before its link came up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { frameType } from "@ropewalk/mesh/pure/wire/link-frame";
import { chain } from "./graphs.ts";
import { MeshSim } from "./mesh-sim.ts";
import { messageNodes } from "./message-node-maker.ts";

const seed = 5;
/** Of what is said in meetings, behind the type of the frame. */
const begin = 1;

/** Node 0 writes to node 2, which is off; whether its neighbour has it then. */
function isKeptByNeighbour(before: (sim: MeshSim) => void): boolean {
  const sim = new MeshSim({ seed, graph: chain(3), make: messageNodes });
  sim.startAll();
  sim.run(seconds(10));
  sim.kill(2, "told");
  sim.run(seconds(10));
  before(sim);
  const [writer, recipient] = [sim.station(0), sim.station(2)];
  writer.withMessages((now, desk) => {
    desk.keys.contacts.put({ address: recipient.address, key: recipient.crypto.publicKey, name: undefined });
    const content = new Uint8Array(100);
    desk.accept(now, { to: recipient.address, port: 7, priority: 1, life: seconds(3_600), content });
  });
  sim.run(seconds(10));
  return sim.station(1).disk.custody.size === 1;
}

test("a neighbour is given copies of what waits for somebody who is away", () => {
  assert.equal(
    isKeptByNeighbour(() => {}),
    true,
  );
});

test("a neighbour whose link was lost and is there again is given them too, though it has nothing new to announce", () => {
  const relink = (sim: MeshSim) => {
    const cable = sim.cableOf(0, 1) ?? assert.fail();
    cable.cut();
    sim.run(millis(500));
    cable.heal();
    sim.run(seconds(10));
  };
  assert.equal(isKeptByNeighbour(relink), true);
});

test("neighbours that have nothing to tell each other meet after three minutes, and not after one", () => {
  const sim = new MeshSim({ seed, graph: chain(2), make: messageNodes });
  let begun = 0;
  for (const { index } of sim.stations)
    sim.station(index).meddler = {
      sends(frame) {
        if (frame[0] === frameType.meeting && frame[1] === begin) begun += 1;
        return [frame];
      },
    };
  sim.startAll();
  sim.run(seconds(600));
  // Either may begin, or both at once.
  assert.ok(begun >= 4 && begun <= 8, `${begun} were begun`);
});

test("who comes up among many neighbours meets them one after the other, for what one has told the next need not tell", () => {
  const neighbours = [1, 2, 3, 4, 5, 6];
  const sim = new MeshSim({
    ...{ seed, make: messageNodes },
    graph: { size: 1 + neighbours.length, edges: neighbours.map((one) => [0, one] as const) },
  });
  const firstAt = new Map<number, number>();
  const note = ([type, kind]: Uint8Array, peer: number) => {
    if (type === frameType.meeting && kind === begin && !firstAt.has(peer)) firstAt.set(peer, sim.time.now);
  };
  sim.station(0).meddler = {
    sends(frame, { peer }) {
      note(frame, peer.index);
      return [frame];
    },
    hears(frame, { peer }) {
      note(frame, peer.index);
      return [frame];
    },
  };
  sim.startAll();
  sim.run(seconds(10));
  const times = [...firstAt.values()];
  assert.equal(times.length, neighbours.length);
  assert.ok(Math.max(...times) - Math.min(...times) > 1_000, `${times}`);
});
