/**
 * Whom to dial, and when. A target is left alone while the peer it leads to has a link; else it is dialled with a growing wait and
 * jitter. When this machine's paths change, what was found out about the old ones says nothing, and all are dialled at once.
 */
import { type BackoffConfig, backoff } from "@ropewalk/kernel/backoff";
import { type Millis, millis } from "@ropewalk/kernel/units";
import {
  type DialEntry,
  type DialTarget,
  isDialling,
  isStatic,
  never,
  noPast,
  type TargetKey,
  targetKey,
} from "./dial-entry.ts";
import { chosenPeers, type FoundPeer, nearestPeers } from "./lan-choice.ts";
import type { MeshAddress } from "./mesh-address.ts";

export interface DiallingConfig {
  readonly own: MeshAddress;
  readonly backoff: BackoffConfig;
  /** Targets that are dialled at the same time. */
  readonly atOnce: number;
  /** Discovered peers that are dialled or have a link, of those who answer; the others are kept in reserve. At least two. */
  readonly discovered: number;
  /** Of two who discover each other, the one with the lower address dials so much earlier. */
  readonly headStart: Millis;
  /** A link that lasted so long was a good one: its peer is dialled anew at once, and again and again for a while. */
  readonly goodAfter: Millis;
  /** Who was lost by a good link is most often back in seconds: no wait is longer than `every` until then. */
  readonly lost: { readonly for: Millis; readonly every: Millis };
  /** Who has as many links as he may is left alone for half of it at least, unless the configuration names him. */
  readonly full: Millis;
}

export class Dialling {
  #config: DiallingConfig;
  readonly #entries = new Map<TargetKey, DialEntry>();
  /** Peers that have a link, and since when. */
  readonly #linked = new Map<MeshAddress, Millis>();
  /** Discovered peers that are not in reserve; undefined: something has changed since they were chosen. */
  #chosen: ReadonlySet<MeshAddress> | undefined;

  constructor(config: DiallingConfig) {
    this.#config = config;
  }

  /** Each with who is there, as far as is known, and whether he has a link. */
  targets(): readonly (DialTarget & { readonly leadsTo: MeshAddress | undefined; readonly isLinked: boolean })[] {
    return [...this.#entries.values()].map((entry) => {
      return { ...entry.target, leadsTo: entry.leadsTo, isLinked: this.#isLinked(entry) };
    });
  }

  isDialling(key: TargetKey): boolean {
    return this.#entries.get(key)?.state === "dialling";
  }

