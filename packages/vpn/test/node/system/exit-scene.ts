/** An exit with its table for each test: who is where, what is counted, and what is seen of it outside. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, afterEach, before, beforeEach } from "node:test";
import type { Nft } from "@ropewalk/host/nft";
import { families } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis } from "@ropewalk/kernel/units";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import { dropReasons } from "@ropewalk/vpn/node/pure/drop-reasons";
import type { Lease } from "@ropewalk/vpn/node/pure/lease-elements";
import { closed, createExitNetwork, type ExitNetwork, isReached, type Peer, wanted } from "./exit-network.ts";

export const clock = createSystemClock();

/** For the tests of one file, or of one suite, which each begin with the table as it is wanted and two peers whose leases last. */
export class ExitScene {
  readonly #create: () => Nft;
  #network: ExitNetwork | undefined;
  #opened: { readonly nft: Nft; readonly firewall: ExitFirewall } | undefined;

  constructor(create: () => Nft) {
    this.#create = create;
    before(async () => {
      nftScript("flush ruleset");
      this.#network = await createExitNetwork();
    });
    after(() => this.#network?.[Symbol.asyncDispose]());
    beforeEach(async () => {
      nftScript("flush ruleset");
      for (const { tell } of [...this.peers, this.outside]) assert.equal(await tell("reset"), "ended");
      assert.deepEqual(await this.firewall.replace(wanted, this.leasesFor(600)), { kind: "done" });
    });
    afterEach(() => this.leave());
  }

  get peers(): ExitNetwork["peers"] {
    return this.#network?.peers ?? assert.fail("there is no network");
  }

  get outside(): ExitNetwork["outside"] {
    return this.#network?.outside ?? assert.fail("there is no network");
  }

  get firewall(): ExitFirewall {
    this.#opened ??= this.#open();
    return this.#opened.firewall;
  }

  /** As when the program ends: what it had opened is closed. */
  leave(): void {
    this.#opened?.nft[Symbol.dispose]();
    this.#opened = undefined;
  }

  leasesFor(seconds: number): readonly Lease[] {
    return this.peers.flatMap((peer) => families.map((family) => leaseOf(peer, family, seconds)));
  }

  async counted(): Promise<Readonly<Record<string, number>>> {
    const counts = this.firewall.dropCounts() ?? assert.fail("the counters are not told");
    return Object.fromEntries(dropReasons.map((reason) => [reason, counts[reason].packets]));
  }

  /** Which reasons counted packets meanwhile; the kernel's own messages, now and then, have no lease. */
  async countedDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
    const earlier = await this.counted();
    await work();
    const later = await this.counted();
    return dropReasons.filter((reason) => later[reason] !== earlier[reason] && reason !== "no-lease");
  }

  /** Counts, where all that leaves the exit arrives, what has one of these sources or goes to a metadata address. */
  watchOutside(sources: readonly string[]): AsyncDisposable {
    const rules = sources.map((source) => `${wordOf(source)} saddr ${source} counter name seen`);
    const metadata = closed.metadata.map((to) => `${wordOf(to)} daddr ${to} counter name seen`);
    const chain = ["type filter hook prerouting priority raw", 'iifname "lo" return', ...rules, ...metadata].join("\n");
    this.nftOutside(`table inet watch {\n counter seen { }\n chain enter {\n ${chain}\n }\n}`);
    return { [Symbol.asyncDispose]: async () => void this.nftOutside("delete table inet watch") };
  }

  seenOutside(): number {
    return Number(/packets (\d+)/.exec(this.nftOutside("list counter inet watch seen"))?.[1]);
  }

  nftOutside(script: string): string {
    const enter = ["--target", String(this.outside.host.pid), "--net", "nft", "-f", "-"];
    return execFileSync("nsenter", enter, { input: `${script}\n`, encoding: "utf8" });
  }

  #open() {
    const nft = this.#create();
    return { nft, firewall: new ExitFirewall(nft, clock) };
  }
}

function wordOf(address: string): "ip" | "ip6" {
  return address.includes(":") ? "ip6" : "ip";
}

export function leaseOf(peer: Peer, family: "ipv4" | "ipv6", seconds: number): Lease {
  return { tunnel: peer.tunnel, address: peer[family], endsAt: millis(clock.now() + seconds * 1_000) };
}

export async function unreached(peer: Peer, addresses: readonly string[]): Promise<readonly string[]> {
  const reached = await Promise.all(addresses.map((address) => isReached(peer.host, address)));
  return addresses.filter((_, index) => reached[index] === false);
}

export async function openAll(peer: Peer, addresses: readonly string[], port: number): Promise<readonly string[]> {
  return Promise.all(addresses.map((address) => peer.tell(`open ${address} ${address} ${port}`)));
}

/** In the exit, besides what its firewall does. */
export function nftScript(script: string): void {
  execFileSync("nft", ["-f", "-"], { input: `${script}\n` });
}

export function listRuleset(): string {
  return execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" });
}
