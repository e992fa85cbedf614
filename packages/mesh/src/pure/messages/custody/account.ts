/**
 * What one neighbour brought, in octets and by what gives way first; and which of several accounts gives way. Those of neighbours that are not
 * there now count together: whoever comes again and again under new names has the share of one, and takes it from those who left.
 */
import { priority } from "../wire/envelope.ts";
import { type AccountName, givesWayBefore, type Held } from "./held.ts";
import { HeldHeap } from "./held-heap.ts";

export class Account {
  octets = 0;
  /** Of these, of emergencies. */
  emergencies = 0;
  readonly byRank: HeldHeap;

  constructor(place: "byRank" | "inPile") {
    this.byRank = new HeldHeap(place, givesWayBefore);
  }

  change(held: Held, sign: 1 | -1): void {
    this.octets += sign * held.cost;
    if (held.priority === priority.emergency) this.emergencies += sign * held.cost;
    if (sign > 0) this.byRank.add(held);
    else this.byRank.delete(held);
  }
}

export interface Newcomer {
  readonly name: AccountName;
  readonly cost: number;
}

/**
 * Whose account has the most, once the newcomer's has `cost` more: that of one who is there, or the largest of those who are not, where they have
 * more together. Of several the newcomer's. Undefined: it is the newcomer's, and he has none.
 */
export function fullestOf(
  accounts: ReadonlyMap<AccountName, Account>,
  { name: newcomer, cost }: Newcomer,
  isPresent: (name: AccountName) => boolean,
): Account | undefined {
  const isOwnPresent = isPresent(newcomer);
  const own = { account: accounts.get(newcomer), octets: (accounts.get(newcomer)?.octets ?? 0) + cost };
  let present = isOwnPresent ? own : { account: undefined, octets: 0 };
  let absent = isOwnPresent ? { account: undefined, octets: 0 } : own;
  let together = absent.octets;
  for (const [name, account] of accounts) {
    if (name === "own" || name === newcomer) continue;
    const { octets } = account;
    if (isPresent(name)) {
      if (octets > present.octets) present = { account, octets };
      continue;
    }
    together += octets;
    if (octets > absent.octets) absent = { account, octets };
  }
  if (together === present.octets) return isOwnPresent ? present.account : absent.account;
  return (together > present.octets ? absent : present).account;
}
