/**
 * An exit as it runs, but for its device, firewall and connections, which are in memory; all that it answers and all that its device does is recorded.
 * Calls to it are late, come twice, and lose their answers; its program dies and its machine starts again.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ExitService } from "@ropewalk/api/proto/vpn/exit";
import { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { RefusedCall } from "@ropewalk/ops/call-status";
import { GrpcClient } from "@ropewalk/ops/grpc-client";
import { GrpcIdentity, type GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import { type GrpcHandlers, GrpcServer } from "@ropewalk/ops/grpc-server";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import type { Random } from "@ropewalk/simnet/random";
import { exitHandlers } from "@ropewalk/vpn/node/control-service";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import { ExitNode } from "@ropewalk/vpn/node/exit-node";
import { Heartbeats } from "@ropewalk/vpn/node/heartbeats";
import { FakeNft } from "../../../../../../packages/vpn/test/node/fake-nft.ts";
import type { DeviceWrite, NodeAnswer } from "../../history/history.ts";
import { RecordingDevice } from "./recording-device.ts";

type Handlers = GrpcHandlers<typeof ExitService>;
type Applied = Awaited<ReturnType<Handlers["apply"]>>;
type Apply = Parameters<Handlers["apply"]>;

export interface RecordedExitOptions {
  readonly name: string;
  /** As entry knows it. */
  readonly id: string;
  readonly pool: string;
  readonly own: string;
  /** For its store of leases. */
  readonly folder: string;
  readonly files: GrpcIdentityFiles;
  /** Where replicas listen for nodes: each heartbeat goes to one of them. */
  readonly registryPorts: readonly number[];
  readonly random: Random;
  readonly wall: () => number;
  readonly onWrite: (write: DeviceWrite) => void;
  readonly onAnswer: (answer: NodeAnswer) => void;
  /** Another one than the product's. */
  readonly Node?: typeof ExitNode | undefined;
}

/** Of each call: how likely it comes again later, and how likely its answer is lost; and by how much both are late at most. */
export interface Network {
  readonly again: number;
  readonly lost: number;
  readonly late: number;
}

export const calm: Network = { again: 0, lost: 0, late: 0 };

const clock = createSystemClock();
const health = new HealthRegistry({ clock });

export class RecordedExit implements AsyncDisposable {
  network: Network = calm;
  readonly device: RecordingDevice;
  readonly #options: RecordedExitOptions;
  readonly #nft = new FakeNft(clock);
  readonly #registries: readonly GrpcClient<typeof RegistryService>[];
  readonly #delayed = new Set<Promise<unknown>>();
  #boot = randomUUID();
  #server: GrpcServer | undefined;
  #port = 0;
  #program: { readonly node: ExitNode; readonly beats: Heartbeats; readonly handlers: Handlers } | undefined;
  #gone = new AbortController();

