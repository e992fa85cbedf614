/**
 * The one gate: format and lint, types, unused code, then every test. System tests run four files at a time, for they also wait; those of
 * host two beside the unit tests, which only work; and those that take times last, two at a time, when nothing else keeps the cores busy,
 * or one, where each disturbs all others.
 */
import { spawn } from "node:child_process";
import { globSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

interface Step {
  readonly name: string;
  readonly command: string;
  /** Arguments of each that is run, beside each other. */
  readonly runs: readonly (readonly string[])[];
}

const compileCache = resolve("build/compiled");
/** What people install, which system tests run; where it could not be built they run the sources. */
const program = resolve("build/package/dist/main.js");
/** Data of a database after its first start, which tests copy. */
const database = resolve("build/tested-database");
/** Of one file as well, all of whose tests take a minute where others keep the cores busy. */
const testTimeout = "--test-timeout=300000";
const build = "build";
const keeping = "data of a database";
const bin = (name: string) => join("node_modules/.bin", name);
const unit = globSync([
  "packages/*/test/**/*.test.ts",
  "apps/*/test/**/*.test.ts",
  "tools/*.test.ts",
  "bench/**/*.test.ts",
]).filter((file) => !isSystem(file));

/**
 * To start a process for each file costs as much as to run it, so two take all tests that leave nothing behind in theirs: those that start none
 * of their own, change nothing of it, and need nothing before or after.
 */
const leavesSomething =
  /^(?:before|after)(?:Each)?\(|mutatedModules|spawn|fork\(|execFile|process\.|Worker|mock\.|Namespace|unshare|soak|-main/m;
const isShared = (file: string) => !leavesSomething.test(readFileSync(file, "utf8"));
const [shared, apart] = [unit.filter(isShared), unit.filter((file) => !isShared(file))];
const system = globSync(["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "tools/**/*.test.ts"]).filter(
  isSystem,
);

/** Netlink in namespaces of their own, which others beside it do not disturb. */
const isOfHost = (file: string) => file.startsWith("packages/host/");

/** System tests with hundreds of interfaces: the kernel throttles link events machine-wide, and addresses come late for all others meanwhile. */
const crowds = [
  "packages/backhaul/test/system/backhaul.system.test.ts",
  "packages/host/test/system/many-links.system.test.ts",
];
/** System tests that say how long something takes, count what is lost on the way, or look for what others left on the machine. */
const timed = [
  "apps/ropewalk/test/system/balance.system.test.ts",
  "packages/lab/test/system/bloat.system.test.ts",
  "packages/lab/test/system/faults.system.test.ts",
  "packages/lab/test/system/ifindex.system.test.ts",
  "packages/lab/test/system/lifetime.system.test.ts",
  "packages/lab/test/system/traffic.system.test.ts",
];
const isApart = (file: string) => timed.includes(file) || crowds.includes(file);
const gone = [...timed, ...crowds].filter((file) => !system.includes(file));
if (gone.length > 0) throw new Error(`tools/verify.ts names tests that are not there: ${gone.join(", ")}`);
const besideOthers = system.filter((file) => !isOfHost(file) && !isApart(file));
const besideUnits = system.filter((file) => isOfHost(file) && !isApart(file));

const steps: readonly Step[] = [
  { name: "format and lint", command: bin("biome"), runs: [["ci", "--error-on-warnings"]] },
  { name: "types", command: bin("tsc"), runs: [["-p", "tsconfig.check.json"]] },
  { name: build, command: process.execPath, runs: [[...process.execArgv, "tools/build.ts"]] },
  { name: "unused code", command: bin("knip"), runs: [[]] },
  {
    name: keeping,
    command: process.execPath,
    runs: [[...process.execArgv, "packages/entry/test/system/keep-data-main.ts", database]],
  },
  {
    name: "unit tests, and system tests of host",
    command: process.execPath,
    runs: [
      ...[togetherArguments(shared, "1/2"), togetherArguments(shared, "2/2"), testArguments(apart, 2)],
      testArguments(besideUnits, 2),
    ],
  },
  { name: "system tests", command: process.execPath, runs: [testArguments(besideOthers, 4)] },
  { name: "system tests that take times", command: process.execPath, runs: [testArguments(timed, 2)] },
  { name: "system tests of crowds", command: process.execPath, runs: [testArguments(crowds, 1)] },
];

/** Runs every step, even after one has failed, so that one run tells all. The exit code is 1 when any failed. */
export async function verify(): Promise<number> {
  const failed: string[] = [];
  rmSync(database, { recursive: true, force: true });
  for (const step of steps) {
    const began = performance.now();
    process.stdout.write(`\n== ${step.name}\n`);
    const code = await run(step, {
      ...(failed.includes(build) ? {} : { TESTED_PROGRAM: program }),
      ...(failed.includes(keeping) ? {} : { TESTED_DATABASE: database }),
    });
    process.stdout.write(
      `== ${step.name}: ${code === 0 ? "good" : `failed (${code})`}, ${((performance.now() - began) / 1000).toFixed(1)} s\n`,
    );
    if (code !== 0) failed.push(step.name);
  }
  rmSync(database, { recursive: true, force: true });
  process.stdout.write(failed.length === 0 ? "\nAll good.\n" : `\nFailed: ${failed.join(", ")}.\n`);
  return failed.length === 0 ? 0 : 1;
}

function isSystem(file: string): boolean {
  return file.endsWith(".system.test.ts");
}

function testArguments(files: readonly string[], concurrency: number): readonly string[] {
  return [...process.execArgv, "--test", `--test-concurrency=${concurrency}`, testTimeout, ...files.toSorted()];
}

/** A half of the files, in one process. */
function togetherArguments(files: readonly string[], share: string): readonly string[] {
  return [
    ...process.execArgv,
    ...["--test", "--test-isolation=none", `--test-shard=${share}`, testTimeout],
    ...files.toSorted(),
  ];
}

/** The first code that is not 0, of what runs beside each other. */
async function run({ command, runs }: Step, tested: NodeJS.ProcessEnv): Promise<number> {
  const codes = await Promise.all(runs.map((args) => runOne(command, args, tested)));
  return codes.find((code) => code !== 0) ?? 0;
}

function runOne(command: string, args: readonly string[], tested: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "inherit", "inherit"],
      // A thousand starts of Node compile the same sources: a third of the whole run.
      env: {
        ...process.env,
        FORCE_COLOR: process.stdout.isTTY ? "1" : "0",
        NODE_COMPILE_CACHE: compileCache,
        ...tested,
      },
    });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

if (import.meta.main) process.exitCode = await verify();
