/** Names by a real systemd-resolved over a real bus, while uplinks change and when all is given back. */
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { after, test } from "node:test";
import type { LinkDnsOutcome } from "@ropewalk/backhaul/io/resolved-link-dns";
import { createResolverFollower, resolverFollowerMigrations } from "@ropewalk/backhaul/io/resolver-follower";
import { nothingPending } from "@ropewalk/backhaul/pure/pending-names";
import type { ResolverPlan } from "@ropewalk/backhaul/pure/resolver-plan";
import { linkCommands } from "@ropewalk/backhaul/pure/steering/plan-text";
import type { ResolverStatus } from "@ropewalk/backhaul/status";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { openStore } from "@ropewalk/ops/store";
import { eventually } from "../io/eventually.ts";
import { FakeBusService } from "./fake-bus-service.ts";
import { inOwnMachine } from "./in-own-machine.ts";
import { busAddress, startBus, stop } from "./network-manager-machine.ts";
import {
  createResolvedMachine,
  lookUp,
  manageByNetworkd,
  type ResolvedUplink,
  resolvectl,
  startResolved,
} from "./resolved-machine.ts";

inOwnMachine(import.meta.filename, () => {
  const { uplinks, servers } = createResolvedMachine();
  const [wan0, wan1] = uplinks as [ResolvedUplink, ResolvedUplink];
  const clock = createSystemClock();
  const { store } = openStore("/run/test/node.db", { migrations: resolverFollowerMigrations, clock });
  const outcomes: LinkDnsOutcome[] = [];
  const config = { file: "/etc/resolv.conf", busAddress };
  const onOutcome = (outcome: LinkDnsOutcome) => void outcomes.push(outcome);
  const start = () => createResolverFollower(config, { clock, chance: () => 0, store, onOutcome });
  let follower = start();
  const bus = startBus();
  let resolved = startResolved();

  const using = (uplink: ResolvedUplink, source: ResolverStatus["source"] = "lease"): ResolverPlan => ({
    kind: "ask",
    links: [{ ifindex: uplink.ifindex, name: uplink.name, servers: [ipAddress(uplink.resolver)], source }],
    others: uplinks.filter(({ name }) => name !== uplink.name).map(({ ifindex, name }) => ({ ifindex, name })),
  });

  /** The next answer of systemd-resolved after `act`. */
  async function answerTo(act: () => void): Promise<LinkDnsOutcome> {
    outcomes.length = 0;
    act();
    const [first] = await eventually(
      () => outcomes,
      ({ length }) => length > 0,
    );
    assert.ok(first);
    return first;
  }

  const settings = () => [wan0, wan1].map(({ name }) => resolvectl("dns", name) + resolvectl("default-route", name));
  let untouched: readonly string[] = [];

  test("a systemd-resolved that appears is told whose resolvers to ask, though the plan came before it", async () => {
    const outcome = await answerTo(() => void follower.follow(using(wan0)));
    assert.deepEqual(outcome, { kind: "told", asked: ["wan0"] });
    assert.equal(follower.owner?.kind, "resolved");
    assert.deepEqual(follower.follow(using(wan0)), { kind: "sent" });
    assert.equal(lookUp("one.example"), wan0.answer);
  });

  test("after a change of uplinks names are asked of the new one's resolver and of no other", async () => {
    assert.deepEqual(await answerTo(() => void follower.follow(using(wan1))), { kind: "told", asked: ["wan1"] });
    const before = wan0.asked().length;
    assert.equal(lookUp("two.example"), wan1.answer);
    assert.deepEqual(wan1.asked(), ["two.example"]);
    assert.equal(wan0.asked().length, before);
  });

  test("a systemd-resolved that was restarted, having forgotten everything, is told again", async () => {
    await stop(resolved);
    rmSync("/run/systemd/resolve/netif", { recursive: true });
    const outcome = await answerTo(() => {
      resolved = startResolved();
    });
    assert.deepEqual(outcome, { kind: "told", asked: ["wan1"] });
    assert.equal(lookUp("three.example"), wan1.answer);
  });

  test("a run after one that was killed takes back what that one told, and has NetworkManager say its part again", async () => {
    using manager = await FakeBusService.own(busAddress, {
      name: "org.freedesktop.NetworkManager",
      path: "/org/freedesktop/NetworkManager",
      interfaceName: "org.freedesktop.NetworkManager",
      members: { Reload: "u" },
    });
    await follower[Symbol.asyncDispose]();
    follower = start();
    assert.deepEqual(await follower.restore(), [
      { what: "wan0", result: { kind: "restored" } },
      { what: "wan1", result: { kind: "restored" } },
    ]);
    assert.deepEqual(manager.calls, [["Reload", 2]]);
    untouched = settings();
    assert.match(untouched.join(""), /^Link 10 \(wan0\):\n/);
    assert.deepEqual(readdirSync("/run/systemd/resolve/netif"), []);
    assert.deepEqual(await follower.restore(), []);
  });

  test("where nobody knows a server of the uplink in use, another uplink's servers are taken back", async () => {
    await answerTo(() => void follower.follow(using(wan0)));
    const unknown = { kind: "unknown", elsewhere: [ipAddress(wan0.resolver)], reason: "nobody says" } as const;
    const outcome = await answerTo(() => void follower.follow(unknown));
    assert.deepEqual(outcome, { kind: "reverted", links: ["wan0", "wan1"] });
    assert.deepEqual(settings(), untouched);
  });

  test("what it is not told yet can be told by hand, and does the same", async () => {
    const plan = using(wan0);
    const { file, orders } = follower.pending(plan);
    assert.equal(file, undefined);
    for (const command of orders.flatMap(linkCommands)) resolvectl(...command.split(" ").slice(1));
    const byHand = settings();
    assert.notDeepEqual(byHand, untouched);
    await answerTo(() => void follower.follow(plan));
    assert.deepEqual(settings(), byHand);
    assert.deepEqual(follower.pending(plan), nothingPending);
    await follower.restore();
    assert.deepEqual(settings(), untouched);
  });

  test("a link that networkd manages is changed by networkd, which keeps the servers that it told itself", async () => {
    using networkd = await FakeBusService.own(busAddress, {
      name: "org.freedesktop.network1",
      path: "/org/freedesktop/network1",
      interfaceName: "org.freedesktop.network1.Manager",
      members: { SetLinkDNS: "ia(iay)", SetLinkDefaultRoute: "ib", RevertLinkDNS: "i" },
    });
    manageByNetworkd(wan0);
    await eventually(
      () => resolvectl("dns", "wan0"),
      (text) => text.includes(wan0.resolver),
    );
    assert.deepEqual(await answerTo(() => void follower.follow(using(wan0, "networkd"))), {
      kind: "told",
      asked: ["wan0"],
    });
    assert.deepEqual(networkd.calls, [["SetLinkDefaultRoute", wan0.ifindex, true]]);
    await answerTo(() => void follower.follow(using(wan0, "config")));
    const [inet, address] = [2, Buffer.from([192, 0, 2, 1])];
    assert.deepEqual(networkd.calls[1], ["SetLinkDNS", wan0.ifindex, [[inet, address]]]);
    await follower.restore();
    assert.deepEqual(networkd.calls.at(-1), ["RevertLinkDNS", wan0.ifindex]);
    rmSync(`/run/systemd/netif/links/${wan0.ifindex}`);
  });

  test("a link that is gone is told in words, and has nothing to be given back", async () => {
    const gone = { ...wan0, ifindex: 99, name: "lte0" };
    const outcome = await answerTo(() => void follower.follow(using(gone)));
    assert.match(outcome.kind === "refused" ? outcome.detail : "", /SetLinkDNS of lte0: Link 99 not known/);
    assert.deepEqual(
      (await follower.restore()).map(({ what, result }) => [what, result.kind]),
      ["wan0", "wan1", "lte0"].map((what) => [what, "restored"]),
    );
  });

  test("a systemd-resolved that is not there is told so, and what it was told stays to be taken back", async () => {
    await answerTo(() => void follower.follow(using(wan0)));
    await stop(resolved);
    const outcome = await eventually(
      () => follower.follow(using(wan1)),
      ({ kind }) => kind === "refused",
    );
    assert.match(outcome.kind === "refused" ? outcome.detail : "", /nobody owns org\.freedesktop\.resolve1/);
    assert.deepEqual(
      (await follower.restore()).map(({ what, result }) => [what, result.kind]),
      [
        ["wan0", "refused"],
        ["wan1", "refused"],
      ],
    );
    resolved = startResolved();
    await eventually(
      () => follower.restore(),
      (all) => all.every(({ result }) => result.kind === "restored"),
    );
    assert.deepEqual(settings(), untouched);
  });

  after(async () => {
    await follower[Symbol.asyncDispose]();
    store[Symbol.dispose]();
    for (const child of [resolved, bus, ...servers]) await stop(child);
  });
});
