/**
 * What comes for this node itself: opened, stored, and proved once it is durable, in this order whatever happens in between. So an application
 * has each message once, and its sender knows of none that could be lost here.
 */
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { Neighbour } from "../neighbour.ts";
import type { Carrying } from "./carrying.ts";
import type { Opened, RecipientChains, RefusedEnvelope } from "./sealing/recipient-chains.ts";
import type { StoreCall } from "./store-call.ts";
import type { ReceivedContent } from "./store-operations.ts";
import type { StoreCalendar } from "./store-time.ts";
import { type Envelope, type TagName, tagOctets } from "./wire/envelope.ts";

/** As long as an envelope can be opened: so long a prekey lives, and a day more. */
const openableFor = seconds(38 * 86_400);
/** Envelopes that are opened and not on the disk yet. */
const mostStoring = 4_096;

export interface IncomingDeps {
  readonly calendar: StoreCalendar;
  readonly chains: RecipientChains;
  readonly carrying: Pick<Carrying, "opened">;
  readonly store: StoreCall;
  /** Seconds since 1970, for people. */
  readonly wall: (now: Millis) => number;
  /** Whether the inbox has room. */
  readonly hasRoom: () => boolean;
  readonly tell: (event: IncomingEvent) => void;
}

/** A message is whole, and in the inbox under this number. */
export interface IncomingEvent {
  readonly kind: "received";
  readonly number: number;
  readonly sender: MeshAddress;
  readonly port: number;
}

export type IncomingDrop = RefusedEnvelope["why"] | "rate" | "busy" | "inbox-full";

export class Incoming {
  readonly #deps: IncomingDeps;
  readonly #storing = new Set<TagName>();
  readonly dropped: Map<IncomingDrop, number> = new Map();
  /** Messages that came more than once. */
  repeated = 0;

  constructor(deps: IncomingDeps) {
    this.#deps = deps;
  }

  /** Its octets may be written over afterwards. `was`: whether somebody kept it, and may still. */
  receive(now: Millis, { budget }: Neighbour, envelope: Envelope, was: "kept" | "direct"): void {
    const { chains, calendar, hasRoom } = this.#deps;
    const tag = envelope.name;
    // Its proof follows when it is on the disk.
    if (this.#storing.has(tag)) return;
    if (this.#storing.size >= mostStoring) this.#drop("busy");
    else if (!hasRoom()) this.#drop("inbox-full");
    else if (envelope.form === "opening" && !budget.take(now, "opening")) this.#drop("rate");
    else {
      const opened = chains.open(calendar.at(now), envelope);
      if (opened.kind === "refused") this.#drop(opened.why);
      else this.#store(now, opened, was);
      for (const chain of chains.takeForgotten()) this.#deps.store({ kind: "chain-forget", ...chain });
    }
  }

  #store(now: Millis, opened: Opened, was: "kept" | "direct"): void {
    const { calendar, store, wall } = this.#deps;
    const { sender, tag, ackKey, plaintext, chain } = opened;
    const until = calendar.after(now, openableFor);
    this.#storing.add(tag);
    store(
      {
        ...{ kind: "receive", sender, id: plaintext.id, chunk: plaintext.kind === "chunk" ? plaintext.index : 0 },
        ...{ received: contentOf(opened, wall(now)), until, chain, proof: { tag, ackKey, until } },
      },
      (_, end, outcome) => {
        this.#storing.delete(tag);
        if (end === "refused") {
          this.#deps.chains.reinstate(opened);
          this.#drop("busy");
          return;
        }
        this.#deps.carrying.opened(tagOctets(tag), ackKey, until, was);
        if (outcome?.kind === "repeated") this.repeated += 1;
        if (outcome?.kind !== "delivered") return;
        this.#deps.tell({ kind: "received", number: outcome.number, sender, port: plaintext.port });
      },
    );
  }

  #drop(why: IncomingDrop): void {
    this.dropped.set(why, (this.dropped.get(why) ?? 0) + 1);
  }
}

function contentOf({ plaintext }: Opened, at: number): ReceivedContent {
  const { port, sent, content: octets } = plaintext;
  if (plaintext.kind === "whole") return { kind: "whole", port, sent, at, octets };
  return { kind: "part", port, sent, at, count: plaintext.count, octets };
}
