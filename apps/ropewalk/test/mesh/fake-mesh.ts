/** A mesh as a node's API sees it: one neighbour, one node beyond, and one to which there is no way. */
import assert from "node:assert/strict";
import { bytes, type Millis, millis } from "@ropewalk/kernel/units";
import type { ProbeOutcome } from "@ropewalk/mesh/node-shell";
import { addressOfKey, type MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { MeshTally } from "@ropewalk/mesh/pure/mesh-tally";
import type { MeshStatus, RouteStatus } from "@ropewalk/mesh/status";
import type { AskedMesh } from "../../src/local-api/mesh-api.ts";

export const own: MeshAddress = addressOfKey(Uint8Array.of(1));
export const near: MeshAddress = addressOfKey(Uint8Array.of(2));
export const far: MeshAddress = addressOfKey(Uint8Array.of(3));
export const lost: MeshAddress = addressOfKey(Uint8Array.of(4));

export function fakeStatus(): MeshStatus {
  const tally = new MeshTally();
  tally.proved();
  tally.refused("old");
  tally.refused("old");
  tally.refused("signature");
  tally.dropped("hops");
  tally.overRate.count("request", "rate", 5);
  return {
    state: "running",
    address: own,
    held: undefined,
    listening: [{ address: "::", port: 7412 }],
    discovered: undefined,
    runningFor: millis(60_000),
    peers: [
      {
        address: near,
        direction: "dialled",
        remote: "192.0.2.1 port 7412",
        local: "192.0.2.2",
        path: undefined,
        openFor: millis(4_200),
        roundTrip: millis(1.25),
        kind: "open",
        online: "online",
        counts: {
          ...{ framesIn: 3, framesOut: 4, octetsIn: 300, octetsOut: 1_400, waiting: bytes(0) },
          dropped: { announce: 1, packet: 2 } as never,
        },
        overRate: new Map([["request", 4]]),
      },
    ],
    routes: { known: 3, reachable: 2, limit: 512 },
    strangers: 2,
    strangersRefused: new Map([
      ["rate-limited", 7],
      ["full", 1],
    ]),
    tally,
  };
}

const hop = { peer: near, distance: 1, isInUse: true };
const route = { standing: "confirmed", expiresIn: millis(600_000), capabilities: 1, isContact: false } as const;

export const fakeRoutes: readonly RouteStatus[] = [
  { ...route, address: near, distance: 1, nextHops: [hop], standing: "neighbour" },
  { ...route, address: far, distance: 2, nextHops: [{ ...hop, distance: 2 }], isContact: true },
  { ...route, address: lost, distance: undefined, nextHops: [], standing: "unconfirmed" },
];

/** Far is answered for, over near; nobody else. */
export function fakeMesh(): AskedMesh & {
  readonly asked: { readonly to: MeshAddress; readonly within: Millis | undefined }[];
} {
  const asked: { readonly to: MeshAddress; readonly within: Millis | undefined }[] = [];
  const ask = (path: readonly MeshAddress[]): AskedMesh["ping"] => {
    return async (to, options): Promise<ProbeOutcome> => {
      asked.push({ to, within: options?.within });
      if (to !== far) return { kind: "unanswered", why: "no-route" };
      return { kind: "answered", roundTrip: millis(2.5), path };
    };
  };
  const asks = { ping: ask([]), trace: ask([near]) };
  const rest = { keyOf: () => undefined, sendStatus: () => assert.fail(), messages: undefined };
  return { asked, status: fakeStatus, routes: () => fakeRoutes, ...asks, ...rest };
}
