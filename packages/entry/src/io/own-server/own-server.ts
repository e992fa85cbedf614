/**
 * The database that entry runs itself when it is given none: a PostgreSQL of the machine's or of the library's, as a child of this process, on a
 * Unix socket that only this process's user may open. When it ends it is started again; when this process ends, so does it
 * (docs/decisions/2026-11-22-entry-runs-its-own-database.md).
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { supervise } from "@ropewalk/kernel/supervise";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { Log } from "@ropewalk/ops/log";
import type { DatabaseSettings } from "../../pure/database-settings.ts";
import { databaseName, databaseUser, majorOfData, makeData, placePrograms, writeRules } from "./first-start.ts";
import { endLeftovers } from "./leftovers.ts";
import { holdDatabase } from "./owner-lock.ts";
import { findPrograms, type ProgramPlaces } from "./programs.ts";
import { type FolderChoice, prepareFolders, type ServerFolders, serverPort } from "./server-folders.ts";
import { ServerProcess } from "./server-process.ts";
import { findServerUser, type ServerUser } from "./server-user.ts";

export interface OwnServerDeps {
  readonly clock: Clock;
  readonly chance: () => number;
  readonly log: Pick<Log, "info" | "warn">;
  /** Called as soon as it runs: what is done then takes none of the time until it is ready. */
  readonly onLaunched?: (() => void) | undefined;
}

interface Prepared {
  readonly programs: string;
  readonly major: number;
  readonly folders: ServerFolders;
  readonly user: ServerUser;
}

export class OwnServer implements AsyncDisposable {
  /** How it is reached. */
  readonly settings: DatabaseSettings;
  readonly #stopping = new AbortController();
  readonly #prepared: Prepared;
  readonly #deps: OwnServerDeps;
  #process: ServerProcess | undefined;
  #supervised: Promise<void> = Promise.resolve();

  private constructor(prepared: Prepared, deps: OwnServerDeps) {
    this.#prepared = prepared;
    this.#deps = deps;
    this.settings = settingsOf(prepared.folders);
  }

  /**
   * Ready for connections; the caller disposes of it. Throws ENTRY_DATABASE_HELD while another process runs the same, ENTRY_DATABASE_PROGRAMS,
   * and ENTRY_DATABASE_START.
   */
  static async start(choice: FolderChoice, places: ProgramPlaces, deps: OwnServerDeps): Promise<OwnServer> {
    await using unwinding = new AsyncDisposableStack();
    const user = await findServerUser();
    const folders = await prepareFolders(choice, user);
    const lock = unwinding.use(holdDatabase(choice.state));
    const server = unwinding.use(new OwnServer(await prepare(folders, user, places), deps));
    server.#process = await server.#launch(deps.onLaunched);
    server.#supervised = server.#supervise(lock);
    unwinding.move();
    return server;
  }

  /** Of the server's main process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#process?.stop();
    await this.#supervised;
  }

  /** The lock is let go when nothing runs any more. */
  async #supervise(lock: Disposable): Promise<void> {
    using _held = lock;
    const task = {
      name: "entry's database",
      run: () => this.#run(),
      onFailure: ({ error, retryIn }: { readonly error: unknown; readonly retryIn: number }) =>
        this.#deps.log.warn(
          { reason: describeError(error), retryMs: Math.round(retryIn) },
          "the database is started again",
        ),
      backoff: { first: millis(50), longest: seconds(5) },
      goodAfter: seconds(30),
    };
    await supervise(task, this.#deps, this.#stopping.signal);
  }

  async #run(): Promise<void> {
    const process = this.#process ?? (await this.#launch());
    this.#process = process;
    // Between the two, whoever disposes has not seen this one.
    if (this.#stopping.signal.aborted) await process.stop();
    const reason = await process.ended;
    this.#process = undefined;
    if (!this.#stopping.signal.aborted) throw new Error(reason);
  }

  async #launch(onLaunched?: () => void): Promise<ServerProcess> {
    const { clock, log } = this.#deps;
    const left = await endLeftovers(this.#prepared.folders.data, clock);
    if (left > 0) log.warn({ processes: left }, "a database without an owner was ended");
    const onLine = (line: string) => log.info({ line: line.slice(0, 1000) }, "the database says");
    return ServerProcess.start({ ...this.#prepared, clock, onLine, onLaunched });
  }
}

/** How one that another process runs is reached, should there be one. Throws ENTRY_DATABASE_START. */
export async function reachOwnServer(choice: FolderChoice): Promise<DatabaseSettings> {
  return settingsOf(await prepareFolders(choice, await findServerUser()));
}

function settingsOf({ sockets }: ServerFolders): DatabaseSettings {
  const tls = { mode: "disable", authorities: undefined, certificate: undefined, key: undefined } as const;
  const place = { host: sockets, port: serverPort, database: databaseName };
  return { ...place, user: databaseUser, password: undefined, tls };
}

async function prepare(folders: ServerFolders, user: ServerUser, places: ProgramPlaces): Promise<Prepared> {
  const dataMajor = majorOfData(folders);
  const found = await findPrograms(places, user, dataMajor);
  const programs = await placePrograms(found, folders);
  await writeRules(folders, user);
  if (dataMajor === undefined) await makeData(programs, folders, user);
  return { programs, major: found.major, folders, user };
}
