/**
 * How much may wait here for others, and who gives way. Bounds are octets: in all, of one neighbour, and for one destination. Where one is
 * reached, what gives way is of whoever has the most under that bound, the newcomer counted (see `account.ts`): so a flood takes its own places,
 * and nobody's who has less. Of his it is the lowest priority, and of that what has the least of its life left.
 */
import type { Bytes } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../../mesh-address.ts";
import { type Priority, priority } from "../wire/envelope.ts";
import { Account, fullestOf } from "./account.ts";
import { type AccountName, givesWayBefore, type Held, type HeldFrom, heldOverhead } from "./held.ts";

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
/** Of neighbours that are not there now. What those beyond have is put together. */
const mostAccounts = 256;
const crowd: AccountName = "crowd";

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
  /** Who is there now, and over how many links. */
  readonly #present = new Map<AccountName, number>();
  #octets = 0;

  constructor({ most }: SharesConfig) {
    this.#most = most;
  }

  linkUp(neighbour: MeshAddress): void {
    this.#present.set(neighbour, (this.#present.get(neighbour) ?? 0) + 1);
  }

  linkDown(neighbour: MeshAddress): void {
    const links = (this.#present.get(neighbour) ?? 0) - 1;
    if (links > 0) this.#present.set(neighbour, links);
    else {
      this.#present.delete(neighbour);
      if (this.#accounts.size > mostAccounts) this.#joinCrowd(neighbour);
    }
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
    const isCrowded = bound === "destination" && destination !== undefined;
    const accounts = isCrowded ? this.#piles(destination) : this.#accounts;
    const own = accounts.get(name);
    const isPresent = (of: AccountName) => this.#present.has(of);
    const fullest = bound === "neighbour" ? own : fullestOf(accounts, { name, cost }, isPresent);
    const victim = fullest?.byRank.first;
    if (fullest !== own) return victim;
    return victim !== undefined && givesWayBefore(victim, newcomer) ? victim : undefined;
  }

  #piles(destination: MeshAddress): Map<AccountName, Account> {
    const its = this.#destinations.get(destination);
    if (its?.piles !== undefined) return its.piles;
    const piles = new Map<AccountName, Account>();
    for (const held of its?.all ?? []) changed(piles, held.account ?? crowd, "inPile", held, 1);
    if (its !== undefined) its.piles = piles;
    return piles;
  }

  #joinCrowd(neighbour: MeshAddress): void {
    const account = this.#accounts.get(neighbour);
    for (let held = account?.byRank.first; held !== undefined; held = account?.byRank.first) {
      this.remove(held);
      this.#put(held, crowd);
    }
  }

  #accountFor(from: HeldFrom): AccountName {
    const isApart = from === "own" || this.#present.has(from) || this.#accounts.has(from);
    return isApart || this.#accounts.size < mostAccounts ? from : crowd;
  }
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