  /** These static targets and no others; those that were there go on as they were. */
  setStatic(now: Millis, targets: readonly DialTarget[]): void {
    this.#chosen = undefined;
    const wanted = new Map(targets.map((target) => [targetKey(target), target]));
    for (const [key, { target }] of this.#entries)
      if (target.kind === "static" && !wanted.has(key)) this.#entries.delete(key);
    for (const [key, target] of wanted) {
      const known = this.#entries.get(key);
      if (known?.target.kind === "static" && known.target.expected === target.expected) continue;
      // Where whoever may be there is good, who was there is left alone while he has a link.
      this.#add(key, target, { at: now, leadsTo: target.expected ?? known?.leadsTo, draw: 0 });
    }
  }

  /** Whether it was dialled, and who was there has a link. */
  isLinkedAt(key: TargetKey): boolean {
    const entry = this.#entries.get(key);
    return entry?.isProved === true && this.#isLinked(entry);
  }

  /** Whether it is one of the nearest that were found on local networks, who rely on this node to take their link. */
  isNearest(peer: MeshAddress): boolean {
    return nearestPeers(this.#config.own, this.#found(), this.#config.discovered).has(peer);
  }

  /** So many discovered peers are dialled or have a link. */
  setDiscovered(most: number): void {
    this.#chosen = undefined;
    this.#config = { ...this.#config, discovered: most };
  }

  /** Nobody looks for others on local networks any more. */
  forgetDiscovered(): void {
    this.#chosen = undefined;
    for (const [key, entry] of this.#entries) if (!isStatic(entry)) this.#entries.delete(key);
  }

  /** Somebody says to be there. One that is known is dialled soon, for it is there now. */
  found(now: Millis, target: DialTarget, chance: number): void {
    this.#chosen = undefined;
    const { own, headStart, backoff: waits } = this.#config;
    if (target.expected === own) return;
    const key = targetKey(target);
    const soon = millis(now + waits.first * chance);
    const known = this.#entries.get(key);
    if (known !== undefined && (known.target.kind === "static" || known.target.expected === target.expected)) {
      // Who had a link is awaited: only those who find each other the first time are not to dial in step.
      const at = known.restsUntil ?? (known.lostAt === undefined ? soon : now);
      if (known.state === "waiting" && known.at > at) known.at = at;
      return;
    }
    if (this.isLinkedAt(key)) return;
    const isLower = target.expected === undefined || own < target.expected;
    const at = isLower ? soon : millis(soon + headStart);
    this.#add(key, target, { at, leadsTo: target.expected, draw: chance });
  }

  /** A discovered target was not heard of for too long. */
  forget(key: TargetKey): void {
    this.#chosen = undefined;
    if (this.#entries.get(key)?.target.kind === "discovered") this.#entries.delete(key);
  }

  /** What is to be dialled now; each is told back by `failed` or `proved`. */
  due(now: Millis): readonly DialTarget[] {
    const due: DialTarget[] = [];
    for (const entry of this.#ready()) {
      if (entry.at > now || this.#count(isDialling) >= this.#config.atOnce) break;
      const begun = this.#dialledAt(entry.leadsTo);
      if (begun !== undefined && now < begun + otherWayAfter) {
        entry.at = millis(begun + otherWayAfter);
        continue;
      }
      entry.state = "dialling";
      entry.at = now;
      entry.restsUntil = undefined;
      due.push(entry.target);
    }
    return due;
  }

  /** When `due` gives something, unless something else happens first. */
  deadline(): Millis | undefined {
    if (this.#count(isDialling) >= this.#config.atOnce) return undefined;
    return this.#ready()[0]?.at;
  }

  failed(now: Millis, key: TargetKey, chance: number): void {
    this.#chosen = undefined;
    const entry = this.#entries.get(key);
    if (entry?.state !== "dialling") return;
    entry.state = "waiting";
    this.#wait(now, entry, chance);
  }

  /** Nobody but this node is there: it is dialled again once paths change. */
  isSelf(key: TargetKey): void {
    this.#chosen = undefined;
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.state = "waiting";
    entry.at = never;
  }

  /** Who is there has proved himself; whether the link is kept is told by `linkUp`. */
  proved(now: Millis, key: TargetKey, peer: MeshAddress): void {
    this.#chosen = undefined;
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.state = "waiting";
    entry.at = now;
    entry.leadsTo = peer;
    entry.isProved = true;
  }

  linkUp(now: Millis, peer: MeshAddress): void {
    this.#chosen = undefined;
    this.#linked.set(peer, now);
  }

  linkDown(now: Millis, peer: MeshAddress, chance: number): void {
    this.#chosen = undefined;
    const since = this.#linked.get(peer);
    this.#linked.delete(peer);
    const isGood = since !== undefined && now - since >= this.#config.goodAfter;
    for (const entry of this.#entries.values()) {
      if (entry.leadsTo !== peer || entry.state === "dialling" || entry.at === never) continue;
      if (!isGood) {
        this.#wait(now, entry, chance);
        continue;
      }
      // At once, for most links end where a machine restarts or a cable is moved.
      entry.attempt = 0;
      entry.lostAt = now;
      entry.at = millis(now + this.#config.backoff.first * chance);
    }
  }

  /** As `linkDown`, for who was there has as many links as he may. Saying that he is there brings nobody to him meanwhile. */
  turnedAway(now: Millis, peer: MeshAddress, chance: number): void {
    this.linkDown(now, peer, chance);
    const { full } = this.#config;
    for (const entry of this.#entries.values()) {
      if (entry.leadsTo !== peer || entry.state === "dialling" || entry.at === never || isStatic(entry)) continue;
      entry.at = millis(now + backoff(0, chance, { first: full, longest: full }));
      entry.restsUntil = entry.at;
    }
  }

  /** This machine's paths are others now. What is being dialled is to be given up; it is due at once with all the rest. */
  pathsChanged(now: Millis): readonly TargetKey[] {
    this.#chosen = undefined;
    const given: TargetKey[] = [];
    for (const [key, entry] of this.#entries) {
      if (entry.state === "dialling") given.push(key);
      entry.state = "waiting";
      entry.at = now;
      entry.attempt = 0;
      entry.restsUntil = undefined;
    }
    return given;
  }

  #add(key: TargetKey, target: DialTarget, begin: Pick<DialEntry, "at" | "leadsTo" | "draw">): void {
    this.#entries.set(key, { target, state: "waiting", attempt: 0, isProved: false, ...noPast, ...begin });
  }

  #wait(now: Millis, entry: DialEntry, chance: number): void {
    const { backoff: waits, lost } = this.#config;
    const isAwaited = entry.lostAt !== undefined && now < entry.lostAt + lost.for;
    entry.at = millis(now + backoff(entry.attempt, chance, isAwaited ? { ...waits, longest: lost.every } : waits));
    entry.attempt = isAwaited ? 1 : entry.attempt + 1;
  }

  /** Those that wait for their time and are not in reserve, the soonest first, static ones before discovered ones of the same time. */
  #ready(): readonly DialEntry[] {
    this.#chosen ??= chosenPeers(this.#config.own, this.#found(), this.#config.discovered);
    const chosen = this.#chosen;
    const isChosen = (entry: DialEntry) =>
      isStatic(entry) || (entry.leadsTo !== undefined && chosen.has(entry.leadsTo));
    return [...this.#entries.values()]
      .filter((entry) => entry.state === "waiting" && entry.at !== never && !this.#isLinked(entry) && isChosen(entry))
      .toSorted((one, other) => one.at - other.at || Number(isStatic(other)) - Number(isStatic(one)));
  }

  /** Discovered peers; one that is found at several addresses fails only where all of them do. */
  #found(): readonly FoundPeer[] {
    const found = new Map<MeshAddress, FoundPeer>();
    for (const entry of this.#entries.values()) {
      const { leadsTo: address, draw, attempt } = entry;
      if (isStatic(entry) || address === undefined) continue;
      const standing = this.#isLinked(entry) ? "linked" : attempt > 0 || entry.at === never ? "failing" : "untried";
      if ((found.get(address)?.standing ?? "failing") === "failing") found.set(address, { address, standing, draw });
    }
    return [...found.values()];
  }

  #isLinked({ leadsTo }: DialEntry): boolean {
    return leadsTo !== undefined && this.#linked.has(leadsTo);
  }

  /** When the peer was dialled last who is being dialled. */
  #dialledAt(peer: MeshAddress | undefined): Millis | undefined {
    let last: Millis | undefined;
    for (const entry of this.#entries.values())
      if (peer !== undefined && entry.leadsTo === peer && isDialling(entry) && entry.at >= (last ?? 0)) last = entry.at;
    return last;
  }

  #count(isCounted: (entry: DialEntry) => boolean): number {
    return this.#entries.values().reduce((sum, entry) => sum + Number(isCounted(entry)), 0);
  }
}

/** A peer who is found at two addresses is dialled at one, and at the other only where that takes long: of two links one would end at once. */
const otherWayAfter = millis(1_000);
