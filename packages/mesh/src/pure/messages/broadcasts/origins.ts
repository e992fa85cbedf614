/**
 * Who signs broadcasts: what was heard of each, and how many more he may send. As many are remembered as have a place; the one that was
 * silent longest gives way, contacts never, and no link brings newcomers faster than would turn over all places in an hour.
 */
import { TokenBucket, type TokenRate } from "@ropewalk/kernel/token-bucket";
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkId } from "../../link.ts";
import type { MeshAddress } from "../../mesh-address.ts";
import type { Freshness } from "../../wire/announce.ts";
import { type HeardNumbers, hear } from "./heard-numbers.ts";

/** Of one origin: a word now and then, and a few at once. */
export const originRate: TokenRate = { perSecond: 0.1, burst: 16 };
/** Origins that were not known, by one link. */
export const newcomerRate: TokenRate = { perSecond: 1, burst: 256 };
export const mostOrigins = 4_096;

export type OriginRefusal = "old" | "origin-rate" | "newcomers";

export interface OriginsDeps {
  readonly isContact: (address: MeshAddress) => boolean;
  /** Nothing is known of him any more. */
  readonly onForgotten: (address: MeshAddress) => void;
  readonly most?: number;
}

interface Origin {
  readonly numbers: HeardNumbers;
  readonly bucket: TokenBucket;
}

export class Origins {
  readonly #deps: OriginsDeps;
  readonly #most: number;
  /** Who was silent longest comes first. */
  readonly #origins = new Map<MeshAddress, Origin>();
  readonly #newcomers = new Map<LinkId, TokenBucket>();

  constructor(deps: OriginsDeps) {
    this.#deps = deps;
    this.#most = deps.most ?? mostOrigins;
  }

  get size(): number {
    return this.#origins.size;
  }

  /** What the store has of him when the node begins. */
  restore(now: Millis, address: MeshAddress, numbers: HeardNumbers): void {
    this.#origins.set(address, { numbers, bucket: new TokenBucket(originRate, now) });
  }

  linkDown(link: LinkId): void {
    this.#newcomers.delete(link);
  }

  /** What speaks against it already before its signature was looked at. Nothing changes. */
  judge(now: Millis, link: LinkId, address: MeshAddress, number: Freshness): OriginRefusal | undefined {
    const origin = this.#origins.get(address);
    if (origin === undefined) return this.#bucketOf(now, link).available(now) < 1 ? "newcomers" : undefined;
    if (hear(origin.numbers, number) === undefined) return "old";
    return origin.bucket.available(now) < 1 ? "origin-rate" : undefined;
  }

  /** It is his, which was proved, and `judge` had nothing against it. What is known of him from now on. */
  heard(now: Millis, link: LinkId, address: MeshAddress, number: Freshness): HeardNumbers | undefined {
    const origin = this.#origins.get(address);
    const numbers = hear(origin?.numbers, number);
    if (numbers === undefined) return undefined;
    if (origin === undefined) {
      this.#bucketOf(now, link).take(now);
      this.#makeRoom();
    }
    const bucket = origin?.bucket ?? new TokenBucket(originRate, now);
    bucket.take(now);
    this.#origins.delete(address);
    this.#origins.set(address, { numbers, bucket });
    return numbers;
  }

  #makeRoom(): void {
    if (this.#origins.size < this.#most) return;
    const { isContact, onForgotten } = this.#deps;
    const silent = this.#origins.keys().find((address) => !isContact(address)) ?? this.#origins.keys().next().value;
    if (silent === undefined) return;
    this.#origins.delete(silent);
    onForgotten(silent);
  }

  #bucketOf(now: Millis, link: LinkId): TokenBucket {
    const bucket = this.#newcomers.get(link) ?? new TokenBucket(newcomerRate, now);
    this.#newcomers.set(link, bucket);
    return bucket;
  }
}
