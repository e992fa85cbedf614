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
    const config = { ...clientConfig(settings, limits), query_timeout: longestStatement, lock_timeout: limits.lock };
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
      const result = parameters === undefined ? this.client.query(text) : this.client.query(text, [...parameters]);
      return (await result).rows as readonly Row[];
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** All of `work` or nothing of it. `mode` as after BEGIN. */
  async transaction<T>(mode: string, work: () => Promise<T>): Promise<T> {
    await this.rows(`begin ${mode}`);
    try {
      const done = await work();
      await this.rows("commit");
      return done;
    } catch (error) {
      await this.rows("rollback").catch(() => {});
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end().catch(() => {});
  }
}
