/**
 * `npm run soak`: the full counts that `npm test` samples. Ten million inputs to each decoder by default, and what packages export
 * besides from files named `…soak-targets.ts`, such as the simulated networks; `--inputs N` for other counts, a name or part of one
 * to run only those (`npm run soak -- sim`), `--seed N` to repeat one, `--vectors DIR` for what reads published vectors, which are
 * in nobody's clone of this repository. Exit code 1 when anything escaped.
 */
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { describeError } from "@ropewalk/kernel/errors";
import { fuzz, fuzzTargets } from "./fuzz.ts";

interface SoakTarget {
  readonly name: string;
  /** Unless the command line says otherwise. */
  readonly inputs: number;
  /** What is counted by `inputs`, when it is something else: "runs". */
  readonly unit?: string;
  /** What must be in the folder of `--vectors`; without that option the target is not run, and says so. */
  readonly needsVectors?: string;
  /** What went wrong. `report` is for how far it has come, and figures. */
  readonly run: (
    inputs: number,
    seed: number,
    report: (line: string) => void,
    vectors: string,
  ) => readonly string[] | Promise<readonly string[]>;
}

const decoderInputs = 10_000_000;

const usage = `usage: npm run soak -- [--inputs N] [--seed N] [--vectors DIR] [NAME…]
  Every decoder and every simulation, or those of whose name NAME is a part.
`;
const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const count = Number(values.inputs ?? decoderInputs);
const seed = Number(values.seed);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) refuse("N is a whole number");

const isWanted = ({ name }: { readonly name: string }) =>
  positionals.length === 0 || positionals.some((part) => name.includes(part));
const targets = (await fuzzTargets()).filter(isWanted);
const others = (await soakTargets()).filter(isWanted);
if (targets.length > 0)
  process.stdout.write(`${targets.length} decoders, ${count.toLocaleString("en")} inputs each, seed ${seed}\n`);
let escaped = 0;
for (const target of targets) {
  const result = fuzz(target, count, seed);
  escaped += result.escapes.length;
  process.stdout.write(
    `${result.escapes.length === 0 ? "good" : "FAIL"}  ${result.name}  ${result.seconds.toFixed(1)} s\n`,
  );
  for (const { input, error } of result.escapes) process.stdout.write(`      ${error}\n      input ${input}\n`);
}
for (const { name, inputs, unit = "inputs", needsVectors, run } of others) {
  if (needsVectors !== undefined && values.vectors === undefined) {
    process.stdout.write(`none  ${name}: not run; give a folder with ${needsVectors} by --vectors DIR\n`);
    continue;
  }
  const own = values.inputs === undefined ? inputs : count;
  const began = performance.now();
  const faults = await run(own, seed, (line) => void process.stdout.write(`      ${line}\n`), values.vectors ?? "");
  escaped += faults.length;
  const took = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(
    `${faults.length === 0 ? "good" : "FAIL"}  ${name}: ${own.toLocaleString("en")} ${unit}, seed ${seed}  ${took} s\n`,
  );
  for (const fault of faults) process.stdout.write(`${fault.replace(/^/gm, "      ")}\n`);
}
process.stdout.write(`${escaped} escapes\n`);
process.exitCode = escaped === 0 ? 0 : 1;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        inputs: { type: "string" },
        seed: { type: "string", default: String(Date.now() % 2 ** 31) },
        vectors: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return refuse(describeError(error));
  }
}

function refuse(reason: string): never {
  process.stderr.write(`${reason}\n\n${usage}`);
  process.exit(2);
}

async function soakTargets(): Promise<readonly SoakTarget[]> {
  const files = globSync(["packages/*/test/**/*soak-targets.ts", "apps/*/test/**/*soak-targets.ts"]).toSorted();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(resolve(file)).href)));
  return modules.flatMap((module) => module.soakTargets as readonly SoakTarget[]);
}
