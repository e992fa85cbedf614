/**
 * What neighbours are told of the node itself: its announce when a link comes up, as often as the link bears while all is quiet, and at once
 * on every link where it says something else or the mesh knows one that this node has forgotten. Who asks for a newer one is told that alone.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { announceLifetime } from "./congestion.ts";
import type { LinkId } from "./link.ts";
import type { MeshCrypto } from "./mesh-crypto.ts";
import type { MeshNodeConfig } from "./mesh-node-config.ts";
import type { MeshOutput, SequenceMark } from "./mesh-output.ts";
import type { Neighbour } from "./neighbour.ts";
import { OwnAnnounce } from "./own-announce.ts";
import { type Freshness, type HeardAnnounce, isNewer, mostHops } from "./wire/announce.ts";
import { makeAnnounce } from "./wire/announce-proof.ts";
import { encodeFrame } from "./wire/encode-frame.ts";

export interface OwnAdvertisingDeps {
  readonly config: MeshNodeConfig;
  readonly crypto: MeshCrypto;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  /** Under which neighbours reach the node itself. */
  readonly label: number;
  readonly emit: (output: MeshOutput) => void;
}

export class OwnAdvertising {
  readonly #deps: OwnAdvertisingDeps;
  readonly #own: OwnAnnounce;
  #config: MeshNodeConfig;
  /** The last that was for everybody. */
  #announce: HeardAnnounce | undefined;
  /** A newer one, for those who had asked for it. */
  #renewal: HeardAnnounce | undefined;
  /** Links by which another is asked for. */
  readonly #askers = new Set<LinkId>();
  #prekey: Uint8Array | undefined;

  /** `mark`: nothing at it or behind it was ever used. `random`: 0…1. */
  constructor(deps: OwnAdvertisingDeps, mark: SequenceMark, random: () => number) {
    this.#deps = deps;
    this.#config = deps.config;
    this.#own = new OwnAnnounce(mark, { interval: deps.config.interval }, random);
    this.#prekey = deps.config.prekey;
  }

  /** What others are to seal to from now on: announced as soon as may be. 32 octets. */
  setPrekey(now: Millis, prekey: Uint8Array): void {
    this.#prekey = prekey;
    if (this.#announce !== undefined) this.#own.hurry(now);
  }

  /** Of the one that was made last. */
  get latest(): Freshness {
    return { epoch: this.#own.epoch, sequence: this.#own.sequence };
  }

  /** The next number, for something else that the node signs. */
  takeNumber(): Freshness {
    const { keep, number } = this.#own.take();
    if (keep !== undefined) this.#deps.emit({ kind: "keep", mark: keep });
    return number;
  }

  get deadline(): Millis {
    return this.#own.deadline;
  }

  /** What is announced from now on; where that is something else, it is announced at once. */
  reconfigure(now: Millis, config: MeshNodeConfig): void {
    const { interval, lifetime, maxHops } = this.#config;
    const isSame = interval === config.interval && lifetime === config.lifetime && maxHops === config.maxHops;
    this.#config = config;
    if (!isSame) this.#own.announceEvery(now, config.interval);
  }

  linkUp(now: Millis, neighbour: Neighbour): void {
    if (this.#announce === undefined) this.#own.hurry(now);
    else this.#tell(now, neighbour, this.#announce);
    // He may know others by it, and no other.
    if (this.#renewal !== undefined) this.#tell(now, neighbour, this.#renewal);
  }

  /** Somebody wants a newer announce of this node than he has. */
  asked(now: Millis, neighbour: Neighbour, known: Freshness): void {
    const latest = this.#renewal ?? this.#announce;
    if (latest === undefined) this.#own.hurry(now);
    else if (!isNewer(latest, known)) {
      this.#askers.add(neighbour.link);
      this.#own.renew(now);
    } else this.#tell(now, neighbour, latest);
  }

  /** Its own announce has come back: what it does not know to have made it has forgotten, and goes on behind it. */
  heard(now: Millis, heard: HeardAnnounce): void {
    const isLater = isNewer(heard, this.latest);
    const latest = this.#renewal ?? this.#announce;
    const isOther = !isLater && !isNewer(this.latest, heard) && latest?.isCopyOf(heard) !== true;
    if (isLater || isOther) this.#own.outrun(now, heard.epoch);
  }

  /** Makes it anew, when that is due. */
  expire(now: Millis): void {
    if (now < this.#own.deadline) return;
    const config = this.#config;
    const { crypto, neighbours, emit } = this.#deps;
    if (neighbours.size === 0 && this.#announce === undefined) {
      this.#own.wait(now);
      return;
    }
    const { keep, why } = this.#own.next(now);
    if (keep !== undefined) emit({ kind: "keep", mark: keep });
    const isRenewal = why === "asked";
    const told = [...neighbours.values()].filter((neighbour) => {
      const isDue = !isRenewal && neighbour.isOwnDue(now, config.interval);
      return isDue || why === "other" || this.#askers.has(neighbour.link);
    });
    const { capabilities, keyPackageHash } = config;
    const content = { ...this.latest, capabilities, keyPackageHash, prekey: this.#prekey, lifetime: this.#lifetime() };
    const announce = makeAnnounce(crypto, { ...content, isRenewal, maxHops: config.maxHops ?? mostHops });
    if (!isRenewal) this.#announce = announce;
    this.#renewal = isRenewal ? announce : undefined;
    for (const neighbour of told) this.#tell(now, neighbour, announce);
    this.#askers.clear();
  }

  /** It must outlive the time until the slowest link brings the next. */
  #lifetime(): Millis {
    const config = this.#config;
    const { neighbours } = this.#deps;
    const stretch = neighbours.values().reduce((most, neighbour) => Math.max(most, neighbour.stretch), 1);
    const slowest = announceLifetime(millis(config.interval * stretch));
    return stretch === 1 || slowest < config.lifetime ? config.lifetime : slowest;
  }

  #tell(now: Millis, neighbour: Neighbour, { octets: announce, isRenewal }: HeardAnnounce): void {
    const { label, emit } = this.#deps;
    const frame = encodeFrame({ type: "announce", label, announce });
    // When he is told the next that is for everybody is another matter.
    if (isRenewal) neighbour.spend(frame.length);
    else neighbour.toldOwn(now, frame.length);
    emit({ kind: "transmit", link: neighbour.link, frame });
  }
}
