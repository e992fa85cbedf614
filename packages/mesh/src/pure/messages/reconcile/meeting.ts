/**
 * The meeting of two neighbours' stores, at one of them: what the other lacks is found, and what this one lacks, for about 20 octets each.
 * Either end may begin, or both at once; the one with the lower address leads: it takes the other's symbols, and asks for more.
 *
 *     idle ── begin ─────► asked ─┬─ leading ──── symbols, more … ──► done ──► idle
 *     idle ── heard begin ────────┴─ following ── more, symbols … ──► done ──► idle
 *
 * Whatever the other end says, a meeting has so many symbols, turns and elements, and so much time; where it fails or nothing comes of it, the
 * other is left alone, each time for longer.
 */
import { joined } from "@ropewalk/kernel/bytes";
import { TokenBucket } from "@ropewalk/kernel/token-bucket";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../../mesh-address.ts";
import { sipKey } from "../../protection/sip-hash.ts";
import { type MeetingOpening, type MeetingSaid, meetingLengths } from "../wire/meeting.ts";
import { elementsOf, type Standings, standingsOf, type TagStem } from "./element.ts";
import { FollowingEnd, type FollowingStep } from "./following-end.ts";
import { LeadingEnd, type LeadingStep, type MeetingTerms } from "./leading-end.ts";
import { LeftAlone } from "./left-alone.ts";
import { type MeetingLimits, mostSlicesTried } from "./meeting-limits.ts";
import { firstPortion, symbolsFor } from "./portions.ts";
import { limited, type Settlement, sizeOf } from "./settlement.ts";
import { mostSliceBits, nonceOfTurn, sliceBitsFor, sliced, sliceOf } from "./slices.ts";

export interface MeetingEnds {
  readonly own: MeshAddress;
  readonly peer: MeshAddress;
  /** Octets of the longest frame that the link carries. */
  readonly mtu: number;
}

export interface MeetingDeps {
  /** Those of the store now, a row that is not changed later; undefined: there is no time for a meeting. */
  readonly elements: () => Uint32Array | undefined;
  /** Octets that nobody can guess. */
  readonly random: (length: number) => Uint8Array;
}

export type MeetingOutput =
  | { readonly kind: "say"; readonly said: MeetingSaid }
  /** The other end lacks these, or says so: a store looks whether it has them. `proofs`: stems of tags of which it is known to have the proofs. */
  | { readonly kind: "give"; readonly given: Standings; readonly proofs: readonly TagStem[] }
  /** `wanted`: how many were asked for. `left`: more differs than came of it; another meeting may be good. */
  | { readonly kind: "met"; readonly wanted: number; readonly left: boolean }
  | { readonly kind: "failed"; readonly why: MeetingFault };

/** `lies`: what no store would say. `endless`: more than is borne. */
export type MeetingFault = "silence" | "refused" | "lies" | "endless";

interface Asked {
  readonly kind: "asked";
  readonly opening: MeetingOpening;
  readonly elements: Uint32Array;
}

type Phase = { readonly kind: "idle" } | Asked | LeadingEnd | FollowingEnd;

const idle: Phase = { kind: "idle" };
const nonceLength = 8;
const typeLength = 1;

export class Meeting {
  readonly #ends: MeetingEnds;
  readonly #limits: MeetingLimits;
  readonly #deps: MeetingDeps;
  readonly #leftAlone: LeftAlone;
  readonly #answers: TokenBucket;
  #phase: Phase = idle;
  #quietAt: Millis = millis(0);
  #endsAt: Millis = millis(0);
  #outputs: MeetingOutput[] = [];
  /** Bits of the slices that this end would have, after what the last meetings found. */
  #slice = 0;
  #slicesTried = 0;
  #turn: number;

  constructor(now: Millis, ends: MeetingEnds, limits: MeetingLimits, deps: MeetingDeps) {
    this.#ends = ends;
    this.#limits = limits;
    this.#deps = deps;
    this.#leftAlone = new LeftAlone(limits);
    this.#answers = new TokenBucket(limits.answers, now);
    const [high = 0, low = 0] = deps.random(2);
    this.#turn = (high << 8) | low;
  }

