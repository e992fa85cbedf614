/** udhcpc as a program: where it is, how it is started, and which of the running ones are ours. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { findProgram, programFolders } from "./programs.ts";

/** The words that start it; undefined when this machine has none. */
export function findUdhcpc(searched: readonly string[] = programFolders): readonly string[] | undefined {
  const own = findProgram("udhcpc", searched);
  if (own !== undefined) return [own];
  const busybox = findProgram("busybox", searched);
  return busybox === undefined ? undefined : [busybox, "udhcpc"];
}

export interface UdhcpcOptions {
  readonly interfaceName: string;
  readonly script: string;
  /** The address that it should ask for. */
  readonly address: IpAddress | undefined;
}

/**
 * Three questions, two seconds apart, then ten seconds' rest. Classless routes (121) and what a phone says of itself (43) are asked
 * for besides what it always asks for.
 */
export function udhcpcArguments({ interfaceName, script, address }: UdhcpcOptions): readonly string[] {
  return [
    ...["-f", "-i", interfaceName, "-s", script, "-t", "3", "-T", "2", "-A", "10", "-O", "121", "-O", "43"],
    ...(address === undefined ? [] : ["-r", address]),
  ];
}

/** It goes on when this process dies: it has a session of its own, and says nothing to anybody who may be gone. */
export function startUdhcpc(command: readonly string[], options: UdhcpcOptions): ChildProcess {
  const [program = "", ...words] = [...command, ...udhcpcArguments(options)];
  return spawn(program, words, { cwd: "/", env: { LC_ALL: "C" }, stdio: "ignore", detached: true });
}

/** The processes that run this very script for this link: nobody else's does. */
export function runningUdhcpc(script: string, interfaceName: string): readonly number[] {
  return processes().filter((pid) => isUdhcpc(pid, script, interfaceName));
}

export function isUdhcpc(pid: number, script: string, interfaceName: string): boolean {
  const words = commandLineOf(pid);
  const isSaid = (option: string, value: string) =>
    words.some((word, at) => word === option && words[at + 1] === value);
  return isSaid("-s", script) && isSaid("-i", interfaceName);
}

function processes(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for one that has ended. */
function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
