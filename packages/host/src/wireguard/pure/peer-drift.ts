/**
 * The fewest changes after which a device has the wanted peers and no others, and in which nothing that is right is written.
 * What is revoked goes first.
 */
import {
  familyOf,
  formatPrefix,
  type IpAddress,
  isLinkLocal,
  networkOf,
  type Prefix,
} from "@ropewalk/kernel/addresses";
import { InternalError } from "@ropewalk/kernel/errors";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { PeerChange, PeerValues, PresentPeer, WantedPeer, WireGuardState } from "../device.ts";
import type { WireGuardPublicKey } from "../public-key.ts";

type Peers = WireGuardState["peers"];
type PrefixValues = NonNullable<PeerValues["prefixes"]>;

/**
 * Endpoints are not compared: they move. Throws InternalError for a key that is wanted twice and, where there is anything to change,
 * for a prefix that two peers are to have. A peer with the device's own key is passed over, as every device does.
 */
export function peerDrift(
  wanted: readonly WantedPeer[],
  { publicKey: own, peers }: Pick<WireGuardState, "publicKey" | "peers">,
): readonly PeerChange[] {
  const possible = own === undefined ? wanted : wanted.filter(({ publicKey }) => publicKey !== own);
  const keys = new Set(possible.map(({ publicKey }) => publicKey));
  if (keys.size < possible.length) throw new InternalError("a WireGuard peer is wanted twice");
  const removed = [...peers.keys()].filter((key) => !keys.has(key));
  const claims = new Claims(possible);
  const updated = possible.flatMap((peer) => updates(peer, peers, claims));
  const added = possible.filter(({ publicKey }) => !peers.has(publicKey));
  if (updated.length + added.length > 0) claims.check();
  return [
    ...removed.map((publicKey): PeerChange => ({ kind: "remove", publicKey })),
    ...updated,
    ...added.map((peer): PeerChange => ({ kind: "add", peer })),
  ];
}

/**
 * Every known endpoint once more: after the addresses of this machine changed, wireguard-go goes on sending from the old one until
 * it is told a peer's endpoint anew. Link-local ones are left out, whose zone is not known.
 */
export function endpointsAgain(peers: Peers): readonly PeerChange[] {
  return [...peers.values()].flatMap(({ publicKey, endpoint }): readonly PeerChange[] =>
    endpoint === undefined || hasZone(endpoint.address) ? [] : [{ kind: "update", publicKey, values: { endpoint } }],
  );
}

function hasZone(address: IpAddress): boolean {
  return familyOf(address) === "ipv6" && isLinkLocal(address);
}

/** Who wants each prefix; looked up only once something differs. */
class Claims {
  readonly #wanted: readonly WantedPeer[];
  #owners: ReadonlyMap<string, WireGuardPublicKey> | undefined;

  constructor(wanted: readonly WantedPeer[]) {
    this.#wanted = wanted;
  }

  isClaimed(prefix: string): boolean {
    return this.check().has(prefix);
  }

  check(): ReadonlyMap<string, WireGuardPublicKey> {
    this.#owners ??= ownersOf(this.#wanted);
    return this.#owners;
  }
}

function ownersOf(wanted: readonly WantedPeer[]): ReadonlyMap<string, WireGuardPublicKey> {
  const owners = new Map<string, WireGuardPublicKey>();
  for (const { publicKey, allowedPrefixes } of wanted) {
    for (const prefix of allowedPrefixes) {
      const text = networkText(prefix);
      const other = owners.get(text);
      if (other !== undefined && other !== publicKey) throw new InternalError(`two WireGuard peers want ${text}`);
      owners.set(text, publicKey);
    }
  }
  return owners;
}

function updates(wanted: WantedPeer, peers: Peers, claims: Claims): readonly PeerChange[] {
  const present = peers.get(wanted.publicKey);
  if (present === undefined) return [];
  const prefixes = prefixValues(wanted, present, claims);
  const isKeyRight = isSameSecret(wanted.presharedKey, present.presharedKey);
  const isKeepaliveRight = wanted.keepalive === present.keepalive;
  if (prefixes === undefined && isKeyRight && isKeepaliveRight) return [];
  const values: PeerValues = {
    ...(isKeyRight ? {} : { presharedKey: wanted.presharedKey ?? null }),
    ...(isKeepaliveRight ? {} : { keepalive: wanted.keepalive ?? null }),
    ...(prefixes === undefined ? {} : { prefixes }),
  };
  return [{ kind: "update", publicKey: wanted.publicKey, values }];
}

/**
 * Undefined where nothing need be written of the peer: also where all that it has too much is another's, who gets it and thereby
 * takes it away. All are written anew only when one must go that nobody takes.
 */
function prefixValues(wanted: WantedPeer, present: PresentPeer, claims: Claims): PrefixValues | undefined {
  if (isSameList(wanted.allowedPrefixes, present.allowedPrefixes)) return undefined;
  const meant = new Map(wanted.allowedPrefixes.map((prefix) => [networkText(prefix), prefix]));
  const there = new Set(present.allowedPrefixes.map(networkText));
  const isAnyLeftOver = [...there].some((text) => !meant.has(text) && !claims.isClaimed(text));
  if (isAnyLeftOver) return { kind: "replace", prefixes: [...meant.values()] };
  const lacking = [...meant].filter(([text]) => !there.has(text)).map(([, prefix]) => prefix);
  return lacking.length === 0 ? undefined : { kind: "add", prefixes: lacking };
}

function isSameList(a: readonly Prefix[], b: readonly Prefix[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ address, length }, index) => address === b[index]?.address && length === b[index]?.length)
  );
}

/** As devices keep it: without the bits past its length. */
function networkText(prefix: Prefix): string {
  const isHost = prefix.length === (prefix.address.includes(":") ? 128 : 32);
  return formatPrefix(isHost ? prefix : networkOf(prefix));
}

function isSameSecret(a: SecretBytes | undefined, b: SecretBytes | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [one, other] = [a.reveal(), b.reveal()];
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}
