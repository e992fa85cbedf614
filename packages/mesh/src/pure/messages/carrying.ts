/**
 * All that passes envelopes on and keeps them for others, joined: what comes over links goes in, frames and operations of the store come out.
 * What is opened here, and what this node sends, is not its business: it hears of that by `opened` and by `custody.add`.
 */
import { type Bytes, type Millis, millis } from "@ropewalk/kernel/units";
import type { Advertising } from "../advertising.ts";
import type { Deliveries } from "../deliveries.ts";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { MeshOutput } from "../mesh-output.ts";
import type { Neighbour } from "../neighbour.ts";
import type { NextHopChoice } from "../next-hop-choice.ts";
import type { Routes } from "../routing/routes.ts";
import type { DepositFrame, MessageFrame, ProofFrame } from "../wire/link-frame.ts";
import { Antidotes } from "./antidotes.ts";
import { BackWays } from "./back-ways.ts";
import type { HeldName } from "./custody/held.ts";
import { Custody } from "./custody.ts";
import { EnvelopeReads } from "./envelope-reads.ts";
import { HeardProofs } from "./heard-proofs.ts";
import { KeptProofs } from "./kept-proofs.ts";
import { MessageTally } from "./message-tally.ts";
import { Proofs } from "./proofs.ts";
import { type GoneOn, Relaying } from "./relaying.ts";
import { Spraying } from "./spraying.ts";
import type { StoreCall } from "./store-call.ts";
import type { StoredCustody } from "./store-operations.ts";
import type { StoreCalendar, StoreTime } from "./store-time.ts";
import { type EnvelopeHop, type Priority, type TagName, tagName, tagOctets } from "./wire/envelope.ts";

export interface CarryingConfig {
  /** That may be kept for others; see `heldOverhead`. */
  readonly octets: Bytes;
  /** No envelope has more of its life left, once it was here. */
  readonly longestLife: Millis;
}

export interface CarryingDeps {
  readonly address: MeshAddress;
  readonly routes: Routes;
  readonly choice: NextHopChoice;
  readonly advertising: Advertising;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly deliveries: Deliveries;
  readonly calendar: StoreCalendar;
  readonly store: StoreCall;
  /** Has the store look for envelopes, 64 at most, after which `answered` is to be called. */
  readonly ask: (names: readonly string[]) => void;
  readonly emit: (output: MeshOutput) => void;
  /** 16 octets that nobody else knows. */
  readonly hashKey: Uint8Array;
  /** A proof came: of something that this node has sent itself, or not. */
  readonly onOwnProof?: (now: Millis, tag: Uint8Array) => void;
}

export class Carrying {
  readonly tally: MessageTally = new MessageTally();
  readonly custody: Custody;
  readonly #ways: BackWays;
  readonly #kept: KeptProofs;
  readonly #antidotes = new Antidotes();
  readonly #heard = new HeardProofs();
  readonly #reads: EnvelopeReads;
  readonly #proofs: Proofs;
  readonly #relaying: Relaying;
  readonly #spraying: Spraying;
  readonly #neighbours: ReadonlyMap<LinkId, Neighbour>;

