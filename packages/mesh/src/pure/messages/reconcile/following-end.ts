/** The end of a meeting that gives symbols of its store, as many as it is asked for within its limits. */
import { longestSymbol, type MeetingSaid, meetingLengths } from "../wire/meeting.ts";
import type { MeetingTerms } from "./leading-end.ts";
import type { MeetingLimits } from "./meeting-limits.ts";
import { RatelessEncoder } from "./rateless-table.ts";

export type FollowingStep =
  | { readonly kind: "say"; readonly frames: readonly MeetingSaid[] }
  | { readonly kind: "failed"; readonly why: "lies" | "endless" };

export class FollowingEnd {
  readonly kind = "following";
  readonly slice: number;
  readonly #limits: MeetingLimits;
  readonly #encoder: RatelessEncoder;
  readonly #inFrame: number;
  #sent = 0;
  #turns = 0;

  /** `room`: octets of a frame behind its type. */
  constructor(terms: MeetingTerms, own: Uint32Array, limits: MeetingLimits, room: number) {
    this.slice = terms.slice;
    this.#limits = limits;
    this.#encoder = new RatelessEncoder(terms.key, own, terms.told);
    this.#inFrame = Math.max(1, Math.floor((room - meetingLengths.symbols) / longestSymbol));
  }

  /** Symbols behind those that were said, up to `until`. */
  more(until: number): FollowingStep {
    const { mostSymbols, mostTurns } = this.#limits;
    if (until <= this.#sent) return { kind: "failed", why: "lies" };
    // The first portion comes unasked.
    if (until > mostSymbols || this.#turns > mostTurns) return { kind: "failed", why: "endless" };
    this.#turns += 1;
    const frames: MeetingSaid[] = [];
    while (this.#sent < until) {
      const [first, to] = [this.#sent, Math.min(until, this.#sent + this.#inFrame)];
      frames.push({ kind: "symbols", first, symbols: this.#encoder.symbols(first, to) });
      this.#sent = to;
    }
    return { kind: "say", frames };
  }
}