  get isIdle(): boolean {
    return this.#phase.kind === "idle";
  }

  /** From when on a meeting may begin. */
  get restsUntil(): Millis {
    return this.#leftAlone.until;
  }

  /** Nothing where a meeting is under way, or the neighbour is left alone. */
  begin(now: Millis): readonly MeetingOutput[] {
    if (this.isIdle && this.#leftAlone.isOver(now)) this.#begin(now);
    return this.#done();
  }

  receive(now: Millis, said: MeetingSaid): readonly MeetingOutput[] {
    const phase = this.#phase;
    if (phase.kind === "asked" && (said.kind === "begin" || said.kind === "answer")) this.#meet(now, phase, said);
    else if (said.kind === "begin") this.#answer(now, said);
    else if (said.kind === "over") this.#givenUp(now);
    else if (phase.kind === "leading" && said.kind === "symbols") this.#took(now, phase.take(said.first, said.symbols));
    else if (phase.kind === "following" && said.kind === "more") this.#gave(now, phase.more(said.until));
    else if (phase.kind === "following" && said.kind === "done") this.#give(standingsOf(said.wanted), phase.slice);
    // Anything else is of a meeting that has ended here.
    return this.#done();
  }

  /** Something that was asked for came. */
  came(): void {
    this.#leftAlone.met("something");
  }

  deadline(): Millis | undefined {
    return this.isIdle ? undefined : millis(Math.min(this.#quietAt, this.#endsAt));
  }

  expire(now: Millis): readonly MeetingOutput[] {
    const deadline = this.deadline();
    if (deadline !== undefined && now >= deadline) this.#fail(now, "silence");
    return this.#done();
  }

  #begin(now: Millis): void {
    const elements = this.#deps.elements();
    if (elements === undefined) return;
    const opening = this.#opening("begin", elements);
    this.#starts(now);
    this.#phase = { kind: "asked", opening, elements };
    this.#say(opening);
  }

  /** Who begins has given up what was under way. */
  #answer(now: Millis, theirs: MeetingOpening): void {
    this.#phase = idle;
    const isTaken = this.#leftAlone.isOver(now) && this.#answers.take(now);
    const elements = isTaken ? this.#deps.elements() : undefined;
    if (elements === undefined) {
      this.#say({ kind: "over" });
      return;
    }
    const opening = this.#opening("answer", elements);
    this.#starts(now);
    this.#say(opening);
    this.#meet(now, { opening, elements }, theirs);
  }

  #opening(kind: MeetingOpening["kind"], elements: Uint32Array): MeetingOpening {
    const count = elements.length / 2;
    const slice = Math.max(this.#slice, sliceBitsFor(count, this.#limits.mostElements));
    const nonce = nonceOfTurn(this.#deps.random(nonceLength), this.#turn);
    this.#turn += 1;
    return { kind, nonce, count, slice };
  }

  /** Both have said what they have. */
  #meet(now: Millis, { opening, elements }: Omit<Asked, "kind">, theirs: MeetingOpening): void {
    const { own, peer, mtu } = this.#ends;
    const isLeading = own < peer;
    const [leader, follower] = isLeading ? [opening, theirs] : [theirs, opening];
    const slice = Math.max(opening.slice, theirs.slice);
    const told = sliced(follower.count, slice);
    const portion = firstPortion(sliced(leader.count, slice), told);
    const terms: MeetingTerms = { key: sipKey(joined(leader.nonce, follower.nonce)), slice, told, portion };
    const met = sliceOf(elements, leader.nonce, slice);
    this.#hear(now);
    if (leader.count === 0 || follower.count === 0) {
      // Who has nothing lacks all, and nobody need say so.
      this.#give(standingsOf(met), slice);
      return;
    }
    if (isLeading) {
      this.#phase = new LeadingEnd(terms, met, this.#limits);
      return;
    }
    const following = new FollowingEnd(terms, met, this.#limits, mtu - typeLength);
    this.#phase = following;
    this.#gave(now, following.more(portion));
  }

  #took(now: Millis, step: LeadingStep): void {
    this.#hear(now);
    switch (step.kind) {
      case "wait":
        return;
      case "ask":
        this.#say({ kind: "more", until: step.until });
        return;
      case "too-many":
        this.#tryLess(now, step.bits);
        return;
      case "found":
        this.#found(step.settlement);
        return;
      case "failed":
        this.#fail(now, step.why);
        return;
    }
  }

  #gave(now: Millis, step: FollowingStep): void {
    this.#hear(now);
    if (step.kind === "failed") this.#fail(now, step.why);
    else for (const said of step.frames) this.#say(said);
  }

