/**
 * Broadcasts: those of this node's own, and those that neighbours bring, which are judged, told to applications once, and passed on. What is
 * cheap is judged first, and a signature only of what is new and within its share; a copy of what is known costs one hash.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkId } from "../../link.ts";
import { addressOfKey } from "../../mesh-address.ts";
import type { MeshOutput } from "../../mesh-output.ts";
import type { Neighbour } from "../../neighbour.ts";
import type { Freshness } from "../../wire/announce.ts";
import { EmergencyShare } from "../emergency-share.ts";
import { countedBy } from "../message-counts.ts";
import type { MessageKeys } from "../message-keys.ts";
import { isSigned } from "../sealing/broadcast-sealing.ts";
import type { MessageCrypto } from "../sealing/message-crypto.ts";
import { type ChangeOutcome, changeOutcome, type StoreCall } from "../store-call.ts";
import type { StoredChannel, StoredOrigin } from "../store-operations.ts";
import type { StoreCalendar } from "../store-time.ts";
import type { Broadcast, BroadcastContent } from "../wire/broadcast.ts";
import { type Priority, priority } from "../wire/envelope.ts";
import { decodePlaintext, type WholePlaintext } from "../wire/plaintext.ts";
import type { BroadcastHeard, BroadcastOrder, BroadcastRefusal, BroadcastSent } from "./broadcast-terms.ts";
import { Channels } from "./channels.ts";
import { type FloodDrop, Flooding } from "./flooding.ts";
import { HeardBroadcasts } from "./heard-broadcasts.ts";
import { decodeHeard } from "./heard-numbers.ts";
import { Hearing } from "./hearing.ts";
import { type OriginRefusal, Origins } from "./origins.ts";
import { OwnBroadcasts } from "./own-broadcasts.ts";

/** `own`: this node has sent it itself. */
export type BroadcastDrop = FloodDrop | OriginRefusal | "own" | "malformed" | "forged";

export interface BroadcastingDeps {
  readonly crypto: MessageCrypto;
  readonly store: StoreCall;
  readonly calendar: StoreCalendar;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  /** Seconds since 1970, for people. */
  readonly wall: (now: Millis) => number;
  readonly keys: Pick<MessageKeys, "isContact">;
  /** The node's next number, which is set aside before anything that follows leaves. */
  readonly takeNumber: () => Freshness;
  /** Where octets are dear, nothing is padded. */
  readonly isConstrained: boolean;
  readonly emit: (output: MeshOutput) => void;
  readonly tell: (event: BroadcastHeard) => void;
}

const hashKeyLength = 16;

export class Broadcasting {
  readonly channels: Channels;
  readonly #deps: BroadcastingDeps;
  readonly #heard: HeardBroadcasts;
  readonly #origins: Origins;
  readonly #flooding: Flooding;
  readonly #hearing: Hearing;
  readonly #own: OwnBroadcasts;
  readonly #emergencies = new Map<LinkId, EmergencyShare>();
  readonly #dropped = new Map<BroadcastDrop, number>();
  #passed = 0;

