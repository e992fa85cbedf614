/**
 * How much may wait here for others, and who gives way. Bounds are octets: in all, of one neighbour, and for one destination. Where one is
 * reached, what gives way is of whoever has the most under that bound, the newcomer counted: so a flood takes its own places, and nobody's
 * who has less. Of his it is the lowest priority, and of that what has the least of its life left.
 */
import type { Bytes } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../../mesh-address.ts";
import { type Priority, priority } from "../wire/envelope.ts";
import { type AccountName, givesWayBefore, type Held, type HeldFrom, heldOverhead } from "./held.ts";
import { HeldHeap } from "./held-heap.ts";

export interface SharesConfig {
  /** Octets in all, each envelope with `heldOverhead`. */
  readonly most: Bytes;
}

/** Which bound leaves no room. */
export type ShareBound = "neighbour" | "destination" | "all";

const ofNeighbour = 1 / 4;
const forDestination = 1 / 8;
/** Of a neighbour's, for emergencies. */
const forEmergencies = 1 / 10;
/** Neighbours beyond so many, of which something is here, share one account. */
const mostAccounts = 256;
const crowd: AccountName = "crowd";

class Account {
  octets = 0;
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

/** What is for one destination. */
interface Destination {
  octets: number;
  /** In the order in which they came. */
  readonly all: Set<Held>;
  /** By who brought them: from the first time on that somebody had to give way here. */
  piles: Map<AccountName, Account> | undefined;
}

export class CustodyShares {
  readonly #most: number;
  readonly #accounts = new Map<AccountName, Account>();
  readonly #destinations = new Map<MeshAddress, Destination>();
  #octets = 0;

  constructor({ most }: SharesConfig) {
    this.#most = most;
  }

  /** What all cost. */
  get octets(): number {
    return this.#octets;
  }

  octetsOf(neighbour: HeldFrom): number {
    return this.#accounts.get(neighbour)?.octets ?? 0;
  }

  octetsFor(destination: MeshAddress): number {
    return this.#destinations.get(destination)?.octets ?? 0;
  }

  /** Those for a destination, in the order in which they came. They may come and go meanwhile. */
  of(destination: MeshAddress): IterableIterator<Held> {
    return (this.#destinations.get(destination)?.all ?? new Set()).values();
  }

  /** What an envelope of so many octets may be held as: emergencies of one neighbour have a tenth of what it may have. */
  priority(from: HeldFrom, wanted: Priority, size: number): Priority {
    if (wanted !== priority.emergency || from === "own") return wanted;
    const emergencies = this.#accounts.get(this.#accountFor(from))?.emergencies ?? 0;
    const most = this.#most * ofNeighbour * forEmergencies;
    return emergencies + size + heldOverhead <= most ? wanted : priority.high;
  }

  /** Takes it in; those that gave way for it, or the bound that leaves it no room. The node's own always has. */
  admit(newcomer: Held): readonly Held[] | ShareBound {
    const name = this.#accountFor(newcomer.from);
    const given: (readonly [Held, AccountName])[] = [];
    for (let bound = this.#exceeded(newcomer, name); bound !== undefined; bound = this.#exceeded(newcomer, name)) {
      const victim = this.#victim(bound, newcomer, name);
      if (victim === undefined) {
        for (const [held, its] of given) this.#put(held, its);
        return bound;
      }
      given.push([victim, victim.account ?? name]);
      this.remove(victim);
    }
    this.#put(newcomer, name);
    return given.map(([held]) => held);
  }

  /** It must have been admitted. */
  remove(held: Held): void {
    const name = held.account;
    if (name === undefined) return;
    held.account = undefined;
    this.#change(held, name, -1);
  }

  #put(held: Held, name: AccountName): void {
    held.account = name;
    this.#change(held, name, 1);
  }

  #change(held: Held, name: AccountName, sign: 1 | -1): void {
    if (name !== "own") this.#octets += sign * held.cost;
    changed(this.#accounts, name, "byRank", held, sign);
    const { destination } = held;
    if (destination === undefined) return;
    const its = this.#destinations.get(destination) ?? { octets: 0, all: new Set(), piles: undefined };
    this.#destinations.set(destination, its);
    if (its.piles !== undefined) changed(its.piles, name, "inPile", held, sign);
    if (name !== "own") its.octets += sign * held.cost;
    if (sign > 0) its.all.add(held);
    else its.all.delete(held);
    if (its.all.size === 0) this.#destinations.delete(destination);
  }

  #exceeded({ from, cost, destination }: Held, name: AccountName): ShareBound | undefined {
    if (from === "own") return undefined;
    if ((this.#accounts.get(name)?.octets ?? 0) + cost > this.#most * ofNeighbour) return "neighbour";
    if (destination !== undefined && this.octetsFor(destination) + cost > this.#most * forDestination)
      return "destination";
    return this.#octets + cost > this.#most ? "all" : undefined;
  }

  /** Undefined: nothing that is worth less than the newcomer. */
  #victim(bound: ShareBound, newcomer: Held, name: AccountName): Held | undefined {
    const { destination, cost } = newcomer;
    const accounts = bound === "destination" && destination !== undefined ? this.#piles(destination) : this.#accounts;
    const own = accounts?.get(name);
    const fullest = bound === "neighbour" ? own : fullestOf(accounts, own, cost);
    const victim = fullest?.byRank.first;
    if (fullest !== own) return victim;
    return victim !== undefined && givesWayBefore(victim, newcomer) ? victim : undefined;
  }

  #piles(destination: MeshAddress): Map<AccountName, Account> | undefined {
    const its = this.#destinations.get(destination);
    if (its === undefined || its.piles !== undefined) return its?.piles;
    its.piles = new Map();
    for (const held of its.all) changed(its.piles, held.account ?? crowd, "inPile", held, 1);
    return its.piles;
  }

  #accountFor(from: HeldFrom): AccountName {
    return from === "own" || this.#accounts.has(from) || this.#accounts.size < mostAccounts ? from : crowd;
  }
}

/** Who has the most, once the newcomer's has `cost` more; of several the newcomer's. */
function fullestOf(
  accounts: ReadonlyMap<AccountName, Account> | undefined,
  newcomers: Account | undefined,
  cost: number,
): Account | undefined {
  let fullest = newcomers;
  let most = (newcomers?.octets ?? 0) + cost;
  for (const [name, account] of accounts ?? []) {
    if (name === "own" || account === newcomers || account.octets <= most) continue;
    [fullest, most] = [account, account.octets];
  }
  return fullest;
}

function changed(
  accounts: Map<AccountName, Account>,
  name: AccountName,
  place: "byRank" | "inPile",
  held: Held,
  sign: 1 | -1,
): void {
  const account = accounts.get(name) ?? new Account(place);
  accounts.set(name, account);
  account.change(held, sign);
  if (account.byRank.size === 0) accounts.delete(name);
}
