/**
 * Somebody else on the machine deletes Ropewalk's routes, rules and table of nftables at random, and adds and deletes his own
 * routes and rules. Then he fights: he deletes one rule as often as it is put back.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { LabHost } from "@ropewalk/lab/lab-host";
import { CountedLab } from "./counted-lab.ts";
import type { Figure, Findings } from "./failover-table.ts";
import { FirewallDamage } from "./firewall-damage.ts";
import type { Part } from "./plan.ts";
import { deletion, isRopewalks, type PrintedObject, printedRouting, watchRouting } from "./printed-routing.ts";

/** Each thing is deleted about twice a minute: seldom enough for coincidence, which the limit of repairs allows. */
const meanPauseMs = 1_000;
const repairLimitMs = 30_000;
const fightMs = 10_000;
/** Five at once, and one more each 12 s (packages/host/src/pure/repair-limit.ts). */
const mostRepairs = 6;
const never = Number.POSITIVE_INFINITY;
const foreignPriority = 15_000;
const foreignTable = 250;

const repaired: Figure = { kind: "time", metric: "hostile neighbour: deleted to repaired", unit: "ms", goal: 50 };
const marked: Figure = {
  ...{ kind: "time", metric: "hostile neighbour: table of nftables deleted to made again" },
  ...{ unit: "ms", goal: 1_000 },
};
const edited: Figure = { kind: "count", metric: "hostile neighbour: foreign objects edited", unit: "", goal: 0 };
const fought: Figure = {
  ...{ kind: "count", metric: "hostile neighbour: repairs in a fight of 10 s over one rule" },
  ...{ unit: "", goal: mostRepairs },
};

export const hostileNeighbour: Part = async (plan, table) => {
  const { driver, minutes } = plan;
  await using counted = await CountedLab.open(plan, table);
  const { lab } = counted;
  await using running = await driver.start(lab);
  await running.settled();
  await using neighbour = await Neighbour.move(lab.host("edge"));
  await using damage = await FirewallDamage.prepare(lab.host("edge"));
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    for (const object of shuffled(await neighbour.ropewalks())) {
      const repair = await neighbour.undo(object);
      if (repair !== undefined) table.record(repaired, driver.column, repair);
      await neighbour.changeOwn();
      await delay(-Math.log(1 - Math.random()) * meanPauseMs);
      if (performance.now() >= end) break;
    }
    const remaking = await damage.inflict();
    if (remaking !== undefined) table.record(marked, driver.column, remaking);
  }
  table.record(edited, driver.column, await neighbour.countEdited());
  await fight(neighbour, driver.column, table);
};

async function fight(neighbour: Neighbour, column: string, table: Findings): Promise<void> {
  const rule = (await neighbour.ropewalks()).find(({ kind }) => kind === "rule");
  if (rule === undefined) throw new Error("there is no rule to fight over");
  const end = performance.now() + fightMs;
  let repairs = 0;
  while (((await neighbour.undo(rule, end - performance.now())) ?? never) < never) repairs += 1;
  table.record(fought, column, repairs);
}

class Neighbour implements AsyncDisposable {
  readonly #edge: LabHost;
  /** Everybody's but Ropewalk's, after the neighbour's last change. */
  #foreign: ReadonlySet<string> = new Set();
  #own = 0;
  #edited = 0;
  #watch: AsyncDisposable | undefined;
  #onChange: (key: string, change: "came" | "went", at: bigint) => void = () => {};

  static async move(edge: LabHost): Promise<Neighbour> {
    const neighbour = new Neighbour(edge);
    neighbour.#watch = await watchRouting(edge, ({ family, text }, change, at) => {
      neighbour.#onChange(`${family} ${text}`, change, at);
    });
    neighbour.#foreign = await neighbour.#listForeign();
    return neighbour;
  }

  private constructor(edge: LabHost) {
    this.#edge = edge;
  }

  async ropewalks(): Promise<readonly PrintedObject[]> {
    return (await printedRouting(this.#edge)).filter(isRopewalks);
  }

  /** Deletes it. Milliseconds until it was back; Infinity past the limit, undefined when it was not there any more. */
  async undo(object: PrintedObject, limitMs = repairLimitMs): Promise<number | undefined> {
    const key = unranked(`${object.family} ${object.text}`);
    const { promise: back, resolve } = Promise.withResolvers<number | undefined>();
    let goneAt: bigint | undefined;
    this.#onChange = (changed, change, at) => {
      if (unranked(changed) !== key) return;
      if (change === "went") goneAt ??= at;
      else if (goneAt !== undefined) resolve(Number(at - goneAt) / 1e6);
    };
    const timer = setTimeout(() => resolve(never), Math.max(0, limitMs));
    const { status } = await this.#edge.tryExec("ip", deletion(object));
    if (status !== 0) resolve(undefined);
    return back.finally(() => clearTimeout(timer));
  }

  /** Adds a rule and a route of his own, and takes older ones away. */
  async changeOwn(): Promise<void> {
    await this.#lookForEdits();
    this.#own += 1;
    for (const [kind = "", ...words] of ownObjects(this.#own)) await this.#edge.exec("ip", [kind, "add", ...words]);
    if (this.#own % 2 === 0) {
      for (const [kind = "", ...words] of ownObjects(this.#own / 2))
        await this.#edge.exec("ip", [kind, "del", ...words]);
    }
    this.#foreign = await this.#listForeign();
  }

  /** How many objects that are not Ropewalk's came, went or changed without the neighbour. */
  async countEdited(): Promise<number> {
    await this.#lookForEdits();
    return this.#edited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]();
  }

  async #lookForEdits(): Promise<void> {
    this.#edited += this.#foreign.symmetricDifference(await this.#listForeign()).size;
  }

  async #listForeign(): Promise<ReadonlySet<string>> {
    const all = await printedRouting(this.#edge);
    return new Set(all.filter((object) => !isRopewalks(object)).map(({ family, text }) => `${family} ${text}`));
  }
}

/** The order of backups changes with what is measured: a route that comes back may have another place in it. */
function unranked(text: string): string {
  return text.replace(/ metric \d+/, "");
}

function ownObjects(number: number): readonly (readonly string[])[] {
  const network = `10.${Math.floor(number / 250)}.${number % 250}.0/24`;
  return [
    ["rule", "priority", String(foreignPriority + number), "from", network, "lookup", "main"],
    ["route", network, "dev", "lan0", "table", String(foreignTable)],
  ];
}

function shuffled<T>(list: readonly T[]): readonly T[] {
  const keyed = list.map((value) => ({ value, key: Math.random() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ value }) => value);
}
