/** Whom a node dials and when: waits, jitter, reserves, and new paths. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { type DialTarget, targetKey } from "@ropewalk/mesh/pure/dial-entry";
import { Dialling } from "@ropewalk/mesh/pure/dialling";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import fc from "fast-check";

const config = {
  own: "50" as MeshAddress,
  backoff: { first: millis(100), longest: seconds(30) },
  atOnce: 3,
  discovered: 2,
  headStart: seconds(1),
  goodAfter: seconds(10),
  lost: { for: seconds(5), every: millis(120) },
  full: seconds(300),
};
const peer = (name: string) => name as MeshAddress;
const at = (time: number) => millis(time);

function target(host: string, kind: DialTarget["kind"] = "static", expected?: string): DialTarget {
  return { kind, host, port: 1, expected: expected as MeshAddress | undefined };
}
const key = (host: string) => targetKey({ host, port: 1 });

function dueHosts(dialling: Dialling, now: number): readonly string[] {
  return dialling.due(at(now)).map(({ host }) => host);
}

test("static targets are dialled at once, no more at a time than may be", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(
    at(0),
    ["a", "b", "c", "d"].map((host) => target(host)),
  );
  assert.deepEqual(dueHosts(dialling, 0), ["a", "b", "c"]);
  assert.equal(dialling.deadline(), undefined);
  dialling.failed(at(5), key("a"), 0);
  assert.equal(dialling.deadline(), 0);
  assert.deepEqual(dueHosts(dialling, 5), ["d"]);
});

test("failures wait longer each time, with half of it drawn, and no longer than the longest", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a")]);
  const waits: number[] = [];
  let now = 0;
  for (let attempt = 0; attempt < 12; attempt += 1) {
    assert.deepEqual(dueHosts(dialling, now), ["a"]);
    dialling.failed(at(now), key("a"), attempt % 2);
    waits.push((dialling.deadline() ?? 0) - now);
    now = dialling.deadline() ?? 0;
  }
  assert.deepEqual(waits, [50, 200, 200, 800, 800, 3200, 3200, 12_800, 12_800, 30_000, 15_000, 30_000]);
});

test("while its peer has a link a target is left alone, whoever dialled; two targets of one peer are one", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a", "static", "10"), target("b")]);
  dialling.linkUp(at(0), peer("10"));
  assert.deepEqual(dueHosts(dialling, 0), ["b"]);
  dialling.proved(at(1), key("b"), peer("10"));
  assert.equal(dialling.deadline(), undefined);
  assert.ok(dialling.targets().every(({ isLinked }) => isLinked));
});

test("a link that lasted is sought again within the first wait; one that did not waits as a failure does", () => {
  for (const [lasted, waits] of [
    [10_000, [0, 50]],
    [9_999, [50, 100]],
  ] as const) {
    const dialling = new Dialling(config);
    dialling.setStatic(at(0), [target("a")]);
    for (const wait of waits) {
      const now = dialling.deadline() ?? assert.fail();
      dialling.due(now);
      dialling.proved(now, key("a"), peer("10"));
      dialling.linkUp(now, peer("10"));
      const lost = now + (wait === waits[0] ? lasted : 10);
      dialling.linkDown(at(lost), peer("10"), 0);
      assert.equal((dialling.deadline() ?? 0) - lost, wait, `after ${lasted} ms`);
    }
  }
});

test("who was lost by a good link is dialled again and again for a while, then as rarely as one who never was there", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a")]);
  dialling.due(at(0));
  dialling.proved(at(0), key("a"), peer("10"));
  dialling.linkUp(at(0), peer("10"));
  dialling.linkDown(at(20_000), peer("10"), 1);
  const waits: number[] = [];
  for (let now = 20_000; now < 30_000; ) {
    const next = dialling.deadline() ?? assert.fail();
    waits.push(next - now);
    now = next;
    dialling.due(at(now));
    dialling.failed(at(now), key("a"), 1);
  }
  const often = waits.slice(
    2,
    waits.findIndex((wait) => wait > 120),
  );
  assert.deepEqual(waits.slice(0, 2), [100, 100]);
  assert.ok(often.length > 30 && often.every((wait) => wait === 120));
  assert.deepEqual(waits.slice(2 + often.length), [200, 400, 800, 1_600, 3_200]);
});

test("who was lost and says to be there is dialled at once; who had no link yet, within the first wait", () => {
  const dialling = new Dialling(config);
  const found = (host: string, expected: string) => target(host, "discovered", expected);
  dialling.found(at(0), found("a", "60"), 1);
  assert.equal(dialling.deadline(), 100);
  dialling.due(at(100));
  dialling.proved(at(100), key("a"), peer("60"));
  dialling.linkUp(at(100), peer("60"));
  dialling.linkDown(at(10_100), peer("60"), 1);
  dialling.found(at(10_110), found("a", "60"), 1);
  assert.deepEqual(dueHosts(dialling, 10_110), ["a"]);
});

test("who takes no more links is left alone for minutes though he says to be there, but not where the configuration names him", () => {
  for (const [kind, due] of [
    ["discovered", 300_010],
    ["static", 20],
  ] as const) {
    const dialling = new Dialling(config);
    const one = target("a", kind, "60");
    if (kind === "static") dialling.setStatic(at(0), [one]);
    else dialling.found(at(0), one, 0);
    dialling.due(at(0));
    dialling.proved(at(0), key("a"), peer("60"));
    dialling.linkUp(at(0), peer("60"));
    dialling.turnedAway(at(10), peer("60"), 1);
    dialling.found(at(20), { ...one, kind: "discovered" }, 0);
    assert.equal(dialling.deadline(), due, kind);
    dialling.pathsChanged(at(50));
    assert.deepEqual(dueHosts(dialling, 50), ["a"]);
  }
});

test("when paths change all waits are over, and what is being dialled is given up and dialled anew", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a"), target("b")]);
  dialling.due(at(0));
  for (let failures = 0; failures < 6; failures += 1) {
    dialling.failed(at(failures * 60_000), key("a"), 1);
    dialling.due(at((failures + 1) * 60_000));
  }
  dialling.failed(at(400_000), key("a"), 1);
  assert.deepEqual(dialling.pathsChanged(at(400_001)), [key("b")]);
  assert.deepEqual(dueHosts(dialling, 400_001), ["a", "b"]);
  dialling.failed(at(400_002), key("a"), 0);
  assert.equal(dialling.deadline(), 400_052);
});

test("a target that is this node itself is dialled again only when paths change", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a")]);
  dialling.due(at(0));
  dialling.isSelf(key("a"));
  assert.equal(dialling.deadline(), undefined);
  dialling.pathsChanged(at(5));
  assert.deepEqual(dueHosts(dialling, 5), ["a"]);
});

test("of two who discover each other the lower address dials first, and nobody dials himself", () => {
  const dialling = new Dialling(config);
  dialling.found(at(0), target("self", "discovered", "50"), 0);
  dialling.found(at(0), target("higher", "discovered", "60"), 0.5);
  dialling.found(at(0), target("lower", "discovered", "40"), 0.5);
  assert.deepEqual(dueHosts(dialling, 50), ["higher"]);
  assert.deepEqual(dueHosts(dialling, 1_049), []);
  assert.deepEqual(dueHosts(dialling, 1_050), ["lower"]);
});

test("so many discovered peers are dialled, and one in reserve when one of them is lost; static ones are no part of it", () => {
  const dialling = new Dialling({ ...config, atOnce: 10 });
  for (const name of ["51", "52", "53", "54"]) dialling.found(at(0), target(name, "discovered", name), 0);
  dialling.setStatic(at(0), [target("s")]);
  assert.deepEqual(dueHosts(dialling, 0), ["s", "51", "54"]);
  for (const name of ["51", "54"]) {
    dialling.proved(at(1), key(name), peer(name));
    dialling.linkUp(at(1), peer(name));
  }
  assert.equal(dialling.deadline(), undefined);
  dialling.linkDown(at(20_000), peer("51"), 1);
  assert.deepEqual(dueHosts(dialling, 20_100), ["51"]);
  dialling.failed(at(20_200), key("51"), 1);
  assert.deepEqual(dueHosts(dialling, 20_200), ["52"]);
  dialling.proved(at(20_210), key("52"), peer("52"));
  dialling.linkUp(at(20_210), peer("52"));
  assert.deepEqual(dueHosts(dialling, 60_000), ["51"], "the nearest is tried on");
});

test("one that says again to be there is dialled soon, also when it is static and was dialled in vain for long", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a")]);
  for (let failures = 0; failures < 9; failures += 1) {
    dialling.due(at(failures * 60_000));
    dialling.failed(at(failures * 60_000), key("a"), 1);
  }
  dialling.found(at(481_000), target("a", "discovered", "60"), 0.5);
  assert.equal(dialling.deadline(), 481_050);
  assert.deepEqual(
    dialling.targets().map(({ kind }) => kind),
    ["static"],
  );
});

test("static targets that are named no more are let go, others go on as they were", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a"), target("b")]);
  dialling.due(at(0));
  dialling.failed(at(0), key("a"), 1);
  dialling.setStatic(at(1), [target("a"), target("c")]);
  assert.deepEqual(
    dialling.targets().map(({ host }) => host),
    ["a", "c"],
  );
  assert.deepEqual(dueHosts(dialling, 1), ["c"]);
  assert.equal(dialling.deadline(), 100);
});

test("a target that is named with another peer, or with none, is dialled anew unless who is there has a link", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a", "static", "60"), target("b", "static", "70"), target("c")]);
  for (const [host, name] of [
    ["a", "60"],
    ["b", "70"],
    ["c", "80"],
  ] as const) {
    dialling.proved(at(0), key(host), peer(name));
    dialling.linkUp(at(0), peer(name));
  }
  dialling.setStatic(at(1), [target("a"), target("b", "static", "71"), target("c", "static", "80")]);
  assert.deepEqual(
    dialling.targets().map(({ host, leadsTo, isLinked }) => [host, leadsTo, isLinked]),
    [
      ["a", "60", true],
      ["b", "71", false],
      ["c", "80", true],
    ],
  );
  assert.deepEqual(dueHosts(dialling, 1), ["b"]);
});

test("what is being dialled and is named anew with another peer is being dialled no more", () => {
  const dialling = new Dialling(config);
  dialling.setStatic(at(0), [target("a", "static", "60"), target("b")]);
  dialling.due(at(0));
  dialling.setStatic(at(1), [target("a", "static", "61"), target("b")]);
  assert.deepEqual([dialling.isDialling(key("a")), dialling.isDialling(key("b"))], [false, true]);
});

test("when nobody is looked for on local networks any more, who was found is forgotten; and more of them may be dialled than before", () => {
  const dialling = new Dialling({ ...config, atOnce: 10 });
  dialling.setStatic(at(0), [target("s")]);
  for (const name of ["51", "52", "53"]) dialling.found(at(0), target(name, "discovered", name), 0);
  assert.deepEqual(dueHosts(dialling, 0), ["s", "51", "53"]);
  dialling.setDiscovered(3);
  assert.deepEqual(dueHosts(dialling, 0), ["52"]);
  dialling.forgetDiscovered();
  assert.deepEqual(
    dialling.targets().map(({ host }) => host),
    ["s"],
  );
});

test("who was proved where he was dialled is there while he has a link, whatever others say of that place or of him", () => {
  const dialling = new Dialling(config);
  dialling.found(at(0), target("a", "discovered", "60"), 0);
  dialling.found(at(0), target("b", "discovered", "60"), 0);
  assert.deepEqual(dueHosts(dialling, 0), ["a"]);
  dialling.proved(at(0), key("a"), peer("60"));
  dialling.linkUp(at(0), peer("60"));
  assert.deepEqual([dialling.isLinkedAt(key("a")), dialling.isLinkedAt(key("b"))], [true, false]);
  dialling.found(at(1), target("a", "discovered", "61"), 0);
  assert.deepEqual(dueHosts(dialling, 60_000), []);
  dialling.linkDown(at(60_000), peer("60"), 0);
  dialling.found(at(60_001), target("a", "discovered", "61"), 0);
  assert.deepEqual(
    dialling.targets().map(({ host, leadsTo }) => `${host} ${leadsTo}`),
    ["a 61", "b 60"],
  );
});

test("whatever happens, no more are dialled at once than may be, and no target twice", () => {
  const hosts = ["a", "b", "c", "d", "e", "f"];
  const act = fc.record({
    kind: fc.constantFrom("due", "failed", "proved", "up", "down", "found", "forget", "paths", "static"),
    host: fc.constantFrom(...hosts),
    wait: fc.integer({ min: 0, max: 5_000 }),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
      const dialling = new Dialling(config);
      const running = new Set<string>();
      let now = 0;
      for (const { kind, host, wait, chance } of acts) {
        now += wait;
        const who = peer(`6${host}`);
        if (kind === "due") {
          for (const { host: dialled } of dialling.due(at(now))) {
            assert.ok(!running.has(dialled), `${dialled} is dialled twice`);
            running.add(dialled);
          }
        }
        if (kind === "failed") dialling.failed(at(now), key(host), chance);
        if (kind === "proved") dialling.proved(at(now), key(host), who);
        if (kind === "failed" || kind === "proved" || kind === "forget") running.delete(host);
        if (kind === "up") dialling.linkUp(at(now), who);
        if (kind === "down") dialling.linkDown(at(now), who, chance);
        if (kind === "found" && !running.has(host)) dialling.found(at(now), target(host, "discovered", who), chance);
        if (kind === "forget") dialling.forget(key(host));
        if (kind === "paths")
          for (const each of dialling.pathsChanged(at(now))) running.delete(each.split(" ")[0] ?? "");
        if (kind === "static" && running.size === 0) dialling.setStatic(at(now), [target(host)]);
        const isGone = (each: string) => !dialling.targets().some((known) => known.host === each);
        for (const each of running) if (isGone(each)) running.delete(each);
        assert.ok(running.size <= config.atOnce);
      }
    }),
  );
});

test("a peer who is found at two addresses is dialled at one, and at the other once that takes long or has failed", () => {
  const dialling = new Dialling(config);
  dialling.found(at(0), target("v4", "discovered", "70"), 0);
  dialling.found(at(0), target("v6", "discovered", "70"), 0);
  assert.deepEqual(dueHosts(dialling, 10), ["v4"]);
  assert.equal(dialling.deadline(), 1_010);
  assert.deepEqual(dueHosts(dialling, 1_009), []);
  assert.deepEqual(dueHosts(dialling, 1_010), ["v6"]);
  dialling.failed(at(1_020), key("v6"), 0);
  dialling.proved(at(1_030), key("v4"), peer("70"));
  dialling.linkUp(at(1_030), peer("70"));
  assert.deepEqual(dueHosts(dialling, 60_000), []);
});
