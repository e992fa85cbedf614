/**
 * The meetings with all neighbours that keep for others: one with each, a moment after he has come, and again as long as there is something that
 * could be told or given.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { MeshOutput } from "../mesh-output.ts";
import type { Neighbour } from "../neighbour.ts";
import { encodeFrame } from "../wire/encode-frame.ts";
import type { Carrying } from "./carrying.ts";
import { markIn, tagIn } from "./custody/held.ts";
import { stemOfDigits, upperOf } from "./reconcile/element.ts";
import { Meeting, type MeetingOutput } from "./reconcile/meeting.ts";
import { defaultMeetingLimits } from "./reconcile/meeting-limits.ts";
import type { StoreCalendar } from "./store-time.ts";
import type { TagName } from "./wire/envelope.ts";
import type { MeetingSaid } from "./wire/meeting.ts";

export interface MeetingsDeps {
  readonly address: MeshAddress;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly carrying: Carrying;
  readonly calendar: StoreCalendar;
  readonly random: (length: number) => Uint8Array;
  readonly emit: (output: MeshOutput) => void;
}

/** What has just come up has much else to say; and what one neighbour has told need not be told by all others at the same time. */
const [settle, spread] = [seconds(1), seconds(4)];
/** Where more differs than came of it, and where all was said: new envelopes are given at once, and a proof may wait. */
const again = { left: seconds(60), all: seconds(180) } as const;
/** At once, of all: each has what it compares in memory. */
const mostAtOnce = 8;

interface Met {
  readonly meeting: Meeting;
  nextAt: Millis;
}

export class Meetings {
  readonly #deps: MeetingsDeps;
  readonly #byLink = new Map<LinkId, Met>();
  /** Undefined: it is to be found anew. */
  #deadline: number | undefined;
  /** Of the turn that is under way. */
  #now: Millis = millis(0);

  constructor(deps: MeetingsDeps) {
    this.#deps = deps;
  }

  /** He keeps for others. */
  linkUp(now: Millis, { link, facts }: Neighbour): void {
    if (this.#byLink.has(link)) return;
    const { address: own, random } = this.#deps;
    const ends = { own, peer: facts.peer, mtu: facts.mtu };
    const meeting = new Meeting(now, ends, defaultMeetingLimits, { elements: () => this.#elements(this.#now), random });
    const [chance = 0] = random(1);
    this.#byLink.set(link, { meeting, nextAt: millis(now + settle + (spread * chance) / 256) });
    this.#deadline = undefined;
  }

  linkDown(link: LinkId): void {
    this.#byLink.delete(link);
    this.#deadline = undefined;
  }

  receive(now: Millis, link: LinkId, said: MeetingSaid): void {
    this.#now = now;
    this.#deadline = undefined;
    const met = this.#byLink.get(link);
    if (met !== undefined) this.#perform(now, link, met, met.meeting.receive(now, said));
  }

  /** Something came that may have been asked for. */
  came(link: LinkId): void {
    this.#byLink.get(link)?.meeting.came();
  }

  get deadline(): Millis | undefined {
    // It is asked for after each frame.
    this.#deadline ??= this.#byLink.values().reduce((first, { meeting, nextAt }) => {
      return Math.min(first, meeting.deadline() ?? Math.max(nextAt, meeting.restsUntil));
    }, Number.POSITIVE_INFINITY);
    return this.#deadline === Number.POSITIVE_INFINITY ? undefined : millis(this.#deadline);
  }

  expire(now: Millis): void {
    const { deadline } = this;
    if (deadline === undefined || now < deadline) return;
    this.#now = now;
    this.#deadline = undefined;
    for (const [link, met] of this.#byLink) {
      const { meeting } = met;
      this.#perform(now, link, met, meeting.expire(now));
      if (!meeting.isIdle || now < met.nextAt || now < meeting.restsUntil) continue;
      met.nextAt = millis(now + again.left);
      this.#perform(now, link, met, meeting.begin(now));
    }
  }

  /** Undefined: there is no time for one more. */
  #elements(now: Millis): Uint32Array | undefined {
    const underWay = this.#byLink.values().filter(({ meeting }) => !meeting.isIdle);
    if ([...underWay].length >= mostAtOnce) return undefined;
    const { carrying, calendar } = this.#deps;
    return carrying.elements(calendar.at(now));
  }

  #perform(now: Millis, link: LinkId, met: Met, outputs: readonly MeetingOutput[]): void {
    for (const output of outputs) {
      switch (output.kind) {
        case "say":
          this.#deps.emit({ kind: "transmit", link, frame: encodeFrame({ type: "meeting", said: output.said }) });
          break;
        case "give":
          this.#give(now, link, output);
          break;
        case "met":
          met.nextAt = millis(now + (output.left ? again.left : again.all));
          break;
        case "failed":
          met.nextAt = millis(now + again.left);
          break;
      }
    }
  }

  #give(now: Millis, link: LinkId, { given, proofs }: Given): void {
    const { carrying, calendar } = this.#deps;
    const at = calendar.at(now);
    for (const stem of given.proved)
      for (const tag of tagsOf(stem)) {
        const ackKey = carrying.toldProof(at, tag);
        if (ackKey !== undefined) carrying.say(link, ackKey);
      }
    carrying.flushProofs();
    if (given.held.length === 0) return;
    const [stems, proved] = [new Set(given.held), new Set(proofs)];
    const some = carrying.custody.elements.withUpper(new Set(given.held.map(upperOf)));
    // Of what the neighbour has the proof he is given nothing: the proof comes.
    const lacking = some.filter(
      ({ name }) => stems.has(stemOfDigits(markIn(name))) && !proved.has(stemOfDigits(tagIn(name))),
    );
    carrying.met(
      link,
      lacking.toSorted((one, other) => one.order - other.order).map(({ name }) => name),
    );
  }
}

type Given = Extract<MeetingOutput, { readonly kind: "give" }>;

/** The two tags that a stem stands for. */
function tagsOf(stem: string): readonly TagName[] {
  const last = Number.parseInt(stem.slice(-1), 16);
  return [stem, stem.slice(0, -1) + (last | 1).toString(16)] as TagName[];
}