  constructor(deps: BroadcastingDeps, now: Millis) {
    const { crypto, store, keys } = deps;
    this.#deps = deps;
    this.channels = new Channels({ crypto, store });
    this.#heard = new HeardBroadcasts(crypto.random(hashKeyLength));
    this.#origins = new Origins({
      isContact: (address) => keys.isContact(address),
      onForgotten: (address) => store({ kind: "origin-forget", address }),
    });
    this.#flooding = new Flooding({
      ...deps,
      onDrop: (why) => this.#drop(why),
      onPassed: () => {
        this.#passed += 1;
      },
    });
    this.#hearing = new Hearing(deps);
    this.#own = new OwnBroadcasts({ ...deps, channels: this.channels }, now);
  }

  restore(now: Millis, channels: readonly StoredChannel[], origins: readonly StoredOrigin[]): void {
    this.channels.restore(channels);
    for (const { address, heard } of origins) {
      const numbers = decodeHeard(heard);
      if (numbers !== undefined) this.#origins.restore(now, address, numbers);
    }
  }

  send(now: Millis, order: BroadcastOrder): BroadcastSent | BroadcastRefusal {
    const made = this.#own.make(now, order);
    if (made.kind !== "made") return made;
    const { broadcast, heard, id } = made;
    this.#heard.add(broadcast.lasting, heard);
    this.#flooding.pass(now, heard, broadcast.octets);
    return { kind: "sent", id, neighbours: this.#deps.neighbours.size };
  }

  /** What a neighbour brings, within its budget; its octets may be written over afterwards. */
  receive(now: Millis, { link }: Neighbour, broadcast: Broadcast): void {
    const known = this.#heard.find(broadcast.lasting);
    const hops = broadcast.hops - 1;
    if (known === undefined) {
      this.#first(now, link, broadcast);
      return;
    }
    this.#flooding.has(link, known, broadcast.hops);
    if (hops <= known.hops || known.until <= now) return;
    known.hops = hops;
    known.from = link;
    this.#flooding.pass(now, known, broadcast.octets);
  }

  /** The application has it. */
  take(number: number, then: (outcome: ChangeOutcome) => void): void {
    this.#deps.store({ kind: "broadcast-take", number }, (_, end, result) => then(changeOutcome(end, result)));
  }

  linkUp(neighbour: Neighbour): void {
    this.#flooding.linkUp(neighbour);
  }

  linkDown(link: LinkId): void {
    this.#flooding.linkDown(link);
    this.#origins.linkDown(link);
    this.#emergencies.delete(link);
  }

  get deadline(): Millis | undefined {
    return this.#flooding.deadline;
  }

  /** At the end of each turn. */
  flush(now: Millis): void {
    this.#flooding.work(now);
  }

  /** What became of broadcasts, by name. */
  counts(): Readonly<Record<string, number>> {
    const { heard, unstored } = this.#hearing;
    return {
      ...{ broadcastsPassed: this.#passed, broadcastsHeard: heard, broadcastsUnstored: unstored },
      ...countedBy("broadcastsDropped", this.#dropped),
    };
  }

  #first(now: Millis, link: LinkId, broadcast: Broadcast): void {
    const { content } = broadcast;
    const isTaken = content.form === "signed" ? this.#takeSigned(now, link, broadcast, content) : true;
    if (!isTaken) return;
    if (content.form === "channel") {
      const opened = this.channels.open(broadcast);
      if (opened !== undefined) this.#hearing.inChannel(now, opened);
    }
    const until = millis(now + broadcast.life);
    const heard = { priority: this.#clamped(now, link, broadcast), until, hops: broadcast.hops - 1, from: link };
    this.#heard.add(broadcast.lasting, heard);
    this.#flooding.pass(now, heard, broadcast.octets);
  }

  /** Whether it is who signed it that sent it, and he may; then it is told. */
  #takeSigned(
    now: Millis,
    link: LinkId,
    broadcast: Broadcast,
    { key, plaintext }: Extract<BroadcastContent, { readonly form: "signed" }>,
  ): boolean {
    const { crypto } = this.#deps;
    if (key.toHex() === crypto.publicKey.toHex()) return this.#drop("own");
    const said = decodePlaintext(plaintext);
    if (said?.kind !== "whole") return this.#drop("malformed");
    const [address, number] = [addressOfKey(key), numberOf(said)];
    const fault = this.#origins.judge(now, link, address, number);
    if (fault !== undefined) return this.#drop(fault);
    if (!isSigned(crypto, broadcast)) return this.#drop("forged");
    const numbers = this.#origins.heard(now, link, address, number);
    if (numbers === undefined) return this.#drop("old");
    this.#hearing.byOrigin(now, { address, numbers, said });
    return true;
  }

  /** Whoever calls everything an emergency gains nothing over who does not. */
  #clamped(now: Millis, link: LinkId, { priority: told, octets }: Broadcast): Priority {
    const share = this.#emergencies.get(link) ?? new EmergencyShare(now);
    this.#emergencies.set(link, share);
    const isEmergency = told === priority.emergency;
    return share.take(now, octets.length, isEmergency) || !isEmergency ? told : priority.high;
  }

  #drop(why: BroadcastDrop): false {
    this.#dropped.set(why, (this.#dropped.get(why) ?? 0) + 1);
    return false;
  }
}

/** The id of what is signed is the number that its origin gave it. */
function numberOf({ id }: WholePlaintext): Freshness {
  return { epoch: Number.parseInt(id.slice(0, 8), 16), sequence: Number.parseInt(id.slice(8), 16) };
}
