/** Types a command line into the program's own parser and commands, in this process, as main.ts does, and keeps what it says. */

import { describeError, RopewalkError } from "@ropewalk/kernel/errors";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import type { CommandContext, TextOutput } from "../../src/command-context.ts";
import { commands } from "../../src/command-line/command-table.ts";
import { parseLine } from "../../src/command-line/parse.ts";
import { AppError } from "../../src/errors.ts";
import { exitCodes } from "../../src/exit-codes.ts";

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `wall` is what the clock says, milliseconds since 1970. A defect is thrown. */
export async function typed(words: readonly string[], wall: number = Date.now()): Promise<Said> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const line = parseLine(words, commands);
  if (line.kind === "fault") return { status: exitCodes.usage, stdout: "", stderr: line.message };
  if (line.kind !== "run") throw new Error(`${words.join(" ")} runs nothing`);
  const given = { stdout: output(stdout), stderr: output(stderr) };
  const said = (status: number) => ({ status, stdout: stdout.join(""), stderr: stderr.join("") });
  try {
    return said(await (await line.command.load()).run(line.given, context(given.stdout, given.stderr, wall)));
  } catch (error) {
    if (!(error instanceof RopewalkError) || error.code === "INTERNAL") throw error;
    stderr.push(describeError(error));
    return said(error instanceof AppError ? error.exitCode : exitCodes.failed);
  }
}

function output(lines: string[]): TextOutput {
  return {
    write: (text) => void lines.push(text),
    isTerminal: false,
    hasColour: false,
    size: undefined,
    onResize: () => ({ [Symbol.dispose]: () => {} }),
  };
}

/** Of a root in `/` without an environment, whom nobody answers; what is written is kept nowhere. */
export function contextOf(wall: number): CommandContext {
  return context(output([]), output([]), wall);
}

function context(stdout: TextOutput, stderr: TextOutput, wall: number): CommandContext {
  return {
    environment: {},
    user: { uid: 0, home: "/", temporaryDirectory: "/tmp" },
    output: stdout,
    errors: stderr,
    input: (async function* () {})(),
    person: { isThere: false, ask: () => Promise.resolve(undefined), onKey: () => ({ [Symbol.dispose]: () => {} }) },
    clock: new FakeClock(wall),
    version: "0.0.0",
    commands,
    program: "ropewalk",
    signals: { on: () => undefined, off: () => undefined },
    exit: () => {},
  };
}
