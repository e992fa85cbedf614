/**
 * One transaction whose statements are sent without waiting for the answers to those before: there is one way to the database and back for each
 * group that is waited for, and not for each statement. They are done in the order in which they were asked for.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { CompiledQuery, PostgresPoolClient } from "kysely";
import { EntryError } from "../errors.ts";

/** What answers statements: a pipeline, or a transaction of Kysely's, which waits for each before the next. */
export interface Statements {
  executeQuery<Row>(query: CompiledQuery<Row>): Promise<{ readonly rows: readonly Row[] }>;
}

export class Pipeline implements Statements {
  readonly #client: PostgresPoolClient;
  readonly #begun: Promise<unknown>;
  readonly #sent: Promise<unknown>[] = [];
  #hasBegun = false;

  /** All of `work` or nothing of it. Throws EntryError; a client that was lost is not to be used again. */
  static async run<T>(client: PostgresPoolClient, work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
    const pipeline = new Pipeline(client);
    try {
      const done = await work(pipeline);
      await pipeline.#commit();
      return done;
    } catch (error) {
      await pipeline.#send("rollback", []).catch(() => {});
      throw error;
    }
  }

  private constructor(client: PostgresPoolClient) {
    this.#client = client;
    this.#begun = this.#send("start transaction isolation level read committed", []);
  }

  /** Rejects, too, when the transaction did not begin, for then it was answered outside of any. */
  async executeQuery<Row>({ sql, parameters }: CompiledQuery<Row>): Promise<{ readonly rows: readonly Row[] }> {
    const [, answer] = await Promise.all([this.#begun, this.#send<Row>(sql, parameters)]);
    this.#hasBegun = true;
    return answer;
  }

  /** A change whose answer is not waited for: the commit fails with it. It comes behind a question that was answered. */
  change({ sql, parameters }: CompiledQuery): void {
    if (!this.#hasBegun) throw new InternalError("a change is sent before its transaction is known to have begun");
    void this.#send(sql, parameters);
  }

  async #commit(): Promise<void> {
    const committed = this.#send("commit", []);
    const [end, ...before] = await Promise.allSettled([committed, ...this.#sent]);
    // Where the database was lost, what its changes failed with does not tell what became of them.
    const isUnsure = end.status === "rejected" && isUnknown(end.reason);
    const failed = isUnsure ? end : [...before, end].find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  #send<Row>(text: string, values: readonly unknown[]): Promise<{ readonly rows: Row[] }> {
    const answer = this.#client.query<Row>(text, values);
    // Who does not wait for it learns it from the commit.
    answer.catch(() => {});
    this.#sent.push(answer);
    return answer;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof EntryError && error.code === "ENTRY_DATABASE_UNSURE";
}
