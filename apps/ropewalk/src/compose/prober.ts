/** Makes what asks the probes: sockets on the real kernel, and the authorities whose certificates are believed. */
import { readFileSync } from "node:fs";
import { createProbeRunner } from "@ropewalk/backhaul/io/probes/create-probe-runner";
import type { OnOutcome, ProbeRunner } from "@ropewalk/backhaul/io/probes/probe-runner";
import type { Native } from "@ropewalk/host/linux/native";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import { describeError } from "@ropewalk/kernel/errors";
import { AppError } from "../errors.ts";
import type { Assembly } from "./assembly.ts";
import { chance } from "./chance.ts";

/** Throws APP_CONFIG when the file of authorities cannot be read. */
export function proberFactory({ context, config }: Assembly, native: Native): (onOutcome: OnOutcome) => ProbeRunner {
  const authorities = readAuthorities(config.values.backhaul.probe.caFile);
  const sockets = createLinuxPathSockets(native, { chance });
  return (onOutcome) => createProbeRunner({ authorities }, { sockets, clock: context.clock, chance, onOutcome });
}

function readAuthorities(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new AppError("APP_CONFIG", `backhaul.probe.ca_file = "${file}" cannot be read: ${describeError(cause)}`, {
      cause,
    });
  }
}
