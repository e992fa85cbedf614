/** Neighbours that lie: about how near they are, who they are, what is new, and what they passed on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import { decodeAnnounce, HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import { SmallMesh, usualConfig } from "./small-mesh.ts";
import { identity, plainContent } from "./wire/announces.ts";

/** What `index` was told of the announces of `origin`, as frames, the latest last. */
function announcesTo(mesh: SmallMesh, index: number, origin: number): Uint8Array[] {
  const heard: Uint8Array[] = [];
  mesh.tamper = (frame, to) => {
    const decoded = decodeFrame(frame);
    if (to === index && decoded?.type === "announce") {
      const announce = decodeAnnounce(decoded.announce);
      if (announce instanceof HeardAnnounce && announce.key.toHex() === mesh.at(origin).crypto.publicKey.toHex())
        heard.push(frame.slice());
    }
    return frame;
  };
  return heard;
}

const withHops = (frame: Uint8Array, hops: number) => frame.with(frame.length - 13, hops);

test("who lowers the hops of what he passes on is not believed, by a new listener or by one who knows better", () => {
  const mesh = SmallMesh.chain(5);
  const heard = announcesTo(mesh, 3, 0);
  mesh.run(500);
  const frame = heard.at(-1) ?? assert.fail();
  for (const hops of [0, 1]) {
    mesh.say(3, 2, withHops(frame, hops));
    assert.equal(mesh.at(3).node.route(mesh.address(0))?.distance, 3);
    const fresh = new SmallMesh(2);
    fresh.join(0, 1);
    fresh.say(0, 1, withHops(frame, hops));
    assert.equal(fresh.at(0).node.route(mesh.address(0)), undefined);
  }
});

test("who repeats another's own announce as it is does not pass for its origin", () => {
  const mesh = SmallMesh.chain(3);
  const heard = announcesTo(mesh, 1, 0);
  mesh.run(300);
  mesh.say(1, 2, heard.at(-1) ?? assert.fail());
  assert.equal(mesh.at(1).node.route(mesh.address(0))?.best?.hops, 0);
  assert.equal(mesh.at(1).node.route(mesh.address(0))?.nextHops.length, 1);
  assert.equal(mesh.at(1).node.tally.announcesRefused.get("not-its-own"), 1);
});

test("an old announce changes nothing for those who have heard a newer one", () => {
  const mesh = SmallMesh.chain(4);
  const heard = announcesTo(mesh, 2, 0);
  mesh.run(300);
  const old = heard.at(-1) ?? assert.fail();
  mesh.run(700_000);
  const { announce } = mesh.at(2).node.route(mesh.address(0)) ?? assert.fail();
  mesh.say(2, 1, old);
  assert.equal(mesh.at(2).node.route(mesh.address(0))?.announce, announce);
  assert.equal(mesh.at(2).node.tally.announcesRefused.get("old"), 1);
});

test("an announce that is heard for the first time makes a way that is not confirmed before an answer has come by it", () => {
  const mesh = SmallMesh.chain(3);
  mesh.run(300);
  const route = () => mesh.at(0).node.route(mesh.address(2)) ?? assert.fail();
  assert.equal(mesh.at(0).node.route(mesh.address(1))?.standing, "neighbour");
  assert.equal(route().standing, "unconfirmed");
  mesh.probe(0, 2);
  mesh.run(100);
  assert.equal(route().standing, "confirmed");
});

test("a node that has forgotten what it announced goes on behind it, as soon as a neighbour gives it back its word", () => {
  const mesh = SmallMesh.chain(3);
  mesh.run(700_000);
  const { announce: before } = mesh.at(2).node.route(mesh.address(0)) ?? assert.fail();
  mesh.part(0, 1);
  mesh.run(2_000);
  const member = mesh.at(0);
  member.node = new MeshNode(usualConfig, member.crypto, { epoch: 1, sequence: 1 }, () => 0.5);
  mesh.join(0, 1);
  mesh.run(1_500);
  const { announce, distance } = mesh.at(2).node.route(mesh.address(0)) ?? assert.fail();
  assert.deepEqual([announce.epoch, distance], [before.epoch + 1, 2]);
});

