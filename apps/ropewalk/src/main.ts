/**
 * The program. This is the only file that reads the environment and the command line, and the only one with effects
 * on import: it parses, runs one command and turns its outcome into an exit status.
 */
import { homedir, tmpdir } from "node:os";
import type { WriteStream } from "node:tty";
import { describeError, RopewalkError } from "@ropewalk/kernel/errors";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { CommandContext, TextOutput } from "./command-context.ts";
import { commands } from "./command-line/command-table.ts";
import { helpText } from "./command-line/help.ts";
import { parseLine } from "./command-line/parse.ts";
import { AppError } from "./errors.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { keepCompiled } from "./machine/compile-cache.ts";
import { cacheDirectory } from "./paths.ts";
import { createPerson } from "./person.ts";
import { isColourWanted } from "./render/paint.ts";
import { programVersion } from "./version.ts";

endWithLauncher();
const context = createContext();
if (isInstalled()) keepCompiled(cacheDirectory(context), context.user.uid);
process.exitCode = await main(process.argv.slice(2)).catch(report);

/**
 * Where the launcher stays as this process's parent, it holds the other end of a channel. When it is killed nobody passes signals on any
 * more, and who started it believes the program gone: then it stops as it does when asked to.
 */
function endWithLauncher(): void {
  if (process.channel === undefined) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const line = parseLine(argv, commands);
  switch (line.kind) {
    case "version":
      context.output.write(`ropewalk ${context.version}\n`);
      return exitCodes.ok;
    case "help": {
      const text = helpText(line.words, commands, context.program);
      if (text === undefined) return misused(`there is no command "${line.words.join(" ")}"`, []);
      context.output.write(text);
      return exitCodes.ok;
    }
    case "fault":
      return misused(line.message, line.words);
    case "run":
      return (await line.command.load()).run(line.given, context);
  }
}

function misused(message: string, words: readonly string[]): ExitCode {
  const help = [context.program, ...words, "--help"].join(" ");
  context.errors.write(`ropewalk: ${message}${message.endsWith("?") ? "" : "."}\nSee: ${help}\n`);
  return exitCodes.usage;
}

/** Expected failures are said in one line; anything else is a defect and shows where it happened. */
function report(error: unknown): ExitCode {
  if (error instanceof RopewalkError && error.code !== "INTERNAL") {
    context.errors.write(`ropewalk: ${describeError(error)}\n`);
    return error instanceof AppError ? error.exitCode : exitCodes.failed;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.errors.write(`ropewalk: a defect in Ropewalk itself: ${trace}\n`);
  return exitCodes.failed;
}

function createContext(): CommandContext {
  const { env } = process;
  return {
    environment: env,
    user: { uid: process.getuid?.() ?? -1, home: homedir(), temporaryDirectory: tmpdir() },
    output: createOutput(process.stdout, env),
    errors: createOutput(process.stderr, env),
    input: process.stdin,
    person: createPerson(process.stdin, process.stdout),
    clock: createSystemClock(),
    version: programVersion,
    commands,
    program: isInstalled() ? "ropewalk" : "npx ropewalk",
    signals: process,
    exit: (code) => process.exit(code),
  };
}

/** Rather than run from its sources. */
function isInstalled(): boolean {
  return import.meta.url.endsWith(".js");
}

function createOutput(stream: WriteStream, env: NodeJS.ProcessEnv): TextOutput {
  // `ropewalk status | head -1` (EPIPE), a terminal that was closed (EIO): the rest has nowhere to go, and nothing is wrong.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    hasColour: isColourWanted(stream.isTTY === true, env["NO_COLOR"], env["TERM"]),
    get size() {
      return stream.isTTY === true ? { columns: stream.columns, rows: stream.rows } : undefined;
    },
    onResize(listener) {
      stream.on("resize", listener);
      return { [Symbol.dispose]: () => stream.off("resize", listener) };
    },
  };
}
