/** The lab's own long-lived programs: started in a host, and waited for until they say that they are ready. */
import { createInterface } from "node:readline";
import { withDeadline } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";
import { labProgram } from "./lab-program.ts";

const limit = seconds(10);

/**
 * `setting` is the first line of its input, and may come while the program starts. Throws LAB_START_FAILED with what the
 * program said when it ended instead.
 */
export async function startService(
  host: LabHost,
  name: string,
  setting?: string | Promise<string>,
): Promise<LabProcess> {
  const service = host.spawn(...labProgram(name));
  let complaints = "";
  service.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-4096);
  });
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: service.stdout }).once("line", (line) => resolve(line === "ready"));
    void service.exited.then(() => resolve(false));
  });
  if (setting !== undefined) service.stdin.write(`${await setting}\n`);
  const late = () => new LabError("LAB_TIMEOUT", `${name} in ${host.name} was not ready within ${limit} ms`);
  const isReady = await withDeadline(createSystemClock(), `start ${name}`, limit, ready, late);
  if (isReady) return service;
  await service[Symbol.asyncDispose]();
  throw new LabError("LAB_START_FAILED", `${name} in ${host.name} did not start: ${complaints.trim()}`);
}
