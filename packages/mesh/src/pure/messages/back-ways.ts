/**
 * By which link each envelope came, and by which it went on, for as long as that is of use: the proof of an envelope goes back where that
 * came from. Two generations: when the younger is full the older is dropped, so that each is known at least until 65,536 others came. At the
 * fullest a generation has 3.75 MiB, and an idle one 15 KiB.
 *
 * Of those that bring the same tag the first and the latest are known. So who repeats what he saw gets its proof as well, and takes it from
 * nobody; only two links that have seen it and repeat it can hide it from an honest third, whose sender tries again.
 */
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import { type TagHash, TagHasher, TagIndex } from "./tag-index.ts";

/** Of one generation. */
export const mostBackWays = 65_536;

/** For a proof, from as far as there is, where there is a way: the other end has to store what it opens before it proves it. */
export const provedWithin: Millis = seconds(10);
/** Told of at once. Those beyond are not told of: what is lost so often is lost again. */
const mostLost = 1_024;

/** In place of a link: none, and this node's own. Links are numbered from 1. */
const [none, own] = [0, 0xffff_ffff];

/**
 * From where an envelope goes on that was kept here for somebody else: what next hops do with those says nothing of what they do with the
 * node's own, for whoever gave them may have made them up.
 */
export const keptLink: LinkId = 0xffff_fffe as LinkId;

/** An envelope, as far as it is looked at. */
export interface Tagged {
  readonly tag: Uint8Array;
  readonly sealed: Uint8Array;
}

/** An envelope that went on. */
export interface Went {
  /** Undefined: it is this node's own. */
  readonly from: LinkId | undefined;
  readonly by: LinkId;
  readonly to: MeshAddress;
}

/** Where a proof is to go, and what it tells of who took the envelope. */
export interface BackWay {
  /** The links that brought it. */
  readonly links: readonly LinkId[];
  /** As it went on last; undefined: it did not. */
  readonly went: Went | undefined;
}

export class BackWays {
  readonly #hasher: TagHasher;
  readonly #most: number;
  /** Times are kept as milliseconds since this: 32 bits of them, which is longer than any is of use. */
  readonly #began: Millis;
  #younger = new Generation();
  #older = new Generation();
  /** Found when they were sent again. */
  #lost: Went[] = [];

  /** `key`: 16 octets that nobody else knows. */
  constructor(key: Uint8Array, now: Millis, most: number = mostBackWays) {
    this.#hasher = new TagHasher(key);
    this.#began = now;
    this.#most = most;
  }

  get size(): number {
    return this.#younger.size + this.#older.size;
  }

  /** Octets that they take now. */
  get memory(): number {
    return this.#younger.memory + this.#older.memory;
  }

