/** The largest packet that passes: found to the octet, told from loss by chance, and from a limit that the path itself tells. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakePathNetwork } from "@ropewalk/host/fake/fake-path-network";
import { bytes, millis, seconds } from "@ropewalk/kernel/units";
import { ProbeRig, paths, target } from "./probe-rig.ts";

const full = { kind: "mtu", target: target.ipv4, size: bytes(1_500) } as const;
const limit = seconds(15);

type IsLost = Parameters<FakePathNetwork["lose"]>[0];

/** Loses what may not be cut and is larger. */
function above(limit: number): IsLost {
  return ({ dontFragment, size }) => dontFragment && size > limit;
}

test("a packet of full size that comes back is one packet each way", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  assert.deepEqual(await rig.now(full), { kind: "answered", rtt: 0 });
  assert.deepEqual(rig.outcomes[0]?.traffic, { sent: 1_500, received: 1_500 });
});

for (const [family, sizes] of Object.entries({
  ipv4: [576, 577, 1_200, 1_492, 1_499],
  ipv6: [576, 1_200, 1_280, 1_300, 1_499],
})) {
  for (const size of sizes) {
    test(`over ${family} only packets up to ${size} octets pass: that is found to the octet`, async () => {
      await using rig = new ProbeRig();
      const [to, path] = family === "ipv4" ? [target.ipv4, paths.ipv4] : [target.ipv6, paths.ipv6];
      rig.network.addHost(to);
      using _narrow = rig.network.lose(above(size));
      using _delay = rig.network.delay(() => true, millis(40));
      const id = rig.ask({ ...full, target: to }, limit, path);
      await rig.pass(15_000);
      assert.deepEqual(rig.result(id), { kind: "limited", size });
      assert.ok(rig.outcome(id).traffic.sent < 45_000);
    });
  }
}

test("the next search begins where the last one ended", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  using _narrow = rig.network.lose(above(1_200));
  const ids = [rig.ask(full, limit)];
  await rig.pass(15_000);
  ids.push(rig.ask(full, limit));
  await rig.pass(15_000);
  const [first = 0, second = 0] = ids.map((id) => rig.outcome(id).traffic.sent);
  assert.deepEqual(rig.result(ids[1] ?? 0), { kind: "limited", size: 1_200 });
  assert.ok(second < first / 2, `${first} octets, then ${second}`);
});

test("a limit that went is not remembered", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  const narrow = rig.network.lose(above(1_200));
  rig.ask(full, limit);
  await rig.pass(15_000);
  narrow[Symbol.dispose]();
  assert.equal((await rig.now(full)).kind, "answered");
});

test("a limit that grew narrower is found again", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  rig.ask(full, limit);
  const wide = rig.network.lose(above(1_400));
  await rig.pass(15_000);
  wide[Symbol.dispose]();
  using _narrow = rig.network.lose(above(1_000));
  const id = rig.ask(full, limit);
  await rig.pass(15_000);
  assert.deepEqual(rig.result(id), { kind: "limited", size: 1_000 });
});

test("a path that tells its MTU is not limited: the kernel sends nothing larger, and that passes", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  // As after a router's "fragmentation needed": what is larger is refused here.
  rig.network.setLink(2, "eth0", [paths.ipv4.source], 1_400);
  assert.deepEqual(await rig.now(full), { kind: "answered", rtt: 0 });
  assert.ok((rig.outcomes[0]?.traffic.sent ?? 0) < 15_000);
});

test("a path that tells one MTU and takes less is limited", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  rig.network.setLink(2, "eth0", [paths.ipv4.source], 1_400);
  using _narrow = rig.network.lose(above(1_200));
  const id = rig.ask(full, limit);
  await rig.pass(15_000);
  assert.deepEqual(rig.result(id), { kind: "limited", size: 1_200 });
});

test("one packet in five lost at random is no limit", async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    await using rig = new ProbeRig();
    rig.network.addHost(target.ipv4);
    let state = seed;
    using _loss = rig.network.lose(() => {
      state = (state * 48_271) % 0x7fffffff;
      return state % 5 === 0;
    });
    const id = rig.ask(full, limit);
    await rig.pass(15_000);
    assert.equal(rig.result(id).kind, "answered", `seed ${seed}`);
  }
});

test("a size that is lost four times and then passes is no limit", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  let lost = 0;
  using _loss = rig.network.lose(({ size }) => {
    lost += size === full.size ? 1 : 0;
    return size === full.size && lost <= 4;
  });
  const id = rig.ask(full, limit);
  await rig.pass(15_000);
  assert.equal(rig.result(id).kind, "answered");
});

test("where small packets are not answered either nothing is said of large ones", async () => {
  await using rig = new ProbeRig();
  const id = rig.ask(full, limit);
  await rig.pass(14_900);
  assert.equal(rig.isTold(id), false);
  await rig.pass(200);
  assert.deepEqual(rig.result(id), { kind: "silent" });
  assert.equal(rig.outcome(id).traffic.sent, 3 * 1_500 + 2 * 576);
});

test("a reply with less in it than was sent is none", async () => {
  await using rig = new ProbeRig();
  rig.network.onEcho(target.ipv4, (payload) => [{ payload: payload.slice(0, 500) }]);
  const id = rig.ask(full, limit);
  await rig.pass(15_000);
  assert.equal(rig.result(id).kind, "silent");
});

test("without the right to send echoes that is said", async () => {
  await using rig = new ProbeRig({ echo: "none" });
  const result = await rig.now(full);
  assert.ok(result.kind === "unsent" && result.cause === "no-privilege");
});
