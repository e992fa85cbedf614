/** Counts some of a customer's packets at its ISP, before any of them is dropped there; those that come to the customer as they are handed on. */
import type { Lab } from "@ropewalk/lab/lab";
import type { LabHost } from "@ropewalk/lab/lab-host";
import { interfaces } from "@ropewalk/lab/topology";

export interface Counted {
  readonly packets: number;
  /** Of IP. */
  readonly octets: number;
}

interface NftCounters {
  readonly nftables: readonly { readonly counter?: { readonly packets: number; readonly bytes: number } }[];
}

export class IspCounter {
  readonly #isp: LabHost;
  readonly #table: string;

  /** `rules` are nft's: what one of them accepts is not counted. One `name` an uplink. */
  static async open(lab: Lab, uplink: string, name: string, rules: readonly string[]): Promise<IspCounter> {
    const counter = new IspCounter(lab.host(lab.uplink(uplink).isp), `bench-${name}`);
    const input = ruleset(counter.#table, rules);
    await counter.#isp.exec("nft", ["--file", "-"], { input });
    return counter;
  }

  private constructor(isp: LabHost, table: string) {
    this.#isp = isp;
    this.#table = table;
  }

  async read(): Promise<Counted> {
    const { stdout } = await this.#isp.exec("nft", ["--json", "list", "counters", "table", "inet", this.#table]);
    const found = (JSON.parse(stdout) as NftCounters).nftables.find(({ counter }) => counter !== undefined)?.counter;
    if (found === undefined) throw new Error(`nft in ${this.#isp.name} does not list the counter of ${this.#table}`);
    return { packets: found.packets, octets: found.bytes };
  }
}

function ruleset(table: string, rules: readonly string[]): string {
  return `table inet ${table} {
  counter seen { }
  chain chosen {
    ${rules.join("\n    ")}
    counter name seen
  }
  chain sent { type filter hook prerouting priority raw - 15; iifname "${interfaces.customer}" jump chosen; }
  chain received { type filter hook postrouting priority 320; oifname "${interfaces.customer}" jump chosen; }
}
`;
}
