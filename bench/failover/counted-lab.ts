/**
 * A lab for one part of the bench. When the part is over its ISPs are asked what left by them with a source that is not their
 * customer's: they drop such packets (BCP 38), so that nobody at the targets would see them.
 */
import { type Family, families, familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import { createLab, type Lab, type LabOptions } from "@ropewalk/lab/lab";
import { uplinkSubnets } from "@ropewalk/lab/topology";
import type { Figure, Findings } from "./failover-table.ts";
import type { PartPlan } from "./plan.ts";

const familyNames = { ipv4: "IPv4", ipv6: "IPv6" } as const satisfies Record<Family, string>;

export class CountedLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly #column: string;
  readonly #findings: Findings;

  /** With as many uplinks as the plan says. */
  static async open(
    { uplinks, driver }: PartPlan,
    findings: Findings,
    options: Omit<LabOptions, "uplinks"> = {},
  ): Promise<CountedLab> {
    return new CountedLab(await createLab({ ...options, uplinks }), driver.column, findings);
  }

  private constructor(lab: Lab, column: string, findings: Findings) {
    this.lab = lab;
    this.#column = column;
    this.#findings = findings;
  }

  /** Whatever becomes of the count, the lab goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using lab = this.lab;
    for (const family of families) {
      const { anothers, others } = await countForeign(lab, family);
      this.#findings.record(strayed("another uplink's source", 0, family), this.#column, anothers);
      this.#findings.record(strayed("any other foreign source", null, family), this.#column, others);
    }
  }
}

function strayed(what: string, goal: number | null, family: Family): Figure {
  return {
    kind: "count",
    metric: `every part: with ${what}, ${familyNames[family]}`,
    unit: "packets",
    goal,
  };
}

interface Foreign {
  /** With the address of another uplink. */
  readonly anothers: number;
  /** With one that is no uplink's: of the LAN, say. */
  readonly others: number;
}

async function countForeign(lab: Lab, family: Family): Promise<Foreign> {
  const own = new Set<IpAddress>(lab.uplinks.flatMap(uplinkSubnets).map(({ member }) => member));
  const counted = await Promise.all(lab.uplinks.map(({ name }) => lab.counters(name)));
  const foreign = counted.flatMap((counters) => counters.foreign).filter(({ address }) => familyOf(address) === family);
  const sum = (isAnothers: boolean) =>
    foreign.filter(({ address }) => own.has(address) === isAnothers).reduce((all, { packets }) => all + packets, 0);
  return { anothers: sum(true), others: sum(false) };
}
