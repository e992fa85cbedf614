/**
 * wireguard-go where the caller is a service of systemd's: the unit ropewalk-wireguard@NAME.service starts it, since what a service
 * starts itself ends with the service.
 */
import { spawn } from "node:child_process";
import { type Clock, withDeadline } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { WireGuardError } from "../wireguard/errors.ts";
import { findProgram } from "./programs.ts";
import { isWireGuardGoThere } from "./wireguard-go.ts";

export interface WireGuardUnitDeps {
  readonly clock: Clock;
  /** Where systemctl may be; undefined: where systems keep programs. */
  readonly programFolders?: readonly string[];
}

const longestJob: Millis = seconds(15);
const longestWords = 2_000;
/** Source: systemctl(1), exit status. */
const notLoaded = 5;
/** What stands for itself in the name of a unit. Source: systemd.unit(5), "String Escaping for Inclusion in Unit Names". */
const isPlain = /^[A-Za-z0-9:_.-]+$/;

export function wireGuardUnit(name: string): string {
  return `ropewalk-wireguard@${name}.service`;
}

/** As `startWireGuardGo`. Throws HOST_WIREGUARD_START with what stands in the way. */
export async function startWireGuardUnit(name: string, deps: WireGuardUnitDeps): Promise<"started" | "there"> {
  if (await isWireGuardGoThere(name, deps.clock)) return "there";
  await order("start", name, deps);
  if (await isWireGuardGoThere(name, deps.clock)) return "started";
  throw lack(`${wireGuardUnit(name)} was started, and no device ${name} answers: journalctl -u ${wireGuardUnit(name)}`);
}

/** Whether the unit runs or not, or is not even known. Throws HOST_WIREGUARD_START when systemd does not stop it. */
export async function stopWireGuardUnit(name: string, deps: WireGuardUnitDeps): Promise<void> {
  await order("stop", name, deps);
}

async function order(
  verb: "start" | "stop",
  name: string,
  { clock, programFolders }: WireGuardUnitDeps,
): Promise<void> {
  if (!isPlain.test(name))
    throw lack(`"${name}" cannot be the name of a unit's instance: call the interface wg0, or so`);
  const program = findProgram("systemctl", programFolders);
  if (program === undefined) throw lack("this is a service of systemd's, and there is no systemctl");
  const child = spawn(program, ["--no-ask-password", verb, wireGuardUnit(name)], {
    ...{ cwd: "/", env: { LC_ALL: "C" } },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    words = `${words}${chunk}`.slice(-longestWords);
  });
  const end = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(describeError(error)));
    child.once("close", (status, killer) => {
      const isDone = status === 0 || (verb === "stop" && status === notLoaded);
      resolve(isDone ? undefined : words.trim() || `it ended with ${status ?? killer}`);
    });
  });
  const late = () => lack(`systemctl ${verb} ${wireGuardUnit(name)} took more than ${longestJob} ms`);
  const fault = await withDeadline(clock, "a job of systemd", longestJob, end, late).finally(() =>
    child.kill("SIGKILL"),
  );
  if (fault !== undefined) throw lack(`systemctl ${verb} ${wireGuardUnit(name)}: ${fault}`);
}

function lack(message: string): WireGuardError {
  return new WireGuardError("HOST_WIREGUARD_START", message);
}
