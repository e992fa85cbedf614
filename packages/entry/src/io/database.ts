/** Entry's database: PostgreSQL 15 or later, the only authority. Any replica asks it, and none remembers for it. */
import { type BackoffConfig, backoff } from "@ropewalk/kernel/backoff";
import { type Clock, sleep, withDeadline } from "@ropewalk/kernel/clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { type IsolationLevel, Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import { EntryError } from "../errors.ts";
import type { DatabaseSettings } from "../pure/database-settings.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { type DatabaseLimits, usualLimits } from "./database-limits.ts";
import { LoneConnection } from "./lone-connection.ts";
import { Pipeline } from "./pipeline.ts";
import type { Tables } from "./tables.ts";

export interface DatabaseDeps {
  readonly clock: Clock;
  readonly chance: () => number;
}

/** Between two attempts of a transaction. */
const between: BackoffConfig = { first: millis(4), longest: millis(200) };
const ending = seconds(5);

export class Database implements AsyncDisposable {
  /** Every failure of what it does is an `EntryError`. */
  readonly kysely: Kysely<Tables>;
  readonly #pool: ConnectionPool;
  readonly #settings: DatabaseSettings;
  readonly #limits: DatabaseLimits;
  readonly #deps: DatabaseDeps;

  /** Connects when it is asked the first time, and again whenever it must. Throws ENTRY_DATABASE_SETTINGS. */
  constructor(settings: DatabaseSettings, deps: DatabaseDeps, limits: DatabaseLimits = usualLimits) {
    this.#pool = new ConnectionPool(settings, limits);
    this.kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.#pool }) });
    this.#settings = settings;
    this.#limits = limits;
    this.#deps = deps;
  }

  /**
   * All of `work` or nothing of it. `work` may be done several times, of which one counts: it changes nothing but the database.
   * Throws ENTRY_DATABASE_UNSURE when nobody knows whether it was done.
   */
  async transaction<T>(
    work: (tables: Transaction<Tables>) => Promise<T>,
    level: IsolationLevel = "read committed",
  ): Promise<T> {
    return this.#attempted(() => this.kysely.transaction().setIsolationLevel(level).execute(work));
  }

  /** The same, read committed, for prepared statements that do not wait for each other's answers. */
  pipelined<T>(work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
    return this.#attempted(async () => {
      const client = await this.#pool.connect();
      try {
        return await Pipeline.run(client, work);
      } finally {
        client.release();
      }
    });
  }

  /** Its version, as "150018"; the shortest question that shows that it answers. */
  async version(): Promise<number> {
    const { rows } = await sql<{
      readonly version: string;
    }>`select current_setting('server_version_num') as version`.execute(this.kysely);
    return Number(rows[0]?.version);
  }

  /** For work that takes long and that Kysely cannot say. The caller disposes of it. */
  alone(): Promise<LoneConnection> {
    return LoneConnection.open(this.#settings, this.#limits);
  }

  /** What is under way is waited for, but not for long. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { clock } = this.#deps;
    await withDeadline(clock, "end of connections", ending, this.#pool.end(), () => new Error()).catch(() => {});
  }

  async #attempted<T>(transaction: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await transaction();
      } catch (error) {
        const isContended = error instanceof EntryError && error.code === "ENTRY_DATABASE_CONTENDED";
        if (!isContended || attempt + 1 >= this.#limits.attempts) throw error;
        await sleep(this.#deps.clock, "a transaction again", backoff(attempt, this.#deps.chance(), between));
      }
    }
  }
}
