/** What may be done to the DHCP client of one link and to what it left: found by what runs and by what is on the disk, whoever began it. */
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkFacts, NetworkFacts } from "../facts.ts";
import type { LeaseOutcome } from "../leases.ts";
import type { LeaseFolder } from "./lease-folder.ts";
import type { LinkWriter } from "./link-writer.ts";
import { isUdhcpc, runningUdhcpc } from "./udhcpc.ts";

export interface LeaseGround {
  readonly folder: LeaseFolder;
  readonly writer: LinkWriter;
  readonly clock: Clock;
  readonly facts: () => NetworkFacts;
}

/** A client answers a signal at once, unless its script runs. */
const patience: Millis = seconds(2);
const killPatience: Millis = seconds(1);
const lookEvery: Millis = millis(10);

function linkNamed({ facts }: LeaseGround, name: string): LinkFacts | undefined {
  return [...facts().links.values()].find((link) => link.name === name);
}

/** Ends every client of ours for the link, which gives up no lease. Undefined, or why one is left. */
export async function endClients(ground: LeaseGround, name: string): Promise<string | undefined> {
  const { script } = ground.folder;
  const left = await Promise.all(runningUdhcpc(script, name).map((pid) => endClient(ground, name, pid)));
  return left.find((fault) => fault !== undefined);
}

async function endClient(ground: LeaseGround, name: string, pid: number): Promise<string | undefined> {
  const isGone = () => !isUdhcpc(pid, ground.folder.script, name);
  for (const [signal, limit] of [
    ["SIGTERM", patience],
    ["SIGKILL", killPatience],
  ] as const) {
    const fault = send(pid, signal);
    if (fault !== undefined && !isGone()) return `udhcpc (${pid}) could not be ended: ${fault}`;
    if (await eventually(ground.clock, limit, isGone)) return undefined;
  }
  return `udhcpc (${pid}) does not end`;
}

/** Tells the server that the address is not used any more, where a client runs that got it; then the address is gone as well. */
export async function releaseLease({ folder, clock }: LeaseGround, name: string): Promise<void> {
  const running = runningUdhcpc(folder.script, name);
  if (running.length === 0 || !folder.hasLease(name)) return;
  for (const pid of running) send(pid, "SIGUSR2");
  await eventually(clock, patience, () => !folder.hasLease(name));
}

/** Takes away what an ended client left. Undefined, or what the kernel said. */
export function dropLease(ground: LeaseGround, name: string): string | undefined {
  const { folder, writer } = ground;
  const lease = folder.lease(name);
  const link = linkNamed(ground, name);
  return lease === undefined || link === undefined ? undefined : writer.removeAddress(link.ifindex, lease.address);
}

/** Everything of the link is as it was before it was given to us. `end` ends what would start another client. Never rejects. */
export async function giveBackLink(ground: LeaseGround, name: string, end: () => Promise<void>): Promise<LeaseOutcome> {
  const { folder, writer } = ground;
  try {
    await releaseLease(ground, name);
    await end();
    const link = linkNamed(ground, name);
    const fault =
      (await endClients(ground, name)) ??
      dropLease(ground, name) ??
      (link !== undefined && folder.wasOff(name) ? writer.switch(link.ifindex, false) : undefined);
    if (fault !== undefined) return { kind: "left", name, detail: fault };
    folder.forget(name);
    return { kind: "given-back", name };
  } catch (error) {
    return { kind: "left", name, detail: describeError(error) };
  }
}

/** What the system says; undefined when the process was there. */
function send(pid: number, signal: NodeJS.Signals): string | undefined {
  try {
    process.kill(pid, signal);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

async function eventually(clock: Clock, limit: Millis, isTrue: () => boolean): Promise<boolean> {
  const end = clock.now() + limit;
  while (!isTrue()) {
    if (clock.now() >= end) return false;
    await sleep(clock, "lease client", lookEvery);
  }
  return true;
}
