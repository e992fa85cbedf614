/** A kept socket on a real uplink: after a renumbering the next datagram leaves from the new source. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keepOnPath } from "@ropewalk/host/keep-on-path";
import type { PathDatagramSocket } from "@ropewalk/host/ports";
import { type Family, families, ipAddress } from "@ropewalk/kernel/addresses";
import type { Connectivity, PathBinding } from "@ropewalk/kernel/connectivity";
import { Latest } from "@ropewalk/kernel/latest";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { connectivityOf, keptState } from "../ports/kept-state.ts";
import { nextMessage } from "../ports/path-sockets.contract.ts";
import { binding, server, uplinks } from "../ports/two-uplinks.ts";
import { hello, sockets } from "./exchange.ts";
import { serverPort, type TwoUplinkNetwork, useTwoUplinks } from "./two-uplink-network.ts";

const newSources = { ipv4: ipAddress("10.1.2.77"), ipv6: ipAddress("2001:db8:2::77") } as const;

inOwnNamespace(import.meta.filename, () => {
  const network = useTwoUplinks();
  for (const family of families) {
    test(`${family}: after a renumbering the next datagram leaves from the new source`, () =>
      renumber(network(), family));
  }
  test("told of a new address before the kernel has it, the socket opens once it is there", () => hurry(network()));
});

function keep(connectivity: Latest<Connectivity>, { uplinkId, family }: PathBinding, failures: unknown[] = []) {
  return keepOnPath<PathDatagramSocket>(
    {
      uplinkId,
      family,
      open: (path) => sockets.datagram(path),
      onFailure: ({ error }) => failures.push(error),
      backoff: { first: seconds(0.01), longest: seconds(0.05) },
    },
    { connectivity, clock: createSystemClock(), chance: Math.random },
  );
}

async function sourceSeen(socket: PathDatagramSocket | undefined, family: Family): Promise<string> {
  assert.ok(socket);
  const answer = nextMessage(socket);
  assert.equal(socket.send(hello, { address: server[family], port: serverPort }), true);
  return answer;
}

async function renumber(network: TwoUplinkNetwork, family: Family): Promise<void> {
  const old = binding(uplinks[1], family);
  const length = family === "ipv4" ? 24 : 64;
  const connectivity = new Latest(connectivityOf([old]));
  await using kept = keep(connectivity, old);
  const first = await keptState(kept, (now) => now !== undefined);
  assert.equal(await sourceSeen(first, family), old.source);
  network.ip(
    `addr del ${old.source}/${length} dev w2`,
    `addr add ${newSources[family]}/${length} dev w2 ${family === "ipv6" ? "nodad" : ""}`,
    `route replace default via ${old.gateway} dev w2 metric 200`,
  );
  network.takeArrivals();
  connectivity.set(connectivityOf([{ ...old, source: newSources[family] }]));
  const second = await keptState(kept, (now) => now !== undefined && now !== first);
  assert.equal(await sourceSeen(second, family), newSources[family]);
  assert.deepEqual(network.takeArrivals(), [`s2 ${newSources[family]} udp`]);
}

async function hurry(network: TwoUplinkNetwork): Promise<void> {
  const early: PathBinding = { ...binding(uplinks[0], "ipv4"), source: ipAddress("10.1.1.99") };
  const failures: unknown[] = [];
  await using kept = keep(new Latest(connectivityOf([early])), early, failures);
  while (failures.length < 2) await new Promise(setImmediate);
  network.ip("addr add 10.1.1.99/24 dev w1");
  const socket = await keptState(kept, (now) => now !== undefined);
  assert.equal(await sourceSeen(socket, "ipv4"), early.source);
}
