/** What the system's refusals say of a probe: that it could not be sent and why, or that somebody said no to it. */
import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import { HostError } from "@ropewalk/host/errors";
import { describeError } from "@ropewalk/kernel/errors";
import type { ProbeResult } from "../../pure/health/probe.ts";

export type Unsent = Extract<ProbeResult, { kind: "unsent" }>;
type Cause = Unsent["cause"];

export function unsent(cause: Cause, detail: string): Unsent {
  return { kind: "unsent", cause, detail };
}

/** By the name of the system's error: what the path lacks, what this process lacks, or what there is too little of now. */
const causes: Readonly<Record<string, Cause>> = {
  EPERM: "no-privilege",
  EACCES: "no-privilege",
  ENODEV: "path-gone",
  ENXIO: "path-gone",
  EADDRNOTAVAIL: "path-gone",
  EAGAIN: "busy",
  ENOBUFS: "busy",
  ENOMEM: "busy",
  EMFILE: "busy",
  ENFILE: "busy",
};

/** For `lastError` of a socket: "ENETUNREACH, network is unreachable". Whatever is not known is the path's. */
export function unsentAsTold(lastError: string | undefined): Unsent {
  const detail = lastError ?? "the system refused it";
  return unsent(causes[/^[A-Z0-9]+(?=,)/.exec(detail)?.[0] ?? ""] ?? "unreachable", detail);
}

/** For what opening a socket threw. */
export function unsentAsThrown(error: unknown): Unsent {
  const detail = describeError(error);
  if (!(error instanceof HostError)) return unsent("busy", detail);
  switch (error.code) {
    case "HOST_PATH_GONE":
      return unsent("path-gone", detail);
    case "HOST_PERMISSION":
    case "HOST_NO_ICMP":
    case "HOST_NOT_LINUX":
    case "HOST_NATIVE_CALLS":
      return unsent("no-privilege", detail);
    case "HOST_NETLINK":
    case "HOST_SOCKET":
    case "HOST_ADDRESS_IN_USE":
    case "HOST_LEASE":
      return unsent(causes[nameOf(error) ?? ""] ?? "unreachable", detail);
  }
}

/** "ECONNREFUSED", when the system gave a number. */
export function nameOf(error: unknown): string | undefined {
  return error instanceof HostError && error.errno !== undefined ? getSystemErrorName(-error.errno) : undefined;
}

/** "ECONNREFUSED, connection refused"; where and to whom is known to who asked. */
export function describeRefusal(error: unknown): string {
  const isNumbered = error instanceof HostError && error.errno !== undefined;
  return isNumbered ? `${nameOf(error)}, ${getSystemErrorMessage(-(error.errno ?? 0))}` : describeError(error);
}
