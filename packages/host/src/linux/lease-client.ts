/**
 * The DHCP client of one link, kept running: started again with a growing wait when it ends, and at once when the carrier comes
 * back, for the link may then be in another network (RFC 2131 §3.7).
 */
import type { ChildProcess } from "node:child_process";
import { sleep, type Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { supervise } from "@ropewalk/kernel/supervise";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { HostError } from "../errors.ts";
import type { GivenLink, LeaseOutcome } from "../leases.ts";
import { dropLease, endClients, type LeaseGround, releaseLease } from "./lease-ground.ts";
import { findProgram, isExecutable } from "./programs.ts";
import { findUdhcpc, startUdhcpc } from "./udhcpc.ts";

export interface LeaseClientDeps extends LeaseGround {
  readonly chance: () => number;
  /** Who manages the link besides us; undefined: nobody. */
  readonly ownerOf: (link: GivenLink) => string | undefined;
  readonly onOutcome: (outcome: LeaseOutcome) => void;
}

/** Who lives as long has started well. */
const settleTime: Millis = seconds(1);
/** How often it is looked whether somebody else has taken the link. */
const betweenLooks: Millis = seconds(30);
/** A link whose carrier flaps starts no more than one client in this time. */
const betweenStarts: Millis = seconds(1);

type End =
  | { readonly kind: "stopped" }
  | { readonly kind: "carrier" }
  | { readonly kind: "ended"; readonly detail: string }
  | { readonly kind: "owned"; readonly detail: string };

export class LeaseClient {
  readonly #deps: LeaseClientDeps;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #link: GivenLink;
  #fault: string | undefined;
  #hasAsked = false;
  #askedAgainAt: Millis | undefined;
  /** The process that runs, and whether the link has lost its carrier since it began. */
  #client: number | undefined;
  #hasLostCarrier = false;
  #askAgain: (() => void) | undefined;

  /** Begins once `before` has settled. */
  constructor(link: GivenLink, deps: LeaseClientDeps, before: Promise<unknown>) {
    this.#link = link;
    this.#deps = deps;
    this.#done = before.then(() => this.#supervise());
  }

  get ifindex(): number {
    return this.#link.ifindex;
  }

  /** Why there is no client; undefined while there is one. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * The link is like this now. Who began on a link without a carrier, and has a lease by the time that the carrier is seen, has it from the network
   * that is there: the kernel tells of a carrier up to a second late.
   */
  see(link: GivenLink): void {
    const { hasCarrier } = this.#link;
    this.#link = link;
    if (hasCarrier && !link.hasCarrier) this.#hasLostCarrier = true;
    if (!hasCarrier && link.hasCarrier && (this.#hasLostCarrier || !this.#hasLease())) this.#askAgain?.();
  }

  /** Ends the client and gives up no lease; never rejects. */
  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  #supervise(): Promise<void> {
    const task = {
      name: `lease of ${this.#link.name}`,
      run: (signal: AbortSignal) => this.#run(signal),
      onFailure: ({ error }: { readonly error: unknown }) => this.#refuse(describeError(error)),
      backoff: { first: seconds(1), longest: seconds(30) },
    };
    return supervise(task, this.#deps, this.#stopping.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, folder } = this.#deps;
    const { name } = this.#link;
    while (!signal.aborted) {
      const command = this.#prepare();
      await this.#endAll();
      if (signal.aborted) return;
      const address = folder.lease(name)?.address.address;
      const end = await this.#attend(
        startUdhcpc(command, { interfaceName: name, script: folder.script, address }),
        signal,
      );
      if (end.kind === "ended") throw new HostError("HOST_LEASE", end.detail);
      if (end.kind === "owned") return await this.#leaveTo(end.detail);
      await this.#endAll();
      if (end.kind !== "carrier") continue;
      const rest = millis(Math.max(0, (this.#askedAgainAt ?? -betweenStarts) + betweenStarts - clock.now()));
      await sleep(clock, "next lease client", rest, signal).catch(() => {});
      this.#askedAgainAt = clock.now();
    }
  }

  async #endAll(): Promise<void> {
    const left = await endClients(this.#deps, this.#link.name);
    if (left !== undefined) throw new HostError("HOST_LEASE", left);
  }

  /** Somebody manages the link now: what is ours goes. */
  async #leaveTo(detail: string): Promise<never> {
    const { name } = this.#link;
    await releaseLease(this.#deps, name);
    await endClients(this.#deps, name);
    dropLease(this.#deps, name);
    this.#deps.folder.forget(name);
    throw new HostError("HOST_LEASE", detail);
  }

  /** The words that start the client. Throws HOST_LEASE with what is in the way. */
  #prepare(): readonly string[] {
    const { folder, writer } = this.#deps;
    const { ifindex, name, isEnabled } = this.#link;
    const obstacle = this.#ownership() ?? this.#foreignAddress();
    if (obstacle !== undefined) throw new HostError("HOST_LEASE", obstacle);
    const command = findUdhcpc();
    if (command === undefined)
      throw new HostError("HOST_LEASE", "this machine has no udhcpc; Debian's package udhcpc has it");
    if (findProgram("ip") === undefined)
      throw new HostError("HOST_LEASE", "this machine has no ip; Debian's package iproute2 has it");
    folder.prepare();
    if (!isExecutable(folder.script))
      throw new HostError("HOST_LEASE", `${folder.script} may not be run, as on a file system that is mounted noexec`);
    if (isEnabled) return command;
    folder.rememberOff(name);
    const fault = writer.switch(ifindex, true);
    if (fault !== undefined) throw new HostError("HOST_LEASE", `it cannot be switched on: ${fault}`);
    return command;
  }

  /** Of its own, and not of a client before it. */
  #hasLease(): boolean {
    return this.#client !== undefined && this.#deps.folder.lease(this.#link.name)?.client === this.#client;
  }

  #ownership(): string | undefined {
    if (this.#link.master !== undefined) return "it is a member of another interface";
    const owner = this.#deps.ownerOf(this.#link);
    return owner === undefined ? undefined : `${owner} manages it`;
  }

  /** Whoever gave the link an address that is not of a lease of ours manages it. */
  #foreignAddress(): string | undefined {
    const own = this.#deps.folder.lease(this.#link.name)?.address.address;
    const foreign = this.#deps
      .facts()
      .addresses.find(
        ({ ifindex, family, scope, address }) =>
          ifindex === this.#link.ifindex && family === "ipv4" && scope === "global" && address !== own,
      );
    return foreign === undefined ? undefined : `somebody else gave it the address ${foreign.address}`;
  }

  #attend(child: ChildProcess, signal: AbortSignal): Promise<End> {
    const { clock, onOutcome } = this.#deps;
    const { name } = this.#link;
    const timers: Timer[] = [];
    this.#client = child.pid;
    this.#hasLostCarrier = false;
    const look = (resolve: (end: End) => void) => {
      const owner = this.#ownership();
      if (owner !== undefined) resolve({ kind: "owned", detail: owner });
      else timers.push(clock.after("who manages a given link", betweenLooks, () => look(resolve)));
    };
    return new Promise<End>((resolve) => {
      child.once("error", (error) => resolve({ kind: "ended", detail: `udhcpc cannot be started: ${error.message}` }));
      child.once("exit", (status, killer) =>
        resolve({ kind: "ended", detail: `udhcpc ended with ${status ?? killer ?? "nothing"}` }),
      );
      signal.addEventListener("abort", () => resolve({ kind: "stopped" }), { once: true });
      if (signal.aborted) resolve({ kind: "stopped" });
      this.#askAgain = () => resolve({ kind: "carrier" });
      timers.push(
        clock.after("a lease client settles", settleTime, () => {
          const isNews = this.#fault !== undefined || !this.#hasAsked;
          this.#fault = undefined;
          this.#hasAsked = true;
          if (isNews) onOutcome({ kind: "asking", name });
        }),
        clock.after("who manages a given link", betweenLooks, () => look(resolve)),
      );
    }).finally(() => {
      this.#askAgain = undefined;
      for (const timer of timers) timer[Symbol.dispose]();
    });
  }

  #refuse(detail: string): void {
    const isNews = detail !== this.#fault;
    this.#fault = detail;
    if (isNews) this.#deps.onOutcome({ kind: "refused", name: this.#link.name, detail });
  }
}
