/** What carries a session: what ends it ends all of it, whatever else the same record held. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Carrier, type CarrierOwner } from "@ropewalk/tunnel/carrier";
import { ReadSlab } from "@ropewalk/tunnel/io/read-slab";
import { Session, type SessionConfig, type StreamFrame } from "@ropewalk/tunnel/pure/session/session";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import { Tally } from "@ropewalk/tunnel/tally";
import { twoLanes } from "./wires/two-lanes.ts";
import { settle, WireEnd } from "./wires/wire-end.ts";

const config: SessionConfig = { credit: 1_048_576, mostStreams: 16, largestWindow: 65_536 };
const request = new Uint8Array([1, 0, 22]);
const connectFrame = (stream: number): StreamFrame => ({
  ...{ type: "connect", stream: streamId(stream) },
  ...{ limit: 65_536, request },
});
const nonsense: StreamFrame = { type: "ack", stream: streamId(99), received: 5 };

/** The destination's, on a lane; `said`: what its owner was told. */
function carrying(does: Partial<CarrierOwner> = {}) {
  const lanes = twoLanes();
  const said: string[] = [];
  const owner: CarrierOwner = {
    onAsked: (stream) => said.push(`asked ${stream}`),
    onRefused: (stream, _, { by, reason }) => said.push(`refused ${stream} ${by} ${reason}`),
    onOver: (stream) => said.push(`over ${stream}`),
    onGoingAway: (reason) => said.push(`going away ${reason}`),
    onBroken: () => {
      said.push("broken");
      carrier.end("broken");
    },
    onExpress: ({ kind }) => said.push(kind),
    ...does,
  };
  const session = new Session("destination", config);
  session.begin({ version: 1, initialCredit: 65_536, mostStreams: 16 });
  const carrier = new Carrier(session, owner, { clock: lanes.clock, slab: new ReadSlab(), tally: new Tally() });
  carrier.use(lanes.destination.lane);
  return { ...lanes, carrier, said };
}

test("what stands behind a fault in the same record is for nobody: no stream begins in a session that is over", () => {
  const { carrier, said } = carrying();
  carrier.receive([connectFrame(1), nonsense, connectFrame(3), nonsense]);
  assert.deepEqual(said, ["asked 1", "broken", "refused 1 us broken", "over 1"]);
  assert.equal(carrier.streams.size, 0);
  carrier.receive([connectFrame(5)]);
  assert.equal(carrier.streams.size, 0);
});

test("a connection that comes for a stream of a session that is over is reset", () => {
  const { carrier } = carrying();
  carrier.receive([connectFrame(1)]);
  carrier.end("revoked");
  const [near, far] = WireEnd.pair();
  carrier.accept(streamId(1), near);
  assert.equal(near.fate, "reset");
  const [other] = WireEnd.pair();
  assert.equal(carrier.open(request, other), undefined);
  assert.equal(other.fate, "reset");
  settle(near, far);
});

test("what comes of one record goes into one", () => {
  const { carrier, destination } = carrying({ onAsked: (stream) => carrier.reset(stream, "not-allowed") });
  carrier.receive([connectFrame(1), connectFrame(3), connectFrame(5)]);
  assert.equal(destination.lane.status().records.sent, 1);
});

test("a stream whose application has gone is finished when the peer has what it wrote before", () => {
  const { carrier, destination, source, said } = carrying();
  carrier.receive([connectFrame(1)]);
  const [near, far] = WireEnd.pair();
  carrier.accept(streamId(1), near);
  carrier.lose();
  far.start({ room: () => undefined, onOctets: () => {}, onEnd: () => {}, onWritable: () => {}, onClosed: () => {} });
  far.write([new Uint8Array(500)]);
  far.reset();
  settle(near, far);
  assert.deepEqual(said, ["asked 1", "over 1"]);
  assert.deepEqual([carrier.streams.size, carrier.unfinished], [0, 1]);
  carrier.use(destination.lane, { highest: 0, streams: [{ stream: streamId(1), received: 0, limit: 65_536 }] });
  settle(source.wire, destination.wire);
  assert.deepEqual(
    source.frames.flatMap(({ type }) => (type === "data" || type === "reset" ? [type] : [])),
    ["data", "reset"],
  );
  carrier.receive([{ type: "ack", stream: streamId(1), received: 500 }]);
  assert.equal(carrier.unfinished, 0);
});
