/** An exit of the VPN with the product's judgements and no device: it keeps its leases in memory, is reached by gRPC, and does as it is told. */
import { createHash, randomUUID } from "node:crypto";
import {
  ExitService,
  type Order as WireOrder,
  type PlaceOrder as WirePlace,
  type Snapshot as WireSnapshot,
} from "@ropewalk/api/proto/vpn/exit";
import type { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { ipAddress, ipAddressFromBytes, parsePrefix, prefixContains } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { RefusedCall } from "@ropewalk/ops/call-status";
import type { GrpcClient } from "@ropewalk/ops/grpc-client";
import { GrpcIdentity, type GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import { type GrpcHandlers, GrpcServer } from "@ropewalk/ops/grpc-server";
import { judgeOrder } from "@ropewalk/vpn/node/pure/judge-order";
import { judgeSnapshot } from "@ropewalk/vpn/node/pure/judge-snapshot";
import { LeaseTable } from "@ropewalk/vpn/node/pure/lease-table";
import type { Generation, Order, PlacementId } from "@ropewalk/vpn/node/pure/order";

const clock = createSystemClock();

type Applied = Awaited<ReturnType<GrpcHandlers<typeof ExitService>["apply"]>>;
type ToldAnswer = NonNullable<Applied["answers"]>[number];

export interface ExitOptions {
  readonly name: string;
  readonly files: GrpcIdentityFiles;
  readonly pools?: readonly string[];
  readonly own?: readonly string[];
  readonly capacity?: number;
  /** What it tells; it has none itself. */
  readonly quarantineMillis?: number;
}

export class MemoryExit implements AsyncDisposable {
  readonly options: ExitOptions;
  /** What it does with orders: judges them, refuses to place or to remove anybody, or never answers. */
  manner: "obeys" | "refuses" | "keeps" | "mute" = "obeys";
  /** Before it judges, and before it answers. */
  delayBefore: Millis = millis(0);
  delayAfter: Millis = millis(0);
  wantsSnapshot = true;
  table: LeaseTable = new LeaseTable(randomUUID(), 0 as Generation);
  readonly calls: number[] = [];
  readonly snapshots: WireSnapshot[] = [];
  readonly refusals: string[] = [];
  #server: GrpcServer | undefined;
  #port = 0;

  constructor(options: ExitOptions) {
    this.options = options;
  }

  static async listen(options: ExitOptions): Promise<MemoryExit> {
    const exit = new MemoryExit(options);
    await exit.open();
    return exit;
  }

  /** Again on the port that it had. */
  async open(): Promise<void> {
    const unserved = () => {
      throw new RefusedCall("UNAVAILABLE", "this exit does not serve it");
    };
    this.#server = await GrpcServer.listen(
      ExitService,
      {
        apply: async ({ orders }, { signal }) => {
          this.calls.push(orders.length);
          if (this.manner === "mute") await aborted(signal);
          await pause(this.delayBefore);
          const answers = orders.map((order) => this.#ordered(order));
          await pause(this.delayAfter);
          return { answers };
        },
        applySnapshot: unserved,
        status: unserved,
        list: unserved as never,
        watch: unserved as never,
      },
      {
        ...{ listen: `127.0.0.1:${this.#port}`, identity: new GrpcIdentity(this.options.files), clock, mostCalls: 64 },
        onDefect: (method, error) => console.error(method, error),
      },
    );
    this.#port = this.#server.port;
  }

  /** As a machine that is gone: connections break. */
  async close(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get name(): string {
    return this.options.name;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get endpoint(): string {
    return `${this.options.name}.example:51820`;
  }

  get publicKey(): Uint8Array {
    return createHash("sha256").update(this.options.name).digest();
  }

  /** Keys of whom it carries. */
  peers(): readonly string[] {
    const now = clock.now();
    return [...this.table.all()].flatMap((held) =>
      held.kind === "present" && now < held.endsAt ? [held.peer.publicKey] : [],
    );
  }

  /** Tells entry how it is, and does what it is told. */
  async beat(registry: GrpcClient<typeof RegistryService>, { sinceRead = millis(0) } = {}): Promise<number> {
    const { capacity = 10_000, pools = ["10.90.0.0/16"], own = ["10.90.0.1"] } = this.options;
    const exit = {
      publicKey: this.publicKey,
      endpoint: this.endpoint,
      pools: [...pools],
      ownAddresses: [...own],
      capacity,
      activePeers: this.peers().length,
      quarantineMillis: this.options.quarantineMillis ?? 0,
    };
    const read = Math.floor(clock.now() - sinceRead);
    const status = {
      clock: { boot: this.table.boot, millis: BigInt(Math.max(0, read)) },
      latestGeneration: BigInt(this.table.latest()),
      watermark: BigInt(this.table.watermark),
      wantsSnapshot: this.wantsSnapshot,
      ...{ isHealthy: true, version: "test", controlAddress: this.address, exit },
    };
    const reply = await registry.calls.heartbeat({ status }, { within: seconds(5) });
    if (reply.snapshot !== undefined) this.#told(reply.snapshot);
    return reply.nextMillis;
  }

  /** Another life of it: nothing is held. */
  reboot(): void {
    this.table = new LeaseTable(randomUUID(), 0 as Generation);
    this.wantsSnapshot = true;
  }

  #told(snapshot: WireSnapshot): void {
    this.snapshots.push(snapshot);
    const whole = {
      watermark: Number(snapshot.watermark) as Generation,
      boot: snapshot.boot,
      placements: snapshot.placements.map(placeOf),
    };
    const judgement = judgeSnapshot(this.table, whole);
    if (judgement.kind === "refuse") return;
    for (const { placement } of judgement.unnamed) this.table.forget(placement);
    for (const order of whole.placements) this.#judged(order, "snapshot");
    this.table.raiseWatermark(whole.watermark);
    this.wantsSnapshot = false;
  }

  #ordered(wire: WireOrder): ToldAnswer {
    const { order } = wire;
    if (order.case === undefined) throw new RefusedCall("INVALID_ARGUMENT", "no order");
    const { placement, generation } = order.value;
    const common = { placement, generation };
    if (this.manner === "refuses" && order.case === "place")
      return { ...common, answer: { case: "refused", value: { why: "taken" } } };
    if (this.manner === "keeps" && order.case === "remove") {
      this.refusals.push("older");
      return { ...common, answer: { case: "refused", value: { why: "older" } } };
    }
    const why = this.#judged(order.case === "place" ? placeOf(order.value) : removeOf(order.value), "alone");
    if (why !== undefined) return { ...common, answer: { case: "refused", value: { why } } };
    if (order.case === "place") return { ...common, answer: { case: "placed", value: {} } };
    return { ...common, answer: { case: "removed", value: {} } };
  }

  #judged(order: Order, from: "alone" | "snapshot"): string | undefined {
    const { pools = ["10.90.0.0/16"], own = ["10.90.0.1"] } = this.options;
    const prefixes = pools.flatMap((pool) => parsePrefix(pool) ?? []);
    const isInPool = (address: string) =>
      !own.includes(address) && prefixes.some((prefix) => prefixContains(prefix, ipAddress(address)));
    this.table.expire(clock.now());
    const judgement = judgeOrder(this.table, order, {
      now: clock.now(),
      ownKey: undefined,
      isInPool,
      isLeaving: () => false,
      from,
    });
    if (judgement.kind === "refuse") this.refusals.push(judgement.why);
    if (judgement.kind === "take") this.table.put(judgement.held);
    return judgement.kind === "refuse" ? judgement.why : undefined;
  }
}

function placeOf({ placement, generation, peer, leaseMillis, until }: WirePlace): Order & { readonly kind: "place" } {
  return {
    ...{ kind: "place", placement: placement as PlacementId, generation: Number(generation) as Generation },
    peer: {
      publicKey: Buffer.from(peer?.publicKey ?? []).toString("base64"),
      addresses: (peer?.addresses ?? []).flatMap((octets) => ipAddressFromBytes(octets) ?? []),
      ...(peer?.presharedKey === undefined ? {} : { presharedKey: new SecretBytes(peer.presharedKey.slice()) }),
    },
    lease: millis(leaseMillis),
    until: { boot: until?.boot ?? "", at: millis(Number(until?.millis ?? 0)) },
  };
}

function removeOf(wire: {
  placement: string;
  generation: bigint;
  publicKey: Uint8Array;
  rememberMillis: number;
}): Order {
  return {
    ...{ kind: "remove", placement: wire.placement as PlacementId, generation: Number(wire.generation) as Generation },
    publicKey: Buffer.from(wire.publicKey).toString("base64"),
    remember: millis(wire.rememberMillis),
  };
}

function pause(delay: Millis): Promise<void> {
  return delay === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, delay));
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(new Error("given up")), { once: true }),
  );
}
