/**
 * What a relay learns that is a neighbour of neither end: it captures all that it passes on and keeps, of first contacts, conversations, chunks,
 * retries, custody and meetings, and looks for what names somebody, what comes again, and what differs by who sent.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import { sizeClasses } from "@ropewalk/mesh/pure/messages/wire/size-class";
import { tagOfProof } from "@ropewalk/mesh/pure/messages/wire/tags";
import { frameHead } from "@ropewalk/mesh/pure/wire/frame-stream";
import { Capture, runsOf } from "./capture.ts";
import { chain } from "./graphs.ts";
import { MeshSim } from "./mesh-sim.ts";
import { messageNodes } from "./message-node-maker.ts";

const [one, near, relay, other] = [0, 1, 3, 6];
/** By chance two are alike once in 2^64 pairs. */
const run = 8;

function sevenInARow(seed: number) {
  const arrived: number[] = [];
  const sim = new MeshSim({
    ...{ seed, graph: chain(7), make: messageNodes },
    onMessage: (station, { kind }) => void (kind === "received" && arrived.push(station.index)),
  });
  sim.startAll();
  const capture = new Capture(sim, relay);
  sim.run(seconds(20));
  return { sim, capture, arrived };
}

function write(sim: MeshSim, from: number, to: number, size = 10): void {
  const recipient = sim.station(to);
  sim.station(from).withMessages((now, desk) => {
    desk.keys.contacts.put({ address: recipient.address, key: recipient.crypto.publicKey, name: undefined });
    const order = { to: recipient.address, port: 7, priority: 1, life: seconds(3_600) } as const;
    return desk.accept(now, { ...order, content: new Uint8Array(size) });
  });
}

const { sim, capture, arrived } = sevenInARow(31);
let sent = 0;

before(() => {
  const say = (from: number, to: number, size?: number) => {
    write(sim, from, to, size);
    sent += 1;
  };
  for (let turn = 0; turn < 20; turn += 1) {
    say(one, other, turn % 3 === 0 ? 10 : 90);
    say(other, one);
    if (turn > 1) sim.run(millis(300));
  }
  say(one, other, 9_000);
  sim.run(seconds(10));
  // He falls silent: what is under way to him is tried again, and kept on the way.
  sim.kill(other, "silent");
  for (let count = 0; count < 3; count += 1) say(one, other);
  sim.run(seconds(60));
  for (let count = 0; count < 3; count += 1) say(one, other);
  sim.run(seconds(60));
  sim.start(other);
  sim.run(seconds(120));
});

test("all arrives once, and the relay has seen every kind of frame that carries it", () => {
  assert.equal(arrived.length, sent);
  const kinds = new Set(capture.frames.map(({ frame }) => frame.type));
  assert.deepEqual([...kinds].toSorted(), ["deposit", "meeting", "message", "proof"]);
  const forms = new Set(capture.envelopes.map(({ frame }) => frame.envelope.form));
  assert.deepEqual(forms, new Set(["opening", "chain"]));
  assert.ok(retried(capture).length > 0);
});

test("nothing of an address, an identity key or a prekey is in any of them", () => {
  const agreement = createMessageCrypto(sim.station(relay).crypto.key).agreementKeyOf;
  for (const { address, crypto } of sim.stations) {
    assert.ok(capture.identifiers.has(address), "the relay knows everybody");
    capture.identifiers.add(agreement(crypto.publicKey)?.toHex() ?? assert.fail());
  }
  assert.ok(capture.identifiers.size > 3 * sim.stations.length, "and their prekeys");
  const named = new Set([...capture.identifiers].flatMap((each) => [...runsOf(Uint8Array.fromHex(each), run)]));
  for (const { octets, frame } of capture.frames)
    for (const each of runsOf(octets, run)) assert.ok(!named.has(each), `${each} is in a frame of type ${frame.type}`);
});

test("no tag, no hint and no eight octets of what is sealed are in two envelopes", () => {
  const seen = new Map<string, string>();
  const envelopes = new Map(capture.envelopes.map(({ frame }) => [frame.envelope.name, frame]));
  for (const [name, frame] of envelopes) {
    const hint = frame.type === "deposit" ? frame.hint : new Uint8Array();
    for (const part of [hint, frame.envelope.tag, frame.envelope.sealed])
      for (const each of runsOf(part, run)) {
        assert.equal(seen.get(each) ?? name, name);
        seen.set(each, name);
      }
  }
  assert.ok(envelopes.size >= sent);
});

test("a tag that comes again is the same envelope, tried again or kept: what is sealed is the same octets", () => {
  const sealed = new Map<string, string>();
  for (const { frame } of capture.envelopes) {
    const { name } = frame.envelope;
    const octets = frame.envelope.sealed.toHex();
    assert.equal(sealed.get(name) ?? octets, octets);
    sealed.set(name, octets);
  }
});

test("a proof belongs to an envelope that passed here, and to nothing else that did", () => {
  const names = new Set<string>(capture.envelopes.map(({ frame }) => frame.envelope.name));
  const proofs = capture.frames.flatMap(({ frame }) => (frame.type === "proof" ? frame.ackKeys : []));
  for (const ackKey of proofs) assert.ok(names.has(tagOfProof(ackKey).toHex()));
  const runs = new Set(capture.envelopes.flatMap(({ octets }) => [...runsOf(octets, run)]));
  for (const ackKey of proofs) for (const each of runsOf(ackKey, run)) assert.ok(!runs.has(each));
});

test("an envelope is as long as its class, whatever is in it", () => {
  const lengths = new Set(
    capture.envelopes.filter(({ frame }) => frame.type === "message").map(({ octets }) => octets.length + frameHead),
  );
  assert.ok(
    [...lengths].every((length) => sizeClasses.includes(length)),
    [...lengths].join(" "),
  );
});

test("of two who write to the same, all that the relay reads is the same: label, header and length", () => {
  const heard = [one, near].map((from) => {
    const { sim: mesh, capture: seen } = sevenInARow(32);
    write(mesh, from, other);
    mesh.run(seconds(2));
    for (let count = 0; count < 30; count += 1) write(mesh, from, other, count % 2 === 0 ? 10 : 200);
    mesh.run(seconds(2));
    const brought = seen.envelopes.filter(({ way, neighbour }) => way === "in" && neighbour === relay - 1);
    assert.equal(brought.length, 31);
    return brought.map(({ octets }) => `${octets.subarray(0, 9).toHex()} ${octets.length}`).toSorted();
  });
  assert.deepEqual(heard[0], heard[1]);
});

function retried(seen: Capture): readonly string[] {
  const came = seen.envelopes.filter(({ way, frame }) => way === "in" && frame.type === "message");
  return [...Map.groupBy(came, ({ frame }) => frame.envelope.name)].flatMap(([name, all]) =>
    all.length > 1 ? [name] : [],
  );
}