  /** At once with a smaller slice; but a neighbour that has ever more is left alone. */
  #tryLess(now: Millis, bits: number): void {
    const slice = this.#usedSlice() + bits;
    if (this.#slicesTried >= mostSlicesTried || slice > mostSliceBits) {
      this.#fail(now, "endless");
      return;
    }
    this.#slicesTried += 1;
    this.#slice = slice;
    this.#phase = idle;
    this.#begin(now);
  }

  #found({ given, wanted }: Settlement): void {
    const { mostSymbols, mostGiven } = this.#limits;
    const slice = this.#usedSlice();
    const room = Math.floor((this.#ends.mtu - typeLength - meetingLengths.done) / meetingLengths.element);
    const [asked, offered] = [limited(wanted, room), limited(given, mostGiven)];
    const found = sizeOf(wanted) + sizeOf(given);
    this.#phase = idle;
    this.#slicesTried = 0;
    this.#slice = symbolsFor(4 * found) < mostSymbols ? Math.max(0, slice - 1) : slice;
    this.#leftAlone.met(sizeOf(asked) > 0 && sizeOf(offered) === 0 ? "promises" : "something");
    // Proofs before it is said what is wanted: so what they prove is not given any more.
    if (sizeOf(offered) > 0) this.#outputs.push({ kind: "give", given: offered, proofs: wanted.proved });
    this.#say({ kind: "done", wanted: elementsOf(asked) });
    const left = (slice > 0 && found > 0) || sizeOf(asked) + sizeOf(offered) < found;
    this.#outputs.push({ kind: "met", wanted: sizeOf(asked), left });
  }

  /** What the other end lacks, as it says. */
  #give(lacking: Standings, slice: number): void {
    const given = limited(lacking, this.#limits.mostGiven);
    this.#phase = idle;
    this.#leftAlone.met("something");
    if (sizeOf(given) > 0) this.#outputs.push({ kind: "give", given, proofs: [] });
    const left = (slice > 0 && sizeOf(lacking) > 0) || sizeOf(given) < sizeOf(lacking);
    this.#outputs.push({ kind: "met", wanted: 0, left });
  }

  /** The other end has given up, or does not want to meet. */
  #givenUp(now: Millis): void {
    const { kind } = this.#phase;
    // It may bear less than it was asked for.
    if (kind === "leading") this.#slice = Math.min(mostSliceBits, this.#usedSlice() + 1);
    this.#phase = idle;
    // A leading end that saw no end of it leaves this one alone, and is not left alone for that.
    if (kind === "asked" || kind === "leading") this.#leave(now, "refused");
  }

  #fail(now: Millis, why: MeetingFault): void {
    this.#phase = idle;
    this.#say({ kind: "over" });
    this.#leave(now, why);
  }

  #leave(now: Millis, why: MeetingFault): void {
    this.#slicesTried = 0;
    this.#leftAlone.failed(now);
    this.#outputs.push({ kind: "failed", why });
  }

  /** Of the meeting that is under way. */
  #usedSlice(): number {
    return this.#phase.kind === "leading" || this.#phase.kind === "following" ? this.#phase.slice : 0;
  }

  #starts(now: Millis): void {
    this.#endsAt = millis(now + this.#limits.longest);
    this.#hear(now);
  }

  #hear(now: Millis): void {
    this.#quietAt = millis(now + this.#limits.patience);
  }

  #say(said: MeetingSaid): void {
    this.#outputs.push({ kind: "say", said });
  }

  #done(): readonly MeetingOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
