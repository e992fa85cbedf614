/** Where a history happens: a database that writes down its rows, replicas, exits that are recorded, and customers with devices and tokens. */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "@ropewalk/entry/io/database";
import { registerNode } from "@ropewalk/entry/io/node-registry";
import type { VpnControlService } from "@ropewalk/entry/vpn-control-service";
import { controlFor, type VpnControlSettings } from "@ropewalk/entry/vpn-control-settings";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { Random } from "@ropewalk/simnet/random";
import type { ExitNode } from "@ropewalk/vpn/node/exit-node";
import { until } from "../../../../../../packages/entry/test/system/condition.ts";
import type { DeviceWrite, NodeAnswer } from "../../history/history.ts";
import { admin, ControlScene, type RunningServer } from "../control-scene.ts";
import { LocalReplica } from "./local-replica.ts";
import type { Asking } from "./random-requests.ts";
import { RecordedExit } from "./recorded-exit.ts";
import { ReplicaProcess } from "./replica-process.ts";
import { keepRowHistory, noteCommits } from "./row-history.ts";
import { type ReplicaTerms, tokensOf } from "./served-replica.ts";

export interface HistoryMutant {
  /** Done to the database. */
  readonly sql?: string;
  readonly Control?: typeof VpnControlService;
  readonly Node?: typeof ExitNode;
}

export interface PlaceOptions {
  readonly customers: number;
  readonly replicas: number;
  /** Runs in this process; undefined: the product does, in processes of its own. */
  readonly mutant?: HistoryMutant;
  /** Undefined: one of its own. */
  readonly server?: RunningServer;
}

export interface Recorder {
  readonly random: Random;
  readonly wall: () => number;
  readonly onWrite: (write: DeviceWrite) => void;
  readonly onAnswer: (answer: NodeAnswer) => void;
}

/** What is waited for comes soon: short leases are prolonged in a long history, and end in it. */
export const terms: VpnControlSettings = { ...controlFor(seconds(20), seconds(40), seconds(2)), claim: millis(500) };
const sites = [
  { name: "one", region: "a", pool: "10.90.0.0/16", own: "10.90.0.1" },
  { name: "two", region: "b", pool: "10.91.0.0/16", own: "10.91.0.1" },
  { name: "three", region: "b", pool: "10.92.0.0/16", own: "10.92.0.1" },
  { name: "narrow", region: "c", pool: "10.93.0.0/27", own: "10.93.0.1" },
];
export const regions: readonly string[] = ["a", "b", "c"];
/** In memory where there is such a place: nobody cuts the power, and stores that wait for the disk would stop who asks. */
const storeRoot = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export class HistoryPlace implements AsyncDisposable {
  readonly replicas: (ReplicaProcess | LocalReplica)[] = [];
  readonly exits: RecordedExit[] = [];
  readonly customers: Asking[] = [];
  /** Of devices, by their ids. */
  readonly keys: Map<string, string> = new Map();
  readonly #scene: ControlScene;
  readonly #stack = new AsyncDisposableStack();
  readonly #folder = mkdtempSync(join(storeRoot, "history-"));
  readonly #tokenSecret = randomBytes(32).toString("base64url");

  private constructor(scene: ControlScene) {
    this.#stack.defer(() => rmSync(this.#folder, { recursive: true, force: true }));
    this.#scene = this.#stack.use(scene);
  }

  static async open(options: PlaceOptions, recorder: Recorder): Promise<HistoryPlace> {
    const place = new HistoryPlace(await ControlScene.open(options.server));
    try {
      await place.#begin(options, recorder);
      return place;
    } catch (error) {
      await place[Symbol.asyncDispose]();
      throw error;
    }
  }

  get database(): Database {
    return this.#scene.database;
  }

  /** As `pg_ctl restart -m immediate`: what was not committed is lost, and what was is read from the log. Resolves when it answers again. */
  async restartDatabase(): Promise<void> {
    const { server, database } = this.#scene;
    const { pid } = server;
    if (pid === undefined) return;
    process.kill(pid, "SIGQUIT");
    await until("the database answers again", async () => {
      if (server.pid === undefined || server.pid === pid) return false;
      return database.version().then(
        () => true,
        () => false,
      );
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async #begin({ mutant, customers, replicas }: PlaceOptions, recorder: Recorder): Promise<void> {
    if (await noteCommits(this.database)) await this.restartDatabase();
    await keepRowHistory(this.database);
    if (mutant?.sql !== undefined) {
      await using connection = await this.database.alone();
      await connection.rows(mutant.sql);
    }
    await this.#makeReplicas(replicas, mutant);
    await this.#makeExits(recorder, mutant);
    await this.#makeCustomers(customers);
    await Promise.all(this.replicas.map((replica) => replica.start()));
    for (const exit of this.exits) await exit.start();
    await until("exits are heard of", async () => {
      const heard = await this.database.kysely.selectFrom("nodes").select("id").where("boot", "is not", null).execute();
      return heard.length === sites.length;
    });
  }

  async #makeReplicas(count: number, mutant: HistoryMutant | undefined): Promise<void> {
    const { settings, entryFiles } = this.#scene;
    const ports = await freePorts(2 * count);
    const files = {
      certificate: base64(entryFiles.certificate),
      key: base64(entryFiles.key),
      authorities: base64(entryFiles.authorities),
    };
    for (let index = 0; index < count; index += 1) {
      const own = { http: ports[2 * index] ?? 0, nodes: ports[2 * index + 1] ?? 0 };
      const given: ReplicaTerms = { settings, terms, files, tokenSecret: this.#tokenSecret, ports: own };
      const replica = mutant === undefined ? new ReplicaProcess(given) : new LocalReplica(given, mutant.Control);
      this.replicas.push(this.#stack.use(replica));
    }
  }

  /** Registered, and not started yet. */
  async #makeExits({ random, ...recorder }: Recorder, mutant: HistoryMutant | undefined): Promise<void> {
    const registryPorts = this.replicas.map(({ ports }) => ports.nodes);
    for (const { name, region, pool, own } of sites) {
      const outcome = await registerNode(this.database, { name, roles: ["vpn"], region }, admin);
      if (outcome.kind !== "registered") throw new Error(`${name} is registered already`);
      const files = this.#scene.authority.identity(name, `DNS:${name}`);
      const exit = new RecordedExit({
        ...{ ...recorder, name, pool, own, files, registryPorts, random: random.fork(name), Node: mutant?.Node },
        ...{ id: outcome.node.id, folder: join(this.#folder, name) },
      });
      this.exits.push(this.#stack.use(exit));
    }
  }

  async #makeCustomers(count: number): Promise<void> {
    const tokens = tokensOf(this.#tokenSecret);
    for (const { id, device, publicKey } of await this.#scene.customers(count)) {
      const { token } = await tokens.issue(id, randomUUID(), undefined);
      this.customers.push({ id, device, token });
      this.keys.set(device, base64(publicKey));
    }
  }
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64");
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
