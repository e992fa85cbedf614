/**
 * What one node keeps, in octets, before and during a flood of nodes that are none: alone in its process, and with all garbage collected
 * before it is measured. Its table is full before the flood comes, and eight neighbours have told it of everybody.
 */
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { bitsPerSecond, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import { longestFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { Random } from "@ropewalk/simnet/random";
import { type Sybil, sybils } from "./adversaries/sybils.ts";
import type { SybilMemory, SybilMemoryOrder } from "./sybil-memory.ts";

const links = 8;
/** Of the flood, on one of them. */
const aSecond = 16_000;
const step = 10;
/** Newcomers of the usual kind, for whom others gave way before: the engine's maps have taken what they take for that. */
const newcomers = 32;

class Measured {
  readonly #node: MeshNode;
  readonly #most: number;
  #now: Millis = millis(0);

  constructor(most: number) {
    this.#most = most;
    const own = createMeshCrypto(generateSigningKey("ed25519"));
    const config = { capabilities: 1, kind: "standard", interval: seconds(600), lifetime: seconds(1800) } as const;
    this.#node = new MeshNode({ ...config, routes: { most, contacts: [] } }, own, { epoch: 1, sequence: 0 }, () => 0.5);
    const line = { mtu: bytes(longestFrame), bitrate: bitsPerSecond(10_000_000), cost: 0, duty: 1 };
    for (let link = 1; link <= links; link += 1) {
      const { publicKey: peerKey, address: peer } = createMeshCrypto(generateSigningKey("ed25519"));
      this.#node.linkUp(this.#now, link as LinkId, { ...line, peerKey, peer });
    }
    this.#wait(1_000);
  }

  /** By each of the neighbours in turn, and then by all others. */
  fill(honest: readonly Sybil[]): void {
    for (const [index, { frame }] of honest.entries()) {
      this.#node.receive(this.#now, (1 + (index % links)) as LinkId, frame);
      this.#wait(2);
      for (let link = 1; link <= links; link += 1) this.#node.receive(this.#now, link as LinkId, frame);
    }
    // Until everybody was told of everybody.
    this.#wait(120_000);
    if (this.#node.routeCount !== this.#most) throw new Error(`${this.#node.routeCount} are known`);
  }

  /** All at once: as many wait for their proof as may. */
  overrun(crowd: readonly Sybil[], then: () => void): void {
    for (const { frame } of crowd) this.#node.receive(this.#now, 1 as LinkId, frame);
    then();
    this.#wait(60_000);
  }

  /** Calls `each` once a second, while announces wait. */
  flood(crowd: readonly Sybil[], lasts: Millis, each: () => void): void {
    let said = 0;
    for (let time = 0; time < lasts; time += step) {
      for (let count = 0; count < (aSecond * step) / 1000; count += 1, said += 1) {
        const frame = crowd[said % crowd.length]?.frame;
        if (frame !== undefined) this.#node.receive(this.#now, 1 as LinkId, frame);
      }
      if (time % 1_000 === 0) each();
      this.#wait(step);
    }
  }

  get routes(): number {
    return this.#node.routeCount;
  }

  #wait(time: number): void {
    const until = this.#now + time;
    for (let at = this.#node.deadline(); at !== undefined && at <= until; at = this.#node.deadline()) {
      this.#now = millis(Math.max(at, this.#now));
      this.#node.expire(this.#now);
    }
    this.#now = millis(until);
  }
}

function measure({ most, count, lasts, seed }: SybilMemoryOrder): SybilMemory {
  const random = new Random(seed);
  const [honest, crowd] = [sybils(most + newcomers, random), sybils(count, random)];
  // What the compiler makes of the code is no matter of the flood's.
  const another = new Measured(most);
  another.fill(honest);
  another.flood(crowd, lasts, () => undefined);
  const before = kept();
  const node = new Measured(most);
  const empty = kept() - before;
  node.fill(honest);
  const full = kept() - before;
  let [overrun, flooded] = [0, 0];
  node.overrun(crowd, () => {
    overrun = kept() - before;
  });
  node.flood(crowd, lasts, () => {
    flooded = Math.max(flooded, kept() - before);
  });
  return { empty, full, overrun, flooded, after: kept() - before, routes: node.routes };
}

function kept(): number {
  if (globalThis.gc === undefined) throw new Error("garbage can only be collected under --expose-gc");
  for (let time = 0; time < 3; time += 1) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

process.once("message", (order: SybilMemoryOrder) => {
  process.send?.(measure(order));
  process.disconnect?.();
});
