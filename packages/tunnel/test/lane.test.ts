/** A lane on its connection: what ends it, what it answers itself, and that it keeps nothing for a peer that does not read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes } from "@ropewalk/kernel/units";
import { Draft } from "@ropewalk/tunnel/pure/session/draft";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import { record, twoLanes, usual } from "./wires/two-lanes.ts";
import { settle } from "./wires/wire-end.ts";

const ack = { type: "ack", stream: streamId(1), received: 7 } as const;

test("frames go both ways, those of one record together", () => {
  const { source, destination } = twoLanes();
  source.lane.send(record(ack, { type: "gone", stream: streamId(3) }));
  destination.lane.say({ type: "unknown" });
  settle(source.wire, destination.wire);
  assert.deepEqual(destination.frames, [ack, { type: "gone", stream: streamId(3) }]);
  assert.deepEqual(source.frames, [{ type: "unknown" }]);
});

test("a record that does not open loses the lane; one that held no frames is the peer's own fault", () => {
  const [spoilt, other] = [twoLanes(), twoLanes()];
  const draft = new Draft();
  draft.add(new Uint8Array([250, 1, 2]));
  other.source.lane.send(draft);
  settle(other.source.wire, other.destination.wire);
  assert.deepEqual(other.destination.lost, ["a record held no frames"]);
  spoilt.source.wire.write([new Uint8Array(100).fill(9)]);
  settle(spoilt.source.wire, spoilt.destination.wire);
  assert.deepEqual(spoilt.destination.lost, [{ kind: "broken", detail: "a record did not open" }]);
  assert.equal(spoilt.destination.wire.fate, "reset");
});

test("pings of a peer that does not read are answered by one pong, of the last, when it reads again", () => {
  const { source, destination } = twoLanes();
  source.wire.capacity = 0;
  destination.lane.say({ type: "unknown" });
  for (let number = 0; number < 5000; number += 1) {
    source.lane.send(record({ type: "ping", token: new Uint8Array(8).fill(number % 200) }));
    destination.wire.step();
  }
  const before = destination.lane.status().records.sent;
  settle(source.wire, destination.wire);
  const { records, octets } = destination.lane.status();
  assert.equal(before, 1);
  assert.equal(records.sent, 2);
  assert.ok(octets.sent < 100);
});

test("whoever has a lane hears of every record, also where all of it was for the lane itself", () => {
  const { source, destination } = twoLanes();
  const records: number[] = [];
  destination.lane.giveTo({
    onFrames: (frames) => records.push(frames.length),
    onWritable: () => {},
    onLost: () => {},
    onBroken: () => {},
  });
  source.lane.say({ type: "ping", token: new Uint8Array(8) });
  source.lane.send(record(ack));
  settle(source.wire, destination.wire);
  assert.deepEqual(records, [0, 1]);
});

test("a lane that never takes a record at once changes its key all the same", () => {
  const { source, destination } = twoLanes({ ...usual, rekey: { ...usual.rekey, bytes: bytes(1000) } });
  destination.wire.capacity = 0;
  for (let number = 0; number < 100; number += 1) {
    source.lane.send(record(...Array.from({ length: 50 }, () => ack)));
    settle(source.wire, destination.wire);
  }
  assert.equal(destination.frames.length, 5000);
  assert.equal(source.lane.status().keys.sent, 50);
  assert.equal(destination.lane.status().keys.received, 50);
});
