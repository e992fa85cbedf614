/** How often the tables are read again, and what becomes of events meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { defaultLink } from "../../src/fake/fake-defaults.ts";
import type { DumpResult } from "../../src/linux/netlink-dump.ts";
import { Resync, type ResyncScope } from "../../src/linux/resync.ts";
import type { NetworkEvent, ObservedLink } from "../../src/tables/network-event.ts";
import { NetworkTable } from "../../src/tables/network-table.ts";

function link(ifindex: number, name: string): NetworkEvent {
  const observed: ObservedLink = { ...defaultLink(ifindex), name };
  return { kind: "link", link: observed };
}

/** A resync whose dumps end when the test says. */
function rig(drainEvents: () => boolean = () => true) {
  const clock = new FakeClock();
  const dumps: {
    readonly table: NetworkTable;
    readonly scope: ResyncScope;
    readonly end: (result: DumpResult) => void;
  }[] = [];
  const adopted: { readonly table: NetworkTable; readonly scope: ResyncScope; readonly cause: string }[] = [];
  const resync = new Resync(
    {
      createTable: () => new NetworkTable(() => true),
      dumpInto: (table, scope) => new Promise((end) => dumps.push({ table, scope, end })),
      drainEvents,
      adopt: (table, scope, cause) => adopted.push({ table, scope, cause }),
    },
    clock,
  );
  /** Ends the dump that runs and lets what waits on it run. */
  const end = async (result: DumpResult) => {
    dumps.at(-1)?.end(result);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { clock, dumps, adopted, resync, end };
}

test("what is queued before a dump is applied before it, and never to its result", async () => {
  const queued = [link(9, "gone0")];
  let record: (event: NetworkEvent) => void = () => {};
  const { clock, dumps, adopted, resync, end } = rig(() => {
    for (const event of queued.splice(0, 1)) record(event);
    return queued.length === 0;
  });
  record = (event) => resync.record(event);
  resync.request("all", "ENOBUFS");
  clock.advance(millis(0));
  assert.equal(dumps.length, 1);
  await end("complete");
  assert.equal(adopted[0]?.table.facts.links.size, 0);
});

test("no dump begins while the kernel tells faster than events are read", () => {
  let isEmpty = false;
  const { clock, dumps, resync } = rig(() => isEmpty);
  resync.request("all", "ENOBUFS");
  clock.advance(millis(0));
  assert.equal(dumps.length, 0);
  isEmpty = true;
  clock.advance(seconds(1));
  assert.equal(dumps.length, 1);
});

test("events that are lost while the queue is emptied before a dump begin no second one beside it", async () => {
  let losses = 1;
  let request = () => {};
  const { clock, dumps, adopted, resync, end } = rig(() => {
    if (losses-- > 0) request();
    return true;
  });
  request = () => resync.request("all", "lost again");
  resync.request("all", "ENOBUFS");
  clock.advance(millis(0));
  assert.deepEqual([dumps.length, clock.pendingTimers().length], [1, 0]);
  await end("complete");
  clock.advance(seconds(1));
  await end("complete");
  assert.deepEqual(
    adopted.map(({ cause }) => cause),
    ["ENOBUFS", "lost again"],
  );
});

test("events that are lost while the kernel tells faster than they are read leave one timer", () => {
  let request = () => {};
  const { clock, dumps, resync } = rig(() => {
    request();
    return false;
  });
  request = () => resync.request("all", "lost again");
  resync.request("all", "ENOBUFS");
  clock.advance(millis(0));
  assert.deepEqual([dumps.length, clock.pendingTimers().length], [0, 1]);
});

test("requests during one dump become one more dump, of everything when any asked for it", async () => {
  const { clock, dumps, resync, end } = rig();
  resync.request("routes", "a link went down");
  clock.advance(millis(0));
  for (let count = 0; count < 100; count += 1) resync.request("routes", "another");
  resync.request("all", "ENOBUFS");
  resync.request("routes", "yet another");
  assert.equal(dumps.length, 1);
  await end("complete");
  clock.advance(seconds(1));
  assert.deepEqual(
    dumps.map(({ scope }) => scope),
    ["routes", "all"],
  );
});

test("a storm of requests leads to no more than a few dumps a second", async () => {
  const { clock, dumps, resync, end } = rig();
  for (let elapsed = 0; elapsed < 10_000; elapsed += 1) {
    resync.request("all", "ENOBUFS");
    clock.advance(millis(1));
    await end("complete");
  }
  assert.ok(dumps.length > 20 && dumps.length < 50, `${dumps.length} dumps in ten seconds`);
});

test("after a quiet second the next request is answered at once", async () => {
  const { clock, dumps, resync, end } = rig();
  for (const _ of [1, 2, 3]) {
    resync.request("all", "ENOBUFS");
    clock.advance(millis(0));
    await end("complete");
    clock.advance(millis(1001));
  }
  assert.equal(dumps.length, 3);
});

test("an interrupted dump is not used but repeated", async () => {
  const { clock, dumps, adopted, resync, end } = rig();
  resync.request("all", "ENOBUFS");
  clock.advance(millis(0));
  await end("interrupted");
  assert.equal(adopted.length, 0);
  clock.advance(millis(10));
  await end("complete");
  assert.equal(dumps.length, 2);
  assert.equal(adopted[0]?.cause, "ENOBUFS");
});

test("events that come during a dump have the last word", async () => {
  const { clock, dumps, adopted, resync, end } = rig();
  resync.request("all", "ENOBUFS");
  clock.advance(millis(0));
  dumps[0]?.table.apply(link(2, "as dumped"), clock.now());
  dumps[0]?.table.apply(link(3, "as dumped"), clock.now());
  resync.record(link(2, "as told later"));
  resync.record({ kind: "link-removed", ifindex: 3 });
  await end("complete");
  const links = adopted[0]?.table.facts.links;
  assert.deepEqual([...(links?.keys() ?? [])], [2]);
  assert.equal(links?.get(2)?.name, "as told later");
});

test("nothing happens after it was disposed", async () => {
  const { clock, dumps, adopted, resync, end } = rig();
  resync.request("all", "ENOBUFS");
  clock.advance(millis(0));
  resync[Symbol.dispose]();
  await end("complete");
  resync.request("all", "ENOBUFS");
  clock.advance(seconds(9));
  assert.deepEqual([dumps.length, adopted.length, clock.pendingTimers().length], [1, 0, 0]);
});
