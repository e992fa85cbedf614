/**
 * The real program of an exit in the namespace of this process, with a customer and everything outside in namespaces of their own. Entry is the
 * test itself: it gives orders over gRPC as entry does, by certificates that the real program made.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { type Answer, ExitService, type NodeStatus, OrderSchema } from "@ropewalk/api/proto/vpn/exit";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import type { WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { GrpcClient } from "@ropewalk/ops/grpc-client";
import { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import { type Ended, type RunningProcess, StartedPrograms } from "../started-programs.ts";

export const controlPort = 17_431;
export const httpPort = 17_430;
const wireGuardPort = 51_820;
const patience = { within: seconds(10) };
const longestMs = 40_000;

/** A customer: a key, addresses, a namespace with a device. */
export interface Customer {
  readonly placement: string;
  readonly publicKey: Uint8Array;
  readonly addresses: readonly string[];
  readonly octets: readonly Uint8Array[];
}

export class CoreWorld implements AsyncDisposable {
  readonly processes = new StartedPrograms();
  readonly #made = new AsyncDisposableStack();
  #client: GrpcClient<typeof ExitService> | undefined;
  #outside = 0;
  #inside = 0;
  #generation = 0n;
  #customer: { readonly device: WireGuardDevice; readonly exit: Uint8Array } | undefined;

  static async open(): Promise<CoreWorld> {
    const world = new CoreWorld();
    world.#made.use(world.processes);
    await world.#makeCertificates();
    world.configure();
    await world.#makeNetwork();
    return world;
  }

  get folder(): string {
    return this.processes.folder;
  }

  /** As entry, by a certificate of that name. */
  get calls(): GrpcClient<typeof ExitService>["calls"] {
    this.#client ??= this.#made.use(this.clientOf("entry"));
    return this.#client.calls;
  }

  clientOf(name: string): GrpcClient<typeof ExitService> {
    return new GrpcClient(ExitService, {
      ...{ address: `127.0.0.1:${controlPort}`, serverName: "exit1.example", identity: this.identityOf(name) },
    });
  }

  identityOf(name: string): GrpcIdentity {
    const file = (path: string) => readFileSync(join(this.folder, path));
    return new GrpcIdentity({
      ...{ certificate: file(`${name}.crt`), key: file(`${name}.key`), authorities: file("ca.crt") },
    });
  }

  /** `more`: keys of [core]; `entry`: where entry is. */
  configure(more = "", entry: readonly string[] = []): void {
    const text = `[log]
format = "json"
[core]
endpoint = "198.51.100.1:${wireGuardPort}"
addresses = ["10.90.0.1/24", "fd90::1/64"]
byte_counts = true
quarantine = "1s"
${more}
[core.http]
listen = "127.0.0.1:${httpPort}"
[core.control]
listen = "127.0.0.1:${controlPort}"
certificate = "${this.folder}/exit1.crt"
key = "${this.folder}/exit1.key"
authorities = ["${this.folder}/ca.crt"]
[core.entry]
addresses = ${JSON.stringify(entry)}
`;
    writeFileSync(join(this.folder, "ropewalk.toml"), text);
  }

  /** Resolves when it takes orders. */
  async startCore(): Promise<RunningProcess> {
    const core = this.processes.start("core", "--config", "ropewalk.toml");
    await core.until("the exit runs", () => core.stderr.includes("the exit runs"));
    return core;
  }

  run(...words: readonly string[]): Promise<Ended> {
    return this.processes.run(...words);
  }

