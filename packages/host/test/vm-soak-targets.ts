/** What needs a kernel that this machine may not have: run in a virtual machine, by the suites that run here on what is here. */
import { fileURLToPath } from "node:url";
import { seconds } from "@ropewalk/kernel/units";
import { runInGuest } from "@ropewalk/lab/guest";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => Promise<readonly string[]>;
}

const suites = ["vm/kernel-wireguard.ts", "../../../apps/ropewalk/test/core/vm/exit-device.ts"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "kernel wireguard in the virtual machine",
    inputs: 1,
    unit: "runs of its contract, and of an exit on it",
    async run(inputs, _seed, report) {
      const faults: string[] = [];
      for (let count = 0; count < inputs; count += 1) {
        const { status, output } = await runInGuest({
          command: [process.execPath, ...process.execArgv, "--test", "--test-isolation=none", ...suites],
          modules: ["wireguard", "veth", "tun"],
          within: seconds(600),
        });
        for (const line of output.split(/\r?\n/).filter((text) => /[✔✖]|^ℹ (?:tests|pass|fail)/.test(text)))
          report(line);
        if (status !== 0) faults.push(output.slice(-6_000));
      }
      return faults;
    },
  },
];