  constructor({ octets, longestLife }: CarryingConfig, deps: CarryingDeps, now: Millis) {
    const { routes, hashKey, ask } = deps;
    this.#neighbours = deps.neighbours;
    this.#ways = new BackWays(hashKey, now);
    this.#kept = new KeptProofs(hashKey);
    this.#reads = new EnvelopeReads(ask);
    const isReachable = (to: MeshAddress) => routes.get(to)?.best !== undefined;
    const shared = { ...deps, isReachable, tally: this.tally, ways: this.#ways, kept: this.#kept, reads: this.#reads };
    this.#spraying = new Spraying({ ...shared, held: (name) => this.custody.get(name) });
    this.custody = new Custody(
      {
        ...shared,
        forward: (at, held, envelope) => this.#relaying.forward(at, held, envelope),
        onWaiting: (_, held) => this.#spraying.waits(held),
      },
      octets,
    );
    const onProof = (at: Millis, tag: Uint8Array, ackKey: Uint8Array) => {
      deps.onOwnProof?.(at, tag);
      const held = this.custody.size === 0 ? undefined : this.custody.proved(tag, ackKey);
      if (held !== undefined) this.#antidotes.add(held.tag, held.until);
      return held;
    };
    this.#proofs = new Proofs({ ...shared, onProof, heard: this.#heard }, now);
    this.#relaying = new Relaying({ ...shared, longestLife, proofs: this.#proofs, custody: this.custody });
  }

  linkUp({ facts }: Neighbour): void {
    this.custody.linkUp(facts.peer);
  }

  /** The neighbour says that it keeps for others, perhaps again. */
  keeps(now: Millis, { link, facts }: Neighbour): void {
    this.#spraying.linkUp(now, link, facts);
  }

  linkDown({ link, facts }: Neighbour): void {
    this.custody.linkDown(facts.peer);
    this.#relaying.linkDown(link);
    this.#spraying.linkDown(link);
    this.#heard.linkDown(link);
  }

  /** What a neighbour brings, within its budget. `here`: the envelope is for this node, and was not opened before. */
  receive(now: Millis, from: Neighbour, frame: MessageFrame | DepositFrame | ProofFrame): "here" | undefined {
    switch (frame.type) {
      case "message":
        return this.#relaying.pass(now, from, frame);
      case "deposit":
        return this.#relaying.deposit(now, from, frame);
      case "proof":
        this.#proofs.receive(now, from.link, frame);
        return undefined;
    }
  }

  /** One of this node's own, by the way that there is. */
  send(now: Millis, to: MeshAddress, octets: Uint8Array, hop: EnvelopeHop): GoneOn {
    return this.#relaying.send(now, to, octets, hop);
  }

  /** What the store has that is kept for others, when the node begins. */
  restore(now: Millis, custody: StoredCustody, size: number): void {
    this.custody.add(
      now,
      { ...custody, name: custody.name as HeldName, priority: custody.priority as Priority },
      size,
      "untried",
    );
  }

  /** What neighbours are to be told of in meetings: what is held, and what was proved. */
  elements(now: StoreTime): Uint32Array {
    const rows = [this.custody.elements, this.#antidotes.elements, this.#heard.elements];
    const all = new Uint32Array(2 * rows.reduce((sum, { size }) => sum + size, 0));
    return all.subarray(
      0,
      rows.reduce((at, row) => row.copy(now, all, at), 0),
    );
  }

  /** The proof of what neighbours are told to be proved: octets that are not to be written over. */
  toldProof(now: StoreTime, tag: TagName): Uint8Array | undefined {
    const heard = this.#heard.find(now, tag);
    return heard === undefined && this.#antidotes.has(tag) ? this.#kept.find(now, tagOctets(tag)) : heard;
  }

  /** A proof to a neighbour that lacks it. */
  say(link: LinkId, ackKey: Uint8Array): void {
    this.#proofs.say(link, ackKey);
  }

  /**
   * An envelope was opened here and is durable: its proof goes back to all who brought it, and to who brings it again until then. `was`: whether
   * somebody may keep copies of it.
   */
  opened(tag: Uint8Array, ackKey: Uint8Array, until: StoreTime, was: "kept" | "direct"): void {
    if (was === "kept") this.#cure(tag, ackKey, until);
    else this.keepProof(tag, ackKey, until);
    this.#proofs.prove(tag, ackKey);
  }

  /** A proof that the store has, or that a meeting brought. */
  keepProof(tag: Uint8Array, ackKey: Uint8Array, until: StoreTime): void {
    this.#kept.keep(tag, ackKey, until);
  }

  /** Those that are said go now, and not at the end of the turn. */
  flushProofs(): void {
    this.#proofs.flush();
  }

  /** The proof that is kept of an envelope: octets of its own. */
  proofOf(now: StoreTime, tag: Uint8Array): Uint8Array | undefined {
    return this.#proofs.find(now, tag);
  }

  /** A meeting has shown what a neighbour lacks. */
  met(link: LinkId, lacking: Iterable<HeldName>): void {
    if (this.#neighbours.has(link)) this.#spraying.met(link, lacking);
  }

  /** What the store found of those that were asked for; undefined: it did not answer. */
  answered(now: Millis, names: readonly string[], found: ReadonlyMap<string, Uint8Array> | undefined): void {
    this.#reads.answered(now, names, found);
  }

  #cure(tag: Uint8Array, ackKey: Uint8Array, until: StoreTime): void {
    this.#kept.keep(tag, ackKey, until);
    this.#antidotes.add(tagName(tag), until);
  }

  get deadline(): Millis {
    const never = Number.POSITIVE_INFINITY;
    const given = Math.min(this.custody.deadline ?? never, this.#spraying.deadline ?? never);
    return millis(Math.min(this.#proofs.deadline, given));
  }

  /** At the end of each turn, whatever it was about: what is due, and what has come together in it. */
  flush(now: Millis): void {
    this.custody.expire(now);
    this.#proofs.expire(now);
    this.#spraying.work(now);
    this.#reads.flush();
    this.#proofs.flush();
  }
}
