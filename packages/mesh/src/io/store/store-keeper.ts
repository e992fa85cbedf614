/**
 * Keeps the store's file in use, whatever becomes of it: what is damaged is saved and goes on, what cannot be written can still be read,
 * and where the disk is full, what removes is done all the same. Runs in the store's thread.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { MeshError } from "../../errors.ts";
import {
  isRelief,
  type StoreAnswer,
  type StoreOperation,
  type StoreRefusal,
} from "../../pure/messages/store-operations.ts";
import type { StoreQuestion, StoreReading, StoreReply } from "../../pure/messages/store-questions.ts";
import { answer } from "./answer.ts";
import { openStore, salvageInPlace } from "./open-store.ts";
import { perform } from "./perform.ts";
import { Reserve } from "./reserve.ts";
import type { StoreDatabase } from "./store-database.ts";
import { failureOf, type StoreFailure } from "./store-failures.ts";
import type { OpenedFile, StoreEvent, StoreThreadOptions } from "./store-messages.ts";
import { reservePath } from "./store-places.ts";

type Group = readonly StoreOperation[];

type Attempt<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly failure: StoreFailure; readonly why: string };

export interface StoreKeeperDeps {
  readonly clock: Pick<Clock, "now" | "wall">;
  readonly tell: (event: StoreEvent) => void;
}

/** Rows of each kind that end at a time. */
const [mostExpired, mostExpiredWhenFull] = [1_000, 64];
const openAgain = seconds(1);
const fullReason = "no room on the disk: free some";

export class StoreKeeper implements Disposable {
  /** How it was found. */
  readonly opened: OpenedFile;
  readonly #path: string;
  readonly #deps: StoreKeeperDeps;
  readonly #reserve: Reserve;
  /** Undefined while it is damaged and could not be saved. */
  #database: StoreDatabase | undefined;
  /** Whose indexes nobody has looked at since the start. */
  readonly #unchecked: string[];
  /** To save it. */
  #triedAt: Millis | undefined;
  #isFull = false;
  #failing: string | undefined;

  /** Throws MeshError: MESH_STORE, MESH_STORE_HELD. */
  constructor({ path, reserve }: StoreThreadOptions, deps: StoreKeeperDeps) {
    const { database, file } = openStore(path, deps.clock.wall());
    this.opened = file;
    this.#path = path;
    this.#deps = deps;
    this.#reserve = new Reserve(reservePath(path), reserve, deps.clock);
    this.#database = database;
    this.#unchecked = [...database.tables()];
    this.#looksForRoom();
  }

