/** What somebody between the ends can do to a lane, or with what was said on one: the lane ends, the streams do not, and he learns nothing. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Act, Direction } from "../faults/fault.ts";
import { LoadProcesses } from "../faults/load-processes.ts";
import { TunnelPair } from "../faults/tunnel-pair.ts";

const seed = Date.now() % 2 ** 31;
const directions: readonly Direction[] = ["up", "down"];
const stack = new AsyncDisposableStack();
let load: LoadProcesses;
let pair: TunnelPair;

before(async () => {
  load = stack.use(await LoadProcesses.start(seed));
  pair = stack.use(await TunnelPair.start({ targets: { load: load.port } }));
  await load.pulse(pair.port("load"));
  load.begin({ port: pair.port("load"), streams: 20 });
});
after(() => stack.disposeAsync());

/** Of the lanes that are there, that came last. */
async function newestLane(): Promise<number> {
  const gone = new Set(pair.proxy.reports.flatMap((report) => (report.kind === "gone" ? [report.connection] : [])));
  const lanes = pair.proxy.reports.flatMap((report) =>
    report.kind === "came" && report.of === "lane" && !gone.has(report.connection) ? [report.connection] : [],
  );
  return lanes.at(-1) ?? (await pair.proxy.next("came", ({ of }) => of === "lane")).connection;
}

/** Does it to a lane, and waits until the streams have gone on behind it. */
async function suffer(act: Act, direction: Direction, where: { which: "live" | "next"; after: number }): Promise<void> {
  const rule = pair.proxy.arm({ of: "lane", direction, act, ...where });
  if (where.which === "next") await pair.proxy.act({ kind: "reset" });
  const { at } = await pair.proxy.seen("did", (report) => report.rule === rule);
  await load.beat(at, at);
}

const wrongs: readonly (readonly [string, Act])[] = [
  ["a bit of it is flipped", { kind: "flip", bit: 5 }],
  ["an octet of it is left out", { kind: "drop", count: 1 }],
  ["a whole record and more of it is left out", { kind: "drop", count: 30_000 }],
  ["some of it comes twice", { kind: "repeat", count: 400 }],
  ["pieces of it are exchanged", { kind: "swap", count: 500 }],
  ["garbage stands in it", { kind: "insert", octets: Array.from({ length: 300 }, (_, index) => (index * 37) % 256) }],
  ["it ends in the middle of a record", { kind: "fin" }],
  ["it falls silent", { kind: "silence" }],
  ["it falls silent in one direction", { kind: "mute" }],
];

for (const [what, act] of wrongs) {
  test(`a lane is given up when ${what}, and the streams go on over another`, async () => {
    for (const direction of directions) await suffer(act, direction, { which: "live", after: 3_000 });
  });
}

test("a lane whose first octets were changed is no lane, wherever the change stands", async () => {
  for (const after of [0, 1, 2, 17, 18, 21, 22, 53, 54, 101]) {
    await suffer({ kind: "flip", bit: after % 8 }, "up", { which: "next", after });
  }
  for (const after of [0, 1, 2, 33, 34, 81]) await suffer({ kind: "flip", bit: 0 }, "down", { which: "next", after });
});

test("though every lane is spoilt after a while, what came before is kept, and the streams come to their ends", async () => {
  const rules = directions.map((direction, index) =>
    pair.proxy.arm({
      of: "lane",
      which: "each",
      direction,
      after: 60_000 + index * 30_000,
      act: { kind: "flip", bit: 1 },
    }),
  );
  await pair.proxy.act({ kind: "reset" });
  const before = load.ended;
  for (let lanes = 0; lanes < 8; lanes += 1) await pair.proxy.next("did", ({ rule }) => rules.includes(rule));
  for (const rule of rules) pair.proxy.tell({ kind: "disarm", rule });
  await pair.proxy.act({ kind: "reset" });
  await load.beat(0, 0);
  assert.ok(load.ended > before, "no stream ended meanwhile");
});

test("who repeats what a lane's opener said, of a lane that lives or one that is gone, hears nothing and disturbs nobody", async () => {
  const live = await newestLane();
  const repeat = async (octets: number) => {
    const ask = () => pair.proxy.tell({ kind: "replay", connection: live, octets });
    const { sent, heard } = await pair.proxy.next("replayed", ({ connection }) => connection === live, ask);
    assert.ok(sent > 0);
    assert.equal(heard, 0, `${sent} octets were answered`);
  };
  for (const octets of [1, 50, 101, 102, 5_000]) await repeat(octets);
  assert.equal(await newestLane(), live, "the lane that lived was given up");
  await pair.proxy.act({ kind: "reset" });
  await load.beat(0, 0);
  for (const octets of [102, 5_000]) await repeat(octets);
});

test("who repeats a handshake gets no session by it", async () => {
  const next = pair.proxy.next("came", ({ of }) => of === "handshake");
  await pair.proxy.act({ kind: "fin" });
  const { connection } = await next;
  await load.beat(0, 0);
  const ask = () => pair.proxy.tell({ kind: "replay", connection, octets: 1 << 18 });
  const { heard } = await pair.proxy.next("replayed", (report) => report.connection === connection, ask, 40_000);
  // What TLS answers anybody: its hello and its certificate, and that this was not meant for it.
  assert.ok(heard < 40_000, `${heard} octets`);
});

test("after all of that every stream has come whole", async (t) => {
  const { faults, streams, octets } = await load.finish(60_000);
  t.diagnostic(`${streams} streams, ${(octets / 2 ** 20).toFixed(0)} MiB, seed ${seed}`);
  assert.deepEqual(faults, [], `seed ${seed}\n${pair.logs}`);
});
