/** The real program of an exit and its heartbeats to entry, which is played by the test: of two replicas one is not there. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { NodeStatus } from "@ropewalk/api/proto/vpn/exit";
import { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { type GrpcHandlers, GrpcServer } from "@ropewalk/ops/grpc-server";
import { inOwnNamespace } from "../in-own-namespace.ts";
import type { RunningProcess } from "../started-programs.ts";
import { CoreWorld } from "./core-world.ts";

const entryPort = 17_441;
const deadPort = 17_442;

inOwnNamespace(import.meta.filename, () => {
  let world: CoreWorld;
  let core: RunningProcess;
  let entry: GrpcServer | undefined;
  const heard: { readonly status: NodeStatus; readonly callers: readonly string[] }[] = [];

  /** Answers each heartbeat with a snapshot of nobody, where one is wanted. */
  async function startEntry(): Promise<GrpcServer> {
    const handlers: GrpcHandlers<typeof RegistryService> = {
      async heartbeat({ status }, { callerNames }) {
        assert.ok(status?.clock !== undefined);
        heard.push({ status, callers: callerNames });
        const snapshot = { watermark: 5n, boot: status.clock.boot, placements: [] };
        return { nextMillis: 300, isAdmitted: true, ...(status.wantsSnapshot ? { snapshot } : {}) };
      },
    };
    return GrpcServer.listen(RegistryService, handlers, {
      ...{
        listen: `127.0.0.1:${entryPort}`,
        identity: world.identityOf("entry"),
        clock: createSystemClock(),
        mostCalls: 8,
      },
      onDefect: (_method, error) => assert.fail(String(error)),
    });
  }

  before(async () => {
    world = await CoreWorld.open();
    world.configure('environment = "production"\nnat_driver = "cli"', [
      `127.0.0.1:${deadPort}`,
      `127.0.0.1:${entryPort}`,
    ]);
    entry = await startEntry();
    core = await world.startCore();
  });
  after(async () => {
    await entry?.stop(seconds(1));
    core.child.kill("SIGTERM");
    await core.ended;
    const { done } = await world.json("core", "purge", "--config", "ropewalk.toml");
    assert.ok(done.includes("firewall table inet ropewalk-vpn"), "by the program nft, too");
    await world[Symbol.asyncDispose]();
  });

  const told = () => world.json("core", "status");

  test("the replica that answers is found, proved to, and told all that it must know of the exit", async () => {
    await world.until("a heartbeat", () => heard.length > 0);
    const { status, callers } = heard[0] ?? assert.fail();
    assert.deepEqual(callers, ["DNS:exit1.example"]);
    assert.equal(status.controlAddress, "127.0.0.1:17431");
    assert.equal(status.exit?.endpoint, "198.51.100.1:51820");
    assert.deepEqual(status.exit?.pools, ["10.90.0.0/24", "fd90::/64"]);
    assert.deepEqual(status.exit?.ownAddresses, ["10.90.0.1", "fd90::1"]);
    assert.equal(status.exit?.capacity, 253);
    assert.equal(status.exit?.publicKey.length, 32);
  });

  test("its snapshot is taken, and asked for no more", async () => {
    await world.until("the snapshot", async () => (await told()).orders.watermark === 5);
    await world.until("a heartbeat without a wish", () => heard.at(-1)?.status.wantsSnapshot === false);
    const { entry: known, health } = await told();
    assert.equal(known.address, `127.0.0.1:${entryPort}`);
    assert.equal(known.isAdmitted, true);
    assert.equal(known.fault, null);
    assert.equal(health.state, "healthy");
  });

  test("entry that is away makes the exit degraded, which goes on; when it is back all is well", async () => {
    await entry?.stop(seconds(1));
    entry = undefined;
    await world.until("the silence of entry", async () => (await told()).entry.fault !== null);
    assert.equal((await told()).health.state, "degraded");
    assert.match(core.stderr, /entry does not answer/);
    const before = heard.length;
    entry = await startEntry();
    await world.until("a heartbeat", () => heard.length > before);
    await world.until("health", async () => (await told()).health.state === "healthy");
  });
});
