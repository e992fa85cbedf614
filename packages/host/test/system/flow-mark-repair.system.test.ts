/** The table of marks among neighbours with nft, in a namespace of its own: what they do to it is undone, what is theirs stays. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { firewallTable, uplinkMark } from "@ropewalk/host/allocations";
import type { MarkedUplink } from "@ropewalk/host/flow-mark-ruleset";
import { isFirewallObjectThere } from "@ropewalk/host/linux/firewall-objects";
import { watchFirewall } from "@ropewalk/host/linux/firewall-watch";
import { createFlowMarks, type FlowMarksRepair } from "@ropewalk/host/linux/flow-marks";
import { createNative } from "@ropewalk/host/linux/native";
import { createNftProgram } from "@ropewalk/host/linux/nft-program";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { inOwnNamespace } from "../in-own-namespace.ts";

const deadlineMs = 30_000;
const uplinks: readonly MarkedUplink[] = [0, 1].map((index) => ({
  interfaceName: `wan${index}`,
  mark: uplinkMark(index + 1),
  addresses: [ipAddress(`198.18.${index}.2`), ipAddress(`2001:db8:${index}::2`)],
}));
const nft = (script: string) => execFileSync("nft", ["-f", "-"], { input: `${script}\n`, encoding: "utf8" });
const listed = (...what: readonly string[]) =>
  execFileSync("nft", what.length === 0 ? ["list", "ruleset"] : ["list", ...what], { encoding: "utf8" });
const ours = () => listed("table", "inet", firewallTable);

/** The marks as they are wanted, with what they tell of repairs. */
class Site implements AsyncDisposable {
  readonly repairs: FlowMarksRepair[] = [];
  readonly #native = createNative();
  readonly #clock = createSystemClock();
  readonly #marks = createFlowMarks({
    run: createNftProgram(this.#clock),
    isThere: (object) => isFirewallObjectThere(this.#native, object),
    watch: (onChange) => watchFirewall(this.#native, firewallTable, onChange),
    clock: this.#clock,
  });
  #told = Promise.withResolvers<void>();

  static async create(): Promise<Site> {
    const site = new Site();
    site.#marks.subscribe((repair) => {
      site.repairs.push(repair);
      site.#told.resolve();
      site.#told = Promise.withResolvers();
    });
    assert.deepEqual(await site.#marks.want(uplinks), { kind: "done" });
    return site;
  }

  /** So many repairs, each as its outcome and who had made it necessary. */
  async repaired(count: number): Promise<readonly string[]> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`${this.repairs.length} repairs were told`)), deadlineMs);
    try {
      while (this.repairs.length < count) await Promise.race([this.#told.promise, late]);
    } finally {
      clearTimeout(timer);
    }
    return this.repairs.splice(0).map(({ change, outcome }) => {
      return `${outcome.kind}, ${"by" in change ? change.by?.name : change.kind}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#marks.purge();
    await this.#marks[Symbol.asyncDispose]();
  }
}

/** nft by another name, so that what it does is told from what nft does. */
class Innocent implements AsyncDisposable {
  readonly #folder: string;

  static async create(): Promise<Innocent> {
    const folder = await mkdtemp(join(tmpdir(), "ropewalk-innocent-"));
    const program = execFileSync("sh", ["-c", "command -v nft"], { encoding: "utf8" }).trim();
    await symlink(program, join(folder, "innocent"));
    return new Innocent(folder);
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  nft(script: string): void {
    execFileSync(join(this.#folder, "innocent"), ["-f", "-"], { input: `${script}\n` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

inOwnNamespace(import.meta.filename, () => {
  test("a flushed ruleset, a table, a rule, a chain's rules, an element, a rule too many: each is undone at once", async () => {
    await using site = await Site.create();
    const text = ours();
    const damages = [
      "flush ruleset",
      `delete table inet ${firewallTable}`,
      `flush table inet ${firewallTable}`,
      `flush chain inet ${firewallTable} forward`,
      `delete element inet ${firewallTable} uplinks { "wan1" }`,
    ];
    for (const damage of damages) {
      nft(damage);
      assert.deepEqual(await site.repaired(1), ["done, nft"], damage);
      assert.equal(ours(), text, damage);
    }
  });

  test("a single rule that is deleted, added or put to sleep with its table is undone at once", async () => {
    await using site = await Site.create();
    const text = ours();
    const listing = execFileSync("nft", ["-a", "list", "chain", "inet", firewallTable, "prerouting"]).toString();
    const handle = /return # handle (\d+)/.exec(listing)?.[1];
    const damages = [
      `delete rule inet ${firewallTable} prerouting handle ${handle}`,
      `insert rule inet ${firewallTable} forward return`,
      `add table inet ${firewallTable} { flags dormant; }`,
    ];
    for (const damage of damages) {
      nft(damage);
      assert.deepEqual(await site.repaired(1), ["done, nft"], damage);
      assert.equal(ours(), text, damage);
    }
  });

  test("whoever works on his own tables is left alone, also where they are called like ours in another family", async () => {
    await using site = await Site.create();
    await using innocent = await Innocent.create();
    innocent.nft(
      `table inet somebody {\n  chain forward { type filter hook forward priority 0; }\n}\ntable ip ${firewallTable} { }`,
    );
    innocent.nft("add rule inet somebody forward accept");
    innocent.nft(`delete table ip ${firewallTable}`);
    const foreign = listed("table", "inet", "somebody");
    nft(`flush chain inet ${firewallTable} forward`);
    assert.deepEqual(await site.repaired(1), ["done, nft"], "the only one");
    assert.equal(listed("table", "inet", "somebody"), foreign);
    nft("delete table inet somebody");
  });

  test("a neighbour who loads a saved ruleset that holds our table as it is causes no repair", async () => {
    await using site = await Site.create();
    await using innocent = await Innocent.create();
    const text = ours();
    innocent.nft(`flush ruleset\n${listed()}`);
    assert.equal(ours(), text);
    nft(`flush chain inet ${firewallTable} forward`);
    assert.deepEqual(await site.repaired(1), ["done, nft"], "the only one");
    assert.equal(ours(), text);
  });

  test("who goes on deleting it is given way after five repairs, and that is told", async () => {
    await using site = await Site.create();
    for (let round = 0; round < 5; round += 1) {
      nft("flush ruleset");
      assert.deepEqual(await site.repaired(1), ["done, nft"]);
    }
    nft("flush ruleset");
    assert.deepEqual(await site.repaired(1), ["put-off, nft"]);
    assert.equal(listed(), "");
  });

  test("more changes than the socket holds are taken for one of ours", async () => {
    await using site = await Site.create();
    const text = ours();
    const names = (round: number) =>
      Array.from({ length: 10_000 }, (_, index) => `add chain inet flood a-chain-with-a-long-name-${round}-${index}`);
    // Nothing is read meanwhile: each call waits for nft.
    for (let round = 0; round < 12; round += 1) {
      nft(["add table inet flood", ...names(round), "delete table inet flood"].join("\n"));
    }
    assert.deepEqual(await site.repaired(1), ["done, unseen"]);
    assert.equal(ours(), text);
  });
});
