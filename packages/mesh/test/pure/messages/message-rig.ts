/**
 * All that passes envelopes on and keeps them, joined as a node joins it, with a store that says what is durable when it is told to, and
 * neighbours whose frames are looked at. Its tests say what comes over which link, and when.
 */
import assert from "node:assert/strict";
import { bitsPerSecond, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { Advertising } from "@ropewalk/mesh/pure/advertising";
import { Deliveries } from "@ropewalk/mesh/pure/deliveries";
import type { LinkFacts, LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshOutput } from "@ropewalk/mesh/pure/mesh-output";
import { Carrying } from "@ropewalk/mesh/pure/messages/carrying";
import { type Held, type HeldName, heldName, tagIn } from "@ropewalk/mesh/pure/messages/custody/held";
import type { StoreCallEnd } from "@ropewalk/mesh/pure/messages/store-call";
import type { StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import { StoreCalendar } from "@ropewalk/mesh/pure/messages/store-time";
import {
  Envelope,
  type EnvelopeHeader,
  encodeEnvelope,
  type Priority,
  type TagName,
  tagName,
} from "@ropewalk/mesh/pure/messages/wire/envelope";
import { hintOf, markOf, tagOfProof } from "@ropewalk/mesh/pure/messages/wire/tags";
import { Neighbour } from "@ropewalk/mesh/pure/neighbour";
import { NextHopChoice } from "@ropewalk/mesh/pure/next-hop-choice";
import { DropCounts } from "@ropewalk/mesh/pure/protection/drop-counts";
import type { Route } from "@ropewalk/mesh/pure/routing/route";
import { Routes } from "@ropewalk/mesh/pure/routing/routes";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import type { DepositFrame, LinkFrame, MessageFrame, ProofFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { identity, plainContent } from "../wire/announces.ts";
import { addressNumber, storeTime } from "./held-makers.ts";

/** The proof of the envelope with this number. */
export const ackKeyOf = (number: number): Uint8Array => {
  const ackKey = new Uint8Array(16).fill(0xac);
  new DataView(ackKey.buffer).setUint32(0, number);
  return ackKey;
};
export const tagOf = (number: number): Uint8Array => tagOfProof(ackKeyOf(number)).slice();
export const nameOf = (number: number): TagName => tagName(tagOf(number));
export const hintFor = (tag: string, to: MeshAddress): string => hintOf(Uint8Array.fromHex(tag), to).toHex();

export interface EnvelopeOptions {
  readonly priority?: number;
  readonly copies?: number;
  readonly life?: Millis;
  readonly hops?: number;
  readonly size?: number;
}

/** With the proof of this number. */
export function envelopeNumber(number: number, options: EnvelopeOptions = {}): Envelope {
  const { priority = 1, copies = 8, life = seconds(3_600), hops = 64, size = 60 } = options;
  const header: EnvelopeHeader = {
    ...{ form: "chain", priority: priority as Priority, copies, life, hops, tag: tagOf(number) },
  };
  return new Envelope(encodeEnvelope(header, new Uint8Array(size).fill(number)));
}

/** By which one is known where it is held. */
export function heldNameOf({ name, octets }: Envelope): HeldName {
  return heldName(name, markOf(octets));
}

export interface RigOptions {
  /** Octets that may be kept for others. */
  readonly most?: number;
  readonly mtu?: number;
  readonly address?: MeshAddress;
}

export class MessageRig {
  now: Millis = millis(1_000);
  readonly address: MeshAddress;
  readonly deliveries: Deliveries = new Deliveries();
  readonly carrying: Carrying;
  readonly calendar: StoreCalendar;
  readonly routes: Routes = new Routes({ most: 1_000, contacts: [] }, () => 0.5);
  /** What is on the disk. */
  readonly disk: Map<string, Uint8Array> = new Map();
  /** All that the store was told to do. */
  readonly operations: StoreOperation[] = [];
  readonly neighbours: Map<LinkId, Neighbour> = new Map();
  /** The store says nothing until this is `true` again. */
  isCommitting = true;
  isDiskFull = false;
  /** Envelopes that were read. */
  asked = 0;
  /** Called when something is on the disk, before whoever waits for it hears of it. */
  onCommit: (operation: StoreOperation) => void = () => {};
  readonly #sent: MeshOutput[] = [];
  #calls: (readonly [StoreOperation, ((now: Millis, end: StoreCallEnd) => void) | undefined])[] = [];
  #questions: (readonly string[])[] = [];
  readonly #mtu: number;

  constructor({ most = 64 * 2 ** 20, mtu = 4_096, address = addressNumber(0xfeed) }: RigOptions = {}) {
    this.#mtu = mtu;
    this.address = address;
    const emit = (output: MeshOutput) => void this.#sent.push(output);
    this.calendar = new StoreCalendar({ now: this.now, wall: 1_800_000_000_000, last: storeTime(0) });
    const { calendar, neighbours, deliveries, routes } = this;
    const store = (operation: StoreOperation, then?: (now: Millis, end: StoreCallEnd) => void) => {
      this.operations.push(operation);
      this.#calls.push([operation, then]);
    };
    const ask = (tags: readonly string[]) => void this.#questions.push(tags);
    const choice = new NextHopChoice(neighbours, deliveries);
    const advertising = new Advertising(neighbours, emit);
    const parts = { address, routes, choice, advertising, neighbours, deliveries, calendar, store, ask, emit };
    const config = { octets: bytes(most), longestLife: seconds(7 * 86_400) };
    this.carrying = new Carrying(config, { ...parts, hashKey: new Uint8Array(16) }, this.now);
  }

  get custody(): Carrying["custody"] {
    return this.carrying.custody;
  }

  get tally(): Carrying["tally"] {
    return this.carrying.tally;
  }

  /** What is held with this tag; of several the first. */
  heldOf(tag: TagName): Held | undefined {
    const name = this.custody.names().find((one) => tagIn(one) === tag);
    return name && this.custody.get(name);
  }

  /** Of all that is held. */
  tags(): readonly TagName[] {
    return [...this.custody.names().map(tagIn)];
  }

  /** Envelopes that were asked for, and not read yet. */
  get reading(): number {
    return this.#questions.reduce((sum, tags) => sum + tags.length, 0);
  }

  /** A neighbour with this number; `keeps`: for others. */
  linkUp(number: number, keeps: "keeps" | "passes" = "passes", more: Partial<LinkFacts> = {}): LinkId {
    const link = number as LinkId;
    const facts: LinkFacts = {
      ...{ peerKey: new Uint8Array(32).fill(number), peer: addressNumber(number), mtu: bytes(this.#mtu) },
      ...{ bitrate: bitsPerSecond(1e9), cost: 0, duty: 1, ...more },
    };
    const neighbour = new Neighbour(link, facts, this.now, new DropCounts());
    this.neighbours.set(link, neighbour);
    this.routes.linkUp(link, facts);
    this.carrying.linkUp(neighbour);
    if (keeps === "keeps") this.carrying.keeps(this.now, neighbour);
    return link;
  }

  linkDown(number: number): void {
    const link = number as LinkId;
    const neighbour = this.neighbours.get(link) ?? assert.fail("there is no such link");
    this.neighbours.delete(link);
    this.routes.linkDown(link, neighbour.facts, true);
    this.carrying.linkDown(neighbour);
    for (const route of this.routes.by(link)) route.unlead(link);
  }

  /** There is a way to who has this identity, by these links; one behind the other means further away. */
  wayTo(who: number, ...by: readonly LinkId[]): Route {
    const crypto = identity(who);
    const known = this.routes.get(crypto.address);
    const [first = 1 as LinkId] = by;
    const announce = makeAnnounce(crypto, plainContent);
    const made = known ?? this.routes.add(crypto.address, announce, first, millis(9e9));
    const route = made ?? assert.fail("there is no room for a route");
    for (const [hops, link] of by.entries()) route.lead({ link, hops, label: 100 * who + hops });
    this.custody.wayUp(this.now, route.address);
    this.#turn();
    return route;
  }

  /** The neighbour at the other end of a link has this identity, and takes what is for itself under this label. */
  neighbourIs(who: number, link: LinkId, label: number): void {
    const crypto = identity(who);
    const announce = makeAnnounce(crypto, plainContent);
    const route = this.routes.get(crypto.address) ?? this.routes.add(crypto.address, announce, link, millis(9e9));
    route?.lead({ link, hops: 0, label });
    this.custody.wayUp(this.now, crypto.address);
    this.#turn();
  }

  noWayTo(who: number): void {
    const route = this.routes.get(identity(who).address) ?? assert.fail("there never was a way");
    for (const { link } of [...route.nextHops]) route.unlead(link);
  }

  /** An envelope comes by a label. */
  message(by: LinkId, label: number, envelope: Envelope): "here" | undefined {
    return this.#receive(by, encodeFrame({ type: "message", label, envelope }));
  }

  /** An envelope is given to be kept for `to`. */
  deposit(by: LinkId, to: MeshAddress, envelope: Envelope): "here" | undefined {
    return this.#receive(by, encodeFrame({ type: "deposit", hint: hintOf(envelope.tag, to), envelope }));
  }

  /** Proofs of the envelopes with these numbers come. */
  proof(by: LinkId, ...numbers: readonly number[]): void {
    this.#receive(by, encodeFrame({ type: "proof", ackKeys: numbers.map(ackKeyOf) }));
  }

  met(by: LinkId, ...numbers: readonly number[]): void {
    const tags = new Set(numbers.map(nameOf));
    this.carrying.met(
      by,
      this.custody.names().filter((name) => tags.has(tagIn(name))),
    );
    this.#turn();
  }

  /** Lets time pass, with all that is due in it. */
  run(time: number): void {
    const until = this.now + time;
    for (;;) {
      const next = this.carrying.deadline;
      if (next > until) break;
      this.now = millis(Math.max(this.now + 1, next));
      this.#turn();
    }
    this.now = millis(until);
    this.#turn();
  }

  /** A neighbour's frame, of those that messages have. Returns what is for this node. */
  receive(by: LinkId, frame: LinkFrame): Envelope | undefined {
    const isHere = this.#receive(by, encodeFrame(frame)) === "here";
    return isHere && (frame.type === "message" || frame.type === "deposit") ? frame.envelope : undefined;
  }

  /** What was sent since this was asked last. */
  sent(): readonly { readonly to: LinkId; readonly frame: LinkFrame }[] {
    return this.#sent.splice(0).flatMap((output) => {
      if (output.kind !== "transmit") return [];
      return [{ to: output.link, frame: decodeFrame(output.frame) ?? assert.fail("it sent what is no frame") }];
    });
  }

  /** All that the store has to answer, and all that follows from it. */
  turn(): void {
    this.#turn();
  }

  #turn(): void {
    for (let count = 0; count < 10_000; count += 1) {
      this.carrying.flush(this.now);
      if (!this.isCommitting || (this.#calls.length === 0 && this.#questions.length === 0)) return;
      this.#commit();
      for (const tags of this.#questions.splice(0)) {
        this.asked += tags.length;
        this.carrying.answered(this.now, tags, this.disk);
      }
    }
    assert.fail("it never ends");
  }

  #commit(): void {
    for (const [operation, then] of this.#calls.splice(0)) {
      const isRefused = this.isDiskFull && (operation.kind === "custody-put" || operation.kind === "custody-change");
      if (!isRefused) this.#store(operation);
      this.onCommit(operation);
      then?.(this.now, isRefused ? "refused" : "durable");
    }
  }

  #store(operation: StoreOperation): void {
    if (operation.kind === "custody-put") this.disk.set(operation.custody.name, operation.envelope.slice());
    else if (operation.kind === "custody-remove") this.disk.delete(operation.name);
    else if (operation.kind === "expire")
      for (const name of this.disk.keys()) if (this.custody.get(name as HeldName) === undefined) this.disk.delete(name);
  }

  /** As a node does: the octets are written over as soon as the call is over. */
  #receive(by: LinkId, octets: Uint8Array): "here" | undefined {
    const frame = decodeFrame(octets) as MessageFrame | DepositFrame | ProofFrame;
    const neighbour = this.neighbours.get(by) ?? assert.fail("there is no such link");
    const received = this.carrying.receive(this.now, neighbour, frame);
    octets.fill(0);
    this.#turn();
    return received;
  }
}
