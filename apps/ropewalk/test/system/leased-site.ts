/** A lab whose second uplink nobody manages, given to Ropewalk, and what a test asks of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { atTheWheel } from "./at-the-wheel.ts";
import { growingPause } from "./growing-pause.ts";
import { NodeInLab, Started, soon } from "./node-in-lab.ts";

const target = "203.0.113.10";

export class LeasedSite implements AsyncDisposable {
  readonly place: NodeInLab;

  /** `more` is configuration besides. The caller disposes of it. */
  static async open(more = ""): Promise<LeasedSite> {
    const given = { addressing: "none", families: ["ipv4"] } as const;
    // With equal ones a cut that another lab's links hold back, and that is healed by then, is never told.
    const options = { ifindexes: "unequal" } as const;
    return new LeasedSite(await NodeInLab.openMeasuring([{}, given], more, options, { wan1: { addresses: "dhcp" } }));
  }

  private constructor(place: NodeInLab) {
    this.place = place;
  }

  /** Each test has a node that remembers nothing of the others. */
  freshly(test: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return { ...atTheWheel, ...more, ROPEWALK_STATE_DIR: join(this.place.folder, `state-${test}`) };
  }

  leaseFile(test: string, name = "wan1"): string {
    return join(this.place.folder, `state-${test}`, `leases/${name}.lease`);
  }

  async printed(command: string, ...args: readonly string[]): Promise<string> {
    return (await this.place.edge.tryExec(command, args)).stdout;
  }

  addresses(): Promise<string> {
    return this.printed("ip", "-4", "-oneline", "address", "show", "dev", "wan1");
  }

  /** Those that wait for the kernel, too, whom pidof leaves out; not those that are dead. */
  async clients(): Promise<string> {
    return (await this.printed("pgrep", "-d", " ", "-x", "-r", "D,R,S", "udhcpc")).trim();
  }

  async wayOut(): Promise<string | undefined> {
    return / dev (\S+)/.exec(await this.printed("ip", "-4", "route", "get", target))?.[1];
  }

  /** Whether something in the internet answers, by whatever way ordinary traffic goes. */
  async isOnline(): Promise<boolean> {
    return (await this.place.edge.tryExec("ping", ["-n", "-c", "1", "-W", "2", target])).status === 0;
  }

  async state(name: string): Promise<string | undefined> {
    const { backhaul } = await this.place.client().status(soon());
    return backhaul.uplinks.find((uplink) => uplink.name === name)?.ipv4.state;
  }

  async steering() {
    return (await this.place.client().status(soon())).backhaul.steering;
  }

  isUp(node: Started, name: string): Promise<void> {
    return node.until(`${name} is up`, async () => (await this.state(name)) === "up");
  }

  async eventually(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    const began = performance.now();
    while (!(await isTrue())) {
      if (performance.now() > began + 20_000) assert.fail(`20 s in vain for this: ${what}\n${await this.addresses()}`);
      await growingPause(began);
    }
  }

  /** Every address that came and went, as `ip monitor` tells it. The caller disposes of it. */
  watchAddresses(): Started {
    return new Started(this.place.edge.spawn("ip", ["-oneline", "-4", "monitor", "address"]));
  }

  async purge(node: Started): Promise<void> {
    const { status, stderr } = await this.place.run(["uplink", "purge"]);
    assert.equal(status, 0, `${stderr}\n${node.stdout}${node.stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.place[Symbol.asyncDispose]();
  }
}

export const count = (text: string, part: RegExp): number => text.split(part).length - 1;
