/** A link between two stations, both directions: up while both live and it is not cut, and another link each time it comes up. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "@ropewalk/mesh/pure/link";
import type { VirtualTime } from "@ropewalk/simnet/virtual-time";
import { type Line, Outlet, type OutletCounts, type OutletProfile } from "./outlet.ts";
import type { Port, Station } from "./station.ts";

interface CableOptions {
  readonly facts: Omit<LinkFacts, "peer" | "peerKey">;
  readonly profile: OutletProfile;
  /** What leads to a station, where frames of a link arrive. */
  readonly line: (from: Station, to: Station, link: LinkId, rises: number) => Line;
}

interface Ends {
  readonly one: Port;
  readonly other: Port;
  /** To each of them. */
  readonly lines: { readonly one: Line; readonly other: Line };
}

export class Cable {
  readonly one: Station;
  readonly other: Station;
  /** Of both directions, since it was laid. */
  readonly counts: OutletCounts = { frames: 0, octets: 0, dropped: 0 };
  readonly #time: VirtualTime;
  readonly #options: CableOptions;
  #ends: Ends | undefined;
  #isCut = false;
  #isRising = false;
  #rises = 0;

  constructor(time: VirtualTime, one: Station, other: Station, options: CableOptions) {
    this.one = one;
    this.other = other;
    this.#time = time;
    this.#options = options;
  }

  /** One way. */
  get delay(): Millis {
    return this.#options.profile.delay;
  }

  /** Whether frames that are sent now arrive. */
  get isUp(): boolean {
    return this.#ends !== undefined && this.#mayBeUp;
  }

  has(port: Port): boolean {
    return this.#ends?.one === port || this.#ends?.other === port;
  }

  /** The end at one of its stations; undefined while it is down. */
  portOf(index: number): Port | undefined {
    return index === this.one.index ? this.#ends?.one : this.#ends?.other;
  }

  /** To one of its stations, if it has come up so many times; otherwise that link is gone. */
  lineTo(station: Station, rises: number): Line | undefined {
    if (rises !== this.#rises) return undefined;
    return station === this.one ? this.#ends?.lines.one : this.#ends?.lines.other;
  }

  /** Both shake hands, which takes two round trips, and hold the link for up. */
  raise(): void {
    if (this.#isRising || !this.#mayBeUp) return;
    this.#lower();
    this.#isRising = true;
    this.#time.after(millis(4 * this.delay), () => {
      this.#isRising = false;
      if (this.#mayBeUp) this.#connect();
    });
  }

  /** The station at one end is dead; the other is told when its last words have come. */
  orphan(dead: number): void {
    const ends = this.#ends;
    if (ends === undefined) return;
    const [survivor, port] = dead === this.one.index ? [this.other, ends.other] : [this.one, ends.one];
    this.#time.after(this.delay, () => survivor.linkDown(port));
  }

  /** Both ends are told. */
  cut(): void {
    this.#isCut = true;
    this.#lower();
  }

  /** Nothing arrives any more, and nobody is told. */
  cutSilently(): void {
    this.#isCut = true;
    this.#setDeaf(true);
  }

  heal(): void {
    this.#isCut = false;
    this.#setDeaf(false);
    if (this.#ends === undefined) this.raise();
  }

  get #mayBeUp(): boolean {
    return !this.#isCut && this.one.isAlive && this.other.isAlive;
  }

  #connect(): void {
    const { one, other } = this;
    const { facts, profile, line } = this.#options;
    const [link, back] = [one.nextLink(), other.nextLink()];
    this.#rises += 1;
    const lines = { one: line(other, one, link, this.#rises), other: line(one, other, back, this.#rises) };
    const ends: Ends = {
      one: { link, peer: other, out: new Outlet(profile, this.#time, lines.other, this.counts) },
      other: { link: back, peer: one, out: new Outlet(profile, this.#time, lines.one, this.counts) },
      lines,
    };
    this.#ends = ends;
    one.linkUp(ends.one, { ...facts, peer: other.address, peerKey: other.crypto.publicKey });
    other.linkUp(ends.other, { ...facts, peer: one.address, peerKey: one.crypto.publicKey });
  }

  #lower(): void {
    const ends = this.#ends;
    if (ends === undefined) return;
    this.#ends = undefined;
    ends.one.out.clear();
    ends.other.out.clear();
    this.one.linkDown(ends.one);
    this.other.linkDown(ends.other);
  }

  #setDeaf(isDeaf: boolean): void {
    if (this.#ends === undefined) return;
    this.#ends.one.out.isDeaf = isDeaf;
    this.#ends.other.out.isDeaf = isDeaf;
  }
}
