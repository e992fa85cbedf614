/**
 * Programs that look names up while their uplink dies. Each uplink has a resolver of its own, which must not be asked through the
 * other. A trial lasts until the C library has given up, so one is made for ten of other parts.
 */
import { setTimeout as delay } from "node:timers/promises";
import { familyOf } from "@ropewalk/kernel/addresses";
import { millis } from "@ropewalk/kernel/units";
import type { Lab } from "@ropewalk/lab/lab";
import { type AskedNames, askNames } from "@ropewalk/lab/name-asking";
import { Blackhole } from "../blackhole.ts";
import { CountedLab } from "./counted-lab.ts";
import type { RunningDriver } from "./driver.ts";
import type { Figure, Findings } from "./failover-table.ts";
import { IspCounter } from "./isp-counter.ts";
import type { Part } from "./plan.ts";
import { ropewalkDriver } from "./ropewalk-driver.ts";
import { addressesOf, otherThan } from "./ways.ts";

const resolvers: Readonly<Record<string, string>> = { wan0: "resolver-1", wan1: "resolver-2" };
const deaths = ["carrier lost", "blackhole"] as const;
type Death = (typeof deaths)[number];

const name = "pinned.lab.example";
const patienceMs = 5_000;
const runMs = 1_000;
/** Two attempts of 5 s with each of two servers (resolv.conf(5)), and something. */
const libraryMs = 22_000;
const never = Number.POSITIVE_INFINITY;

const driver = ropewalkDriver({
  uplinks: Object.fromEntries(
    Object.entries(resolvers).map(([uplink, host]) => [uplink, { resolvers: addressesOf(host) }]),
  ),
});

interface Scene {
  readonly lab: Lab;
  readonly running: RunningDriver;
  readonly holes: ReadonlyMap<string, Blackhole>;
  /** By uplink: questions that left by it for the resolver of the other. */
  readonly strays: ReadonlyMap<string, IspCounter>;
}

export const nameLookUps: Part = async (plan, table) => {
  await using counted = await CountedLab.open({ ...plan, driver }, table);
  const { lab } = counted;
  await using stack = new AsyncDisposableStack();
  const holes = new Map<string, Blackhole>();
  const strays = new Map<string, IspCounter>();
  for (const { name: uplink } of lab.uplinks) {
    strays.set(uplink, await IspCounter.open(lab, uplink, "names", allBut(otherThan(lab, uplink))));
    holes.set(uplink, stack.use(await Blackhole.prepare(lab, uplink)));
  }
  const running = stack.use(await driver.start(lab));
  for (let trial = 0; trial < plan.trials; trial += 10) {
    for (const death of deaths) await lookUpAcross({ lab, running, holes, strays }, death, table);
  }
};

/** Of questions, all but those for the resolver of `uplink`. */
function allBut(uplink: string): readonly string[] {
  const others = addressesOf(resolvers[uplink] ?? "").map((address) => {
    return `${familyOf(address) === "ipv4" ? "ip" : "ip6"} daddr != ${address} accept`;
  });
  return ["meta l4proto != { tcp, udp } accept", "th dport != 53 accept", ...others];
}

async function lookUpAcross(scene: Scene, death: Death, table: Findings): Promise<void> {
  const { lab, running, holes, strays } = scene;
  const victim = await running.settled();
  const [hole, stray] = [holes.get(victim), strays.get(otherThan(lab, victim))];
  const server = addressesOf(resolvers[victim] ?? "")[0];
  if (hole === undefined || stray === undefined || server === undefined) throw new Error(`${victim} is not prepared`);
  const before = await stray.read();
  await using own = await askNames(lab.host("edge"), { name });
  await using library = await askNames(lab.host("edge"), { name, isByLibrary: true });
  if ((await own.comesFrom(server, millis(patienceMs))) === undefined)
    throw new Error(`names are not asked of ${resolvers[victim]} while ${victim} is in use`);
  await delay(runMs);
  await (death === "blackhole" ? hole.open("both") : lab.cut(victim));
  await own.comesFromAnother(server, millis(driver.moveLimitMs));
  await delay(libraryMs);
  const [told, toldByLibrary] = [await own.stop(), await library.stop()];
  const { packets } = await stray.read();
  await (death === "blackhole" ? hole.close() : lab.heal(victim));
  table.record(strayed(death), driver.column, packets - before.packets);
  table.record(slowest(death, "a client that retries every 200 ms", 500), driver.column, slowestAnswer(told));
  table.record(slowest(death, "the C library", null), driver.column, slowestEnd(toldByLibrary));
  table.record(givenUp(death), driver.column, toldByLibrary.failed);
}

function strayed(death: Death): Figure {
  return { kind: "count", metric: `${death}: names asked of its resolver by another uplink`, unit: "packets", goal: 0 };
}

function slowest(death: Death, who: string, goal: number | null): Figure {
  return { kind: "count", metric: `${death}: the slowest of ten look-ups a second by ${who}`, unit: "ms", goal };
}

function givenUp(death: Death): Figure {
  return { kind: "count", metric: `${death}: look-ups that the C library gave up`, unit: "", goal: null };
}

/** Infinity when one was given up. */
function slowestAnswer(told: AskedNames): number {
  return told.failed > 0 ? never : slowestEnd(told);
}

/** Of those that were given up as well; Infinity when one had not ended though it should have. */
function slowestEnd({ asked, answers, failed, longestFailure }: AskedNames): number {
  if (answers.length + failed < asked - 1) return never;
  const answered = answers.map(({ sentAt, arrivedAt }) => Number(arrivedAt - sentAt) / 1e6);
  return Math.max(Number(longestFailure) / 1e6, ...answered);
}
