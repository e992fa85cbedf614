/**
 * The program behind `npm run lab`: opens a lab and obeys, from a prompt, from standard input or from `--script`; or shows a
 * demo. Exit status: 0; 1 a command or the demo failed; 2 it was called wrongly; 3 this machine cannot have a lab; 130 Ctrl-C.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeError } from "@ropewalk/kernel/errors";
import { type Answer, CommandRunner } from "./command-runner.ts";
import { runDemo } from "./demo/demo.ts";
import { LabError } from "./errors.ts";
import { createLab } from "./lab.ts";
import { linesFromInput, linesFromScript } from "./line-source.ts";
import { runMeshDemo } from "./mesh/mesh-demo.ts";
import { parseCommand } from "./pure/command.ts";
import {
  type DemoChoice,
  type MainOptions,
  mainUsage,
  type ReadOptions,
  readMainOptions,
} from "./pure/main-options.ts";
import { RopewalkInLab } from "./ropewalk-in-lab.ts";
import { runTunnelDemo } from "./tunnel/tunnel-demo.ts";
import { runVpnDemo } from "./vpn/vpn-demo.ts";

const ownLauncher = fileURLToPath(new URL("../../../bin/ropewalk.mjs", import.meta.url));

const demos = { site: runDemo, tunnel: runTunnelDemo, mesh: runMeshDemo, vpn: runVpnDemo } as const;

type Mode = "prompt" | "batch";

async function main(args: readonly string[]): Promise<number> {
  const read = readArguments(args);
  if (read === "help") {
    process.stdout.write(mainUsage);
    return 0;
  }
  if (read.kind === "invalid") {
    process.stderr.write(`${read.reason}\n\n${mainUsage}`);
    return 2;
  }
  try {
    return read.kind === "demo" ? await showDemo(read.options) : await openAndObey(read.options);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return error instanceof LabError && error.code === "LAB_UNSUPPORTED" ? 3 : 1;
  }
}

function readArguments(args: readonly string[]): ReadOptions | "help" {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        uplinks: { type: "string" },
        ifindexes: { type: "string" },
        script: { type: "string" },
        json: { type: "boolean" },
        quick: { type: "boolean" },
        program: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) return "help";
    const { uplinks, ifindexes, script, json, quick, program } = values;
    if (program !== undefined && !existsSync(program)) return { kind: "invalid", reason: `there is no ${program}` };
    return readMainOptions({ uplinks, ifindexes, script, json, quick, program, words: positionals });
  } catch (error) {
    return { kind: "invalid", reason: describeError(error) };
  }
}

/** The first Ctrl-C ends it in order, the second one at once. */
async function showDemo({ of, pace, output, program }: DemoChoice): Promise<number> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  const say = (line: string) => void (output === "text" && process.stdout.write(`${line}\n`));
  try {
    const report = await demos[of]({ pace, launcher: launcherOf(program), say }, stop.signal);
    if (output === "json") process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.ok ? 0 : 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.stderr.write("The demo was stopped; nothing of it is left.\n");
    return 130;
  }
}

async function openAndObey(options: MainOptions): Promise<number> {
  const isPrompt = options.script === undefined && process.stdin.isTTY && options.output === "text";
  await using lab = await createLab({ uplinks: options.uplinks, ifindexes: options.ifindexes });
  const ropewalk = new RopewalkInLab(lab, launcherOf(options.program));
  const runner = new CommandRunner(lab, ropewalk, { programs: isPrompt ? "terminal" : "captured" });
  const lines = options.script === undefined ? linesFromInput(isPrompt) : linesFromScript(options.script);
  if (isPrompt) process.stdout.write(`${runner.show().text}\n"help" lists the commands, "quit" ends the lab.\n`);
  return await obey(runner, lines, options.output, isPrompt ? "prompt" : "batch");
}

/** Node runs either. */
function launcherOf(program: string | undefined): string {
  return program === undefined ? ownLauncher : resolve(program);
}

/** A prompt goes on after a failure; a batch ends with it. */
async function obey(
  runner: CommandRunner,
  lines: AsyncIterable<string>,
  output: MainOptions["output"],
  mode: Mode,
): Promise<number> {
  for await (const line of lines) {
    const parsed = parseCommand(line);
    if (parsed.kind === "empty") continue;
    if (parsed.kind === "command" && parsed.command.kind === "quit") return 0;
    const answer: Answer =
      parsed.kind === "invalid"
        ? { text: parsed.reason, isFailure: true }
        : await runner.run(parsed.command).catch((error: unknown) => ({ text: describeError(error), isFailure: true }));
    print(line, answer, output);
    if (answer.isFailure === true && mode === "batch") return 1;
  }
  return 0;
}

function print(line: string, answer: Answer, output: MainOptions["output"]): void {
  if (output === "json") {
    const { facts, text, isFailure = false } = answer;
    process.stdout.write(`${JSON.stringify({ command: line.trim(), ok: !isFailure, ...(facts ?? { text }) })}\n`);
  } else if (answer.text !== "") {
    const stream = answer.isFailure === true ? process.stderr : process.stdout;
    stream.write(`${answer.text}\n`);
  }
}

process.exitCode = await main(process.argv.slice(2));
