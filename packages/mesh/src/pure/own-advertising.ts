/**
 * What neighbours are told of the node itself: its announce when a link comes up, as often as the link bears while all is quiet, and at once
 * on every link where somebody asks for a newer one or the mesh knows one that this node has forgotten.
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
  #announce: HeardAnnounce | undefined;
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
    else this.#say(now, neighbour, this.#announce);
  }

  /** Somebody wants a newer announce of this node than he has. */
  asked(now: Millis, neighbour: Neighbour, known: Freshness): void {
    if (this.#announce !== undefined && isNewer(this.latest, known)) this.#say(now, neighbour, this.#announce);
    else this.#own.hurry(now);
  }

  /** Its own announce has come back: what it does not know to have made it has forgotten, and goes on behind it. */
  heard(now: Millis, heard: HeardAnnounce): void {
    const isLater = isNewer(heard, this.latest);
    const isOther = !isLater && !isNewer(this.latest, heard) && this.#announce?.isCopyOf(heard) !== true;
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
    const told = [...neighbours.values()].filter(
      (neighbour) => neighbour.isOwnDue(now, config.interval) || why === "asked",
    );
    const { capabilities, keyPackageHash } = config;
    const content = { ...this.latest, capabilities, keyPackageHash, prekey: this.#prekey, lifetime: this.#lifetime() };
    this.#announce = makeAnnounce(crypto, { ...content, maxHops: config.maxHops ?? mostHops });
    for (const neighbour of told) this.#say(now, neighbour, this.#announce);
  }

  /** It must outlive the time until the slowest link brings the next. */
  #lifetime(): Millis {
    const config = this.#config;
    const { neighbours } = this.#deps;
    const stretch = neighbours.values().reduce((most, neighbour) => Math.max(most, neighbour.stretch), 1);
    const slowest = announceLifetime(millis(config.interval * stretch));
    return stretch === 1 || slowest < config.lifetime ? config.lifetime : slowest;
  }

  #say(now: Millis, neighbour: Neighbour, { octets: announce }: HeardAnnounce): void {
    const { label, emit } = this.#deps;
    const frame = encodeFrame({ type: "announce", label, announce });
    neighbour.toldOwn(now, frame.length);
    emit({ kind: "transmit", link: neighbour.link, frame });
  }
}
