/** What a node tells of itself, judged before it is stored: nodes are believed about themselves, and about nothing else. */
import {
  familyOf,
  formatPrefix,
  networkOf,
  parseIpAddress,
  parsePrefix,
  prefixContains,
} from "@ropewalk/kernel/addresses";
import { formatHostPort, parseHostPort } from "@ropewalk/kernel/host-port";

export interface ToldExit {
  readonly publicKey: Uint8Array;
  readonly endpoint: string;
  readonly pools: readonly string[];
  readonly ownAddresses: readonly string[];
  readonly capacity: number;
  readonly activePeers: number;
  readonly quarantineMillis: number;
}

export interface ToldStatus {
  readonly boot: string;
  readonly bootMillis: bigint;
  readonly latestGeneration: bigint;
  readonly controlAddress: string;
  readonly troubles: readonly string[];
  readonly version: string;
  readonly exit: ToldExit | undefined;
}

export interface CheckedExit {
  readonly publicKey: Uint8Array;
  readonly endpoint: string;
  /** In their canonical form; one of both there is. */
  readonly poolV4: string | undefined;
  readonly poolV6: string | undefined;
  readonly ownAddresses: readonly string[];
  readonly capacity: number;
  readonly activePeers: number;
  /** For how long it refuses an address that somebody else had. */
  readonly quarantineMillis: number;
}

export interface CheckedStatus {
  readonly boot: string;
  readonly bootMillis: number;
  readonly latestGeneration: number;
  readonly controlAddress: string | undefined;
  /** 16 at most, of 256 characters. */
  readonly troubles: readonly string[];
  readonly version: string | undefined;
  readonly exit: CheckedExit | undefined;
}

/** A node could otherwise bring its counter to an end. It counts to there in a thousand years. */
const mostGenerations = 2n ** 52n;
const mostCapacity = 1_000_000;
/** A day: a pool would stand empty. */
const longestQuarantine = 86_400_000;
const [mostTroubles, longestTrouble, longestVersion] = [16, 256, 64];

/** A text says what is wrong with it. */
export function checkStatus(told: ToldStatus): CheckedStatus | string {
  const { boot, bootMillis, latestGeneration } = told;
  if (!/^[^\p{C}]{1,128}$/u.test(boot)) return "its boot is no name of 1 to 128 printable characters";
  if (bootMillis > mostGenerations) return "its clock is out of range";
  if (latestGeneration > mostGenerations) return "its latest generation is out of range";
  const control = parseHostPort(told.controlAddress);
  if (control === undefined && told.controlAddress !== "") return "its control address is no host and port";
  const exit = told.exit === undefined ? undefined : checkExit(told.exit);
  if (typeof exit === "string") return exit;
  return {
    ...{ boot, bootMillis: Number(bootMillis), latestGeneration: Number(latestGeneration), exit },
    controlAddress: control === undefined ? undefined : formatHostPort(control),
    troubles: told.troubles.slice(0, mostTroubles).map((text) => storable(text, longestTrouble)),
    version: storable(told.version, longestVersion) || undefined,
  };
}

/** What is only read is no reason to refuse a node. PostgreSQL has no text with U+0000, and screens no use for the others. */
function storable(text: string, longest: number): string {
  return text
    .slice(0, longest)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, "\ufffd");
}

function checkExit(told: ToldExit): CheckedExit | string {
  const { publicKey, capacity, activePeers, quarantineMillis } = told;
  if (publicKey.length !== 32 || publicKey.every((octet) => octet === 0)) return "its public key is none";
  const endpoint = parseHostPort(told.endpoint);
  if (endpoint === undefined) return "its endpoint is no host and port";
  const pools = told.pools.map(parsePrefix).flatMap((pool) => pool ?? []);
  const [v4 = [], v6 = []] = (["ipv4", "ipv6"] as const).map((family) =>
    pools.filter(({ address }) => familyOf(address) === family),
  );
  if (pools.length !== told.pools.length || v4.length > 1 || v6.length > 1 || pools.length === 0)
    return "its pools are not one of each family at most";
  if (pools.some((pool) => networkOf(pool).address !== pool.address)) return "a pool is not the name of a network";
  const own = told.ownAddresses.map(parseIpAddress).flatMap((address) => address ?? []);
  if (own.length !== told.ownAddresses.length || own.length > 16) return "its own addresses are none";
  if (!own.every((address) => pools.some((pool) => prefixContains(pool, address))))
    return "an own address is not in its pools";
  if (capacity > mostCapacity || activePeers > 2 ** 31 - 1) return "its capacity or its count of peers is out of range";
  if (quarantineMillis > longestQuarantine) return "its addresses rest for longer than a day";
  const [poolV4, poolV6] = [v4[0], v6[0]].map((pool) => (pool === undefined ? undefined : formatPrefix(pool)));
  return {
    ...{ publicKey, endpoint: formatHostPort(endpoint), poolV4, poolV6, ownAddresses: own },
    ...{ capacity, activePeers, quarantineMillis },
  };
}
