/**
 * One direction of a link. A packet waits in the queue for the rate, travels for delay and jitter, and is lost or arrives;
 * one that the chance takes has used the rate like any other.
 */
import { type BitsPerSecond, type Bytes, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import { Backlog, type CrossTraffic } from "./backlog.ts";
import type { Jitter, LinkProfile } from "./link-profile.ts";
import { createLoss, type Loss } from "./loss.ts";
import type { DropReason, Packet, Trace } from "./packet.ts";
import type { Random } from "./random.ts";
import { Happening, type VirtualTime } from "./virtual-time.ts";

/** Where a link leads. */
export interface LinkEnd<Payload> {
  readonly name: string;
  receive(packet: Packet<Payload>, link: Link<Payload>): void;
}

export interface LinkCounts {
  sent: number;
  sentBytes: number;
  delivered: number;
  deliveredBytes: number;
  inFlight: number;
  readonly dropped: Record<DropReason, number>;
}

export interface LinkOptions<Payload> {
  readonly name: string;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly end: LinkEnd<Payload>;
  readonly trace: Trace<Payload> | undefined;
}

const defaultMtu = bytes(1500);
const defaultQueue = millis(100);

export class Link<Payload> {
  readonly name: string;
  readonly end: LinkEnd<Payload>;
  readonly counts: LinkCounts = {
    sent: 0,
    sentBytes: 0,
    delivered: 0,
    deliveredBytes: 0,
    inFlight: 0,
    dropped: { loss: 0, queue: 0, cut: 0, size: 0 },
  };
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #trace: Trace<Payload> | undefined;
  #profile: LinkProfile;
  #loss: Loss;
  #backlog: Backlog | undefined;
  #isCut = false;
  #lastArrival = 0;

  constructor(profile: LinkProfile, { name, time, random, end, trace }: LinkOptions<Payload>) {
    this.name = name;
    this.end = end;
    this.#time = time;
    this.#random = random;
    this.#trace = trace;
    this.#profile = profile;
    this.#loss = createLoss(profile.loss);
    this.#backlog = profile.rate === undefined ? undefined : new Backlog(random, profile.rate, queueBytes(profile));
  }

  get profile(): LinkProfile {
    return this.#profile;
  }

  get mtu(): Bytes {
    return this.#profile.mtu ?? defaultMtu;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** A cut link loses what is sent into it and what is on its way. */
  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
  }

  /** Holds for what is sent from now on. */
  change(change: Partial<LinkProfile>): void {
    const profile = { ...this.#profile, ...change };
    if (profile.loss !== this.#profile.loss) this.#loss = createLoss(profile.loss);
    if (profile.rate === undefined) this.#backlog = undefined;
    else if (this.#backlog === undefined) {
      this.#backlog = new Backlog(this.#random, profile.rate, queueBytes(profile));
    } else this.#backlog.resize(this.#time.now, profile.rate, queueBytes(profile));
    this.#profile = profile;
  }

  /** The traffic of others from now on; nothing on a link without a rate. */
  load(traffic: CrossTraffic): void {
    this.#backlog?.load(this.#time.now, traffic);
  }

  /** How long a packet sent now would wait. */
  get queueDelay(): Millis {
    return this.#backlog?.delayAt(this.#time.now) ?? millis(0);
  }

  /** Octets that have left the queue, those of others included; on a link without a rate, ours that arrived. */
  get carriedBytes(): number {
    return this.#backlog?.carriedUntil(this.#time.now) ?? this.counts.deliveredBytes;
  }

  /** False when the packet is whole and too large, and its sender is to be told. */
  send(packet: Packet<Payload>): boolean {
    const { counts } = this;
    counts.sent += 1;
    counts.sentBytes += packet.size;
    counts.inFlight += 1;
    this.#trace?.({ at: this.#time.now, link: this.name, event: "sent", packet });
    if (packet.isWhole && packet.size > this.mtu) {
      this.#drop(packet, "size");
      return this.#profile.whenTooLarge === "vanish";
    }
    if (this.#isCut) this.#drop(packet, "cut");
    else this.#launch(packet);
    return true;
  }

  /** A flight's own call. */
  land(packet: Packet<Payload>): void {
    if (this.#isCut) {
      this.#drop(packet, "cut");
      return;
    }
    const { counts } = this;
    counts.inFlight -= 1;
    counts.delivered += 1;
    counts.deliveredBytes += packet.size;
    this.#trace?.({ at: this.#time.now, link: this.name, event: "delivered", packet });
    this.end.receive(packet, this);
  }

  #launch(packet: Packet<Payload>): void {
    const { now } = this.#time;
    const departure = this.#backlog === undefined ? now : this.#backlog.departureOf(now, packet.size);
    if (departure === undefined) {
      this.#drop(packet, "queue");
      return;
    }
    if (this.#loss.isNextLost(this.#random)) {
      this.#drop(packet, "loss");
      return;
    }
    const { delay, jitter } = this.#profile;
    let arrival = departure + delay;
    if (jitter !== undefined) arrival += drawJitter(jitter, this.#random);
    if (jitter?.order !== "mixed" && arrival < this.#lastArrival) arrival = this.#lastArrival;
    if (arrival > this.#lastArrival) this.#lastArrival = arrival;
    this.#time.schedule(arrival, new Flight(this, packet));
  }

  #drop(packet: Packet<Payload>, reason: DropReason): void {
    this.counts.inFlight -= 1;
    this.counts.dropped[reason] += 1;
    this.#trace?.({ at: this.#time.now, link: this.name, event: reason, packet });
  }
}

class Flight<Payload> extends Happening {
  readonly #link: Link<Payload>;
  readonly #packet: Packet<Payload>;

  constructor(link: Link<Payload>, packet: Packet<Payload>) {
    super();
    this.#link = link;
    this.#packet = packet;
  }

  happen(): void {
    this.#link.land(this.#packet);
  }
}

function drawJitter({ mean, shape }: Jitter, random: Random): number {
  return shape === "uniform" ? random.between(0, 2 * mean) : random.exponential(mean);
}

function queueBytes({ rate = 0 as BitsPerSecond, queue }: LinkProfile): Bytes {
  if (queue?.kind === "bytes") return queue.limit;
  return bytes(((queue?.limit ?? defaultQueue) / 8_000) * rate);
}
