/** Requests drawn from the .proto of an exit and of entry's registry: none is a defect, and memory stays. */
import { ExitService } from "@ropewalk/api/proto/vpn/exit";
import { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import fc from "fast-check";
import { type AskedPlace, beginAsked } from "../../../../../packages/entry/test/asked.ts";
import { TestAuthority } from "../../../../../packages/ops/test/grpc/certificates.ts";
import { RawCalls } from "../../../../../packages/ops/test/grpc/raw-calls.ts";
import { keyOf } from "../../../../../packages/vpn/test/node/exit-rig.ts";
import { ControlScene } from "../system/control-scene.ts";
import { type Asked, askAll } from "./asked-calls.ts";
import type { AskedExit } from "./asked-exit-main.ts";
import type { AskedRegistry } from "./asked-registry-main.ts";
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
  await using exit = await beginAsked<AskedExit>(new URL("./asked-exit-main.ts", import.meta.url), inputs, report);
  using authority = new TestAuthority();
  const { port, boot } = await exit.tell("begin", authority.identity("exit", "DNS:exit"));
  using calls = new RawCalls(`127.0.0.1:${port}`, "exit", authority.identity("entry", "DNS:entry"));
  const between = async (asked: number) => {
    await exit.weigh(asked);
    await exit.tell("pass", undefined);
  };
  const meant = { ...usual, boot: text(boot, ...boots) };
  const faults = await askAndTell({ service: ExitService, meant, calls, between }, inputs, seed, report, exit);
  return [...faults, ...(await exit.tell("defects", undefined))];
}

export async function askRegistry(
  inputs: number,
  seed: number,
  report: (line: string) => void,
): Promise<readonly string[]> {
  await using entry = await beginAsked<AskedRegistry>(new URL("./asked-registry-main.ts", import.meta.url), inputs, report);
  await using scene = await ControlScene.open();
  // Of this process, and gone before anything is asked.
  const first = await scene.replica();
  const { exit } = await scene.exit(first, "one");
  await first[Symbol.asyncDispose]();
  const { port } = await entry.tell("begin", { settings: scene.settings, files: scene.entryFiles });
  using calls = new RawCalls(`127.0.0.1:${port}`, "entry", exit.options.files);
  const meant = { ...usual, boot: text(exit.table.boot, ...boots) };
  const between = (asked: number) => entry.weigh(asked);
  return await askAndTell({ service: RegistryService, meant, calls, between }, inputs, seed, report, entry);
}

async function askAndTell(
  asked: Asked,
  inputs: number,
  seed: number,
  report: (line: string) => void,
  whom: Pick<AskedPlace<AskedRegistry>, "weighed">,
): Promise<readonly string[]> {
  const statuses = new Map<string, number>();
  const faults = await askAll(asked, inputs, seed, statuses);
  const memory = await whom.weighed();
  report(`${[...statuses].toSorted().map(([status, count]) => `${status} ${count}`).join(", ")}${memory.told}`);
  return [...faults, ...memory.faults];
}
