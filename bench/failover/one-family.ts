/**
 * IPv6 of the uplink in use goes silent, and IPv4 does not: IPv6 moves, its old addresses are marked as not to be begun with,
 * and a stream of IPv4 is not disturbed.
 */
import { setTimeout as delay } from "node:timers/promises";
import { millis } from "@ropewalk/kernel/units";
import type { Lab } from "@ropewalk/lab/lab";
import { summarize } from "@ropewalk/lab/packet-record";
import { receiveStream, sendStream } from "@ropewalk/lab/traffic";
import { PeerProcesses } from "../peers/peer-process.ts";
import { CountedLab } from "./counted-lab.ts";
import { cross } from "./crossing.ts";
import type { Figure } from "./failover-table.ts";
import { home } from "./home-watch.ts";
import type { Part } from "./plan.ts";
import { ropewalkDriver } from "./ropewalk-driver.ts";
import { sourceOf, target, until, wayOut } from "./ways.ts";

const port = 7_400;
const watchMs = 1_000;
const homeLimitMs = 60_000;
const landingMs = 100;
const never = Number.POSITIVE_INFINITY;

const driver = ropewalkDriver({ settings: { BACKHAUL_CHOICE_RETURN_FOR: "1s" } });

const dead = "IPv6 alone goes silent";
const moved: Figure = {
  ...{ kind: "time", metric: `${dead}: fault to first IPv6 by the new uplink` },
  ...{ unit: "ms", goal: 500 },
};
const deprecated: Figure = {
  ...{ kind: "time", metric: `${dead}: that to its old address deprecated` },
  ...{ unit: "ms", goal: 100 },
};
const lost: Figure = {
  ...{ kind: "count", metric: `${dead}: lost of IPv4 at 1,000 a second` },
  ...{ unit: "packets", goal: 0 },
};

export const oneFamilyDies: Part = async (plan, table) => {
  await using counted = await CountedLab.open({ ...plan, driver }, table);
  const { lab } = counted;
  await using running = await driver.start(lab);
  await using marks = await Deprecations.watch(lab);
  for (let trial = 0; trial < plan.trials; trial += 1) {
    await running.settled();
    await until(`IPv6 goes by ${home}`, homeLimitMs, async () => (await wayOut(lab, "ipv6")) === home);
    await running.settled();
    const outcome = await silenceIpv6(lab, marks);
    table.record(moved, driver.column, outcome.movedMs);
    table.record(deprecated, driver.column, outcome.deprecatedMs);
    table.record(lost, driver.column, outcome.lost);
    await lab.heal(home);
  }
};

async function silenceIpv6(lab: Lab, marks: Deprecations) {
  await using receiver = await receiveStream(lab.host(target.host), { port });
  await using sender = await sendStream(lab.host("edge"), { to: target.address, port });
  if ((await receiver.comesFrom(sourceOf(lab, home), millis(watchMs))) === undefined)
    throw new Error(`IPv4 does not go by ${home}`);
  const crossing = { victim: home, family: "ipv6", counted: "one way", roundTripMs: 0 } as const;
  const fault = async () => (await lab.kill(home, "ipv6")).at;
  marks.forget();
  const { fromFaultMs, movedAt } = await cross(lab, { ...crossing, fault, limitMs: driver.moveLimitMs }, () =>
    delay(watchMs),
  );
  const { numbers } = await sender.stop();
  await delay(landingMs);
  const { packets } = await receiver.stop();
  const markedAt = marks.of(sourceOf(lab, home, "ipv6"));
  const isMarked = markedAt !== undefined && movedAt !== undefined;
  return {
    movedMs: fromFaultMs,
    deprecatedMs: isMarked ? Math.max(0, Number(markedAt - movedAt) / 1e6) : never,
    lost: summarize(packets, 0, numbers - 1).lost,
  };
}

/** When edge's addresses became deprecated (RFC 4862 §5.5.4), by `ip monitor`. */
class Deprecations implements AsyncDisposable {
  readonly #processes = new PeerProcesses();
  readonly #since = new Map<string, bigint>();

  static async watch(lab: Lab): Promise<Deprecations> {
    const deprecations = new Deprecations();
    const words = ["ip", "-6", "-oneline", "monitor", "address"];
    deprecations.#processes.start(lab.host("edge"), "ip monitor", words, (line, at) => {
      const [, address, flags = ""] = / inet6 (\S+)\/\d+ (.*)/.exec(line) ?? [];
      if (address !== undefined && flags.includes("deprecated")) deprecations.#since.set(address, at);
    });
    return deprecations;
  }

  of(address: string): bigint | undefined {
    return this.#since.get(address);
  }

  forget(): void {
    this.#since.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#processes[Symbol.asyncDispose]();
  }
}
