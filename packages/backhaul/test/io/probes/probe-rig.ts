/** A runner on a network in memory, with time moved by hand: what the tests of probes are made on. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { createProbeRunner } from "@ropewalk/backhaul/io/probes/create-probe-runner";
import type { ProbeRunner } from "@ropewalk/backhaul/io/probes/probe-runner";
import type { ProbeOutcome, ProbePath, ProbeQuestion, ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { FakePathNetwork } from "@ropewalk/host/fake/fake-path-network";
import { FakePathSockets, type FakePathSocketsOptions } from "@ropewalk/host/fake/fake-path-sockets";
import { type Family, ipAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";

export const target = { ipv4: ipAddress("203.0.113.1"), ipv6: ipAddress("2001:db8:113::1") } as const;

export const paths: Readonly<Record<Family, ProbePath>> = {
  ipv4: path("ipv4", "198.18.0.2"),
  ipv6: path("ipv6", "2001:db8::2"),
};

function path(family: Family, source: string): ProbePath {
  const binding = { uplinkId: "eth0" as UplinkId, name: "eth0", ifindex: 2, mark: 0x100, mtu: bytes(1_500) };
  return { ...binding, family, source: ipAddress(source), gateway: null };
}

export class ProbeRig implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly network: FakePathNetwork = new FakePathNetwork(this.clock);
  readonly sockets: FakePathSockets;
  readonly runner: ProbeRunner;
  readonly outcomes: ProbeOutcome[] = [];
  /** Called with each outcome before it is kept. */
  onOutcome: (outcome: ProbeOutcome) => void = () => {};
  #id = 0;
  #chance = 0;

  constructor(options: FakePathSocketsOptions = {}) {
    this.sockets = new FakePathSockets(this.network, options);
    this.network.setLink(2, "eth0", [paths.ipv4.source, paths.ipv6.source]);
    const chance = () => {
      this.#chance = (this.#chance + 0.618_033_988) % 1;
      return this.#chance;
    };
    const onOutcome = (outcome: ProbeOutcome) => {
      this.onOutcome(outcome);
      this.outcomes.push(outcome);
    };
    this.runner = createProbeRunner(
      { authorities: undefined },
      { sockets: this.sockets, clock: this.clock, chance, onOutcome },
    );
    this.runner.follow(Object.values(paths));
  }

  /** Asks and returns the id of the question. */
  ask(question: ProbeQuestion, limit: Millis = seconds(5), on: ProbePath = paths.ipv4): number {
    this.#id += 1;
    this.runner.run({ id: this.#id, path: on, question, limit });
    return this.#id;
  }

  /** What comes of the question at once. */
  async now(question: ProbeQuestion, on: ProbePath = paths.ipv4): Promise<ProbeResult> {
    const id = this.ask(question, seconds(5), on);
    await this.pass(1);
    return this.result(id);
  }

  result(id: number): ProbeResult {
    return this.outcome(id).result;
  }

  outcome(id: number): ProbeOutcome {
    const [outcome, ...others] = this.outcomes.filter((each) => each.id === id);
    assert.ok(outcome, `probe ${id} has an outcome; waiting: ${this.clock.pendingTimers().join(", ")}`);
    assert.deepEqual(others, [], "and no second one");
    return outcome;
  }

  isTold(id: number): boolean {
    return this.outcomes.some((each) => each.id === id);
  }

  /** Lets so many milliseconds go by, and everything that they bring. */
  async pass(milliseconds: number): Promise<void> {
    await turns();
    for (let left = milliseconds; left > 0; left -= 50) {
      this.clock.advance(millis(Math.min(50, left)));
      await turns();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner[Symbol.asyncDispose]();
    assert.equal(this.sockets.openCount, 0, "every socket is closed");
    const timers = this.clock.pendingTimers().filter((timer) => timer !== "fake answer");
    assert.deepEqual(timers, [], "no timer is left");
  }
}

/** Streams hand things on from turn to turn of the event loop. */
async function turns(): Promise<void> {
  for (let count = 0; count < 6; count += 1) await setImmediate();
}