  /** A link brought it. */
  came(now: Millis, { tag, sealed }: Tagged, from: LinkId): void {
    const [generation, place] = this.#placeOf(now, tag);
    generation.came(place, this.#at(now), from, this.#hasher.content(sealed));
  }

  /** It went on, for the first time or again. */
  went(now: Millis, tag: Uint8Array, went: Went): void {
    const [generation, place] = this.#placeOf(now, tag);
    const lost = generation.went(place, this.#at(now), went);
    if (lost !== undefined && this.#lost.length < mostLost) this.#lost.push(lost);
  }

  /**
   * Whether the same link brought the same less than `moment` ago, and it went on by `by`. What another link brought does not count, nor what has
   * other octets sealed: or whoever has seen a tag could send it ahead, and stop the envelope here or behind the next relay.
   */
  isRepeated(now: Millis, { tag, sealed }: Tagged, from: LinkId, by: LinkId, moment: Millis): boolean {
    const hash = this.#hasher.hash(tag);
    const generation = this.#of(hash);
    if (generation === undefined) return false;
    const place = generation.find(hash);
    if (!generation.cameTwice(place, this.#at(now), from, by, moment)) return false;
    return generation.contentOf(place) === this.#hasher.content(sealed);
  }

  /** Its proof is there: the way back, which is used up by it until the envelope comes again. Undefined: nothing is known of it. */
  proved(tag: Uint8Array): BackWay | undefined {
    const hash = this.#hasher.hash(tag);
    const generation = this.#of(hash);
    return generation?.take(generation.find(hash));
  }

  /** Those that went on `provedWithin` ago or longer, and were neither proved since nor told of before. */
  lost(now: Millis): readonly Went[] {
    const lost = this.#lost;
    this.#lost = [];
    for (const generation of [this.#older, this.#younger]) generation.lose(this.#at(now), lost);
    return lost;
  }

  /** 0 is no time. */
  #at(now: Millis): number {
    return (now - this.#began + 1) >>> 0;
  }

  #of(hash: TagHash): Generation | undefined {
    if (this.#younger.find(hash) >= 0) return this.#younger;
    return this.#older.find(hash) >= 0 ? this.#older : undefined;
  }

  /** A new one where it is not known. */
  #placeOf(now: Millis, tag: Uint8Array): readonly [Generation, number] {
    const hash = this.#hasher.hash(tag);
    const generation = this.#of(hash);
    if (generation !== undefined) return [generation, generation.find(hash)];
    if (this.#younger.size >= this.#most) {
      const dropped = this.#older;
      dropped.clear();
      this.#older = this.#younger;
      this.#younger = dropped;
    }
    return [this.#younger, this.#younger.add(hash, this.#at(now))];
  }
}

/**
 * What is known by place. `from`: whose it was when it went on; `openAt`: since when `by` owes its proof, 0 where this was told to be lost;
 * `content`: a hash of what is sealed in the last that came.
 */
const columns = {
  addedAt: 0,
  first: 1,
  firstAt: 2,
  latest: 3,
  latestAt: 4,
  from: 5,
  by: 6,
  openAt: 7,
  content: 8,
} as const;
const width = Object.keys(columns).length;

class Generation {
  readonly #index = new TagIndex();
  #rows = new Uint32Array(width * this.#index.capacity);
  #destinations: (MeshAddress | undefined)[] = [];
  /** Places before this one had their time: what goes on of them again is judged when it goes on once more. */
  #judged = 0;

  get size(): number {
    return this.#index.count;
  }

  get memory(): number {
    return this.#index.memory + this.#rows.byteLength + 8 * this.#destinations.length;
  }

  find(hash: TagHash): number {
    return this.#index.find(hash);
  }

  add(hash: TagHash, at: number): number {
    const place = this.#index.add(hash);
    if (this.#rows.length < width * this.#index.capacity) {
      const before = this.#rows;
      this.#rows = new Uint32Array(width * this.#index.capacity);
      this.#rows.set(before);
    }
    this.#rows.fill(none, width * place, width * (place + 1));
    this.#set(place, "addedAt", at);
    this.#destinations[place] = undefined;
    return place;
  }

  clear(): void {
    this.#index.clear();
    this.#destinations = [];
    this.#judged = 0;
  }

  came(place: number, at: number, from: number, content: number): void {
    const first = this.#get(place, "first");
    const isFirst = first === none || first === from;
    this.#set(place, isFirst ? "first" : "latest", from);
    this.#set(place, isFirst ? "firstAt" : "latestAt", at);
    this.#set(place, "content", content);
  }

  /** What is lost by that, as it went before: who tries again has seen no proof, and by the same neighbour for long. */
  went(place: number, at: number, went: Went): Went | undefined {
    const isOpen = this.#get(place, "by") === went.by && this.#get(place, "openAt") !== none;
    const lost = isOpen && !this.#isWithin(place, "openAt", at, provedWithin) ? this.#went(place) : undefined;
    this.#set(place, "from", went.from ?? own);
    this.#set(place, "by", went.by);
    if (!isOpen || lost !== undefined) this.#set(place, "openAt", at);
    this.#destinations[place] = went.to;
    return lost;
  }

  cameTwice(place: number, at: number, from: number, by: number, moment: number): boolean {
    if (this.#get(place, "by") !== by) return false;
    const isFirst = this.#get(place, "first") === from;
    if (!isFirst && this.#get(place, "latest") !== from) return false;
    return this.#isWithin(place, isFirst ? "firstAt" : "latestAt", at, moment);
  }

  contentOf(place: number): number {
    return this.#get(place, "content");
  }

  take(place: number): BackWay {
    const brought = [this.#get(place, "first"), this.#get(place, "latest")];
    const way = { links: brought.filter((link): link is LinkId => link !== none), went: this.#went(place) };
    for (const column of ["first", "latest", "by"] as const) this.#set(place, column, none);
    return way;
  }

  lose(at: number, into: Went[]): void {
    for (; into.length < mostLost && this.#judged < this.size; this.#judged += 1) {
      // Not by when it went on: one that is sent again and again would keep all behind it from being judged.
      if (this.#isWithin(this.#judged, "addedAt", at, provedWithin)) return;
      const went = this.#went(this.#judged);
      const isOpen = this.#get(this.#judged, "openAt") !== none;
      if (went === undefined || !isOpen || this.#isWithin(this.#judged, "openAt", at, provedWithin)) continue;
      this.#set(this.#judged, "openAt", none);
      into.push(went);
    }
  }

  #isWithin(place: number, column: "addedAt" | "firstAt" | "latestAt" | "openAt", at: number, time: number): boolean {
    return (at - this.#get(place, column)) >>> 0 < time;
  }

  #went(place: number): Went | undefined {
    const [by, from, to] = [this.#get(place, "by"), this.#get(place, "from"), this.#destinations[place]];
    if (by === none || to === undefined) return undefined;
    return { from: from === own ? undefined : (from as LinkId), by: by as LinkId, to };
  }

  #get(place: number, column: keyof typeof columns): number {
    return this.#rows[width * place + columns[column]] as number;
  }

  #set(place: number, column: keyof typeof columns, value: number): void {
    this.#rows[width * place + columns[column]] = value;
  }
}
