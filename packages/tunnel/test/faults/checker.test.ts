/**
 * The load and its checker, through a relay without a tunnel: they find nothing wrong where nothing is, and each wrong that a
 * relay can do. The proxy is the relay, and its faults are the wrongs.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Act, Direction, ProxyReport, Rule } from "./fault.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { Clients } from "./load/clients.ts";
import type { LoadReport } from "./load/load.ts";
import { judge, type LoadVerdict, resultsOf } from "./load/load-verdict.ts";
import { Target } from "./load/target.ts";
import { LoadProcesses } from "./load-processes.ts";
import { ProxyProcess } from "./proxy-process.ts";

const seed = 20_260_001;
const length = 0.2;
const streams = 5;
const deadline = 30_000;

/** What the checker says of a few streams through a relay that is armed so, all in this process. */
async function carried(
  rules: readonly Omit<Rule, "id">[],
  halfClose: "half-close" | "close" = "half-close",
): Promise<LoadVerdict> {
  const told = { target: [] as LoadReport[], clients: [] as LoadReport[], proxy: [] as ProxyReport[] };
  using target = new Target({ seed, length }, (report) => told.target.push(report));
  await target.listen();
  using proxy = new FaultProxy(portOf(told.target), (report) => told.proxy.push(report));
  await proxy.listen();
  for (const [index, rule] of rules.entries()) await proxy.obey({ kind: "arm", rule: { ...rule, id: index + 1 } });
  await proxy.obey({ kind: "half-close", becomes: halfClose });
  const options = { seed, length, streams, port: portOf(told.proxy) };
  using clients = new Clients(options, (report) => told.clients.push(report));
  clients.finish();
  // A stream that one end never sees is itself a fault, and so not waited for.
  const isOver = () =>
    told.clients.some(({ kind }) => kind === "finished") &&
    (resultsOf(told.target).size === streams ||
      [...resultsOf(told.clients).values()].some(({ ended }) => ended !== "end"));
  for (const end = performance.now() + deadline; !isOver() && performance.now() < end; ) await delay(5);
  return judge(seed, length, told);
}

function portOf(reports: readonly (LoadReport | ProxyReport)[]): number {
  return reports.find((report) => report.kind === "listening")?.port ?? 0;
}

const directions: readonly Direction[] = ["up", "down"];
const once = (act: Act, direction: Direction, after: number) =>
  ({ of: "any", which: "next", direction, after, act }) as const;

test("through a relay that does no wrong every stream comes whole, however slowly and in whatever pieces", async () => {
  const harmless: readonly Act[] = [
    { kind: "slice", count: 2_000 },
    { kind: "delay", ms: 20 },
    { kind: "rate", bytesPerSecond: 2e6 },
  ];
  const rules = harmless.flatMap((act, index) =>
    directions.map((direction) => once(act, direction, 5 + index * 1_000)),
  );
  const { faults, octets } = await carried([...rules, once({ kind: "stall", ms: 200 }, "up", 50)]);
  assert.deepEqual(faults, []);
  assert.ok(octets > 100_000, `${octets} octets`);
});

const wrongs: readonly (readonly [string, Act, RegExp])[] = [
  ["loses an octet", { kind: "drop", count: 1 }, / 1 octets are missing/],
  ["loses a thousand octets", { kind: "drop", count: 1000 }, / 1000 octets are missing/],
  ["doubles an octet", { kind: "repeat", count: 1 }, /the 1 octets before it come again/],
  ["doubles a thousand octets", { kind: "repeat", count: 1000 }, /the 1000 octets before it come again/],
  ["exchanges two octets", { kind: "swap", count: 1 }, /SHA-256/],
  ["exchanges thousands of octets", { kind: "swap", count: 1000 }, / 1000 octets are missing/],
  ["flips a bit", { kind: "flip", bit: 3 }, /SHA-256/],
  ["adds octets of its own", { kind: "insert", octets: [1, 2, 3] }, /octets sent/],
  ["cuts a stream as if it were finished", { kind: "fin" }, /octets sent|were sent/],
  ["resets a stream", { kind: "reset" }, /ended by ECONNRESET/],
];

for (const [what, act, said] of wrongs) {
  test(`a relay that ${what} is found, in either direction`, async () => {
    for (const direction of directions) {
      const { faults } = await carried([once(act, direction, 4_000)]);
      assert.ok(
        faults.some((fault) => said.test(fault)),
        `${direction}: ${faults.join("\n")}`,
      );
    }
  });
}

test("a relay that takes the end of one direction for the end of both is found", async () => {
  const { faults } = await carried([], "close");
  assert.ok(
    faults.some((fault) => /half-closed/.test(fault)),
    faults.join("\n"),
  );
});

test("as processes they find nothing wrong in a good relay, and a swallowed stream by its not ending", async () => {
  await using load = await LoadProcesses.start(seed, length);
  await using proxy = await ProxyProcess.start(load.port);
  await load.pulse(proxy.port);
  load.begin({ port: proxy.port, streams: 50 });
  const { faults, streams: count } = await load.finish(deadline);
  assert.deepEqual(faults, []);
  assert.ok(count >= 50);
  assert.ok((await load.beats()).length > 0);
  await using other = await LoadProcesses.start(seed, length);
  await using silent = await ProxyProcess.start(other.port);
  silent.arm(once({ kind: "silence" }, "up", 500));
  other.begin({ port: silent.port, streams });
  const { faults: found } = await other.finish(3_000);
  assert.ok(
    found.some((fault) => fault.startsWith("not finished")),
    found.join("\n"),
  );
});
