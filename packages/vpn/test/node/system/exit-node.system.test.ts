/** A real exit: orders, packets, and a program that is killed wherever it may be. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { countFlows } from "@ropewalk/host/linux/tracked-flows";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { millis } from "@ropewalk/kernel/units";
import { inOwnNamespace, ownProcesses } from "../../in-own-namespace.ts";
import { ExitProgram } from "./exit-program.ts";
import { clock, internet6, openWireGuardExit, ownSockets, until, type WireGuardExit } from "./wireguard-exit.ts";

const steps = ["stored", "on the device", "before connections end", "when connections have ended"] as const;

function defineTests(): void {
  let exit: WireGuardExit;
  let stores = 0;
  const native = createNative();
  const newStore = () => {
    stores += 1;
    return join(exit.folder, `leases-${stores}.sqlite`);
  };
  const peers = async () => [...(await exit.device.read()).peers.keys()];
  const flowsOf = (address: string) => countFlows(native, ({ source }) => source === address);

  before(async () => {
    ownSockets();
    exit = await openWireGuardExit();
  });
  after(() => exit?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    execFileSync("nft", ["flush", "ruleset"]);
    await exit.device.change((await peers()).map((publicKey) => ({ kind: "remove", publicKey })));
  });

  test("an order is answered when packets flow, and a removal when they do not, behind which nothing of them is tracked", async () => {
    const [one, two] = exit.customers;
    const { program, status } = await ExitProgram.start(newStore());
    await using _program = program;
    assert.deepEqual([status.isHealthy, status.wantsSnapshot], [true, true]);
    assert.deepEqual(await program.apply(program.place(one, { generation: 1 })), ["placed"]);
    await one.begin();
    assert.equal(await two.reaches(), false);
    assert.ok(flowsOf(one.address) > 0);
    assert.deepEqual(await program.apply(program.remove(one, 2)), ["removed"]);
    assert.equal(await one.reaches(), false);
    await until("the end of his connections", () => flowsOf(one.address) === 0);
    assert.deepEqual(await peers(), []);
    assert.equal(flowsOf(one.address), 0);
  });

  test("a customer with a preshared key is carried by IPv6 as well, and by neither when he is removed", async () => {
    const [one] = exit.customers;
    const store = newStore();
    const hex = "5a".repeat(32);
    const { program } = await ExitProgram.start(store);
    assert.deepEqual(await program.apply(program.placeWhole(one, 1, hex)), ["placed"]);
    await one.begin(new SecretBytes(Uint8Array.fromHex(hex)));
    assert.ok(await one.reaches(internet6));
    await program.kill();
    const { program: next } = await ExitProgram.start(store);
    await using _next = next;
    assert.deepEqual([await one.reaches(), await one.reaches(internet6)], [true, true]);
    assert.ok(flowsOf(one.address6) > 0);
    assert.deepEqual(await next.apply(next.remove(one, 2)), ["removed"]);
    assert.deepEqual([await one.reaches(), await one.reaches(internet6)], [false, false]);
    await until("the end of his connections", () => flowsOf(one.address) + flowsOf(one.address6) === 0);
  });

  test("a lease ends with nobody there, and a program that starts then has the peer no longer", async () => {
    const [one] = exit.customers;
    const store = newStore();
    const { program } = await ExitProgram.start(store);
    await program.apply(program.place(one, { generation: 1, lease: millis(3_000) }));
    await one.begin();
    await program.kill();
    await one.untilReaches(false);
    assert.deepEqual(await peers(), [one.publicKey]);
    const { program: next } = await ExitProgram.start(store);
    await using _next = next;
    assert.deepEqual(await peers(), []);
  });

  test("a lease that ends is taken off the device by a program that runs", async () => {
    const [one] = exit.customers;
    await using program = (await ExitProgram.start(newStore())).program;
    await program.apply(program.place(one, { generation: 1, lease: millis(1_000) }));
    await until("the end of a lease", async () => (await peers()).length === 0);
    assert.deepEqual((await program.status()).counts.peers, 0);
  });

  test("a program that is killed and starts again cuts nobody off", async () => {
    const [one, two] = exit.customers;
    const store = newStore();
    const { program } = await ExitProgram.start(store);
    await program.apply(program.place(one, { generation: 1 }), program.place(two, { generation: 2 }));
    await one.begin();
    await using flood = startFlood(exit);
    await program.kill();
    const { program: next, status } = await ExitProgram.start(store);
    await using _next = next;
    assert.equal(status.counts.peers, 2);
    assert.deepEqual(await flood.lost(), 0);
  });

  test("a program that has lost its store carries on whom it finds, until orders come", async () => {
    const [one, two] = exit.customers;
    const store = newStore();
    const { program, status: former } = await ExitProgram.start(store);
    await program.apply(program.place(one, { generation: 1 }), program.place(two, { generation: 2 }));
    await one.begin();
    await using flood = startFlood(exit);
    await program.kill();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${store}${suffix}`, { force: true });
    const { program: next, status } = await ExitProgram.start(store);
    await using _next = next;
    assert.notEqual(status.boot, former.boot);
    assert.equal(status.counts.strangers, 2);
    assert.deepEqual(await next.apply(next.place(one, { generation: 3 }), next.remove(two, 4)), ["placed", "removed"]);
    assert.deepEqual(await peers(), [one.publicKey]);
    assert.deepEqual(await flood.lost(), 0);
    const { strangers, peers: carried } = (await next.status()).counts;
    assert.deepEqual([strangers, carried], [0, 1]);
  });

  test("a program that was stopped and wakes with an old order takes it no more", async () => {
    const [one] = exit.customers;
    await using program = (await ExitProgram.start(newStore())).program;
    program.signal("SIGSTOP");
    const order = program.place(one, { generation: 1, within: 300 });
    program.send(order);
    await until("the order's deadline", () => clock.now() > Number(order.kind === "place" && order.until.at));
    program.signal("SIGCONT");
    const [answer] = (await program.next()) as readonly { readonly why: string }[];
    assert.equal(answer?.why, "late");
    assert.deepEqual(await peers(), []);
  });

  for (const step of steps)
    test(`killed while it removes somebody (${step}): he is gone when the program has started again`, async () => {
      const [one, two] = exit.customers;
      const store = newStore();
      const first = (await ExitProgram.start(store)).program;
      await first.apply(first.place(one, { generation: 1 }), first.place(two, { generation: 2 }));
      await Promise.all([one.begin(), two.begin()]);
      await first.kill();
      const { program } = await ExitProgram.start(store, step);
      program.send(program.remove(one, 3));
      const said = await program.next();
      // Connections end behind the answer.
      assert.deepEqual(Array.isArray(said) ? await program.next() : said, { at: step });
      await program.kill();
      const { program: next } = await ExitProgram.start(store);
      await using _next = next;
      assert.deepEqual([await peers(), flowsOf(one.address)], [[two.publicKey], 0]);
      assert.deepEqual([await one.reaches(), await two.reaches()], [false, true]);
      assert.deepEqual(await next.apply(next.remove(one, 3), next.place(one, { generation: 1 })), ["removed", "older"]);
      await next.apply(next.remove(two, 4));
    });

  for (const step of steps.slice(0, 2))
    test(`killed while it places somebody (${step}): he is carried when the program has started again`, async () => {
      const [one] = exit.customers;
      const store = newStore();
      const { program } = await ExitProgram.start(store, step);
      const order = program.place(one, { generation: 1 });
      program.send(order);
      assert.deepEqual(await program.next(), { at: step });
      await program.kill();
      const { program: next } = await ExitProgram.start(store);
      await using _next = next;
      assert.deepEqual(await peers(), [one.publicKey]);
      await one.begin();
      assert.deepEqual(await next.apply(order), ["placed"]);
      await next.apply(next.remove(one, 2));
    });

  test("a disk that is full takes nothing new, and loses nothing that it has", async () => {
    const [one, two] = exit.customers;
    const folder = join(exit.folder, "small");
    execFileSync("mkdir", [folder]);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]);
    const store = join(folder, "leases.sqlite");
    await using program = (await ExitProgram.start(store)).program;
    assert.deepEqual(await program.apply(program.place(one, { generation: 1 })), ["placed"]);
    await one.begin();
    const filling = join(folder, "filling");
    execFileSync("sh", ["-c", `cat /dev/zero > ${filling} || true`], { stdio: "ignore" });
    // The journal has room for a while.
    let said: readonly string[] = [];
    for (let generation = 2; generation < 200 && said[0] !== "full"; generation += 1) {
      const [answer = ""] = await program.apply(program.place(two, { generation }));
      said = [answer === "placed" ? answer : /no room left/.test(answer) ? "full" : assert.fail(answer)];
    }
    assert.deepEqual(said, ["full"]);
    const { troubles, counts } = await program.status();
    assert.match(troubles.join(), /store of leases cannot be written/);
    assert.ok((await peers()).includes(one.publicKey) && counts.peers > 0);
    await one.untilReaches(true);
    rmSync(filling);
    assert.deepEqual(await program.apply(program.place(two, { generation: 500 })), ["placed"]);
    assert.ok((await program.status()).isHealthy);
    await program.apply(program.remove(one, 501), program.remove(two, 502));
    await program.kill();
    execFileSync("umount", [folder]);
  });
}

/** Echoes of the first customer, fifty a second, until they are counted. */
function startFlood(exit: WireGuardExit) {
  const ping = exit.customers[0].start("ping", "-n", "-q", "-i", "0.02", "-W", "1", "203.0.113.1");
  let said = "";
  ping.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const end = async () => {
    if (ping.exitCode !== null) return;
    const ended = once(ping, "close");
    ping.kill("SIGINT");
    await ended;
  };
  return {
    async lost(): Promise<number> {
      await end();
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(said) ?? [];
      assert.ok(Number(sent) > 5, said);
      // What was under way when it ended is not lost.
      return Math.max(0, Number(sent) - Number(received) - 1);
    },
    [Symbol.asyncDispose]: end,
  };
}

inOwnNamespace(import.meta.filename, defineTests, [], ownProcesses);
