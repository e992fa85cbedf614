/** The clients of given links as processes: what starts them anew, what ends them, and whose they are. No server answers here. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { GivenLink, LeaseOutcome } from "@ropewalk/host/leases";
import { createLeaseClients } from "@ropewalk/host/linux/lease-clients";
import { createNative } from "@ropewalk/host/linux/native";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import { findUdhcpc, runningUdhcpc } from "@ropewalk/host/linux/udhcpc";
import type { Clock } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis } from "@ropewalk/kernel/units";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipBatch } from "./namespace-world.ts";

async function eventually(what: string, isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > end) assert.fail(`30 s in vain for this: ${what}`);
    await delay(10);
  }
}

const system = createSystemClock();
/** What is looked for twice a minute is looked for thirty times as often. */
const hurried: Clock = {
  now: () => system.now(),
  wall: () => system.wall(),
  after: (name, wait, fire) => system.after(name, name === "who manages a given link" ? millis(wait / 30) : wait, fire),
};

inOwnNamespace(import.meta.filename, () => {
  const path = mkdtempSync(join(tmpdir(), "ropewalk-leases-"));
  const script = join(path, "script");
  const native = createNative();
  ipBatch(["link add wan0 type veth peer name isp0", "link set isp0 up"]);
  after(() => {
    // A client outlives who started it, and so a test that failed.
    for (const pid of runningUdhcpc(script, "wan0")) process.kill(pid, "SIGKILL");
    rmSync(path, { recursive: true, force: true });
  });

  async function open(ownerOf: (link: GivenLink) => string | undefined = () => undefined) {
    const stack = new AsyncDisposableStack();
    const network = stack.use(await createNetworkWatch(native, system, { keepRoute: () => false }));
    const told: LeaseOutcome[] = [];
    const clients = stack.use(
      createLeaseClients(path, {
        ...{ native, clock: hurried, chance: () => 0, ownerOf },
        facts: () => network.facts,
        onOutcome: (outcome) => told.push(outcome),
      }),
    );
    const link = () => [...network.facts.links.values()].find(({ name }) => name === "wan0") as GivenLink;
    const running = () => runningUdhcpc(script, "wan0");
    return {
      clients,
      told,
      link,
      running,
      addresses: () => network.facts.addresses,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  }

  const isOn = () => !existsSync(join(path, "wan0.was-off"));

  test("a link that is off is switched on for its client, and off again when all is given back", async () => {
    await using place = await open();
    const { clients, link, running } = place;
    clients.want([link()]);
    await eventually("a client runs on a link that is on", () => running().length === 1 && link().isEnabled);
    assert.equal(isOn(), false, "how it was is kept");
    assert.deepEqual(await clients.purge(), [{ kind: "given-back", name: "wan0" }]);
    assert.deepEqual(running(), []);
    await eventually("the link is off", () => !link().isEnabled);
    assert.deepEqual(await clients.purge(), []);
  });

  test("a client that ends is started again, one on a link whose carrier came back too, and the end of all ends it", async () => {
    await using place = await open();
    const { clients, link, running, told } = place;
    clients.want([link()]);
    await eventually("a client runs", () => running().length === 1);
    const [first = 0] = running();
    process.kill(first, "SIGKILL");
    await eventually("another runs", () => running().length === 1 && running()[0] !== first);
    await eventually("the end is told", () => told.some(({ kind }) => kind === "refused"));
    assert.deepEqual(
      told.find(({ kind }) => kind === "refused"),
      {
        ...{ kind: "refused", name: "wan0", detail: "udhcpc ended with SIGKILL" },
      },
    );
    await eventually("it runs well", () => clients.unmet.length === 0);
    const [second = 0] = running();
    clients.want([{ ...link(), hasCarrier: false }]);
    clients.want([{ ...link(), hasCarrier: true }]);
    await eventually("a third runs", () => running().length === 1 && running()[0] !== second);
    await place[Symbol.asyncDispose]();
    assert.deepEqual(running(), []);
  });

  test("a client that has its lease before the carrier is told goes on, and one whose carrier was lost does not", async () => {
    await using place = await open();
    const { clients, link, running, told } = place;
    clients.want([{ ...link(), hasCarrier: false }]);
    await eventually("a client runs", () => running().length === 1);
    const [first = 0] = running();
    writeFileSync(join(path, "wan0.lease"), `client=${first}\naddress=198.18.8.2/24\n`);
    clients.want([{ ...link(), hasCarrier: true }]);
    await eventually("it has settled", () => told.some(({ kind }) => kind === "asking"));
    assert.deepEqual(running(), [first]);
    clients.want([{ ...link(), hasCarrier: false }]);
    clients.want([{ ...link(), hasCarrier: true }]);
    await eventually("another runs", () => running().length === 1 && running()[0] !== first);
    await clients.purge();
  });

  test("a client that has no lease of its own when the carrier is told is followed by another", async () => {
    await using place = await open();
    const { clients, link, running } = place;
    clients.want([{ ...link(), hasCarrier: false }]);
    await eventually("a client runs", () => running().length === 1);
    const [first = 0] = running();
    writeFileSync(join(path, "wan0.lease"), `client=${first - 1}\naddress=198.18.8.2/24\n`);
    clients.want([{ ...link(), hasCarrier: true }]);
    await eventually("another runs", () => running().length === 1 && running()[0] !== first);
    await clients.purge();
  });

  test("whoever takes the link over has it: the client ends, and begins again when he is gone", async () => {
    let owner: string | undefined;
    await using place = await open(() => owner);
    const { clients, link, running } = place;
    clients.want([link()]);
    await eventually("a client runs", () => running().length === 1);
    owner = "NetworkManager";
    await eventually("it has ended", () => running().length === 0);
    await eventually("it is said", () => clients.unmet[0] === "wan0 is not leased: NetworkManager manages it");
    owner = undefined;
    await eventually("a client runs again", () => running().length === 1);
  });

  test("an address of somebody else's keeps the client away, and so does a bridge", async () => {
    await using place = await open();
    const { clients, link, running, addresses } = place;
    ipBatch(["address add 10.0.0.5/24 dev wan0"]);
    await eventually("the address is seen", () => addresses().some(({ address }) => address === "10.0.0.5"));
    clients.want([link()]);
    await eventually("it is said", () => /somebody else gave it the address 10\.0\.0\.5/.test(clients.unmet[0] ?? ""));
    clients.want([]);
    ipBatch(["address del 10.0.0.5/24 dev wan0"]);
    clients.want([{ ...link(), master: 7 }]);
    await eventually("it is said", () => /it is a member of another interface/.test(clients.unmet[0] ?? ""));
    assert.deepEqual(running(), []);
  });

  test("of what runs udhcpc, only what runs this very script for this link is ended", async () => {
    const other = mkdtempSync(join(tmpdir(), "ropewalk-other-"));
    const foreign = spawn("udhcpc", ["-f", "-i", "isp0", "-s", join(other, "script")], { stdio: "ignore" });
    try {
      await using place = await open();
      const { clients, link, running } = place;
      clients.want([link()]);
      await eventually("a client runs", () => running().length === 1);
      await clients.purge();
      assert.deepEqual(runningUdhcpc(join(other, "script"), "isp0"), [foreign.pid]);
    } finally {
      foreign.kill("SIGKILL");
      rmSync(other, { recursive: true });
    }
  });

  test("udhcpc is found by its own name, else as busybox', else not at all", () => {
    const folder = mkdtempSync(join(tmpdir(), "ropewalk-programs-"));
    try {
      assert.equal(findUdhcpc([folder]), undefined);
      for (const [name, words] of [
        ["busybox", [join(folder, "busybox"), "udhcpc"]],
        ["udhcpc", [join(folder, "udhcpc")]],
      ] as const) {
        writeFileSync(join(folder, name), "");
        assert.notDeepEqual(findUdhcpc([folder]), words, "it may not be executed");
        chmodSync(join(folder, name), 0o755);
        assert.deepEqual(findUdhcpc([folder]), words);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
