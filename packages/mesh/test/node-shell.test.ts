/** The shell of the pure node: in order, at its times, and nothing leaves that could not be set aside. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { writeU32 } from "@ropewalk/kernel/big-endian";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { bitsPerSecond, bytes, millis, seconds } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { type NodeLinks, NodeShell, type NodeShellDeps } from "@ropewalk/mesh/node-shell";
import type { LinkFacts, LinkId } from "@ropewalk/mesh/pure/link";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { usualConfig } from "./pure/small-mesh.ts";

const link = 1 as LinkId;
const keyAt = 22;
const hopsAt = 118;
const stranger = makeAnnounce(createMeshCrypto(generateSigningKey("ed25519")), {
  ...{ epoch: 1, sequence: 1, capabilities: 1, maxHops: 64, lifetime: seconds(1800) },
  ...{ isRenewal: false, keyPackageHash: undefined, prekey: undefined },
});

/** A shell with a neighbour of which only what it is sent is known. */
function shellWith(keep: NodeShellDeps["keep"], measuredAt?: NodeShellDeps["measuredAt"]) {
  const clock = new FakeClock();
  const own = createMeshCrypto(generateSigningKey("ed25519"));
  const peer = createMeshCrypto(generateSigningKey("ed25519"));
  const node = new MeshNode(usualConfig, own, { epoch: 1, sequence: 0 }, () => 0.5);
  const told: string[] = [];
  const ages: number[] = [];
  const links: NodeLinks = {
    send: (_, octets) => {
      const frame = decodeFrame(octets);
      told.push(frame?.type ?? "none");
      if (frame?.type === "status") ages.push(frame.age);
    },
    cut: () => void told.push("cut"),
    pause: () => void told.push("pause"),
    resume: () => void told.push("resume"),
  };
  const onHeld = () => void told.push("held");
  const onKept = () => void told.push("kept");
  const shell = new NodeShell({ node, clock, links, keep, onHeld, onKept, measuredAt });
  const facts: LinkFacts = {
    ...{ peerKey: peer.publicKey, peer: peer.address },
    ...{ mtu: bytes(4096), bitrate: bitsPerSecond(10_000_000), cost: 0, duty: 1 },
  };
  return { clock, shell, told, ages, facts };
}

test("what is set aside is kept before the announce that uses it leaves", () => {
  const kept: number[] = [];
  const { clock, shell, told, facts } = shellWith(({ sequence }) => {
    kept.push(sequence);
    told.push("keep");
  });
  shell.linkUp(link, facts);
  clock.advance(millis(10));
  assert.deepEqual(
    told.filter((what) => what === "keep" || what === "announce"),
    ["keep", "announce"],
  );
  assert.deepEqual(kept, [1000]);
  shell[Symbol.dispose]();
  assert.deepEqual(clock.pendingTimers(), []);
});

test("where it cannot be kept nothing leaves, and it is tried again until it can", () => {
  let isFull = true;
  const { clock, shell, told, facts } = shellWith(() => assert.ok(!isFull));
  shell.linkUp(link, facts);
  clock.advance(seconds(2.5));
  assert.equal(told.at(-1), "held");
  assert.ok(!told.includes("announce"));
  const until = told.length;
  isFull = false;
  clock.advance(seconds(1));
  assert.equal(told[until], "kept");
  shell[Symbol.dispose]();
  assert.deepEqual(clock.pendingTimers(), []);
});

test("a shell that ends while it waits for its disk leaves no timer", () => {
  const { clock, shell, told, facts } = shellWith(() => assert.fail("no space left"));
  shell.linkUp(link, facts);
  clock.advance(millis(10));
  assert.equal(told.at(-1), "held");
  shell[Symbol.dispose]();
  assert.deepEqual(clock.pendingTimers(), []);
});

test("a neighbour who brings more than can be proved in time is read no further until it is", () => {
  const { clock, shell, told, facts } = shellWith(() => {});
  shell.linkUp(link, facts);
  clock.advance(millis(10));
  told.length = 0;
  for (let count = 1; count <= 1_100; count += 1) shell.receive(link, announceOfStranger(count));
  assert.deepEqual(told, ["pause"]);
  clock.advance(seconds(1));
  assert.deepEqual(
    told.filter((what) => what === "resume" || what === "cut"),
    ["resume"],
  );
  shell[Symbol.dispose]();
});

test("what follows from frames of one turn is done at its end, and one that is none ends its link at once", async () => {
  const { clock, shell, told, facts } = shellWith(() => {});
  shell.linkUp(link, facts);
  clock.advance(millis(10));
  told.length = 0;
  const ping = encodeFrame({ type: "ping", token: new Uint8Array(8) });
  for (const frame of [ping, ping]) shell.receive(link, frame);
  assert.deepEqual(told, []);
  await Promise.resolve();
  assert.deepEqual(told, ["pong", "pong"]);
  for (const frame of [ping, new Uint8Array([0xff])]) shell.receive(link, frame);
  assert.deepEqual(told.slice(2), ["pong", "cut"]);
  shell.receive(link, ping);
  shell[Symbol.dispose]();
  await Promise.resolve();
  assert.deepEqual(told.slice(4), []);
});

test("a question to nobody is answered so, and one that waits is ended with the shell", async () => {
  const { shell, facts } = shellWith(() => {});
  assert.deepEqual(await shell.ask(facts.peer, "ping"), { kind: "unanswered", why: "no-route" });
  shell[Symbol.dispose]();
  assert.deepEqual(await shell.ask(facts.peer, "ping"), { kind: "unanswered", why: "closed" });
});

/** Nobody's: that its signature proves nothing is known only when it is looked at. */
function announceOfStranger(count: number): Uint8Array {
  const announce = stranger.octets.slice();
  announce[hopsAt] = 1;
  writeU32(announce, keyAt, count);
  return encodeFrame({ type: "announce", label: count, announce });
}

test("what neighbours hear of the way to the internet is as old as the last measurement, though that changed nothing", () => {
  let measuredAt = millis(0);
  const { clock, shell, ages, facts } = shellWith(
    () => {},
    () => measuredAt,
  );
  shell.linkUp(link, facts);
  shell.setConnectivity("standard", "online");
  ages.length = 0;
  for (let round = 0; round < 30; round += 1) {
    clock.advance(seconds(10));
    measuredAt = clock.now();
  }
  assert.ok(ages.length >= 9, `${ages.length}`);
  assert.ok(Math.max(...ages) <= 11_000, `${ages}`);
  clock.advance(seconds(120));
  assert.ok((ages.at(-1) ?? 0) >= 90_000, "nothing is measured any more");
  shell[Symbol.dispose]();
});
