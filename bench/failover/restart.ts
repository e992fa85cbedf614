/**
 * The daemon is killed and all that it had made is taken out of the kernel. How long until it is there again, counted from the
 * start of what people install (`npm run build`): the launcher, Node and the program are in it.
 */
import type { LabHost } from "@ropewalk/lab/lab-host";
import { CountedLab } from "./counted-lab.ts";
import type { Figure } from "./failover-table.ts";
import type { Part } from "./plan.ts";
import { deletion, isRopewalks, type PrintedObject, printedRouting, watchRouting } from "./printed-routing.ts";
import { ropewalkDriver } from "./ropewalk-driver.ts";
import { until } from "./ways.ts";

const driver = ropewalkDriver({ from: "dist" });
const limitMs = 10_000;
const converged: Figure = { kind: "time", metric: "restart: started to converged", unit: "ms", goal: 300 };
const rules: Figure = { kind: "count", metric: "restart: routes and rules that came twice", unit: "", goal: 0 };

export const restart: Part = async (plan, table) => {
  await using counted = await CountedLab.open({ ...plan, driver }, table);
  const edge = counted.lab.host("edge");
  await using running = await driver.start(counted.lab);
  await running.settled();
  const { daemon } = running;
  for (let trial = 0; trial < plan.trials; trial += 1) {
    const wanted = (await printedRouting(edge)).filter(isRopewalks);
    await daemon.kill();
    await edge.exec("sh", ["-c", wanted.map(deletionText).join("\n")]);
    await using awaited = await Awaited.watch(edge, wanted);
    const startedAt = process.hrtime.bigint();
    daemon.startAgain();
    table.record(converged, driver.column, Number((await awaited.all()) - startedAt) / 1e6);
    await until("the daemon answers", limitMs, () => daemon.status().then(isReady, () => false));
    const found = (await printedRouting(edge)).filter(isRopewalks);
    table.record(rules, driver.column, found.length - new Set(found.map(keyOf)).size);
  }
};

function isReady({ health }: { readonly health: { readonly ready: boolean } }): boolean {
  return health.ready;
}

function deletionText(object: PrintedObject): string {
  return `ip ${deletion(object).join(" ")}`;
}

/** Backups have the order of what was measured, and that begins anew with the daemon. */
function keyOf({ family, text }: Pick<PrintedObject, "family" | "text">): string {
  return `${family} ${text.replace(/ metric \d+/, "")}`;
}

class Awaited implements AsyncDisposable {
  readonly #missing: Set<string>;
  readonly #complete = Promise.withResolvers<bigint>();
  #watch: AsyncDisposable | undefined;

  static async watch(edge: LabHost, wanted: readonly PrintedObject[]): Promise<Awaited> {
    const awaited = new Awaited(wanted);
    awaited.#watch = await watchRouting(edge, (object, change, at) => {
      if (change === "came") awaited.#came(keyOf(object), at);
    });
    return awaited;
  }

  private constructor(wanted: readonly PrintedObject[]) {
    this.#missing = new Set(wanted.map(keyOf));
  }

  /** CLOCK_MONOTONIC in nanoseconds when the last of them came; rejects past the limit. */
  async all(): Promise<bigint> {
    const timer = setTimeout(() => {
      this.#complete.reject(new Error(`not there again: ${[...this.#missing].join(", ")}`));
    }, limitMs);
    return this.#complete.promise.finally(() => clearTimeout(timer));
  }

  #came(key: string, at: bigint): void {
    if (this.#missing.delete(key) && this.#missing.size === 0) this.#complete.resolve(at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]();
  }
}
