/** Requests drawn from the .proto of an exit and of entry's registry: none is a defect, and memory stays. */
import { ExitService } from "@ropewalk/api/proto/vpn/exit";
import { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import { GrpcServer } from "@ropewalk/ops/grpc-server";
import { exitHandlers } from "@ropewalk/vpn/node/control-service";
import fc from "fast-check";
import { TestAuthority } from "../../../../../packages/ops/test/grpc/certificates.ts";
import { RawCalls } from "../../../../../packages/ops/test/grpc/raw-calls.ts";
import { ExitRig, keyOf } from "../../../../../packages/vpn/test/node/exit-rig.ts";
import { ControlScene, clock } from "../system/control-scene.ts";
import { type Asked, askAll } from "./asked-calls.ts";
import type { Meant } from "./drawn-messages.ts";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => Promise<readonly string[]>;
}

export const soakTargets: readonly SoakTarget[] = [
  { name: "an exit's gRPC, requests drawn from its description", inputs: 1_000_000, unit: "requests", run: askExit },
  { name: "entry's gRPC, requests drawn from its description", inputs: 1_000_000, unit: "requests", run: askRegistry },
];

/** Of resident memory, when so many were asked to when all were. */
const [settledAfter, mostGrowth] = [100_000, 1.2];

const oneOfFew = fc.nat(30);
const text = (...of: readonly string[]) => fc.constantFrom(...of);
const boots = ["boot 1", "boot 2"];

/** Few of each, so that they meet. */
const usual: Meant = {
  placement: oneOfFew.map((number) => `0190c8a2-7f3e-7b1c-9a55-3f0e6d2c1b${number.toString(16).padStart(2, "0")}`),
  generation: fc.bigInt(1n, 1_000n),
  publicKey: oneOfFew.map((number) => Uint8Array.from(Buffer.from(keyOf(number), "base64"))),
  presharedKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  addresses: oneOfFew.map((number) => [Uint8Array.of(10, 90, 0, number)]),
  leaseMillis: fc.integer({ min: 1, max: 3_600_000 }),
  rememberMillis: fc.integer({ min: 1, max: 3_600_000 }),
  millis: fc.bigInt(0n, 10_000_000n),
  watermark: fc.bigInt(0n, 1_000n),
  latestGeneration: fc.bigInt(0n, 1_000n),
  troubles: fc.subarray(["the firewall is another's"]),
  version: text("1.2.3"),
  controlAddress: text("192.0.2.1:7431", "exit.example:7431"),
  endpoint: text("192.0.2.1:51820", "[2001:db8::1]:51820"),
  pools: fc.constantFrom(["10.90.0.0/16"], ["10.90.0.0/16", "fd00:90::/112"], ["10.90.0.0/30"]),
  ownAddresses: fc.constant(["10.90.0.1"]),
  capacity: fc.nat(10_000),
  activePeers: fc.nat(10_000),
  quarantineMillis: fc.nat(60_000),
};

export async function askExit(inputs: number, seed: number, report: (line: string) => void): Promise<readonly string[]> {
  using authority = new TestAuthority();
  await using rig = await ExitRig.open();
  const pool = parsePrefix("10.90.0.0/16");
  const handlers = exitHandlers({
    ...{ node: rig.node, clock: rig.clock, entryName: "entry" },
    about: {
      ...{ version: "1.2.3", controlAddress: "exit.example:7431", endpoint: "192.0.2.1:51820" },
      ...{ pools: pool === undefined ? [] : [pool], ownAddresses: [ipAddress("10.90.0.1")] },
    },
  });
  const defects: string[] = [];
  await using server = await GrpcServer.listen(ExitService, handlers, {
    ...{ listen: "127.0.0.1:0", identity: new GrpcIdentity(authority.identity("exit", "DNS:exit")), clock, mostCalls: 64 },
    onDefect: (method, error) => void defects.push(`${method}: ${error instanceof Error ? error.stack : error}`),
  });
  using calls = new RawCalls(`127.0.0.1:${server.port}`, "exit", authority.identity("entry", "DNS:entry"));
  const meant = { ...usual, boot: text(rig.node.status().boot, ...boots) };
  const between = () => rig.pass(seconds(30));
  return [...(await askAndWeigh({ service: ExitService, meant, calls, between }, inputs, seed, report)), ...defects];
}

export async function askRegistry(
  inputs: number,
  seed: number,
  report: (line: string) => void,
): Promise<readonly string[]> {
  await using scene = await ControlScene.open();
  const replica = await scene.replica();
  const { exit } = await scene.exit(replica, "one");
  using calls = new RawCalls(`127.0.0.1:${replica.port}`, "entry", exit.options.files);
  const meant = { ...usual, boot: text(exit.table.boot, ...boots) };
  return await askAndWeigh({ service: RegistryService, meant, calls }, inputs, seed, report);
}

async function askAndWeigh(
  asked: Asked,
  inputs: number,
  seed: number,
  report: (line: string) => void,
): Promise<readonly string[]> {
  const statuses = new Map<string, number>();
  const first = Math.min(inputs, settledAfter);
  const faults = [...(await askAll(asked, first, seed, statuses))];
  const settled = process.memoryUsage.rss();
  if (inputs > first) faults.push(...(await askAll(asked, inputs - first, seed + first, statuses)));
  const growth = process.memoryUsage.rss() / settled;
  const told = [...statuses].toSorted().map(([status, count]) => `${status} ${count}`);
  report(`${told.join(", ")}${inputs > first ? `; memory × ${growth.toFixed(2)}` : ""}`);
  if (inputs > first && growth > mostGrowth) faults.push(`memory grew to ${growth.toFixed(2)} of what it was`);
  return faults;
}
