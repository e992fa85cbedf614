/** The keeper on a kernel in memory, with neighbours who have wishes of their own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeRouting } from "@ropewalk/host/fake/fake-routing";
import type { PresentRouting, WantedRoute, WantedRouting, WantedRule } from "@ropewalk/host/routing";
import { type KeeperReport, RoutingKeeper } from "@ropewalk/host/routing-keeper";
import { ipAddress, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";

const everywhere = parsePrefix("0.0.0.0/0") as Prefix;

function route(table: number, ifindex: number): WantedRoute {
  const way = { ifindex, gateway: ipAddress("192.0.2.1"), isOnLink: false, weight: 1 };
  return { family: "ipv4", table, destination: everywhere, metric: 10, preferredSource: undefined, ways: [way] };
}

function rule(table: number): WantedRule {
  const matches = { source: undefined, destination: undefined, mark: undefined, suppressPrefixLength: undefined };
  return { ...matches, family: "ipv4", priority: 32_001, table };
}

const wanted: WantedRouting = { routes: [route(100, 2)], rules: [rule(100)] };

function createRig() {
  const clock = new FakeClock();
  const kernel = new FakeRouting();
  const reports: KeeperReport[] = [];
  const onReports = (told: readonly KeeperReport[]) => void reports.push(...told);
  const keeper = new RoutingKeeper({ network: kernel, rules: kernel, writer: kernel, clock, onReports });
  const told = () => reports.splice(0).map(({ cause, change, result }) => `${cause} ${change.kind}: ${result.kind}`);
  return { clock, kernel, keeper, told };
}

const withoutRules = ({ routes }: PresentRouting): PresentRouting => ({ routes, rules: [] });

test("what is wanted is there when the call returns, and nothing is done twice", () => {
  const { kernel, keeper, told } = createRig();
  keeper.want(wanted);
  assert.deepEqual(told(), ["wanted add-route: done", "wanted add-rule: done"]);
  assert.equal(kernel.lookup({ family: "ipv4", destination: ipAddress("203.0.113.9") })?.table, 100);
  keeper.want(wanted);
  assert.deepEqual(told(), []);
  keeper.want({ ...wanted, routes: [route(100, 3)] });
  assert.deepEqual(told(), ["wanted replace-route: done"]);
});

test("before anything is wanted nothing is touched, and after a purge no more", () => {
  const { kernel, keeper, told } = createRig();
  kernel.interfere((present) => present);
  assert.deepEqual(told(), []);
  keeper.want(wanted);
  keeper.purge();
  assert.deepEqual(kernel.present, { routes: [], rules: [] });
  told();
  kernel.perform({ kind: "add-rule", rule: rule(100) });
  assert.deepEqual(told(), [], "what was given up is nobody's to repair");
});

test("what a neighbour removes is put back before he can look", () => {
  const { kernel, keeper, told } = createRig();
  keeper.want(wanted);
  told();
  kernel.interfere(() => ({ routes: [], rules: [] }));
  assert.deepEqual(told(), ["repair add-route: done", "repair add-rule: done"]);
  assert.deepEqual(keeper.unmet, []);
});

test("who keeps removing it is fought ever more rarely, and that is told once", () => {
  const { clock, kernel, keeper, told } = createRig();
  keeper.want(wanted);
  told();
  for (let round = 0; round < 5; round += 1) kernel.interfere(withoutRules);
  assert.deepEqual(told(), Array(5).fill("repair add-rule: done"));
  for (let round = 0; round < 5; round += 1) kernel.interfere(withoutRules);
  assert.deepEqual(told(), ["repair add-rule: put-off"]);
  assert.match(keeper.unmet.join(), /^rule /);
  clock.advance(seconds(11));
  assert.deepEqual(told(), []);
  clock.advance(seconds(2));
  assert.deepEqual(told(), ["repair add-rule: done"]);
  assert.deepEqual(keeper.unmet, []);
  clock.advance(seconds(60));
  for (let round = 0; round < 4; round += 1) kernel.interfere(withoutRules);
  assert.deepEqual(told(), Array(4).fill("repair add-rule: done"), "a minute of peace is a new beginning");
});

test("a fight over one thing keeps nothing else from being repaired, and what is newly wanted never waits", () => {
  const { kernel, keeper, told } = createRig();
  keeper.want(wanted);
  for (let round = 0; round < 6; round += 1) kernel.interfere(withoutRules);
  told();
  kernel.interfere(({ rules }) => ({ routes: [], rules }));
  assert.deepEqual(told(), ["repair add-route: done"]);
  keeper.want({ ...wanted, rules: [rule(101)] });
  assert.deepEqual(told(), ["wanted add-rule: done"]);
});

test("what the kernel refuses is tried again each second until it is done, and told once for each reason", () => {
  const { clock, kernel, keeper, told } = createRig();
  kernel.refusal = { kind: "refused", errno: 105, text: "no buffer space" };
  keeper.want({ routes: [], rules: [rule(100)] });
  assert.deepEqual(told(), ["wanted add-rule: refused"]);
  assert.equal(keeper.unmet.length, 1);
  clock.advance(seconds(60));
  assert.deepEqual(told(), [], "nobody is fought, and so it is not put off");
  kernel.refusal = { kind: "refused", errno: 1, text: undefined };
  clock.advance(seconds(1));
  assert.deepEqual(told(), ["retry add-rule: refused"]);
  kernel.refusal = undefined;
  clock.advance(seconds(1));
  assert.deepEqual(told(), ["retry add-rule: done"]);
  assert.deepEqual(keeper.unmet, []);
});

test("what is refused is not tried more often for all that others change", () => {
  const { clock, kernel, keeper, told } = createRig();
  kernel.refusal = { kind: "refused", errno: 105, text: undefined };
  keeper.want({ routes: [], rules: [rule(100)] });
  told();
  kernel.refusal = undefined;
  for (let round = 0; round < 100; round += 1) kernel.interfere((present) => present);
  assert.deepEqual(told(), []);
  clock.advance(seconds(1));
  assert.deepEqual(told(), ["retry add-rule: done"]);
});

test("a table whose way was refused gets no end, for its traffic would find none further on either", () => {
  const { clock, kernel, keeper, told } = createRig();
  const end: WantedRoute = { ...route(100, 2), metric: 4_000, ways: [] };
  const perform = kernel.perform.bind(kernel);
  let failures = 1;
  kernel.perform = (change) => {
    failures -= 1;
    return failures < 0 ? perform(change) : { kind: "refused", errno: 105, text: undefined };
  };
  keeper.want({ routes: [route(100, 2), end], rules: [rule(100)] });
  assert.deepEqual(told(), ["wanted add-route: refused", "wanted add-rule: done"]);
  assert.equal(keeper.unmet.length, 2);
  clock.advance(seconds(1));
  assert.deepEqual(told(), ["retry add-route: done", "retry add-route: done"]);
  assert.deepEqual(keeper.unmet, []);
});

test("once disposed of, it leaves the kernel as it is and repairs nothing", () => {
  const { clock, kernel, keeper, told } = createRig();
  keeper.want(wanted);
  told();
  keeper[Symbol.dispose]();
  assert.equal(kernel.present.rules.length, 1);
  kernel.interfere(withoutRules);
  clock.advance(seconds(60));
  assert.deepEqual(told(), []);
});
