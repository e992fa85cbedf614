/**
 * Who waits for what becomes of a session. What this replica commits is told at once; what another does is seen by looking, for all who wait
 * together.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { SessionEvent, SessionId } from "../pure/vpn-session.ts";
import type { Database } from "./database.ts";
import { readSessions, type StoredSession } from "./session-rows.ts";

/** Undefined: it is not decided yet. `event` is what has changed it, where that is known. */
export type Judge<Outcome> = (session: StoredSession, event: SessionEvent | undefined) => Outcome | undefined;

interface Wait {
  readonly note: (session: StoredSession, event: SessionEvent | undefined) => void;
}

/** From one look to the next. */
const every = millis(250);

export class SessionWaits implements Disposable {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #waits = new Map<SessionId, Set<Wait>>();
  #timer: Timer | undefined;
  #isLooking = false;
  #onIdle: (() => void) | undefined;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Undefined: nothing was decided within this time. Rejects with the signal's reason. */
  wait<Outcome>(
    session: StoredSession,
    judge: Judge<Outcome>,
    within: Millis,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const now = judge(session, undefined);
    if (now !== undefined) return Promise.resolve(now);
    const { promise, resolve, reject } = Promise.withResolvers<Outcome | undefined>();
    const { id } = session.step;
    const wait: Wait = {
      note: (changed, event) => {
        const outcome = judge(changed, event);
        if (outcome !== undefined) resolve(outcome);
      },
    };
    const give = () => reject(signal.reason);
    signal.addEventListener("abort", give, { once: true });
    const limit = this.#clock.after("a node's answer", within, () => resolve(undefined));
    this.#add(id, wait);
    return promise.finally(() => {
      limit[Symbol.dispose]();
      signal.removeEventListener("abort", give);
      this.#remove(id, wait);
    });
  }

  /** When nobody waits any more, or after this time. */
  async idle(within: Millis): Promise<void> {
    if (this.#waits.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    using _limit = this.#clock.after("last answers of nodes", within, resolve);
    await promise;
  }

  note(session: StoredSession, event: SessionEvent | undefined): void {
    for (const wait of this.#waits.get(session.step.id) ?? []) wait.note(session, event);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#waits.clear();
  }

  #add(id: SessionId, wait: Wait): void {
    const known = this.#waits.get(id);
    if (known === undefined) this.#waits.set(id, new Set([wait]));
    else known.add(wait);
    this.#timer ??= this.#clock.after("sessions of other replicas", every, () => this.#look());
  }

  #remove(id: SessionId, wait: Wait): void {
    const waits = this.#waits.get(id);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waits.delete(id);
    if (this.#waits.size === 0) this.#onIdle?.();
  }

  /** A database that is away is asked again; who waits has an end of his own. */
  #look(): void {
    this.#timer = undefined;
    const ids = [...this.#waits.keys()];
    if (ids.length === 0) return;
    this.#timer = this.#clock.after("sessions of other replicas", every, () => this.#look());
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#database
      .pipelined((asked) => readSessions(asked, ids))
      .then(({ sessions }) => {
        for (const session of sessions) this.note(session, undefined);
      })
      .catch(() => {})
      .finally(() => {
        this.#isLooking = false;
      });
  }
}
