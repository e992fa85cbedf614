/** Entry's control of the VPN as it runs: a database on a server of its own, replicas that share it, exits, customers with devices. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { Database } from "@ropewalk/entry/io/database";
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import type { DatabaseSettings } from "@ropewalk/entry/pure/database-settings";
import type { NodeId } from "@ropewalk/entry/pure/node-fitness";
import type { Actor, CustomerId, DeviceId, SessionRequest } from "@ropewalk/entry/vpn-control";
import { VpnControlService } from "@ropewalk/entry/vpn-control-service";
import { usualControl, type VpnControlSettings } from "@ropewalk/entry/vpn-control-settings";
import { seconds } from "@ropewalk/kernel/units";
import { GrpcClient } from "@ropewalk/ops/grpc-client";
import { GrpcIdentity, type GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import { GrpcServer } from "@ropewalk/ops/grpc-server";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createMetrics } from "@ropewalk/ops/metrics";
import { clock, deps, freshDatabase, serverInPlace } from "../../../../../packages/entry/test/system/server-place.ts";
import { TestAuthority } from "../../../../../packages/ops/test/grpc/certificates.ts";
import { type ExitOptions, MemoryExit } from "./memory-exit.ts";
import { presharedKeys } from "./preshared-keys.ts";

export const admin: Actor = { kind: "admin", name: "tests" };
export { clock };

export interface Customer {
  readonly id: CustomerId;
  readonly device: DeviceId;
  readonly publicKey: Uint8Array;
}

/** A replica of entry in this process. */
export class Replica implements AsyncDisposable {
  readonly control: VpnControlService;
  readonly database: Database;
  /** Of nodes. */
  readonly port: number;
  readonly warnings: object[];
  readonly #stack: AsyncDisposableStack;

  private constructor(
    control: VpnControlService,
    database: Database,
    port: number,
    warnings: object[],
    stack: AsyncDisposableStack,
  ) {
    [this.control, this.database, this.port, this.warnings, this.#stack] = [control, database, port, warnings, stack];
  }

  static async start(
    settings: DatabaseSettings,
    files: GrpcIdentityFiles,
    terms: VpnControlSettings,
    listen = "127.0.0.1:0",
  ) {
    const stack = new AsyncDisposableStack();
    const warnings: object[] = [];
    const identity = new GrpcIdentity(files);
    const health = new HealthRegistry({ clock }).subsystem("vpn control");
    const log = { info: () => {}, warn: (fields: object) => void warnings.push(fields) };
    const database = stack.use(new Database(settings, deps));
    const given = { ...deps, database, identity, presharedKeys, log, health, metrics: createMetrics() };
    const control = stack.use(await VpnControlService.start(given, terms));
    const onDefect = (method: string, error: unknown) => void warnings.push({ method, error });
    const server = stack.use(
      await GrpcServer.listen(RegistryService, control.registry, { listen, identity, clock, mostCalls: 256, onDefect }),
    );
    return new Replica(control, database, server.port, warnings, stack);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

export type RunningServer = Awaited<ReturnType<typeof serverInPlace>>;

export class ControlScene implements AsyncDisposable {
  readonly server: RunningServer["server"];
  readonly settings: DatabaseSettings;
  readonly database: Database;
  readonly authority = new TestAuthority();
  readonly entryFiles: GrpcIdentityFiles;
  readonly #stack = new AsyncDisposableStack();

  private constructor(running: RunningServer, settings: DatabaseSettings, database: Database) {
    this.server = running.server;
    this.settings = settings;
    this.database = database;
    this.#stack.use(this.authority);
    this.entryFiles = this.authority.identity("entry", "DNS:entry");
  }

  /** `given` stays the caller's; undefined: a server of its own. */
  static async open(given?: RunningServer): Promise<ControlScene> {
    const running = given ?? (await serverInPlace());
    const { settings, database } = await freshDatabase(running.server);
    await migrate(database, await readMigrations());
    const scene = new ControlScene(running, settings, database);
    if (given === undefined) scene.#stack.use(running);
    scene.#stack.use(database);
    return scene;
  }

  /** Ends with the scene, or sooner. */
  async replica(terms: Partial<VpnControlSettings> = {}): Promise<Replica> {
    const replica = await Replica.start(this.settings, this.entryFiles, { ...usualControl, ...terms });
    this.#stack.use(replica);
    return replica;
  }

  /** Registered, and heard of once. */
  async exit(replica: Replica, name: string, given: Partial<ExitOptions & { region: string }> = {}) {
    const files = this.authority.identity(name, `DNS:${name}`);
    const exit = await MemoryExit.listen({ name, files, ...given });
    this.#stack.use(exit);
    const registered = await replica.control.registerNode(
      { name, roles: ["vpn"], region: given.region ?? "eu" },
      admin,
    );
    if (registered.kind !== "registered") throw new Error(`${name} is registered already`);
    const beat = (to: Replica = replica) => this.beat(exit, to);
    await beat();
    return { exit, id: registered.node.id as NodeId, beat };
  }

  async beat(exit: MemoryExit, to: { readonly port: number }): Promise<number> {
    const address = `127.0.0.1:${to.port}`;
    using client = new GrpcClient(RegistryService, {
      ...{ address, serverName: "entry", identity: new GrpcIdentity(exit.options.files) },
    });
    return await exit.beat(client);
  }

  async customers(count: number): Promise<readonly Customer[]> {
    const made = Array.from({ length: count }, () => ({
      ...{ id: randomUUID() as string as CustomerId, device: randomUUID() as string as DeviceId },
      publicKey: new Uint8Array(randomBytes(32)),
    }));
    const { kysely } = this.database;
    for (let from = 0; from < made.length; from += 1_000) {
      const part = made.slice(from, from + 1_000);
      await kysely
        .insertInto("customers")
        .values(part.map(({ id }) => ({ id })))
        .execute();
      const devices = part.map(({ id, device, publicKey }) => ({
        id: device,
        customer: id,
        name: "laptop",
        public_key: publicKey,
      }));
      await kysely.insertInto("devices").values(devices).execute();
    }
    return made;
  }

  async customer(): Promise<Customer> {
    const [one] = await this.customers(1);
    if (one === undefined) throw new Error("no customer was made");
    return one;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

export function hashOf(key: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(key).digest());
}

export function requestOf(customer: Customer, given: Partial<SessionRequest> = {}): SessionRequest {
  return {
    ...{ customer: customer.id, device: customer.device, wish: {}, reconnectHash: new Uint8Array(randomBytes(32)) },
    actor: { kind: "customer", name: customer.id },
    signal: AbortSignal.timeout(seconds(60)),
    ...given,
  };
}
