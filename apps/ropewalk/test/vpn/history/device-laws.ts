/** What nodes' devices carried, and when; and the laws between that and the placements. */
import type { DeviceWrite, HistoryTerms, NodeAnswer } from "./history.ts";
import type { KnownPlacement, RowLaws } from "./row-laws.ts";

/** A peer on a device, as long as its addresses are the same. */
export interface Carriage {
  readonly node: string;
  readonly key: string;
  readonly addresses: readonly string[];
  readonly from: number;
  to: number;
}

const never = Number.POSITIVE_INFINITY;

export class DeviceLaws {
  readonly #terms: HistoryTerms;
  readonly #rows: RowLaws;
  /** By node and key: what lasts. */
  readonly #now = new Map<string, Map<string, Carriage>>();
  readonly #owners = new Map<string, string>();
  readonly #latest = new Map<string, { readonly order: number; readonly removed: number }>();
  #carriages = new Map<string, Carriage[]>();

  constructor(rows: RowLaws, terms: HistoryTerms) {
    this.#rows = rows;
    this.#terms = terms;
  }

  write(write: DeviceWrite): readonly string[] {
    switch (write.kind) {
      case "emptied":
        for (const key of [...(this.#now.get(write.node)?.keys() ?? [])]) this.#end(write.node, key, write.at);
        return [];
      case "removed":
        this.#end(write.node, write.key, write.at);
        return [];
      case "set":
        return this.#set(write.node, write.key, write.addresses.toSorted(), write.at);
    }
  }

  /** What leaves a node is in the order of its judgements. */
  answer({ node, placement, generation, answer }: NodeAnswer): readonly string[] {
    if (answer === "refused") return [];
    const name = `${node} ${placement}`;
    const { order, removed } = this.#latest.get(name) ?? { order: 0, removed: 0 };
    this.#latest.set(name, {
      order: Math.max(order, generation),
      removed: answer === "removed" ? Math.max(removed, generation) : removed,
    });
    if (answer === "removed" || (generation >= order && generation > removed)) return [];
    return [`generation ${generation} of placement ${placement} was placed behind ${Math.max(order, removed)}`];
  }

  /** Each peer of a device was a placement's, from before it came until behind its going; by all that is known of both. */
  judge(): readonly string[] {
    return [...this.#carriages.values()].flat().flatMap((carriage) => this.#judgeOne(carriage));
  }

  /** While these answers were given, the device had not got whom it is told not to have. */
  judgeAnswers(answers: readonly NodeAnswer[]): readonly string[] {
    return answers.flatMap(({ node, placement, answer, at }) => {
      const place = answer === "removed" ? this.#rows.placements.get(placement) : undefined;
      if (place === undefined || place.node !== node) return [];
      const { tolerance } = this.#terms;
      const isCarried = this.carriagesOf(place).some(({ from, to }) => from < at - tolerance && at + tolerance < to);
      return isCarried ? [`law 7: placement ${placement} was answered to be removed, and is carried`] : [];
    });
  }

  /** While it was not released. */
  carriagesOf({ node, key, addresses, cameAt, releasedAt }: KnownPlacement): readonly Carriage[] {
    const { tolerance } = this.#terms;
    const own = addresses.toSorted().join();
    return (this.#carriages.get(`${node} ${key}`) ?? []).filter(
      (one) => one.addresses.join() === own && one.to >= cameAt - tolerance && one.from <= releasedAt + tolerance,
    );
  }

  /** What a node carries now. */
  carried(node: string): readonly Carriage[] {
    return [...(this.#now.get(node)?.values() ?? [])];
  }

  get nodes(): Iterable<string> {
    return this.#now.keys();
  }

  forget(): void {
    this.#latest.clear();
    this.#carriages = new Map();
    for (const peers of this.#now.values()) for (const carriage of peers.values()) this.#remember(carriage);
  }

  #judgeOne({ node, key, addresses, from, to }: Carriage): readonly string[] {
    const { tolerance } = this.#terms;
    const who = `${key} at ${addresses.join()} of node ${node}`;
    const own = addresses.join();
    const places = this.#rows.placesFor(node, key).filter((place) => place.addresses.toSorted().join() === own);
    const isOrdered = places.some(({ cameAt }) => cameAt <= from + tolerance);
    if (!isOrdered) return [`law 4: ${who} is carried, and was never ordered`];
    if (!places.some(({ cameAt, releasedAt }) => cameAt <= from + tolerance && to <= releasedAt + tolerance))
      return [`law 4: ${who} is carried although it is released`];
    const isInTime = (end: number) => places.some(({ until }) => end <= until + tolerance);
    return isInTime(to === never ? from : to) ? [] : [`law 5: ${who} is carried for longer than it may last`];
  }

  #set(node: string, key: string, addresses: readonly string[], at: number): readonly string[] {
    const before = this.#now.get(node)?.get(key);
    if (before?.addresses.join() === addresses.join()) return [];
    this.#end(node, key, at);
    const carriage: Carriage = { node, key, addresses, from: at, to: never };
    const peers = this.#now.get(node) ?? new Map<string, Carriage>();
    this.#now.set(node, peers.set(key, carriage));
    this.#remember(carriage);
    return addresses.flatMap((address) => {
      const name = `${node} ${address}`;
      const owner = this.#owners.get(name);
      this.#owners.set(name, key);
      return owner === undefined || owner === key ? [] : [`law 6: node ${node} carries two with ${address}`];
    });
  }

  #end(node: string, key: string, at: number): void {
    const carriage = this.#now.get(node)?.get(key);
    if (carriage === undefined) return;
    carriage.to = at;
    this.#now.get(node)?.delete(key);
    for (const address of carriage.addresses)
      if (this.#owners.get(`${node} ${address}`) === key) this.#owners.delete(`${node} ${address}`);
  }

  #remember(carriage: Carriage): void {
    const name = `${carriage.node} ${carriage.key}`;
    const known = this.#carriages.get(name);
    if (known === undefined) this.#carriages.set(name, [carriage]);
    else known.push(carriage);
  }
}