  constructor(options: RecordedExitOptions) {
    this.#options = options;
    const { name, files, registryPorts, wall, onWrite } = options;
    const key = wireGuardPublicKeyFromBytes(new Uint8Array(createHash("sha256").update(name).digest()));
    this.device = new RecordingDevice(key, { node: options.id, wall, onWrite });
    this.#registries = registryPorts.map(
      (port) =>
        new GrpcClient(RegistryService, {
          ...{ address: `127.0.0.1:${port}`, serverName: "entry", identity: new GrpcIdentity(files) },
        }),
    );
    mkdirSync(options.folder, { recursive: true });
  }

  get name(): string {
    return this.#options.name;
  }

  get id(): string {
    return this.#options.id;
  }

  async start(): Promise<void> {
    if (this.#port === 0) await this.device.begin();
    await this.#listen();
    const { Node = ExitNode, folder, name, random } = this.#options;
    const gone = new AbortController();
    this.#gone = gone;
    const about = { ...this.#pools(), version: "history", controlAddress: `127.0.0.1:${this.#port}` };
    const node = await Node.open({
      ...{ tunnel: this.device.name, device: this.device.of(gone.signal), storePath: join(folder, "leases.sqlite") },
      firewall: new ExitFirewall(this.#nft, clock),
      flows: { end: () => ({ kind: "ended", count: 0 }), endAll: () => ({ kind: "ended", count: 0 }) },
      table: {
        tunnels: [this.device.name],
        ...this.#pools(),
        services: [],
        managementPrefixes: [],
        openedPrefixes: [],
      },
      ...{ kernelBoot: this.#boot, clock, capacity: 1_000, quarantine: seconds(1), log: silent },
      reconcileEvery: seconds(5),
    });
    const entryName = "entry";
    const handlers = exitHandlers({ node, entryName, about: { ...about, endpoint: `${name}.example:51820` }, clock });
    const beats = new Heartbeats({
      ...{
        node,
        about: { ...about, endpoint: `${name}.example:51820` },
        clock,
        chance: () => random.unit(),
        log: silent,
      },
      registry: { heartbeat: (...asked) => this.#registry().calls.heartbeat(...asked) },
      health: health.subsystem(`${name} ${randomUUID()}`),
    });
    this.#program = { node, beats, handlers };
  }

  /** The program dies: what it has stored stays, and what it was about to do is not done. */
  async die(): Promise<void> {
    const program = this.#program;
    this.#program = undefined;
    this.#gone.abort();
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
    await program?.beats[Symbol.asyncDispose]();
    await program?.node[Symbol.asyncDispose]();
  }

  /** To be done while the program is dead: the machine starts again, and the device is empty. */
  async startMachine(): Promise<void> {
    this.#boot = randomUUID();
    this.#nft.flush();
    await this.device.empty();
  }

  /** To be done while the program is dead. */
  loseStore(): void {
    for (const end of ["", "-wal", "-shm"]) rmSync(join(this.#options.folder, `leases.sqlite${end}`), { force: true });
  }

  /** Keys of whom the device has. */
  async peers(): Promise<readonly string[]> {
    return [...(await this.device.read()).peers.keys()];
  }

  /** Calls that are still on their way have come. */
  async quiet(): Promise<void> {
    await Promise.allSettled([...this.#delayed]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die();
    await this.quiet();
    for (const client of this.#registries) client[Symbol.dispose]();
  }

  async #listen(): Promise<void> {
    const unserved = () => {
      throw new RefusedCall("UNAVAILABLE", "this exit does not serve it");
    };
    this.#server = await GrpcServer.listen(
      ExitService,
      {
        apply: (...call) => this.#carry(...call),
        ...{ applySnapshot: unserved, status: unserved, list: unserved as never, watch: unserved as never },
      },
      {
        ...{
          listen: `127.0.0.1:${this.#port}`,
          identity: new GrpcIdentity(this.#options.files),
          clock,
          mostCalls: 256,
        },
        onDefect: (method, error) => console.error("a defect", method, error),
      },
    );
    this.#port = this.#server.port;
  }

  async #carry(request: Apply[0], call: Apply[1]): Promise<Applied> {
    const { random } = this.#options;
    const { again, lost, late } = this.network;
    if (random.isLucky(again)) this.#later(random.between(0, 2_500), request, call);
    if (late > 0) await pause(random.between(0, late));
    const applied = await this.#apply(request, call);
    if (random.isLucky(lost)) throw new RefusedCall("UNAVAILABLE", "the answer is lost");
    if (late > 0) await pause(random.between(0, late));
    return applied;
  }

  #later(delay: number, request: Apply[0], call: Apply[1]): void {
    const done = pause(delay)
      .then(() => this.#apply(request, call))
      .catch(() => {})
      .finally(() => this.#delayed.delete(done));
    this.#delayed.add(done);
  }

  async #apply(request: Apply[0], call: Apply[1]): Promise<Applied> {
    const program = this.#program;
    if (program === undefined) throw new RefusedCall("UNAVAILABLE", "the exit does not run");
    const gone = this.#gone.signal;
    const applied = await program.handlers.apply(request, call);
    // What a dead program says nobody hears.
    if (gone.aborted) throw new RefusedCall("UNAVAILABLE", "the exit does not run");
    const at = this.#options.wall();
    for (const { placement = "", generation = 0n, answer } of applied.answers ?? [])
      if (answer?.case !== undefined)
        this.#options.onAnswer({ node: this.id, at, placement, generation: Number(generation), answer: answer.case });
    return applied;
  }

  #registry(): GrpcClient<typeof RegistryService> {
    const chosen = this.#registries[this.#options.random.below(this.#registries.length)];
    if (chosen === undefined) throw new Error("there is no replica");
    return chosen;
  }

  #pools() {
    const pool = parsePrefix(this.#options.pool);
    if (pool === undefined) throw new Error("that is a prefix");
    return { pools: [pool], ownAddresses: [ipAddress(this.#options.own)] };
  }
}

const silent = createLog({ level: "error", format: "json", destination: { write: () => {} }, clock });
