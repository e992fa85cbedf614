/**
 * What a node knows when its program starts again. Leases go on in the same boot; with another the device is empty and the clock begins anew,
 * so that whoever was there is to be placed anew. A node without its store lets what it finds on its device run out, unless it is told better.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type Held, isLive, overAt, type Rest, type Stranger } from "./held.ts";
import { LeaseTable } from "./lease-table.ts";
import type { Generation } from "./order.ts";

export interface StoredLeases {
  /** In which it was written. */
  readonly boot: string;
  readonly watermark: Generation;
  readonly held: readonly Held[];
  readonly resting: readonly Rest[];
}

/**
 * `boot` is the one that has begun: with no store, it must be new. `device`: what the kernel lets through, and for how long. `quarantine`: for how
 * long addresses rest whose leases have ended meanwhile.
 */
export function reopen(
  boot: string,
  stored: StoredLeases | undefined,
  device: readonly Stranger[],
  now: Millis,
  quarantine: Millis,
): LeaseTable {
  const live = device.filter((peer) => isLive(peer, now));
  if (stored === undefined) return new LeaseTable(boot, 0 as Generation, [], live);
  if (stored.boot !== boot) return new LeaseTable(boot, stored.watermark);
  const held = stored.held.filter((one) => overAt(one) > now);
  const known = new Set(held.map((one) => (one.kind === "present" ? one.peer.publicKey : one.publicKey)));
  // After the first snapshot nobody is a stranger: what the store does not know was taken away while the program died.
  const strangers = stored.watermark === 0 ? live.filter(({ peer }) => !known.has(peer.publicKey)) : [];
  const table = new LeaseTable(boot, stored.watermark, held, strangers);
  const ended = stored.held.flatMap((one) => restsOf(one, quarantine));
  for (const rest of [...stored.resting, ...ended]) {
    const isFree = table.holderAt(rest.address, now) === undefined;
    if (isFree && rest.until > now && rest.until > (table.rest(rest.address)?.until ?? 0)) table.putRest(rest);
  }
  return table;
}

function restsOf(held: Held, quarantine: Millis): readonly Rest[] {
  if (held.kind === "gone") return [];
  const until = millis(held.endsAt + quarantine);
  return held.peer.addresses.map((address) => ({ address, formerly: held.placement, until }));
}
