/** How an exit is, as it tells entry by heartbeats and when it is asked. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { NodeStatusSchema } from "@ropewalk/api/proto/vpn/exit";
import { formatPrefix } from "@ropewalk/kernel/addresses";
import type { ExitNodeStatus } from "./exit-status.ts";
import type { Pools } from "./pure/pool-member.ts";

/** What does not change while it runs. */
export interface ExitAbout extends Pools {
  readonly version: string;
  /** Where entry reaches its ExitService, "host:port". */
  readonly controlAddress: string;
  /** Where peers send, "host:port". */
  readonly endpoint: string;
}

const mostTroubles = 8;
const longestTrouble = 300;

export function encodeStatus(status: ExitNodeStatus, about: ExitAbout): MessageInitShape<typeof NodeStatusSchema> {
  const {
    boot,
    clock,
    latest,
    watermark,
    wantsSnapshot,
    isHealthy,
    troubles,
    counts,
    capacity,
    quarantine,
    publicKey,
  } = status;
  const { version, controlAddress, endpoint, pools, ownAddresses } = about;
  return {
    // Read before it is told: what is rounded makes it no later.
    clock: { boot, millis: BigInt(Math.floor(clock)) },
    ...{ latestGeneration: BigInt(latest), watermark: BigInt(watermark), wantsSnapshot, isHealthy, version },
    ...{ controlAddress, troubles: troubles.slice(0, mostTroubles).map((words) => words.slice(0, longestTrouble)) },
    exit: {
      publicKey: publicKey === undefined ? new Uint8Array() : Uint8Array.fromBase64(publicKey),
      ...{
        endpoint,
        capacity,
        quarantineMillis: Math.ceil(quarantine),
        pools: pools.map(formatPrefix),
        ownAddresses: [...ownAddresses],
      },
      ...{ activePeers: counts.peers, strangers: counts.strangers, tombstones: counts.tombstones },
    },
  };
}
