/**
 * Leases as the kernel keeps them: an element (interface, address) of a set, with a timeout of its own. When it runs out the kernel takes the
 * element away and forwards nothing more for it, whoever is still alive to say so.
 */
import { vpnFirewallTable as table } from "@ropewalk/host/allocations";
import { families, familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import { digits } from "./family-digits.ts";
import { quotedName } from "./quoted-name.ts";

/** Who may send from this address, and by which tunnel. */
export interface LeaseKey {
  readonly tunnel: string;
  readonly address: IpAddress;
}

export interface Lease extends LeaseKey {
  /** On the monotonic clock. */
  readonly endsAt: Millis;
}

/** What is to become of an address: its lease ends then, or it has none. */
export interface LeaseChange extends LeaseKey {
  readonly endsAt: Millis | undefined;
}

/** Commands that add leases to a table that has none. Those that are over by `now` are left out. */
export function fillLeases(leases: readonly Lease[], now: Millis): string {
  return listed(
    "add",
    leases.filter(({ endsAt }) => lasts(endsAt, now)),
    (lease) => withTimeout(lease, now),
  );
}

/**
 * Commands that change these leases and no other, in one transaction: nobody is without his lease in between. What is to go may be gone, and what is
 * to come may be there, with whatever timeout: it is added, so that it can be deleted, and then added as it is to be. The kernel changes the timeout
 * of an element that is there only since 6.12. Each key may be in the list once.
 */
export function changeLeases(changes: readonly LeaseChange[], now: Millis): string {
  const granted = changes.flatMap(({ endsAt, ...key }) =>
    endsAt !== undefined && lasts(endsAt, now) ? [{ ...key, endsAt }] : [],
  );
  return [
    listed("add", changes, (key) => `${keyOf(key)} timeout ${placeholder}`),
    listed("delete", changes, keyOf),
    listed("add", granted, (lease) => withTimeout(lease, now)),
  ].join("");
}

/** Of an element that is deleted in the same transaction. */
const placeholder = "1h";

/** A command for each family, or none for one of which there is nothing. */
function listed<Key extends LeaseKey>(
  verb: "add" | "delete",
  keys: readonly Key[],
  element: (key: Key) => string,
): string {
  return families
    .map((family) => {
      const elements = keys.filter(({ address }) => familyOf(address) === family).map(element);
      if (elements.length === 0) return "";
      return `${verb} element inet ${table} leases${digits[family]} { ${elements.join(", ")} }\n`;
    })
    .join("");
}

function keyOf({ tunnel, address }: LeaseKey): string {
  return `${quotedName(tunnel)} . ${address}`;
}

/** Never longer than it may last. nft reads no number of more than eight digits: so many milliseconds are little more than a day. */
function withTimeout(lease: Lease, now: Millis): string {
  const left = Math.floor(lease.endsAt - now);
  return `${keyOf(lease)} timeout ${Math.floor(left / 1_000)}s${left % 1_000}ms`;
}

function lasts(endsAt: Millis, now: Millis): boolean {
  return endsAt - now >= 1;
}
