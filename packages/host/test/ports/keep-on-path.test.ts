/** A kept socket follows its path: what makes another path, what does not, and that nothing stays open. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakePathNetwork } from "@ropewalk/host/fake/fake-path-network";
import { FakePathSockets } from "@ropewalk/host/fake/fake-path-sockets";
import { keepOnPath } from "@ropewalk/host/keep-on-path";
import type { PathDatagramSocket } from "@ropewalk/host/ports";
import { families, ipAddress } from "@ropewalk/kernel/addresses";
import type { Connectivity, PathBinding } from "@ropewalk/kernel/connectivity";
import { describeError } from "@ropewalk/kernel/errors";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { Latest } from "@ropewalk/kernel/latest";
import { bytes, seconds } from "@ropewalk/kernel/units";
import { connectivityOf, holds, keptState } from "./kept-state.ts";
import { binding, uplinks } from "./two-uplinks.ts";

const path = binding(uplinks[0], "ipv4");
const renumbered: PathBinding = { ...path, source: ipAddress("10.1.1.77") };

function createRig(initial: readonly PathBinding[]) {
  const network = new FakePathNetwork();
  for (const { ifindex, name, addresses } of uplinks) network.setLink(ifindex, name, Object.values(addresses));
  const sockets = new FakePathSockets(network);
  const connectivity = new Latest<Connectivity>(connectivityOf(initial));
  const clock = new FakeClock();
  const failures: string[] = [];
  let opened = 0;
  const kept = keepOnPath<PathDatagramSocket>(
    {
      uplinkId: path.uplinkId,
      family: "ipv4",
      open: async (at) => {
        opened += 1;
        return sockets.datagram(at);
      },
      onFailure: ({ error }) => failures.push(describeError(error)),
      backoff: { first: seconds(1), longest: seconds(60) },
    },
    { connectivity, clock, chance: () => 1 },
  );
  const show = (...usable: readonly PathBinding[]) => connectivity.set(connectivityOf(usable));
  return { network, sockets, clock, kept, failures, show, opened: () => opened };
}

test("a socket opens on the path of its uplink and family, whatever else there is", async () => {
  const every = uplinks.flatMap((uplink) => families.map((family) => binding(uplink, family)));
  const { kept, sockets } = createRig(every.toReversed());
  const socket = await keptState(kept, (now) => now !== undefined);
  assert.deepEqual(socket?.binding, path);
  assert.equal(sockets.openCount, 1);
  await kept[Symbol.asyncDispose]();
  assert.equal(sockets.openCount, 0);
  assert.equal(kept.current, undefined);
});

const otherPaths: Readonly<Record<string, PathBinding>> = {
  "a new interface": { ...path, ifindex: 21 },
  "a rename": { ...path, name: "w7" },
  "a renumbering": renumbered,
  "another gateway": { ...path, gateway: ipAddress("10.1.1.254") },
  "another mark": { ...path, mark: 0x0700 },
};
for (const [what, other] of Object.entries(otherPaths)) {
  test(`${what} closes the socket and opens one on the path as it is now`, async () => {
    const { kept, network, sockets, show } = createRig([path]);
    await using _kept = kept;
    const first = await keptState(kept, (now) => now !== undefined);
    network.setLink(other.ifindex, other.name, [path.source, other.source]);
    show(other);
    const second = await keptState(kept, (now) => now !== undefined && now !== first);
    assert.deepEqual(second?.binding, other);
    assert.equal(first?.send(new Uint8Array(), { address: path.source, port: 1 }), false, "the first is closed");
    assert.equal(sockets.openCount, 1);
  });
}

test("measurements, MTU and other paths leave the socket alone", async () => {
  const { kept, show, opened } = createRig([path]);
  await using _kept = kept;
  const first = await keptState(kept, (now) => now !== undefined);
  show({ ...path, mtu: bytes(1400), score: 0.3, state: "degraded", metered: true }, binding(uplinks[1], "ipv4"));
  show(binding(uplinks[0], "ipv6"), path);
  await holds(() => kept.current === first && opened() === 1);
});

test("a path that vanishes takes its socket along, and one that comes back gets a new one", async () => {
  const { kept, show, sockets } = createRig([path]);
  await using _kept = kept;
  const first = await keptState(kept, (now) => now !== undefined);
  show();
  await keptState(kept, (now) => now === undefined);
  await holds(() => sockets.openCount === 0);
  show(path);
  assert.notEqual(await keptState(kept, (now) => now !== undefined), first);
  assert.equal(sockets.openCount, 1);
});

test("what cannot be opened is told and tried again after a growing wait", async () => {
  const { kept, network, clock, failures, opened } = createRig([renumbered]);
  await using _kept = kept;
  await holds(() => failures.length === 1 && clock.pendingTimers().length === 1);
  assert.match(failures[0] ?? "", /10\.1\.1\.77 is no usable address of w1/);
  clock.advance(seconds(1));
  await holds(() => failures.length === 2 && clock.pendingTimers().length === 1);
  clock.advance(seconds(1));
  await holds(() => opened() === 2, "the second wait is longer");
  network.setLink(path.ifindex, path.name, [renumbered.source]);
  clock.advance(seconds(1));
  assert.ok(await keptState(kept, (now) => now !== undefined));
});

test("a new path is opened at once, not after the wait of the old one's failures", async () => {
  const { kept, clock, failures, show } = createRig([renumbered]);
  await using _kept = kept;
  await holds(() => failures.length === 1 && clock.pendingTimers().length === 1);
  show(path);
  const socket = await keptState(kept, (now) => now !== undefined);
  assert.equal(socket?.binding.source, path.source);
  assert.deepEqual(clock.pendingTimers(), []);
});

test("a socket that opens after its path is gone is closed at once and never shown", async () => {
  const network = new FakePathNetwork();
  network.setLink(path.ifindex, path.name, [path.source]);
  const sockets = new FakePathSockets(network);
  const connectivity = new Latest<Connectivity>(connectivityOf([path]));
  const gate = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const shown: unknown[] = [];
  const kept = keepOnPath(
    {
      uplinkId: path.uplinkId,
      family: "ipv4",
      open: async (at) => {
        began.resolve();
        await gate.promise;
        return sockets.datagram(at);
      },
      onFailure: ({ error }) => shown.push(error),
    },
    { connectivity, clock: new FakeClock(), chance: () => 1 },
  );
  await began.promise;
  connectivity.set(connectivityOf([]));
  await holds(() => sockets.openCount === 0);
  gate.resolve();
  await kept[Symbol.asyncDispose]();
  assert.equal(sockets.openCount, 0);
  assert.deepEqual(shown, []);
});

test("a thousand changes leave one socket, on the last path", async () => {
  const { kept, network, sockets, show } = createRig([path]);
  await using _kept = kept;
  network.setLink(path.ifindex, path.name, [path.source, renumbered.source]);
  for (let change = 0; change < 1_000; change += 1) {
    if (change % 3 === 0) show();
    else show(change % 3 === 1 ? path : renumbered);
    if (change % 7 === 0) await new Promise(setImmediate);
  }
  show(renumbered);
  const socket = await keptState(kept, (now) => now?.binding.source === renumbered.source);
  await holds(() => sockets.openCount === 1);
  assert.ok(socket);
});
