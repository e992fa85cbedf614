/** What an exit is and whom it carries, as its API tells it. */
import {
  type CoreDropDocument,
  type CoreEntryDocument,
  type CorePeerDocument,
  type CoreReconcileDocument,
  type CoreStatusDocument,
  coreSchemaNumber,
} from "@ropewalk/api/core";
import type { HealthDocument } from "@ropewalk/api/http";
import type { WireGuardState } from "@ropewalk/host/wireguard/device";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import { formatPrefix, networkOf } from "@ropewalk/kernel/addresses";
import { formatHostPort, type HostPort } from "@ropewalk/kernel/host-port";
import type { Millis } from "@ropewalk/kernel/units";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import type { ExitNodeStatus } from "@ropewalk/vpn/node/exit-node";
import type { DeviceDriver } from "@ropewalk/vpn/node/pure/device-plan";
import { type DropCounts, dropReasons } from "@ropewalk/vpn/node/pure/drop-reasons";
import type { Held, Present } from "@ropewalk/vpn/node/pure/held";

export interface CorePicture {
  readonly version: string;
  readonly startedAt: number;
  readonly at: number;
  readonly health: HealthDocument;
  readonly core: CoreConfig;
  readonly endpoint: HostPort;
  readonly driver: DeviceDriver;
  readonly publicKey: string;
  readonly status: ExitNodeStatus;
  readonly entry: CoreEntryDocument;
  readonly reconcile: CoreReconcileDocument | null;
  readonly drops: DropCounts | undefined;
}

export function coreStatusDocument(picture: CorePicture): CoreStatusDocument {
  const { version, startedAt, at, health, core, endpoint, driver, publicKey, status, entry, reconcile, drops } =
    picture;
  const { capacity, boot, latest, watermark, wantsSnapshot } = status;
  const { peers, strangers, tombstones, resting } = status.counts;
  const { interface: name, listenPort, mtu, addresses } = core;
  return {
    ...{ schema: coreSchemaNumber, version, pid: process.pid, startedAt, at, health },
    device: { name, driver, publicKey, listenPort, endpoint: formatHostPort(endpoint), mtu },
    pools: addresses.map((prefix) => formatPrefix(networkOf(prefix))),
    ownAddresses: addresses.map(({ address }) => address),
    counts: { peers, capacity, strangers, tombstones, resting },
    orders: { boot, latestGeneration: latest, watermark, wantsSnapshot },
    ...{ entry, reconcile, drops: drops === undefined ? [] : dropDocuments(drops) },
  };
}

function dropDocuments(drops: DropCounts): readonly CoreDropDocument[] {
  return dropReasons.map((reason) => ({ reason, packets: drops[reason].packets, bytes: drops[reason].octets }));
}

/** Whose lease lasts, in the order of their ids. `counted`: what the device tells of them, where it is to be told. */
export function corePeerDocuments(
  held: Iterable<Held>,
  now: Millis,
  counted: WireGuardState["peers"] | undefined,
): readonly CorePeerDocument[] {
  return [...held]
    .filter((one) => one.kind === "present" && one.endsAt > now)
    .map((one) => peerDocument(one as Present, now, counted))
    .toSorted((one, other) => (one.placement < other.placement ? -1 : 1));
}

function peerDocument(
  { placement, generation, peer, endsAt }: Present,
  now: Millis,
  counted: WireGuardState["peers"] | undefined,
): CorePeerDocument {
  const { publicKey, addresses, presharedKey } = peer;
  const there = counted?.get(publicKey as WireGuardPublicKey);
  return {
    ...{ placement, generation, publicKey, addresses, hasPresharedKey: presharedKey !== undefined },
    leaseLeftMs: Math.max(0, Math.floor(endsAt - now)),
    traffic:
      there === undefined
        ? null
        : {
            receivedBytes: there.received,
            sentBytes: there.sent,
            lastHandshakeAt: there.lastHandshake ?? null,
          },
  };
}
