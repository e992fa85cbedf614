/**
 * wireguard-go as a process of its own, which goes on when this one ends, and is found again by its socket. Under systemd the unit
 * ropewalk-wireguard@NAME.service starts it instead: what a service starts itself ends with the service.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, rmSync } from "node:fs";
import { type Clock, sleep, withDeadline } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { WireGuardError } from "../wireguard/errors.ts";
import { encodeGet } from "../wireguard/pure/uapi-request.ts";
import { findProgram } from "./programs.ts";
import { uapiSocket } from "./uapi-device.ts";
import { connectUapi, exchange, type UapiSocket } from "./uapi-exchange.ts";

export interface WireGuardGoDeps {
  readonly clock: Clock;
  /** Where wireguard-go may be; undefined: where systems keep programs. */
  readonly programFolders?: readonly string[];
  /** The device of which interfaces are made. */
  readonly tun?: string;
}

const longestStart: Millis = seconds(5);
const longestEnd: Millis = seconds(5);
const lookEvery: Millis = millis(10);
const longestWords = 2_000;

/**
 * The device answers when this resolves; the interface is not up and has no address. `there`: somebody had started it before.
 * Throws HOST_WIREGUARD_START with what stands in the way, and what `exchange` throws of a socket that is there and does not answer.
 */
export async function startWireGuardGo(name: string, deps: WireGuardGoDeps): Promise<"started" | "there"> {
  const at = uapiSocket(name);
  if (await isAnswering(at, deps.clock)) return "there";
  const program = findProgram("wireguard-go", deps.programFolders);
  if (program === undefined) throw lack("this machine has no wireguard-go; Debian's package wireguard-go has it");
  requireTun(deps.tun ?? "/dev/net/tun");
  const fault = await launch(program, name, deps.clock);
  // Somebody else may have been quicker.
  const isThere = await eventually(deps.clock, fault === undefined ? longestStart : millis(0), () =>
    isAnswering(at, deps.clock),
  );
  if (isThere) return fault === undefined ? "started" : "there";
  throw lack(`wireguard-go could not make ${name}: ${fault ?? `it does not answer within ${longestStart} ms`}`);
}

/**
 * Ends the device, its interface and every tunnel of it, whoever started it; one that is not there is none. Throws
 * HOST_WIREGUARD_TIMEOUT when its process does not end, and HOST_WIREGUARD_PERMISSION.
 */
export async function endWireGuardGo(name: string, { clock }: Pick<WireGuardGoDeps, "clock">): Promise<void> {
  const at = uapiSocket(name);
  const connection = await connectUapi(at).catch(forgive);
  removeSocket(at);
  if (connection === undefined) return;
  connection.resume();
  const ended = new Promise<void>((resolve) => void connection.once("close", () => resolve()));
  const late = () =>
    new WireGuardError(
      "HOST_WIREGUARD_TIMEOUT",
      `wireguard-go of ${name} does not end within ${longestEnd} ms: kill it`,
    );
  await withDeadline(clock, "the end of wireguard-go", longestEnd, ended, late).finally(() => connection.destroy());
}

/** Whether a device of that name answers. Throws what `exchange` throws of one that is there and does not. */
export function isWireGuardGoThere(name: string, clock: Clock): Promise<boolean> {
  return isAnswering(uapiSocket(name), clock);
}

/** Undefined for a device that is not there, or has left its socket. */
function forgive(error: unknown): undefined {
  if (isAway(error)) return undefined;
  throw error;
}

function isAway(error: unknown): boolean {
  return (
    error instanceof WireGuardError &&
    (error.code === "HOST_WIREGUARD_NO_DEVICE" || error.code === "HOST_WIREGUARD_GONE")
  );
}

function isAnswering(at: UapiSocket, clock: Clock): Promise<boolean> {
  return exchange(at, encodeGet(), clock).then(
    () => true,
    (error) => forgive(error) ?? false,
  );
}

/** wireguard-go ends by itself when its socket goes. */
function removeSocket({ path, name }: UapiSocket): void {
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw new WireGuardError(
      "HOST_WIREGUARD_PERMISSION",
      `${path} may not be removed: end ${name} as the user of the device, or with "ip link delete ${name}"`,
      { cause },
    );
  }
}

function requireTun(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw lack(
      isMissing
        ? `this machine has no ${path}: load the module (modprobe tun), or give the container the device`
        : `${path} is closed to this user: run as root, or with CAP_NET_ADMIN and leave to open it`,
    );
  }
}

/** Undefined, or why there is no device. The program makes it, leaves a process of its own behind and ends. */
async function launch(program: string, name: string, clock: Clock): Promise<string | undefined> {
  const child = spawn(program, [name], {
    ...{ cwd: "/", env: { LC_ALL: "C" }, detached: true },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const words = collectWords(child);
  const end = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(describeError(error)));
    child.once("exit", (status, killer) =>
      resolve(status === 0 ? undefined : words() || `it ended with ${status ?? killer}`),
    );
  });
  const late = () => lack(`wireguard-go was not ready to make ${name} within ${longestStart} ms`);
  return withDeadline(clock, "the start of wireguard-go", longestStart, end, late).finally(() => {
    // Only one that hangs still runs.
    child.kill("SIGKILL");
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
}

/** Its complaints; it prints a box with advice besides. */
function collectWords(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text = `${text}${chunk}`.slice(-longestWords);
    });
  }
  return () =>
    [...text.matchAll(/^ERROR: (?:\(\S+\) )?(?:\S+ \d\d:\d\d:\d\d )?(.*)$/gm)].map(([, words]) => words).join("; ");
}

async function eventually(clock: Clock, limit: Millis, isTrue: () => Promise<boolean>): Promise<boolean> {
  const end = clock.now() + limit;
  while (!(await isTrue())) {
    if (clock.now() >= end) return false;
    await sleep(clock, "wireguard-go", lookEvery);
  }
  return true;
}

function lack(message: string): WireGuardError {
  return new WireGuardError("HOST_WIREGUARD_START", message);
}
