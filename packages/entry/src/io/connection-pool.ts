/**
 * Connections to the database for Kysely: a bounded number of them, and of those who wait for one; every failure is this package's error; and
 * a connection on which an answer is outstanding is never used again.
 */

import type { ConnectionOptions } from "node:tls";
import { InternalError } from "@ropewalk/kernel/errors";
import { readPublicFile, readSecretFile } from "@ropewalk/ops/secret-file";
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import pg from "pg";
import { EntryError } from "../errors.ts";
import { isConnectionLost } from "../pure/database-failure.ts";
import type { DatabaseSettings, TlsSettings } from "../pure/database-settings.ts";
import { databaseError, toldBy } from "./database-error.ts";
import type { DatabaseLimits } from "./database-limits.ts";
import { TurnCork } from "./turn-cork.ts";

export class ConnectionPool implements PostgresPool {
  readonly options: object = {};
  readonly #pool: pg.Pool;
  readonly #mostWaiting: number;

  /** Nothing is connected yet. Throws ENTRY_DATABASE_SETTINGS when a file that the settings name cannot be read. */
  constructor(settings: DatabaseSettings, limits: DatabaseLimits) {
    this.#mostWaiting = limits.waiting;
    this.#pool = new pg.Pool(poolConfig(settings, limits));
    // An idle connection that breaks is gone from the pool; who asks next gets another, or is told why not.
    this.#pool.on("error", () => {});
  }

  async connect(): Promise<PostgresPoolClient> {
    if (this.#pool.waitingCount >= this.#mostWaiting)
      throw new EntryError(
        "ENTRY_DATABASE_BUSY",
        `${this.#mostWaiting} wait for the database already; try again later`,
      );
    try {
      return new CheckedClient(await this.#pool.connect());
    } catch (error) {
      throw databaseError(error);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

function poolConfig(settings: DatabaseSettings, limits: DatabaseLimits): pg.PoolConfig {
  return {
    ...clientConfig(settings, limits),
    max: limits.connections,
    statement_timeout: limits.statement,
    lock_timeout: limits.lock,
    idle_in_transaction_session_timeout: limits.idle,
    // A server that has stopped does not keep its own time: this one is kept here.
    query_timeout: limits.statement + limits.connect,
    pipeline: true,
    // What is prepared is planned once, and not for each set of values: the values are lists of keys, whatever they are. Pages are said to cost little
    // wherever they are, for they are in memory: or a plan that was made while a table was small reads all of it when it is no longer.
    options: "-c plan_cache_mode=force_generic_plan -c random_page_cost=0.1",
    idleTimeoutMillis: 60_000,
  };
}

/** What every connection needs. Throws ENTRY_DATABASE_SETTINGS. */
export function clientConfig(settings: DatabaseSettings, limits: Pick<DatabaseLimits, "connect">): pg.ClientConfig {
  return {
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    ...(settings.password === undefined ? {} : { password: settings.password.reveal() }),
    ssl: tlsConfig(settings.tls),
    connectionTimeoutMillis: limits.connect,
    // A machine that is gone says nothing: the system asks for it from then on, and gives up after some minutes (tcp(7)).
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "ropewalk entry",
  };
}

function tlsConfig({ mode, authorities, certificate, key }: TlsSettings): false | ConnectionOptions {
  if (mode === "disable") return false;
  try {
    const files = {
      ...(authorities === undefined ? {} : { ca: Buffer.from(readPublicFile(authorities)) }),
      ...(certificate === undefined ? {} : { cert: Buffer.from(readPublicFile(certificate)) }),
      ...(key === undefined ? {} : { key: Buffer.from(readSecretFile(key)) }),
    };
    // As libpq does it: who names authorities wants them asked.
    if (mode === "require" && authorities === undefined) return { ...files, rejectUnauthorized: false };
    return mode === "verify-full" ? files : { ...files, checkServerIdentity: () => undefined };
  } catch (error) {
    const message = "a file that the database's address names cannot be used";
    throw new EntryError("ENTRY_DATABASE_SETTINGS", message, { cause: error });
  }
}

const nothing: pg.QueryResult = { command: "ROLLBACK", rowCount: 0, oid: 0, fields: [], rows: [] };

/** One that is lent out. */
class CheckedClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #cork: TurnCork;
  #isLost = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    this.#cork = new TurnCork(client.connection.stream);
    // Without a listener, one that breaks between two questions would end the process.
    client.on("error", this.#lose);
  }

  readonly #lose = (): void => {
    this.#isLost = true;
  };

  query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    what: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof what !== "string") throw new InternalError("a cursor was asked for, and Kysely was given none");
    return this.#ask(what, parameters) as Promise<PostgresQueryResult<R>>;
  }

  async #ask(text: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    // The server has undone it already; that this cannot be said would hide what is to be told.
    if (this.#isLost && text === "rollback") return nothing;
    const isCommit = text === "commit";
    let result: pg.QueryResult;
    try {
      const name = statementName(text);
      this.#cork.hold();
      result = await this.#client.query({ ...(name === undefined ? {} : { name }), text, values: [...parameters] });
    } catch (error) {
      const isLost = this.#isLost || isConnectionLost(toldBy(error));
      if (isLost) this.#isLost = true;
      if (isLost && isCommit) throw unsure(error);
      throw databaseError(error);
    }
    if (isCommit && result.command === "ROLLBACK") {
      const what = "a statement of the transaction had failed, and nothing of it was kept";
      throw new EntryError("ENTRY_DATABASE_REFUSED", what);
    }
    return result;
  }

  release(isToEnd?: boolean): void {
    this.#client.off("error", this.#lose);
    this.#client.release(this.#isLost || isToEnd === true);
  }
}

/** A statement that begins with its name in a comment is prepared once for each connection. */
function statementName(text: string): string | undefined {
  return /^\/\* ([a-z_]+) \*\//.exec(text)?.[1];
}

function unsure(cause: unknown): EntryError {
  const what = "the database was lost while it committed: what was asked for may be done, and may not";
  return new EntryError("ENTRY_DATABASE_UNSURE", `${what}. Ask again with the same idempotency key`, { cause });
}
