/** What entry is answered by an exit, and nobody else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  ApplyRequestSchema,
  ApplySnapshotRequestSchema,
  ListRequestSchema,
  StatusRequestSchema,
  WatchRequestSchema,
} from "@ropewalk/api/proto/vpn/exit";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import { exitHandlers } from "@ropewalk/vpn/node/control-service";
import type { ExitAbout } from "@ropewalk/vpn/node/status-message";
import { ExitRig, settled } from "./exit-rig.ts";
import { placeMessage, uuid } from "./pure/wire-messages.ts";

const prefix = parsePrefix("10.90.0.0/16");
const about: ExitAbout = {
  ...{ version: "1.2.3", controlAddress: "exit.example:7431", endpoint: "192.0.2.1:51820" },
  ...{ pools: prefix === undefined ? [] : [prefix], ownAddresses: [ipAddress("10.90.0.1")] },
};

function scene(rig: ExitRig) {
  const { clock, node } = rig;
  const handlers = exitHandlers({ node, clock, about, entryName: "entry.example" });
  const end = new AbortController();
  const call = { callerNames: ["URI:x", "DNS:entry.example"], signal: end.signal };
  const place = (generation = 7n) => {
    const value = placeMessage(generation);
    if (value.peer !== undefined) value.peer.addresses = [Uint8Array.of(10, 90, 0, 2)];
    if (value.until !== undefined) value.until = { ...value.until, boot: node.status().boot };
    return value;
  };
  return { handlers, call, end, place };
}

const apply = (...values: readonly ReturnType<typeof placeMessage>[]) =>
  create(ApplyRequestSchema, { orders: values.map((value) => ({ order: { case: "place" as const, value } })) });

test("orders are carried out and answered, listed, and counted in the status", async () => {
  await using rig = await ExitRig.open();
  const { handlers, call, place } = scene(rig);
  const { answers } = await handlers.apply(apply(place()), call);
  assert.deepEqual(answers, [{ placement: uuid, generation: 7n, answer: { case: "placed", value: {} } }]);
  const parts = await Array.fromAsync(handlers.list(create(ListRequestSchema), call));
  assert.equal(parts.flatMap(({ held = [] }) => held)[0]?.placement, uuid);
  const { status } = await handlers.status(create(StatusRequestSchema), call);
  assert.equal(status?.exit?.activePeers, 1);
  assert.deepEqual([status?.exit?.pools, status?.exit?.ownAddresses], [["10.90.0.0/16"], ["10.90.0.1"]]);
  assert.deepEqual([status?.latestGeneration, status?.wantsSnapshot, status?.isHealthy], [7n, true, true]);
});

test("a snapshot is taken or refused as a whole", async () => {
  await using rig = await ExitRig.open();
  const { handlers, call, place } = scene(rig);
  const ask = (watermark: bigint, boot: string) =>
    handlers.applySnapshot(
      create(ApplySnapshotRequestSchema, { snapshot: { watermark, boot, placements: [place()] } }),
      call,
    );
  const { boot } = rig.node.status();
  const taken = await ask(9n, boot);
  assert.equal(taken.outcome?.case, "taken");
  assert.deepEqual(await ask(8n, boot), { outcome: { case: "refused", value: { why: "older" } } });
  assert.deepEqual(await ask(9n, "other"), { outcome: { case: "refused", value: { why: "other-boot" } } });
});

test("whoever is not entry is asked to go, whatever he asks", async () => {
  await using rig = await ExitRig.open();
  const { handlers, call } = scene(rig);
  const other = { ...call, callerNames: ["DNS:other.example", "DNS:entry.example.org", "URI:entry.example"] };
  const denied = { status: "PERMISSION_DENIED" };
  await assert.rejects(handlers.apply(apply(), other), denied);
  await assert.rejects(handlers.applySnapshot(create(ApplySnapshotRequestSchema), other), denied);
  await assert.rejects(handlers.status(create(StatusRequestSchema), other), denied);
  await assert.rejects(Array.fromAsync(handlers.list(create(ListRequestSchema), other)), denied);
  await assert.rejects(Array.fromAsync(handlers.watch(create(WatchRequestSchema), other)), denied);
});

test("what is no order is the caller's fault, and what the device does not take is none of his", async () => {
  await using rig = await ExitRig.open();
  const { handlers, call, place } = scene(rig);
  await assert.rejects(handlers.apply(apply({ ...place(), placement: "p" }), call), { status: "INVALID_ARGUMENT" });
  await assert.rejects(handlers.applySnapshot(create(ApplySnapshotRequestSchema), call), {
    status: "INVALID_ARGUMENT",
  });
  rig.device.fault = "before";
  await assert.rejects(handlers.apply(apply(place()), call), { status: "UNAVAILABLE" });
  const { status } = await handlers.status(create(StatusRequestSchema), call);
  assert.deepEqual([status?.isHealthy, status?.troubles?.length], [false, 1]);
});

test("a status is told at once, and then once a second where something has changed", async () => {
  await using rig = await ExitRig.open();
  const { handlers, call, end, place } = scene(rig);
  const told: (bigint | undefined)[] = [];
  const watching = (async () => {
    for await (const { status } of handlers.watch(create(WatchRequestSchema), call))
      told.push(status?.latestGeneration);
  })();
  await settled();
  assert.deepEqual(told, [0n]);
  for (const generation of [1n, 2n, 3n]) await handlers.apply(apply(place(generation)), call);
  await settled();
  assert.deepEqual(told, [0n]);
  await rig.pass(seconds(1));
  assert.deepEqual(told, [0n, 3n]);
  await rig.pass(seconds(5));
  assert.deepEqual(told, [0n, 3n]);
  end.abort();
  await watching;
});
