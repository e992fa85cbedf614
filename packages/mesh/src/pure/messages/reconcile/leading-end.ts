/** The end of a meeting that takes the other's symbols, asks for more while they are not enough, and finds in what the stores differ. */
import type { SipKey } from "../../protection/sip-hash.ts";
import type { MeetingLimits } from "./meeting-limits.ts";
import { nextPortion, symbolsFor } from "./portions.ts";
import { type CodedSymbol, RatelessDecoder } from "./rateless-table.ts";
import { type Settlement, settle } from "./settlement.ts";
import { sliceBitsFor } from "./slices.ts";

/** How two slices meet: the same at both ends. */
export interface MeetingTerms {
  readonly key: SipKey;
  /** Bits by which it is a slice; 0: all meets. */
  readonly slice: number;
  /** Elements that the following end is taken to have. */
  readonly told: number;
  /** Symbols that come unasked. */
  readonly portion: number;
}

export type LeadingStep =
  /** More is on its way. */
  | { readonly kind: "wait" }
  | { readonly kind: "ask"; readonly until: number }
  /** They differ in too much; of a slice of so many bits more it would not be. */
  | { readonly kind: "too-many"; readonly bits: number }
  | { readonly kind: "found"; readonly settlement: Settlement }
  /** `lies`: what no store would say. `endless`: more than is borne. */
  | { readonly kind: "failed"; readonly why: "lies" | "endless" };

export class LeadingEnd {
  readonly kind = "leading";
  readonly slice: number;
  readonly #limits: MeetingLimits;
  readonly #decoder: RatelessDecoder;
  /** Up to which symbol the other end was asked. */
  #awaited: number;
  #turns = 0;

  constructor(terms: MeetingTerms, own: Uint32Array, limits: MeetingLimits) {
    this.slice = terms.slice;
    this.#limits = limits;
    this.#decoder = new RatelessDecoder(terms.key, own, terms.told);
    this.#awaited = terms.portion;
  }

  take(first: number, symbols: readonly CodedSymbol[]): LeadingStep {
    const decoder = this.#decoder;
    const isDue = first === decoder.length && first + symbols.length <= this.#awaited;
    const decoding = isDue ? decoder.take(symbols) : "faulty";
    if (decoding === "faulty") return { kind: "failed", why: "lies" };
    if (decoding === "complete") return { kind: "found", settlement: settle(decoder.theirs, decoder.ours) };
    return decoder.length < this.#awaited ? { kind: "wait" } : this.#next();
  }

  #next(): LeadingStep {
    const { mostSymbols, mostTurns } = this.#limits;
    const { length, estimate, leastEstimate } = this.#decoder;
    if (symbolsFor(leastEstimate) > mostSymbols)
      return { kind: "too-many", bits: sliceBitsFor(symbolsFor(estimate), mostSymbols) };
    if (length >= mostSymbols) return { kind: "too-many", bits: 1 };
    this.#turns += 1;
    if (this.#turns > mostTurns) return { kind: "failed", why: "endless" };
    this.#awaited = Math.min(mostSymbols, nextPortion(length, estimate));
    return { kind: "ask", until: this.#awaited };
  }
}
