/** Whole nodes on loopback: they find and reach each other, over others too, and go on when one of them was away. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { Latest } from "@ropewalk/kernel/latest";
import { millis, seconds } from "@ropewalk/kernel/units";
import { MeshError } from "@ropewalk/mesh/errors";
import { parseMeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { createOwner, dialling, disposables, freePlace, knows, startNode, until } from "./nodes-on-loopback.ts";

test("two nodes of which one knows where the other is reach each other", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  await using hub = await startNode(a);
  await using leaf = await startNode(b, dialling(hub.place));
  const [there, back] = await Promise.all([leaf.service.ping(hub.address), hub.service.ping(leaf.address)]);
  assert.deepEqual([there.kind, back.kind], ["answered", "answered"]);
  const [peer] = hub.service.status().peers;
  assert.deepEqual([peer?.address, peer?.direction], [leaf.address, "accepted"]);
  assert.equal(hub.service.routes()[0]?.standing, "neighbour");
});

test("a node is traced over the one between, and who traces it has never spoken to it", async () => {
  using owners = disposables(createOwner(), createOwner(), createOwner());
  const [a, b, c] = owners.all;
  await using middle = await startNode(b);
  await using one = await startNode(a, dialling(middle.place));
  await using other = await startNode(c, dialling(middle.place));
  const outcome = await one.service.trace(other.address);
  assert.equal(outcome.kind, "answered");
  assert.deepEqual(outcome.kind === "answered" && outcome.path, [middle.address]);
  const [near, far] = one.service.routes();
  assert.deepEqual([near?.distance, far?.distance], [1, 2]);
  assert.deepEqual(far?.nextHops, [{ peer: middle.address, distance: 2, isInUse: true }]);
  assert.equal(far?.standing, "confirmed");
});

test("who is behind a node that goes away is gone, and is back when that node is", async () => {
  using owners = disposables(createOwner(), createOwner(), createOwner());
  const [a, b, c] = owners.all;
  let middle = await startNode(b);
  const { place } = middle;
  await using one = await startNode(a, dialling(place));
  await using other = await startNode(c, dialling(place));
  await until("one knows the other", () => knows(one, other));
  await middle[Symbol.asyncDispose]();
  await until("one knows that the other is out of reach", () => !knows(one, other));
  assert.deepEqual(
    one.events.findLast(({ kind }) => kind === "link-down"),
    {
      kind: "link-down",
      peer: middle.address,
      why: "the other end closed it",
    },
  );
  middle = await startNode(b, { transport: { listen: [place] } });
  await using _again = middle;
  assert.equal((await one.service.ping(other.address, { within: seconds(20) })).kind, "answered");
});

test("a node whose uplinks are others now dials at once whom it had no link with", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  // What is dialled is nobody's until the other node takes the place.
  const place = await freePlace();
  const connectivity = new Latest(nothing);
  // Its time stands still: nothing is dialled again because of a wait that is over.
  const still = new FakeClock();
  await using one = await startNode(a, dialling(place), { connectivity, clock: still });
  await until("it was dialled in vain", () => {
    still.advance(millis(0));
    return one.events.some(({ kind }) => kind === "dial-failed");
  });
  await using other = await startNode(b, { transport: { listen: [place] } });
  connectivity.set({ ...nothing, generation: 2, usable: [path] });
  await until("they have a link", () => {
    still.advance(millis(0));
    return other.service.status().peers.length === 1;
  });
});

test("neighbours hear what a node has measured of its way to the internet, and no link ends by it", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  const connectivity = new Latest(nothing);
  await using hub = await startNode(a);
  await using leaf = await startNode(b, { ...dialling(hub.place), kind: "open" }, { connectivity });
  const said = () => hub.service.status().peers[0];
  connectivity.set({ ...nothing, generation: 2, ipv4: "online", usable: [path] });
  await until("it is online", () => said()?.online === "online");
  assert.equal(said()?.kind, "open");
  connectivity.set({ ...nothing, generation: 3 });
  await until("it is offline", () => said()?.online === "offline");
  connectivity.set({ ...nothing, generation: 4, ipv4: "unknown" });
  await until("nobody has measured it", () => said()?.online === "unknown");
  assert.equal(leaf.events.filter(({ kind }) => kind === "link-down").length, 0);
});

test("a link whose address this machine has lost ends, and another is made at once", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  await using hub = await startNode(a);
  let addresses: ReadonlySet<string> = new Set(["127.0.0.1"]);
  await using leaf = await startNode(b, dialling(hub.place), { readAddresses: () => addresses });
  await until("they have a link", () => knows(hub, leaf));
  addresses = new Set(["192.0.2.1"]);
  await until("the link has ended", () => leaf.events.some((event) => event.kind === "link-down"));
  assert.match(leaf.events.map((event) => ("why" in event ? event.why : "")).join(), /no longer has the path/);
  addresses = new Set(["127.0.0.1"]);
  await until("they have another", () => leaf.service.status().peers.length === 1);
});

test("where sequences cannot be kept there are no links, and there are again when they can", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  await using hub = await startNode(a);
  let isFull = true;
  const sequences = { mark: { epoch: 1, sequence: 0 }, keep: () => assert.ok(!isFull, "no space left") };
  await using leaf = await startNode(b, dialling(hub.place), { sequences });
  await until("it says that it is held", () => leaf.service.status().held !== undefined);
  assert.equal(knows(hub, leaf), false);
  isFull = false;
  await until("the other knows it", () => knows(hub, leaf));
  assert.equal(leaf.service.status().held, undefined);
});

test("who is not there is not answered for, within the time that was given", async () => {
  using owners = disposables(createOwner());
  await using alone = await startNode(owners.all[0]);
  const nobody = parseMeshAddress("00".repeat(16)) ?? assert.fail();
  const outcome = await alone.service.ping(nobody, { within: millis(250) });
  assert.deepEqual(outcome, { kind: "unanswered", why: "no-route" });
});

test("a question that waits is ended with the node", async () => {
  using owners = disposables(createOwner());
  const alone = await startNode(owners.all[0]);
  const nobody = parseMeshAddress("00".repeat(16)) ?? assert.fail();
  const asked = alone.service.ping(nobody, { within: seconds(60) });
  await alone[Symbol.asyncDispose]();
  assert.equal((await asked).kind, "unanswered");
  assert.equal(alone.service.status().state, "complete");
});

test("a peer that is another than its entry says has no link", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  await using hub = await startNode(a);
  await using leaf = await startNode(b, { peer: [{ at: hub.place, address: "00".repeat(16) }] });
  await until("it was refused", () => leaf.events.some(({ kind }) => kind === "dial-failed"));
  const failed = leaf.events.find((event) => event.kind === "dial-failed");
  assert.match(failed?.why ?? "", new RegExp(`wrong-peer: ${hub.address}`));
  assert.equal(leaf.service.status().peers.length, 0);
});

test("who dials and gets no link is counted with the reason: he is full of links, or nobody", async () => {
  using owners = disposables(createOwner(), createOwner(), createOwner());
  const [a, b, c] = owners.all;
  await using hub = await startNode(a, { transport: { listen: ["127.0.0.1:0"], max_links: 1 } });
  await using first = await startNode(b, dialling(hub.place));
  await until("the first has a link", () => knows(hub, first));
  await using _second = await startNode(c, dialling(hub.place));
  const refused = () => hub.service.status().strangersRefused;
  await until("the second has none", () => (refused().get("full") ?? 0) > 0);
  const [host, port] = hub.place.split(":");
  connect({ host, port: Number(port) })
    .on("error", () => {})
    .end("GET / HTTP/1.1\r\n\r\n");
  await until("what is no node has none", () => [...refused().keys()].some((reason) => reason !== "full"));
  assert.deepEqual(hub.events.find(({ kind }) => kind === "refused")?.kind, "refused");
  assert.equal(hub.service.status().peers.length, 1);
});

test("a place that another has is MESH_LISTEN, and nothing of the node is left", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  await using hub = await startNode(a);
  const error = await startNode(b, { transport: { listen: [hub.place] } }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert(error instanceof MeshError);
  assert.equal(error.code, "MESH_LISTEN");
});

const nothing: Connectivity = { generation: 1, ipv4: "offline", ipv6: "offline", active: {}, usable: [] };

const path: Connectivity["usable"][number] = {
  ...{ uplinkId: "wan" as never, name: "wan0", ifindex: 4242, family: "ipv4", source: "192.0.2.7" as never },
  ...{ gateway: null, mark: 0, mtu: 1500 as never, metered: null, state: "up", score: null },
};
