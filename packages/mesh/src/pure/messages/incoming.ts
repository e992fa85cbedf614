/**
 * What comes for this node itself: opened, stored, and proved once it is durable, in this order whatever happens in between. So an application
 * has each message once, and its sender knows of none that could be lost here.
 */
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { Neighbour } from "../neighbour.ts";
import type { Carrying } from "./carrying.ts";
import { type InboxBounds, type InboxFacts, InboxRoom, type Kept, type NoRoom, type StoredPart } from "./inbox-room.ts";
import { type Opened, type RecipientChains, type RefusedEnvelope, rememberedFor } from "./sealing/recipient-chains.ts";
import type { StoreCall, StoreResult } from "./store-call.ts";
import type { ReceivedContent } from "./store-operations.ts";
import type { StoreCalendar, StoreTime } from "./store-time.ts";
import { type Envelope, type TagName, tagOctets } from "./wire/envelope.ts";

const openableFor = seconds(rememberedFor);
/** Without a refusal. Who finds no room tries again before. */
const roomyAfter = seconds(900);
/** Envelopes that are opened and not on the disk yet. */
const mostStoring = 4_096;

export interface IncomingDeps {
  readonly calendar: StoreCalendar;
  readonly chains: Pick<RecipientChains, "open" | "reinstate" | "unbegin" | "takeForgotten">;
  readonly carrying: Pick<Carrying, "opened">;
  readonly store: StoreCall;
  /** Seconds since 1970, for people. */
  readonly wall: (now: Millis) => number;
  readonly bounds: InboxBounds;
  /** So long the parts of a message wait for the next. */
  readonly stall: Millis;
  readonly isContact: (address: MeshAddress) => boolean;
  readonly tell: (event: IncomingEvent) => void;
}

/** As the store has it: until when it is kept. */
export interface FoundPart extends Omit<StoredPart, "at"> {
  readonly until: StoreTime;
}

export type IncomingEvent =
  /** A message is whole, and in the inbox under this number. */
  | { readonly kind: "received"; readonly number: number; readonly sender: MeshAddress; readonly port: number }
  /** What came of a message in parts is gone, and what comes yet is refused. */
  | { readonly kind: "given-up"; readonly sender: MeshAddress }
  /** Messages were refused for want of room; or, after a while, none was any more. Their senders keep them. */
  | { readonly kind: "inbox-full" | "inbox-roomy" };

export type IncomingDrop = RefusedEnvelope["why"] | NoRoom | "rate" | "busy" | "given-up";

export class Incoming {
  readonly #deps: IncomingDeps;
  readonly #room: InboxRoom;
  readonly #storing = new Set<TagName>();
  /** When there was no room last, as long as that is told. */
  #fullAt: Millis | undefined;
  readonly dropped: Map<IncomingDrop, number> = new Map();
  /** Messages that came more than once. */
  repeated = 0;

  constructor(deps: IncomingDeps) {
    this.#deps = deps;
    this.#room = new InboxRoom(deps.bounds, deps.isContact);
  }

  /** What waits for an application. */
  get inbox(): Pick<InboxRoom, "messages" | "octets" | "givenUp"> {
    return this.#room;
  }