  async json(...words: readonly string[]) {
    const { code, stdout, stderr } = await this.run(...words, "--json");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  async status(): Promise<NodeStatus> {
    const { status } = await this.calls.status({}, patience);
    return status ?? assert.fail("an exit tells its status");
  }

  /** Orders that the customer be placed for so long, and gives the answer. */
  async place({ placement, publicKey, octets }: Customer, leaseMs = 600_000): Promise<Answer> {
    const { clock } = await this.status();
    assert.ok(clock !== undefined);
    this.#generation += 1n;
    const order = create(OrderSchema, {
      order: {
        case: "place",
        value: {
          ...{ placement, generation: this.#generation, leaseMillis: leaseMs },
          peer: { publicKey, addresses: [...octets] },
          until: { boot: clock.boot, millis: clock.millis + 10_000n },
        },
      },
    });
    return this.#apply(order);
  }

  async remove({ placement, publicKey }: Customer): Promise<Answer> {
    this.#generation += 1n;
    const value = { placement, generation: this.#generation, publicKey, rememberMillis: 1_800_000 };
    return this.#apply(create(OrderSchema, { order: { case: "remove", value } }));
  }

  /** In the customer's namespace there is a device wg0 whose only peer is the exit. */
  async createCustomer(): Promise<Customer> {
    const pair = generateKeyPairSync("x25519");
    const privateKey = new Uint8Array(pair.privateKey.export({ format: "raw-private" }) as Uint8Array);
    const publicKey = new Uint8Array(pair.publicKey.export({ format: "raw-public" }) as Uint8Array);
    const { exit } = await this.status();
    assert.ok(exit !== undefined);
    this.#in(this.#inside, "wireguard-go", "wg0");
    const folder = `/proc/${this.#inside}/root/run/wireguard`;
    const device = createUapiDevice("wg0", { clock: createSystemClock(), folder });
    await device.configure({ privateKey: new SecretBytes(privateKey) });
    this.#customer = { device, exit: exit.publicKey };
    await this.shakeHandsAgain();
    for (const words of [
      ["address", "add", "10.90.0.2/32", "dev", "wg0"],
      ["address", "add", "fd90::2/128", "dev", "wg0"],
      ["link", "set", "wg0", "up"],
      ["route", "add", "203.0.113.0/24", "dev", "wg0"],
      ["route", "add", "2001:db8:1::/64", "dev", "wg0"],
    ])
      this.#in(this.#inside, "ip", ...words);
    return {
      ...{ placement: randomUUID(), publicKey, addresses: ["10.90.0.2", "fd90::2"] },
      octets: [Uint8Array.of(10, 90, 0, 2), Uint8Array.of(0xfd, 0x90, ...new Uint8Array(13), 2)],
    };
  }

  /** As a customer's program does when nothing comes back: WireGuard itself would wait for a quarter of a minute. */
  async shakeHandsAgain(): Promise<void> {
    const { device, exit } = this.#customer ?? assert.fail("there is a customer");
    const publicKey = wireGuardPublicKeyFromBytes(exit);
    const peer = {
      ...{ publicKey, presharedKey: undefined, keepalive: undefined },
      allowedPrefixes: prefixes("0.0.0.0/0", "::/0"),
      endpoint: { address: ipAddress("198.51.100.1"), port: wireGuardPort },
    };
    await device.change([
      { kind: "remove", publicKey },
      { kind: "add", peer },
    ]);
  }

  /** Whether an echo request of the customer is answered from outside. */
  reaches(to = "203.0.113.1"): boolean {
    try {
      this.#in(this.#inside, "ping", "-n", "-q", "-c", "1", "-W", "0.4", to);
      return true;
    } catch {
      return false;
    }
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = performance.now() + longestMs; !(await isSo()); await delay(20))
      assert.ok(performance.now() < end, `${what}: not seen within ${longestMs} ms`);
  }

  /** The customer asks outside every 20 ms; when this is ended, it tells how many asked and how many were answered. */
  keepAsking(): { end(): Promise<{ readonly sent: number; readonly received: number }> } {
    const words = [
      "--target",
      String(this.#inside),
      "--net",
      "--mount",
      "ping",
      "-n",
      "-q",
      "-i",
      "0.02",
      "203.0.113.1",
    ];
    const child = spawn("nsenter", words, { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece) => (text += piece));
    return {
      async end() {
        const closed = new Promise<void>((resolve) => void child.once("close", () => resolve()));
        child.kill("SIGINT");
        await closed;
        const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(text) ?? assert.fail(text);
        return { sent: Number(sent), received: Number(received) };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made.disposeAsync();
  }

  async #apply(order: ReturnType<typeof create<typeof OrderSchema>>): Promise<Answer> {
    const { answers } = await this.calls.apply({ orders: [order] }, patience);
    return answers[0] ?? assert.fail("an order is answered");
  }

  async #makeCertificates(): Promise<void> {
    const make = async (...words: readonly string[]) => {
      const { code, stderr } = await this.run("cert", ...words);
      assert.equal(code, 0, stderr);
    };
    await make("ca", "--name", "CA", "--out-cert", "ca.crt", "--out-key", "ca.key");
    const ca = ["--ca-cert", "ca.crt", "--ca-key", "ca.key"];
    const node = (name: string, dns: string) =>
      make("node", "--name", name, "--dns", dns, ...ca, "--out-cert", `${name}.crt`, "--out-key", `${name}.key`);
    await Promise.all([node("exit1", "exit1.example"), node("entry", "entry"), node("other", "exit2.example")]);
  }

  /** 198.51.100.0/24 is between the customer and the exit, 203.0.113.0/24 and 2001:db8:1::/64 outside. */
  async #makeNetwork(): Promise<void> {
    this.#outside = await this.#namespace();
    this.#inside = await this.#namespace();
    const ip = (...words: readonly string[]) => void execFileSync("ip", words);
    ip("link", "add", "wan0", "type", "veth", "peer", "name", "eth0", "netns", String(this.#outside));
    ip("link", "add", "lan0", "type", "veth", "peer", "name", "eth0", "netns", String(this.#inside));
    ip("address", "add", "203.0.113.2/24", "dev", "wan0");
    ip("address", "add", "2001:db8:1::2/64", "dev", "wan0", "nodad");
    ip("address", "add", "198.51.100.1/24", "dev", "lan0");
    for (const link of ["wan0", "lan0"]) ip("link", "set", link, "up");
    this.#in(this.#outside, "ip", "address", "add", "203.0.113.1/24", "dev", "eth0");
    this.#in(this.#outside, "ip", "address", "add", "2001:db8:1::1/64", "dev", "eth0", "nodad");
    this.#in(this.#inside, "ip", "address", "add", "198.51.100.2/24", "dev", "eth0");
    for (const pid of [this.#outside, this.#inside]) this.#in(pid, "ip", "link", "set", "eth0", "up");
    ip("route", "add", "default", "via", "203.0.113.1");
    ip("-6", "route", "add", "default", "via", "2001:db8:1::1");
  }

  async #namespace(): Promise<number> {
    const script = "mount -t tmpfs tmpfs /run && exec sleep infinity";
    const holder = spawn("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-c", script], {
      stdio: "ignore",
    });
    this.#made.defer(() => void holder.kill("SIGKILL"));
    const own = readlinkSync("/proc/self/ns/net");
    const { pid = 0 } = holder;
    await this.until("a namespace", () => {
      const isOther = readlinkSync(`/proc/${pid}/ns/net`) !== own;
      return isOther && readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sleep");
    });
    return pid;
  }

  #in(pid: number, program: string, ...words: readonly string[]): void {
    execFileSync("nsenter", ["--target", String(pid), "--net", "--mount", program, ...words], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
}

function prefixes(...texts: readonly string[]) {
  return texts.map((text) => parsePrefix(text) ?? assert.fail(text));
}
