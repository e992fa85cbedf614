/** A connection of its own for what takes long, a migration or a backup: one transaction at a time, each statement bounded by an hour. */
import { type Millis, seconds } from "@ropewalk/kernel/units";
import pg from "pg";
import type { DatabaseSettings } from "../pure/database-settings.ts";
import { clientConfig } from "./connection-pool.ts";
import { databaseError } from "./database-error.ts";
import type { DatabaseLimits } from "./database-limits.ts";

const longestStatement: Millis = seconds(3600);

export class LoneConnection implements AsyncDisposable {
  /** The driver's own, for streams. */
  readonly client: pg.Client;

  private constructor(client: pg.Client) {
    this.client = client;
    // It is told by what fails next.
    client.on("error", () => {});
  }

  static async open(settings: DatabaseSettings, limits: DatabaseLimits): Promise<LoneConnection> {
    const waits = { statement_timeout: longestStatement, idle_in_transaction_session_timeout: longestStatement };
    const config = { ...clientConfig(settings, limits), ...waits, lock_timeout: limits.lock };
    const connection = new LoneConnection(new pg.Client(config));
    try {
      await connection.client.connect();
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw databaseError(error);
    }
  }

  /** `text` may be several statements when it has no parameters. */
  async rows<Row>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]> {
    try {
      const values = parameters === undefined ? {} : { values: [...parameters] };
      const query: pg.QueryConfig & { query_timeout: number } = { text, ...values, query_timeout: longestStatement };
      return (await this.client.query(query)).rows as readonly Row[];
    } catch (error) {
      throw databaseError(error);
    }
  }

  /**
   * All of `work` or nothing of it. `mode` as after BEGIN. Behind a failure the connection is to be disposed of, which undoes what was done: it may
   * be in the middle of rows that nobody takes.
   */
  async transaction<T>(mode: string, work: () => Promise<T>): Promise<T> {
    await this.rows(`begin ${mode}`);
    const done = await work();
    await this.rows("commit");
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end().catch(() => {});
  }
}
