/** One run of the server's main process: started, ready, ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Clock, withDeadline } from "@ropewalk/kernel/clock";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { EntryError } from "../../errors.ts";
import { serverArguments } from "../../pure/server-settings.ts";
import { programEnvironment } from "./run-program.ts";
import type { ServerFolders } from "./server-folders.ts";
import { boundTo, type ServerUser } from "./server-user.ts";

export interface ServerStart {
  readonly programs: string;
  readonly major: number;
  readonly folders: ServerFolders;
  readonly user: ServerUser;
  readonly clock: Clock;
  readonly onLine: (line: string) => void;
  /** It runs, and reads its disk before it is ready. */
  readonly onLaunched?: (() => void) | undefined;
}

/** Beyond what a disk needs to replay what `max_wal_size` lets be written. */
const longestStart = seconds(60);
/** pg_ctl(1): fast, immediate, and what nobody can ignore. */
const ends: readonly (readonly [NodeJS.Signals, Millis])[] = [
  ["SIGINT", seconds(10)],
  ["SIGQUIT", seconds(5)],
  ["SIGKILL", seconds(5)],
];
const keptLines = 12;

export class ServerProcess {
  readonly pid: number;
  /** Settles with how it ended. Never rejects. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;

  private constructor(child: ChildProcess, ended: Promise<string>, clock: Clock) {
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.ended = ended;
    this.#clock = clock;
  }

  /** Ready for connections. Throws ENTRY_DATABASE_START with what the server said. */
  static async start({
    programs,
    major,
    folders,
    user,
    clock,
    onLine,
    onLaunched,
  }: ServerStart): Promise<ServerProcess> {
    const words = boundTo(user, [join(programs, "postgres"), ...serverArguments(major, folders)]);
    // A session of its own: Ctrl-C is for entry, which then ends its database last.
    const child = spawn(words[0] ?? "", words.slice(1), {
      ...{ cwd: "/", env: programEnvironment, detached: true },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = endOf(child);
    const said: string[] = [];
    const ready = new Promise<true>((resolve) => {
      createInterface({ input: child.stderr }).on("line", (line) => {
        said.push(line);
        if (said.length > keptLines) said.shift();
        onLine(line);
        // The server's own words in the locale "C", of every version.
        if (line.includes("database system is ready to accept connections")) resolve(true);
      });
    });
    const server = new ServerProcess(child, ended, clock);
    onLaunched?.();
    const late = () =>
      new EntryError("ENTRY_DATABASE_START", `entry's database did not start within ${longestStart} ms`);
    try {
      const first = await withDeadline(
        clock,
        "start of the database",
        longestStart,
        Promise.race([ready, ended]),
        late,
      );
      if (first === true) return server;
      const reason = said.join("; ") || first;
      throw new EntryError("ENTRY_DATABASE_START", `entry's database in ${folders.data} did not start: ${reason}`);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** What runs is undone, what was committed is kept. */
  async stop(): Promise<void> {
    for (const [signal, patience] of ends) {
      this.#child.kill(signal);
      const isOver = this.ended.then(() => true);
      if (
        await withDeadline(this.#clock, "end of the database", patience, isOver, () => new Error()).catch(() => false)
      )
        return;
    }
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? code}`));
  });
}
