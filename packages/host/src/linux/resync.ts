/**
 * Reads the kernel's tables again when events were lost or do not tell enough. At most one dump is under way; requests
 * meanwhile become one more, after a wait that grows while they keep coming, so that a storm cannot keep us busy.
 * Events go on during a dump: they are applied at once, kept, and applied to the dump's result again before it is used.
 */
import { backoff } from "@ropewalk/kernel/backoff";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { NetworkEvent } from "../tables/network-event.ts";
import type { NetworkTable } from "../tables/network-table.ts";
import type { DumpResult } from "./netlink-dump.ts";

/** `routes` reads nexthop objects and routes only. */
export type ResyncScope = "all" | "routes";

export interface ResyncTarget {
  readonly createTable: () => NetworkTable;
  readonly dumpInto: (table: NetworkTable, scope: ResyncScope, signal: AbortSignal) => Promise<DumpResult>;
  /** Applies events that the kernel has queued; true when none is left. */
  readonly drainEvents: () => boolean;
  readonly adopt: (table: NetworkTable, scope: ResyncScope, cause: string) => void;
}

interface Wanted {
  readonly scope: ResyncScope;
  readonly cause: string;
}

const calmAfter: Millis = seconds(1);
const waits = { first: millis(10), longest: millis(250) };
/** A dump may take at most a fifth of the time: a full routing table takes a second to list. */
const restPerWork = 4;
/** A full event socket is empty after a few; more come only while the kernel tells faster than we read. */
const mostDrains = 16;
/** Events kept during one dump; beyond that the dump is done again. */
const mostKeptEvents = 20_000;

export class Resync implements Disposable {
  readonly #target: ResyncTarget;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #wanted: Wanted | undefined;
  #kept: NetworkEvent[] | undefined;
  #timer: Timer | undefined;
  #attempt = 0;
  #lastEnd: number = Number.NEGATIVE_INFINITY;
  #lastWork = 0;

  constructor(target: ResyncTarget, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  /** To be told of every event that is applied. */
  record(event: NetworkEvent): void {
    if (this.#kept !== undefined && this.#kept.length <= mostKeptEvents) this.#kept.push(event);
  }

  request(scope: ResyncScope, cause: string): void {
    this.#want({ scope, cause });
    if (this.#kept === undefined && this.#timer === undefined) this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error("the network watch was closed"));
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** Reading everything includes reading routes. */
  #want(wanted: Wanted): void {
    if (this.#wanted?.scope !== "all") this.#wanted = wanted;
  }

  #schedule(): void {
    if (this.#stop.signal.aborted) return;
    const sinceLast = this.#clock.now() - this.#lastEnd;
    if (sinceLast > calmAfter) this.#attempt = 0;
    const wait = this.#attempt === 0 ? 0 : Math.max(backoff(this.#attempt - 1, 1, waits), restPerWork * this.#lastWork);
    this.#timer = this.#clock.after("netlink resync", millis(wait), () => {
      this.#timer = undefined;
      void this.#run();
    });
  }

  /** Never rejects: a dump that fails is wanted again, and says so when one succeeds. */
  async #run(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.#wanted = undefined;
    this.#attempt += 1;
    // From here on a request is for the next dump: to empty the queue may tell of lost events, and two dumps would share what is kept.
    this.#kept = [];
    // An event that is queued now is older than the dump that begins: applied to its result, it could bring back what is
    // gone, for the event of its going may be among the lost ones.
    if (!this.#isDrained()) {
      this.#kept = undefined;
      this.#want(wanted);
      this.#lastEnd = this.#clock.now();
      return this.#schedule();
    }
    this.#kept = [];
    const started = this.#clock.now();
    const table = this.#target.createTable();
    const outcome = await this.#dump(table, wanted.scope);
    const result = typeof outcome === "string" ? outcome : "failed";
    if (this.#stop.signal.aborted) return;
    if (result === "complete") this.#target.drainEvents();
    const kept = this.#kept;
    this.#kept = undefined;
    this.#lastEnd = this.#clock.now();
    this.#lastWork = this.#lastEnd - started;
    if (result === "complete" && kept.length <= mostKeptEvents) {
      for (const event of kept) table.apply(event, this.#clock.now());
      this.#target.adopt(table, wanted.scope, wanted.cause);
    } else this.#want(typeof outcome === "string" ? wanted : { ...wanted, cause: `${outcome.failure}, at last read` });
    if (this.#wanted !== undefined) this.#schedule();
  }

  #isDrained(): boolean {
    for (let turn = 0; turn < mostDrains; turn += 1) if (this.#target.drainEvents()) return true;
    return false;
  }

  async #dump(table: NetworkTable, scope: ResyncScope): Promise<DumpResult | { readonly failure: string }> {
    try {
      return await this.#target.dumpInto(table, scope, this.#stop.signal);
    } catch (error) {
      return { failure: describeError(error) };
    }
  }
}
