/**
 * The load and its checker, through a relay without a tunnel: they find nothing wrong where nothing is, and each wrong that a
 * relay can do. The proxy is the relay, and its faults are the wrongs.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Act } from "./fault.ts";
import { LoadProcesses, type LoadVerdict } from "./load-processes.ts";
import { ProxyProcess } from "./proxy-process.ts";

const seed = 20_260_001;
const deadline = 30_000;

async function carried(streams: number, prepare: (proxy: ProxyProcess) => void): Promise<LoadVerdict> {
  await using load = await LoadProcesses.start(seed, 0.2);
  await using proxy = await ProxyProcess.start(load.port);
  prepare(proxy);
  load.begin({ port: proxy.port, streams });
  return await load.finish(deadline);
}

test("through a relay that does no wrong every stream comes whole, however slowly and in whatever pieces", async () => {
  const plain = await carried(50, () => {});
  assert.deepEqual(plain.faults, []);
  assert.ok(plain.streams >= 50 && plain.octets > 1_000_000, `${plain.streams} streams, ${plain.octets} octets`);
  const harmless: readonly Act[] = [
    { kind: "slice" },
    { kind: "delay", ms: 20 },
    { kind: "rate", bytesPerSecond: 2e6 },
  ];
  const slowed = await carried(10, (proxy) => {
    for (const [index, act] of harmless.entries()) {
      for (const direction of ["up", "down"] as const)
        proxy.arm({ of: "any", which: "next", direction, after: 5 + index * 1_000, act });
    }
    proxy.arm({ of: "any", which: "next", direction: "up", after: 50, act: { kind: "stall", ms: 200 } });
  });
  assert.deepEqual(slowed.faults, []);
});

const wrongs: readonly (readonly [string, Act, RegExp])[] = [
  ["loses an octet", { kind: "drop", count: 1 }, /1 octets are missing|octets sent/],
  ["loses a kilooctet", { kind: "drop", count: 1000 }, /1000 octets are missing/],
  ["doubles an octet", { kind: "repeat", count: 1 }, /1 octets before it come again|octets sent/],
  ["doubles a kilooctet", { kind: "repeat", count: 1000 }, /1000 octets before it come again/],
  ["exchanges two octets", { kind: "swap", count: 1 }, /SHA-256/],
  ["exchanges two kilooctets", { kind: "swap", count: 1000 }, /1000 octets are missing/],
  ["flips a bit", { kind: "flip", bit: 3 }, /SHA-256/],
  ["adds octets of its own", { kind: "insert", octets: [1, 2, 3] }, /octets sent/],
  ["cuts a stream as if it were finished", { kind: "fin" }, /octets sent|were sent/],
  ["resets a stream", { kind: "reset" }, /ended by ECONNRESET/],
];

for (const [what, act, said] of wrongs) {
  test(`a relay that ${what} is found, in either direction`, async () => {
    for (const direction of ["up", "down"] as const) {
      const { faults } = await carried(5, (proxy) =>
        proxy.arm({ of: "any", which: "next", direction, after: 4_000, act }),
      );
      assert.ok(
        faults.some((fault) => said.test(fault)),
        `${direction}: ${faults.join("\n")}`,
      );
    }
  });
}

test("a relay that takes the end of one direction for the end of both is found", async () => {
  const { faults } = await carried(5, (proxy) => proxy.tell({ kind: "half-close", becomes: "close" }));
  assert.ok(
    faults.some((fault) => /half-closed/.test(fault)),
    faults.join("\n"),
  );
});

test("a relay that swallows a stream in silence is found by the streams that do not end", async () => {
  await using load = await LoadProcesses.start(seed, 0.2);
  await using proxy = await ProxyProcess.start(load.port);
  proxy.arm({ of: "any", which: "next", direction: "up", after: 4_000, act: { kind: "silence" } });
  load.begin({ port: proxy.port, streams: 5 });
  const { faults } = await load.finish(4_000);
  assert.ok(
    faults.some((fault) => fault.startsWith("not finished")),
    faults.join("\n"),
  );
});
