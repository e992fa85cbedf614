/**
 * Proofs go back the way that envelopes came, after one hash that shows which envelope they prove; what a node holds of that ends with them.
 * Nobody can make one who has not opened the envelope, so whoever brings it is believed, and whoever says that he delivered and brings none
 * is not.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Deliveries } from "../deliveries.ts";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { MeshOutput } from "../mesh-output.ts";
import type { Neighbour } from "../neighbour.ts";
import { encodeFrame } from "../wire/encode-frame.ts";
import { fieldLengths, frameLengths, mostProofs, type ProofFrame } from "../wire/link-frame.ts";
import { OctetSpace } from "../wire/octet-space.ts";
import type { BackWays } from "./back-ways.ts";
import type { HeardProofs } from "./heard-proofs.ts";
import type { KeptProofs } from "./kept-proofs.ts";
import type { MessageTally } from "./message-tally.ts";
import type { StoreCalendar, StoreTime } from "./store-time.ts";
import { tagName } from "./wire/envelope.ts";
import { ProofHasher } from "./wire/tags.ts";

/** A neighbour's word does not say until when. */
const heardFor = seconds(86_400);
const lookEvery = seconds(1);

export interface ProofsDeps {
  readonly ways: BackWays;
  readonly kept: KeptProofs;
  readonly calendar: StoreCalendar;
  readonly deliveries: Deliveries;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly isReachable: (destination: MeshAddress) => boolean;
  /** What was held of it here, which ends with this; undefined: nothing. `ackKey` is a view, gone after the call. */
  readonly onProof: (now: Millis, tag: Uint8Array, ackKey: Uint8Array) => { readonly until: StoreTime } | undefined;
  /** Of what neither went by here nor is held. */
  readonly heard: HeardProofs;
  readonly emit: (output: MeshOutput) => void;
  readonly tally: MessageTally;
}

export class Proofs {
  readonly #deps: ProofsDeps;
  readonly #space = new OctetSpace();
  readonly #hasher = new ProofHasher();
  /** To be passed on at the end of this turn. */
  readonly #outgoing = new Map<LinkId, Uint8Array[]>();
  #lookAt: Millis;

  constructor(deps: ProofsDeps, now: Millis) {
    this.#deps = deps;
    this.#lookAt = millis(now + lookEvery);
  }

  get deadline(): Millis {
    return this.#lookAt;
  }

  /** What a neighbour brings. */
  receive(now: Millis, link: LinkId, { ackKeys }: ProofFrame): void {
    for (const ackKey of ackKeys) this.#received(now, link, ackKey);
  }

  /** Of what was opened here, and is durable: back to all who brought it. Who keeps it has done so before. */
  prove(tag: Uint8Array, ackKey: Uint8Array): void {
    for (const link of this.#deps.ways.proved(tag)?.links ?? []) this.say(link, ackKey);
  }

  /** The proof of an envelope that was here, or that a neighbour told of. */
  find(now: StoreTime, tag: Uint8Array): Uint8Array | undefined {
    const { kept, heard } = this.#deps;
    const known = kept.size === 0 ? undefined : kept.find(now, tag);
    return known ?? (heard.size === 0 ? undefined : heard.find(now, tagName(tag)));
  }

  /** Whether an envelope that comes is proved already, and who brings it told so. */
  again(now: Millis, link: LinkId, tag: Uint8Array): boolean {
    const ackKey = this.find(this.#deps.calendar.at(now), tag);
    if (ackKey === undefined) return false;
    this.say(link, ackKey);
    return true;
  }

  /** What was not proved in time, though there is a way, was lost by who took it. */
  expire(now: Millis): void {
    if (now < this.#lookAt) return;
    this.#lookAt = millis(now + lookEvery);
    const { ways, deliveries, isReachable } = this.#deps;
    for (const went of ways.lost(now)) if (isReachable(went.to)) deliveries.lost(now, went);
  }

  /** At the end of a turn. */
  flush(): void {
    // To empty what is empty takes an allocation, and turns are many.
    if (this.#outgoing.size === 0) return;
    for (const [link, ackKeys] of this.#outgoing) {
      const mtu = this.#deps.neighbours.get(link)?.facts.mtu ?? 0;
      const most = Math.min(mostProofs, Math.floor((mtu - frameLengths.proof) / fieldLengths.ackKey));
      for (let from = 0; most > 0 && from < ackKeys.length; from += most) {
        const frame = encodeFrame({ type: "proof", ackKeys: ackKeys.slice(from, from + most) }, this.#space);
        this.#deps.emit({ kind: "transmit", link, frame });
      }
    }
    this.#outgoing.clear();
  }

  #received(now: Millis, link: LinkId, ackKey: Uint8Array): void {
    const { ways, kept, deliveries, onProof, tally } = this.#deps;
    const tag = this.#hasher.tagOf(ackKey);
    const way = ways.proved(tag);
    const held = onProof(now, tag, ackKey);
    if (held !== undefined) kept.keep(tag, ackKey, held.until);
    if (way === undefined) {
      if (held !== undefined) return;
      tally.proofsUnknown += 1;
      const { calendar, heard } = this.#deps;
      heard.hear(link, tagName(tag), ackKey, calendar.after(now, heardFor));
      return;
    }
    // Who brings the proof of what another was given has delivered nothing for it.
    if (way.went?.by === link) deliveries.delivered(now, way.went);
    for (const back of way.links) if (back !== link) this.say(back, ackKey);
    if (way.links.length > 0) tally.proofsPassed += 1;
  }

  /** At the end of this turn, where the link is there. */
  say(link: LinkId, ackKey: Uint8Array): void {
    if (!this.#deps.neighbours.has(link)) return;
    const ackKeys = this.#outgoing.get(link) ?? [];
    this.#outgoing.set(link, ackKeys);
    // The octets that came are written over before the end of a turn.
    ackKeys.push(ackKey.slice());
  }
}
