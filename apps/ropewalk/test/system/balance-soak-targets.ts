/** The acceptance of sharing with all its flows: the system test, which `npm test` runs with a tenth of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { seconds } from "@ropewalk/kernel/units";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: "flows";
  readonly run: (flows: number, seed: number, report: (line: string) => void) => Promise<readonly string[]>;
}

const file = join(import.meta.dirname, "balance.system.test.ts");
const longestRun = seconds(1_800);
const mostFaultLines = 100;

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "balance",
    inputs: 10_000,
    unit: "flows",
    run: (flows, _seed, report) => runWith(flows, report),
  },
];

/** What the test says once something failed. */
async function runWith(flows: number, report: (line: string) => void): Promise<readonly string[]> {
  const child = spawn(process.execPath, [...process.execArgv, "--test", "--test-reporter=spec", file], {
    env: { ...process.env, ROPEWALK_TEST_FLOWS: String(flows) },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: longestRun,
  });
  const closed = once(child, "close");
  const faults: string[] = [];
  let hasFailed = false;
  for await (const line of createInterface({ input: child.stdout })) {
    hasFailed ||= line.includes("failing tests:");
    if (!hasFailed) report(line);
    else if (faults.length < mostFaultLines) faults.push(line);
  }
  const [status, signal] = await closed;
  return status === 0 ? [] : [...faults, `the test ended with ${signal ?? status}`];
}
