/** Nodes that dial each other on loopback: one link for a peer, again after every loss, and strangers who cost little. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { testNode } from "./link-ends.ts";
import { LinkNode } from "./link-node.ts";

test("a static peer is dialled, and frames go both ways in order", async () => {
  using a = await LinkNode.open();
  using b = await LinkNode.open();
  a.dialler.setStatic([b.target()]);
  await Promise.all([a.linked(b), b.linked(a)]);
  const texts = Array.from({ length: 500 }, (_, number) => `frame ${number}`);
  for (const text of texts) {
    a.say(b, text);
    b.say(a, text);
  }
  await Promise.all([a, b].map((node) => node.until("all are there", () => node.frames.length === texts.length)));
  assert.deepEqual(a.frames, texts);
  assert.deepEqual(b.frames, texts);
});

test("two that dial each other at once keep the same one of the two links, again and again", async () => {
  for (let round = 0; round < 10; round += 1) {
    using a = await LinkNode.open();
    using b = await LinkNode.open();
    a.dialler.setStatic([b.target()]);
    b.dialler.setStatic([a.target()]);
    const isHeard = (from: LinkNode, to: LinkNode) => {
      // A frame on the link that gives way is lost with it.
      if (to.frames.length === 0 && from.links.has(to.node.address)) from.say(to, "hello");
      return to.frames.length > 0;
    };
    await a.until("both are heard", () => [isHeard(a, b), isHeard(b, a)].every((heard) => heard));
    const isOne = () => {
      const [[one], [other]] = [a.links.picture(), b.links.picture()];
      return one !== undefined && other !== undefined && one.direction !== other.direction;
    };
    await a.until("both ends see one connection", isOne);
    assert.deepEqual([a.links.size, b.links.size], [1, 1]);
  }
});

test("who is not who he should be gets no link, and the next attempt waits", async () => {
  using a = await LinkNode.open();
  using b = await LinkNode.open();
  a.dialler.setStatic([b.target(testNode().address)]);
  await a.until("tried twice", () => a.count("failed wrong-peer") >= 2);
  assert.equal(a.links.size, 0);
});

test("a node that is among its own peers leaves itself alone", async () => {
  using a = await LinkNode.open();
  using b = await LinkNode.open();
  a.dialler.setStatic([{ ...a.target(), expected: undefined }, b.target()]);
  await Promise.all([a.linked(b), a.until("it has found itself", () => a.count("failed self") === 1)]);
  assert.equal(a.count("failed self"), 1);
});

test("a peer that went away is dialled until it is there again", async () => {
  using a = await LinkNode.open();
  const node = testNode();
  const first = await LinkNode.open({ node });
  const { port } = first;
  a.dialler.setStatic([first.target()]);
  await a.linked(first);
  first[Symbol.dispose]();
  await a.until("it was dialled in vain", () => a.count("failed unreachable") > 0);
  using again = await LinkNode.open({ node, port });
  await Promise.all([a.linked(again), again.linked(a)]);
  a.say(again, "there you are");
  await again.until("it is heard", () => again.frames.length > 0);
});

test("two names of one peer are one link", async () => {
  using a = await LinkNode.open();
  using b = await LinkNode.open();
  const places = ["127.0.0.1", "localhost"].map((host) => ({ ...b.target(), host, expected: undefined }));
  a.dialler.setStatic(places);
  await a.until("all lead to it", () => a.dialler.targets().every(({ leadsTo }) => leadsTo === b.node.address));
  await a.linked(b);
  assert.equal(a.links.size, 1);
  assert.ok(a.dialler.targets().every(({ isLinked }) => isLinked));
});

test("when a path is gone its links end at once, and their peers are dialled by what is left", async () => {
  using a = await LinkNode.open();
  using b = await LinkNode.open();
  a.dialler.setStatic([b.target()]);
  await a.linked(b);
  const before = a.linkWith(b);
  a.endGone(({ local }) => local === "127.0.0.1");
  assert.equal(a.count("down path-gone"), 1);
  await a.linked(b);
  assert.notEqual(a.linkWith(b), before);
});

test("a link that is cut is down at both ends, and a node that is full takes no more", async () => {
  using a = await LinkNode.open({ most: 1 });
  using b = await LinkNode.open();
  using c = await LinkNode.open();
  b.dialler.setStatic([a.target()]);
  await a.linked(b);
  c.dialler.setStatic([a.target()]);
  await c.until("it is turned away, and told why", () => c.count("down full") > 0);
  assert.equal(a.links.size, 1);
  assert.ok(a.links.has(b.node.address));
  a.links.cut(a.linkWith(b), "it does what no honest one does");
  assert.ok(a.told.includes("down cut"));
  await b.until("it is told", () => b.count("down lost") > 0);
});

test("a flood of connections that say nothing costs its bound, and a neighbour comes in beside it", async () => {
  const strangers = {
    most: 8,
    rate: { perSecond: 1_000, burst: 1_000, prefixes: 16 },
    total: { perSecond: 1_000, burst: 1_000 },
  };
  using a = await LinkNode.open({ strangers });
  using b = await LinkNode.open();
  const crowd: Socket[] = [];
  for (let number = 0; number < 60; number += 1)
    crowd.push(connect({ port: a.port, host: "127.0.0.1" }).on("error", () => {}));
  await a.until("the first were shed", () => a.count("refused shed") >= 52);
  assert.equal(a.strangers, 8);
  b.dialler.setStatic([a.target()]);
  await Promise.all([b.linked(a), a.linked(b)]);
  for (const socket of crowd) socket.destroy();
  await a.until("nothing is left of it", () => a.strangers === 0);
});

test("a network beyond its rate is turned away before it costs a handshake", async () => {
  const strangers = {
    most: 64,
    rate: { perSecond: 0.001, burst: 3, prefixes: 16 },
    total: { perSecond: 1_000, burst: 1_000 },
  };
  using a = await LinkNode.open({ strangers });
  const crowd = Array.from({ length: 5 }, () => connect({ port: a.port, host: "127.0.0.1" }).on("error", () => {}));
  await a.until("two were too many", () => a.count("refused rate-limited") === 2);
  assert.equal(a.strangers, 3);
  for (const socket of crowd) socket.destroy();
});

test("a place where somebody listens and never answers does not hold up the others, and is given up for new paths", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const held: Socket[] = [];
  silent.on("connection", (socket) => void held.push(socket.on("error", () => {})));
  using a = await LinkNode.open();
  using b = await LinkNode.open();
  const port = (silent.address() as AddressInfo).port;
  a.dialler.setStatic([{ kind: "static", host: "127.0.0.1", port, expected: undefined }, b.target()]);
  await a.linked(b);
  const [first] = held.length > 0 ? held : ((await once(silent, "connection")) as [Socket]);
  const closed = first === undefined ? Promise.resolve() : once(first.resume(), "close");
  const next = once(silent, "connection");
  a.dialler.pathsChanged();
  await Promise.all([closed, next]);
  assert.ok(a.links.has(b.node.address), "a link that is there stays");
  for (const socket of held) socket.destroy();
  silent.close();
});