  /** What the store had. */
  restore(inbox: readonly InboxFacts[], parts: readonly FoundPart[]): void {
    const came = (until: StoreTime) => (until - openableFor / 1000) as StoreTime;
    this.#room.restore(
      inbox,
      parts.map(({ until, ...part }) => ({ ...part, at: came(until) })),
    );
  }

  /** The application has it. */
  taken(facts: InboxFacts): void {
    this.#room.taken(facts);
  }

  /** Gives up what never became whole. */
  expire(now: Millis): void {
    const { calendar, stall } = this.#deps;
    this.#room.expire((calendar.at(now) - stall / 1000) as StoreTime);
    this.#giveUp(now);
    if (this.#fullAt === undefined || now - this.#fullAt < roomyAfter) return;
    this.#fullAt = undefined;
    this.#deps.tell({ kind: "inbox-roomy" });
  }

  /** Its octets may be written over afterwards. `was`: whether somebody kept it, and may still. */
  receive(now: Millis, { budget }: Neighbour, envelope: Envelope, was: "kept" | "direct"): void {
    const { chains, calendar } = this.#deps;
    const tag = envelope.name;
    // Its proof follows when it is on the disk.
    if (this.#storing.has(tag)) return;
    if (this.#storing.size >= mostStoring) this.#drop("busy");
    else if (this.#room.isFull) this.#noRoom(now, "inbox-full");
    else if (envelope.form === "opening" && !budget.take(now, "opening")) this.#drop("rate");
    else {
      const opened = chains.open(calendar.at(now), envelope);
      if (opened.kind === "refused") this.#drop(opened.why);
      else this.#keep(now, opened, was);
      this.#forgetChains();
    }
  }

  #keep(now: Millis, opened: Opened, was: "kept" | "direct"): void {
    const { calendar, chains } = this.#deps;
    const room = this.#room.offer(calendar.at(now), opened.sender, opened.plaintext);
    this.#giveUp(now);
    if (room === "taken") {
      this.#store(now, opened, was);
      return;
    }
    // It may come again, when there is room.
    chains.reinstate(opened);
    this.#noRoom(now, room);
  }

  #forgetChains(): void {
    for (const chain of this.#deps.chains.takeForgotten()) this.#deps.store({ kind: "chain-forget", ...chain });
  }

  #noRoom(now: Millis, why: NoRoom): void {
    this.#drop(why);
    if (why === "too-long" || why === "malformed") return;
    if (this.#fullAt === undefined) this.#deps.tell({ kind: "inbox-full" });
    this.#fullAt = now;
  }

  #store(now: Millis, opened: Opened, was: "kept" | "direct"): void {
    const { calendar, store, wall } = this.#deps;
    const { sender, tag, ackKey, plaintext, chain } = opened;
    // Who writes from the future is remembered until that is past: so nobody's clock decides whether something comes twice.
    const ahead = opened.by === "identity" ? Math.max(0, plaintext.sent - calendar.at(now)) : 0;
    const until = (calendar.after(now, openableFor) + ahead) as StoreTime;
    this.#storing.add(tag);
    store(
      {
        ...{ kind: "receive", sender, id: plaintext.id, chunk: plaintext.kind === "chunk" ? plaintext.index : 0 },
        ...{ received: contentOf(opened, wall(now)), until, chain, proof: { tag, ackKey, until } },
      },
      (later, end, outcome) => {
        this.#storing.delete(tag);
        const kept = end === "refused" ? end : keptOf(outcome);
        this.#room.settle(calendar.at(later), sender, plaintext, kept);
        if (kept === "refused") this.#deps.chains.reinstate(opened);
        if (kept === "refused" || kept === "given-up") {
          this.#drop(kept === "refused" ? "busy" : kept);
          return;
        }
        if (outcome?.kind === "repeated" && outcome.what === "envelope" && opened.isFirst) {
          this.#deps.chains.unbegin(opened);
          this.#forgetChains();
        }
        this.#deps.carrying.opened(tagOctets(tag), ackKey, until, was);
        if (outcome?.kind === "repeated") this.repeated += 1;
        if (outcome?.kind !== "delivered") return;
        this.#deps.tell({ kind: "received", number: outcome.number, sender, port: plaintext.port });
      },
    );
  }

  #giveUp(now: Millis): void {
    const { calendar, store, tell } = this.#deps;
    const until = calendar.after(now, openableFor);
    for (const { sender, id } of this.#room.takeGivenUp()) {
      store({ kind: "give-up", sender, id, until });
      tell({ kind: "given-up", sender });
    }
  }

  #drop(why: IncomingDrop): void {
    this.dropped.set(why, (this.dropped.get(why) ?? 0) + 1);
  }
}

function keptOf(result: StoreResult | undefined): Exclude<Kept, "refused"> {
  const kind = result?.kind;
  return kind === "delivered" || kind === "repeated" || kind === "given-up" ? kind : "done";
}

function contentOf({ plaintext }: Opened, at: number): ReceivedContent {
  const { port, sent, content: octets } = plaintext;
  if (plaintext.kind === "whole") return { kind: "whole", port, sent, at, octets };
  return { kind: "part", port, sent, at, count: plaintext.count, octets };
}
