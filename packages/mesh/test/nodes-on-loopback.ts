/** Whole nodes of the mesh in this process, on loopback, each with a folder of its own that goes with it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { generateSigningKey, type SigningKey } from "@ropewalk/crypto/signing-key";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type MeshConfig, meshConfig } from "@ropewalk/mesh/config";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import type { MeshEvent } from "@ropewalk/mesh/mesh-event";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { type MeshDeps, MeshService } from "@ropewalk/mesh/service";

export const clock = createSystemClock();

export interface Owner {
  readonly key: SigningKey<"ed25519">;
  readonly folder: string;
}

/** Who a node is, and what it keeps, over its restarts. */
export function createOwner(): Owner & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-mesh-"));
  const dispose = () => rmSync(folder, { recursive: true });
  return { key: generateSigningKey("ed25519"), folder, [Symbol.dispose]: dispose };
}

export interface StartedNode extends AsyncDisposable {
  readonly service: MeshService;
  readonly address: MeshAddress;
  readonly events: readonly MeshEvent[];
  /** As others dial it. */
  readonly place: string;
}

/** `written`: of the table. */
export function configOf(written: Readonly<Record<string, unknown>>): MeshConfig {
  return meshConfig({ transport: { listen: ["127.0.0.1:0"] }, discovery: { enabled: false }, ...written });
}

/** `written`: of the table. */
export async function startNode(
  owner: Owner,
  written: Readonly<Record<string, unknown>> = {},
  deps: Partial<MeshDeps> = {},
): Promise<StartedNode> {
  const events: MeshEvent[] = [];
  const config = configOf(written);
  const sequences = SequenceFile.open(join(owner.folder, "sequences"), clock.wall());
  const service = await MeshService.start(config, {
    ...{ key: owner.key, sequences, clock, chance: Math.random },
    onEvent: (event) => void events.push(event),
    ...deps,
  });
  const [listening] = service.listening;
  return {
    service,
    address: service.address,
    events,
    place: `${listening?.address}:${listening?.port}`,
    [Symbol.asyncDispose]: async () => {
      if (service.status().state === "complete") return;
      await service[Symbol.asyncDispose]();
      sequences[Symbol.dispose]();
    },
  };
}

/** The table of a node that dials these. */
export function dialling(...places: readonly string[]): Readonly<Record<string, unknown>> {
  return { peer: places.map((at) => ({ at })) };
}

/** Where nobody listens. */
export async function freePlace(host = "127.0.0.1"): Promise<string> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `${host}:${port}`;
}

export function disposables<const T extends readonly Disposable[]>(...all: T): { readonly all: T } & Disposable {
  return {
    all,
    [Symbol.dispose]: () => {
      for (const each of all) each[Symbol.dispose]();
    },
  };
}

/** Waits until it is so, and fails after 20 s. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = clock.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(clock.now() < deadline, `in time: ${what}`);
    await pause(2);
  }
}

export function knows(node: StartedNode, other: StartedNode): boolean {
  return node.service.routes().some(({ address, distance }) => address === other.address && distance !== undefined);
}
