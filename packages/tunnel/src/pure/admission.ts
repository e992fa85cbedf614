/**
 * Which connections of strangers are kept, and whose turn it is. Until a peer is known it may cost little and take nobody's place
 * for long: every stage has a bound, and when one is full the network that holds most of it loses its oldest.
 *
 *     arrive        speak           ready             answered          leave
 *       | unheard     | unheard       | in the queue    | begun           |
 *       +-------------+---------------+- - start - - - -+-----------------+
 */

import type { NetworkPrefix } from "@ropewalk/kernel/network-prefix";
import { PrefixRates, type RateConfig } from "@ropewalk/kernel/prefix-rates";
import type { Millis } from "@ropewalk/kernel/units";
import { millis } from "@ropewalk/kernel/units";

export interface AdmissionConfig {
  /** Connections of which the first message is not whole, or waits for its turn. */
  readonly unheard: number;
  /** Handshakes that were begun and have not shown who the peer is. */
  readonly begun: number;
  /** Of those, the ones that wait for this end's own computation. */
  readonly atOnce: number;
  readonly rate: RateConfig;
  /** From the arrival of a connection until its peer is known. */
  readonly within: Millis;
}

export type ConnectionId = number;

export type ShedReason = "shed" | "rate-limited" | "deadline";

export type AdmissionOutput =
  | { readonly kind: "start"; readonly id: ConnectionId }
  | { readonly kind: "shed"; readonly id: ConnectionId; readonly reason: ShedReason };

interface Candidate {
  readonly id: ConnectionId;
  readonly prefix: NetworkPrefix;
  readonly arrivedAt: Millis;
  readonly stage: "unheard" | "ready" | "computing" | "begun";
}

export class Admission {
  readonly #config: AdmissionConfig;
  readonly #rates: PrefixRates;
  /** In the order of their arrival. */
  readonly #candidates = new Map<ConnectionId, Candidate>();

  constructor(config: AdmissionConfig) {
    this.#config = config;
    this.#rates = new PrefixRates(config.rate);
  }

  /** Connections by stage. */
  get counts(): { readonly unheard: number; readonly begun: number } {
    const begun = this.#all(isBegun).length;
    return { unheard: this.#candidates.size - begun, begun };
  }

  /** A connection was accepted. */
  arrive(now: Millis, id: ConnectionId, prefix: NetworkPrefix): readonly AdmissionOutput[] {
    this.#candidates.set(id, { id, prefix, arrivedAt: now, stage: "unheard" });
    const waiting = this.#all((candidate) => !isBegun(candidate));
    return waiting.length > this.#config.unheard ? this.#shed(waiting) : [];
  }

  /** Its first octets came: now it counts against the rate of its network. */
  speak(now: Millis, id: ConnectionId): readonly AdmissionOutput[] {
    const candidate = this.#candidates.get(id);
    if (candidate === undefined || this.#rates.take(now, candidate.prefix)) return [];
    this.#candidates.delete(id);
    return [{ kind: "shed", id, reason: "rate-limited" }];
  }

  /** Its first message is whole. */
  ready(id: ConnectionId): readonly AdmissionOutput[] {
    if (this.#candidates.get(id)?.stage === "unheard") this.#move(id, "ready");
    return this.#startNext();
  }

  /** What this end had to compute for its first answer is done. */
  answered(id: ConnectionId): readonly AdmissionOutput[] {
    if (this.#candidates.get(id)?.stage === "computing") this.#move(id, "begun");
    return this.#startNext();
  }

  /** Its peer is known, or it has ended. */
  leave(id: ConnectionId): readonly AdmissionOutput[] {
    this.#candidates.delete(id);
    return this.#startNext();
  }

  /** Sheds whoever has taken too long. */
  expire(now: Millis): readonly AdmissionOutput[] {
    const late = this.#all(({ arrivedAt }) => now >= arrivedAt + this.#config.within);
    for (const { id } of late) this.#candidates.delete(id);
    return [...late.map(({ id }) => ({ kind: "shed", id, reason: "deadline" }) as const), ...this.#startNext()];
  }

  /** When `expire` is due. */
  deadline(): Millis | undefined {
    const [oldest] = this.#candidates.values();
    return oldest === undefined ? undefined : millis(oldest.arrivedAt + this.#config.within);
  }

  /** As many of those that are ready as may be computed for at once. */
  #startNext(): readonly AdmissionOutput[] {
    const outputs: AdmissionOutput[] = [];
    while (this.#all(({ stage }) => stage === "computing").length < this.#config.atOnce) {
      const next = this.#next();
      if (next === undefined) break;
      this.#move(next.id, "computing");
      outputs.push({ kind: "start", id: next.id });
      const begun = this.#all(isBegun);
      if (begun.length > this.#config.begun) outputs.push(...this.#shed(begun));
    }
    return outputs;
  }

  /** The one whose network has the fewest begun; of those the oldest. */
  #next(): Candidate | undefined {
    const begun = tally(this.#all(isBegun));
    let best: Candidate | undefined;
    for (const candidate of this.#all(({ stage }) => stage === "ready")) {
      const isFewer = best !== undefined && (begun.get(candidate.prefix) ?? 0) < (begun.get(best.prefix) ?? 0);
      if (best === undefined || isFewer) best = candidate;
    }
    return best;
  }

  /** Of `among`, the oldest of the network that has most of them. */
  #shed(among: readonly Candidate[]): readonly AdmissionOutput[] {
    const counts = tally(among);
    const most = Math.max(...counts.values());
    const victim = among.find(({ prefix }) => counts.get(prefix) === most);
    if (victim === undefined) return [];
    this.#candidates.delete(victim.id);
    return [{ kind: "shed", id: victim.id, reason: "shed" }];
  }

  #all(isWanted: (candidate: Candidate) => boolean): readonly Candidate[] {
    return [...this.#candidates.values()].filter(isWanted);
  }

  #move(id: ConnectionId, stage: Candidate["stage"]): void {
    const candidate = this.#candidates.get(id);
    // Setting a key that is there keeps its place in the order.
    if (candidate !== undefined) this.#candidates.set(id, { ...candidate, stage });
  }
}

function isBegun({ stage }: Candidate): boolean {
  return stage === "computing" || stage === "begun";
}

function tally(candidates: readonly Candidate[]): ReadonlyMap<NetworkPrefix, number> {
  const counts = new Map<NetworkPrefix, number>();
  for (const { prefix } of candidates) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  return counts;
}