test("of two that are as far a neighbour that passes nothing on is left at the first loss, a nearer one after three", () => {
  for (const [ways, losses] of [
    [["01", "02", "13", "23", "34"], 1],
    [["01", "13", "34", "02", "25", "53"], 3],
  ] as const) {
    const mesh = new SmallMesh(7);
    for (const way of ways) mesh.join(Number(way[0]), Number(way[1]));
    mesh.run(500);
    const hole = mesh.across(mesh.at(0).node.route(mesh.address(4))?.best?.link ?? assert.fail(), 0);
    mesh.tamper = (frame, to) => (to === hole && decodeFrame(frame)?.type === "packet" ? undefined : frame);
    for (let count = 0; count < 4; count += 1) {
      mesh.probe(0, 4, "ping", count);
      mesh.run(2_100);
    }
    const kinds = mesh
      .at(0)
      .outputs.flatMap((output) => (output.kind === "answered" || output.kind === "unanswered" ? [output.kind] : []));
    assert.deepEqual(kinds.slice(0, losses + 1), [...Array.from({ length: losses }, () => "unanswered"), "answered"]);
  }
});

test("octets that are no frame end the link that brought them, and what a link has led to is not believed any more", () => {
  const mesh = SmallMesh.chain(3);
  mesh.run(300);
  mesh.say(1, 2, Uint8Array.of(99));
  assert.equal(mesh.at(1).node.isRoutable(mesh.address(2)), false);
  mesh.run(100);
  assert.equal(mesh.at(0).node.isRoutable(mesh.address(2)), false);
});

test("a question for a newer announce is answered by its origin once a second, however often it is asked", () => {
  const mesh = SmallMesh.chain(2);
  mesh.run(5_000);
  let latest = mesh.at(1).node.route(mesh.address(0))?.announce ?? assert.fail();
  const before = latest;
  mesh.tamper = (frame, to) => {
    const said = decodeFrame(frame);
    if (to === 1 && said?.type === "announce") latest = new HeardAnnounce(said.announce.slice());
    return frame;
  };
  for (let count = 0; count < 50; count += 1) {
    const { epoch, sequence } = latest;
    mesh.say(0, 1, encodeFrame({ type: "request", address: mesh.address(0), epoch, sequence, hopsLeft: 3 }));
    mesh.run(100);
  }
  const news = latest.sequence - before.sequence;
  assert.ok(news >= 4 && news <= 6, `${news} in five seconds`);
  assert.equal(mesh.at(1).node.route(mesh.address(0))?.announce.sequence, before.sequence, "he has not asked");
});

test("an announce that is taken back before it was proved makes no way", () => {
  const mesh = SmallMesh.chain(3);
  const heard = announcesTo(mesh, 2, 0);
  mesh.run(300);
  const frame = heard.at(-1) ?? assert.fail();
  const { label } = decodeFrame(frame) as { readonly label: number };
  const fresh = new SmallMesh(2);
  fresh.join(0, 1);
  fresh.run(300);
  fresh.say(0, 1, frame);
  fresh.say(0, 1, encodeFrame({ type: "withdraw", labels: [label] }));
  fresh.run(300);
  assert.equal(fresh.at(0).node.isRoutable(mesh.address(0)), false);
  fresh.say(0, 1, frame);
  fresh.run(300);
  assert.equal(fresh.at(0).node.isRoutable(mesh.address(0)), true);
});

test("so it is with one that waits behind many others for its proof", () => {
  const mesh = new SmallMesh(2);
  mesh.join(0, 1);
  mesh.run(300);
  const many = Array.from({ length: 100 }, (_, index) => identity(10 + index));
  for (const [index, crypto] of many.entries()) {
    const made = makeAnnounce(crypto, plainContent);
    const announce = made.relayed(1, furtherLink(made, made.chain, 1));
    mesh.say(0, 1, encodeFrame({ type: "announce", label: 256 + index, announce }));
  }
  mesh.say(0, 1, encodeFrame({ type: "withdraw", labels: [256 + 99] }));
  const { node } = mesh.at(0);
  node.expire(millis(mesh.now + 10));
  assert.ok(node.waitingOf(1 as LinkId) > 0, "they are proved in turns");
  mesh.run(300);
  assert.deepEqual(
    many.map(({ address }) => node.isRoutable(address)),
    many.map((_, index) => index !== 99),
  );
});
