/** A node that goes on by another configuration: what it calls for is made, what it does not ends, and all else stays. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { MeshError } from "@ropewalk/mesh/errors";
import {
  configOf,
  createOwner,
  dialling,
  disposables,
  freePlace,
  knows,
  type StartedNode,
  startNode,
  until,
} from "./nodes-on-loopback.ts";

const peersOf = ({ service }: StartedNode) => service.status().peers.map(({ address }) => address);
const endsOf = ({ events }: StartedNode) => events.flatMap((event) => (event.kind === "link-down" ? [event.why] : []));

test("a peer that is named anew is dialled, and the link with one that is named no more ends", async () => {
  using owners = disposables(createOwner(), createOwner(), createOwner());
  const [a, b, c] = owners.all;
  await using one = await startNode(a);
  await using other = await startNode(b);
  await using node = await startNode(c, dialling(one.place));
  await until("the first has a link", () => knows(one, node));
  await node.service.reconfigure(configOf(dialling(one.place, other.place)));
  await until("both have", () => peersOf(node).length === 2);
  assert.deepEqual(endsOf(node), []);
  await node.service.reconfigure(configOf(dialling(other.place)));
  assert.deepEqual(peersOf(node), [other.address]);
  assert.deepEqual(endsOf(node), ["the configuration calls for it no more"]);
});

test("who dialled this node stays, though the configuration names him no more", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  await using hub = await startNode(a);
  await using leaf = await startNode(b, dialling(hub.place));
  await until("they have a link", () => knows(hub, leaf));
  await hub.service.reconfigure(configOf({ peer: [{ at: leaf.place, address: leaf.address }] }));
  await hub.service.reconfigure(configOf({}));
  assert.deepEqual(peersOf(hub), [leaf.address]);
});

test("the place where links come in is another, and no link ends", async () => {
  using owners = disposables(createOwner(), createOwner(), createOwner());
  const [a, b, c] = owners.all;
  await using hub = await startNode(a);
  await using leaf = await startNode(b, dialling(hub.place));
  await until("they have a link", () => knows(hub, leaf));
  const place = await freePlace();
  await hub.service.reconfigure(configOf({ transport: { listen: [place] } }));
  assert.deepEqual(hub.service.listening.map(textOf), [place]);
  await using late = await startNode(c, dialling(place));
  await until("another came in there", () => knows(hub, late));
  assert.equal(await isOpen(hub.place), false);
  assert.deepEqual([endsOf(hub), endsOf(leaf)], [[], []]);
});

test("all addresses of a port and one of them take turns, with every link", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  const place = await freePlace();
  const all = place.replace("127.0.0.1", "0.0.0.0");
  await using hub = await startNode(a, { transport: { listen: [all] } });
  await using leaf = await startNode(b, dialling(place));
  await until("they have a link", () => knows(hub, leaf));
  for (const listen of [place, all]) {
    await hub.service.reconfigure(configOf({ transport: { listen: [listen] } }));
    assert.deepEqual(hub.service.listening.map(textOf), [listen]);
  }
  await using other = await holding();
  await refused(hub, { transport: { listen: [place, other.place] } });
  assert.deepEqual(hub.service.listening.map(textOf), [all], "what had made room is back");
  assert.deepEqual([endsOf(hub), endsOf(leaf)], [[], []]);
});

test("a place that another has is MESH_LISTEN, and nothing is as the new configuration says", async () => {
  using owners = disposables(createOwner(), createOwner(), createOwner());
  const [a, b, c] = owners.all;
  await using other = await startNode(a);
  await using hub = await startNode(b);
  await using node = await startNode(c, dialling(hub.place));
  await until("they have a link", () => knows(hub, node));
  const [free, before] = [await freePlace(), node.service.listening];
  await refused(node, { ...dialling(other.place), kind: "open", transport: { listen: [free, other.place] } });
  assert.deepEqual([node.service.listening, peersOf(node)], [before, [hub.address]]);
  assert.equal(node.service.pulse.named, 1);
  assert.equal(hub.service.status().peers[0]?.kind, "standard");
  assert.equal(await isOpen(free), false);
});

test("neighbours hear the new kind and the new announce at once, and contacts are what it says", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [a, b] = owners.all;
  await using hub = await startNode(a);
  await using leaf = await startNode(b, dialling(hub.place));
  await until("they have a link", () => knows(hub, leaf) && knows(leaf, hub));
  const route = () => hub.service.routes()[0];
  assert.ok((route()?.expiresIn ?? 0) > 600_000);
  await leaf.service.reconfigure(
    configOf({
      ...{ ...dialling(hub.place), kind: "open", routing: { contacts: [hub.address] } },
      announce: { interval: "1m", max_age: "5m" },
    }),
  );
  await until("it is open, and its announce is of five minutes", () => {
    return hub.service.status().peers[0]?.kind === "open" && (route()?.expiresIn ?? 600_000) <= 300_000;
  });
  assert.equal(leaf.service.routes()[0]?.isContact, true);
  assert.deepEqual(endsOf(leaf), []);
});

test("where fewer links may be, the newest end, and those with named peers stay", async () => {
  using owners = disposables(createOwner(), createOwner(), createOwner(), createOwner());
  const [a, b, c, d] = owners.all;
  await using named = await startNode(a);
  await using hub = await startNode(b);
  await using one = await startNode(c, dialling(hub.place));
  await until("one has a link", () => knows(hub, one));
  await using other = await startNode(d, dialling(hub.place));
  await until("another has one", () => knows(hub, other));
  const peer = [{ at: named.place, address: named.address }];
  await hub.service.reconfigure(configOf({ peer }));
  await until("so has the named one", () => knows(hub, named));
  const bounded = (most: number) => configOf({ peer, transport: { listen: ["127.0.0.1:0"], max_links: most } });
  await hub.service.reconfigure(bounded(2));
  assert.deepEqual(peersOf(hub), [one.address, named.address]);
  await hub.service.reconfigure(bounded(1));
  assert.deepEqual(peersOf(hub), [named.address]);
  assert.deepEqual(new Set(endsOf(hub)), new Set(["there are more links than may be"]));
});

test("preset, identity and the size of the table stay what they were", async () => {
  using owners = disposables(createOwner());
  await using node = await startNode(owners.all[0]);
  await node.service.reconfigure(configOf({ preset: "constrained" }));
  assert.equal(node.service.status().routes.limit, 8192);
});

test("a node that stops meanwhile opens nothing", async () => {
  using owners = disposables(createOwner());
  const node = await startNode(owners.all[0]);
  const place = await freePlace();
  const changed = node.service.reconfigure(configOf({ transport: { listen: [place] } }));
  await node[Symbol.asyncDispose]();
  await changed;
  assert.equal(await isOpen(place), false);
});

const textOf = ({ address, port }: { readonly address: string; readonly port: number }) => `${address}:${port}`;

async function isOpen(place: string): Promise<boolean> {
  const [host = "", port] = place.split(":");
  const socket = connect({ host, port: Number(port) });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A place that somebody else has. */
async function holding(): Promise<{ readonly place: string } & AsyncDisposable> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { place: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
}

async function refused({ service }: StartedNode, written: Readonly<Record<string, unknown>>): Promise<void> {
  await assert.rejects(service.reconfigure(configOf(written)), (error) => {
    return error instanceof MeshError && error.code === "MESH_LISTEN";
  });
}