  /** An answer for each group. All that can be done of them is on the disk when it returns. */
  settle(groups: readonly Group[]): readonly StoreAnswer[] {
    if (!this.#looksForRoom()) return this.#relieve(groups);
    const attempt = this.#attempt(groups, mostExpired);
    if (attempt.kind === "done") return attempt.value;
    switch (attempt.failure) {
      case "full":
        this.#reserve.giveUp();
        this.#looksForRoom();
        // By this the journal's room is free for what is next.
        this.#guarded((database) => database.checkpoint());
        return this.#relieve(groups);
      case "damaged":
        return this.#settleOnce(groups);
      case "unfit":
        // The others are not to suffer for it.
        return groups.length === 1
          ? groups.map(() => refusal("failed", attempt.why))
          : groups.flatMap((group) => this.#settleOnce([group]));
      case "failing":
        return groups.map(() => refusal("failed", attempt.why));
    }
  }

  answer<Question extends StoreQuestion>(question: Question): StoreReading<StoreReply[Question["kind"]]> {
    const once = () => this.#guarded((database) => answer(database, question));
    const first = once();
    // What was damaged was saved meanwhile.
    const last = first.kind === "failed" && first.failure === "damaged" ? once() : first;
    return last.kind === "done"
      ? { kind: "read", value: last.value as StoreReply[Question["kind"]] }
      : { kind: "unread", reason: "failed", why: last.why };
  }

  /** Looks at the indexes of one more table, and saves what can be saved where they are damaged. Whether there are others. */
  checkNext(): boolean {
    const table = this.#unchecked.shift();
    if (table !== undefined) this.#guarded((database) => database.checkIndexes(table));
    return this.#unchecked.length > 0;
  }

  [Symbol.dispose](): void {
    this.#database?.[Symbol.dispose]();
  }

  /** Also tells when that changes. */
  #looksForRoom(): boolean {
    const isFull = !this.#reserve.isThere();
    if (isFull !== this.#isFull) this.#deps.tell({ kind: isFull ? "full" : "roomy" });
    this.#isFull = isFull;
    return !isFull;
  }

  /** What can be done on a full disk. */
  #relieve(groups: readonly Group[]): readonly StoreAnswer[] {
    const reliefs = groups.filter((group) => group.every(isRelief));
    const attempt = this.#attempt(reliefs, mostExpiredWhenFull);
    if (attempt.kind === "done" && reliefs.length > 0) this.#guarded((database) => database.shrink());
    const answers = new Map(attempt.kind === "done" ? reliefs.map((group, at) => [group, attempt.value[at]]) : []);
    return groups.map((group) => answers.get(group) ?? refusal("full", fullReason));
  }

  /** Without another try. */
  #settleOnce(groups: readonly Group[]): readonly StoreAnswer[] {
    const attempt = this.#attempt(groups, mostExpired);
    if (attempt.kind === "done") return attempt.value;
    return groups.map(() => refusal(attempt.failure === "full" ? "full" : "failed", attempt.why));
  }

  /** All of them or none. */
  #attempt(groups: readonly Group[], most: number): Attempt<readonly StoreAnswer[]> {
    const attempt = this.#guarded((database) =>
      database.transaction(() =>
        groups.map((group) => ({
          kind: "committed" as const,
          outcomes: group.map((operation) => perform(database, operation, most)),
        })),
      ),
    );
    if (attempt.kind === "done") this.#works();
    return attempt;
  }

  #guarded<T>(act: (database: StoreDatabase) => T): Attempt<T> {
    try {
      return { kind: "done", value: act(this.#use()) };
    } catch (error) {
      const [failure, why] = [failureOf(this.#path, error), describeError(error)];
      if (failure === "failing") this.#fail(why);
      if (failure === "damaged") this.#save(why);
      return { kind: "failed", failure, why };
    }
  }

  /** Opens it again where that is due. Throws MeshError. */
  #use(): StoreDatabase {
    if (this.#database !== undefined) return this.#database;
    const { clock, tell } = this.#deps;
    const now = clock.now();
    if (this.#triedAt !== undefined && now - this.#triedAt < openAgain)
      throw new MeshError("MESH_STORE", this.#failing ?? "the store cannot be used");
    this.#triedAt = now;
    const { database, file } = openStore(this.#path, clock.wall());
    if (file.salvaged !== undefined) tell({ kind: "salvaged", salvaged: file.salvaged });
    this.#database = database;
    return database;
  }

  /** SQLite has rolled back, and writes all that was not synced anew when it can. */
  #fail(why: string): void {
    if (this.#failing === undefined) this.#deps.tell({ kind: "failing", reason: why });
    this.#failing = why;
  }

  /** That something can be read says nothing of that. */
  #works(): void {
    if (this.#failing !== undefined) this.#deps.tell({ kind: "working" });
    this.#failing = undefined;
  }

  #save(reason: string): void {
    this.#database?.[Symbol.dispose]();
    this.#database = undefined;
    // It is opened again at once.
    this.#triedAt = undefined;
    try {
      const salvaged = salvageInPlace(this.#path, this.#deps.clock.wall(), reason);
      this.#deps.tell({ kind: "salvaged", salvaged });
    } catch (error) {
      this.#fail(describeError(error));
    }
  }
}

function refusal(reason: StoreRefusal, why: string): StoreAnswer {
  return { kind: "refused", reason, why };
}
