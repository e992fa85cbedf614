/** An end of the tunnel follows the node beside it over the node's own socket; here the node is a server that says what a test says. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { NodeEvent } from "@ropewalk/api/events";
import type { NodeStatus } from "@ropewalk/api/http";
import type { Clock } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { EventLog } from "@ropewalk/ops/event-log";
import { EventStream } from "@ropewalk/ops/event-stream";
import { NodeConnectivity } from "../../src/compose/tunnel/node-connectivity.ts";
import { type Guidance, ownAddress, type Reading } from "../../src/compose/tunnel/node-paths.ts";
import { pathDocument, steered } from "./steered-picture.ts";

const clock = createSystemClock();
/** Waits for another look for a node, of all that were made here. */
let looks = 0;
const countingClock: Clock = {
  now: () => clock.now(),
  wall: () => clock.wall(),
  after: (name, wait, fire) => {
    if (name === "node to follow") looks += 1;
    return clock.after(name, wait, fire);
  },
};
const seen = { at: "2026-11-22T08:00:00.000Z", seenAtMonotonicMs: 1 };
const { connectivity, decisions } = steered.backhaul;

class Place implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
  readonly socket: string = join(this.folder, "ropewalk.sock");

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Answers at the socket as a node does; `say` is what is streamed besides the snapshot. */
class Node implements AsyncDisposable {
  readonly #log = new EventLog<NodeEvent>({ epoch: "1", capacity: 16 });
  readonly #stream: EventStream<NodeEvent>;
  readonly #server: Server;

  static async at(socket: string, status: NodeStatus): Promise<Node> {
    const node = new Node(status);
    await new Promise<void>((resolve) => node.#server.listen(socket, resolve));
    return node;
  }

  private constructor(status: NodeStatus) {
    const encode = (event: NodeEvent) => ({ event: event.kind, data: JSON.stringify(event) });
    const snapshot = () => encode({ kind: "snapshot", ...seen, status });
    this.#stream = new EventStream<NodeEvent>({ log: this.#log, clock, encode, snapshot });
    this.#server = createServer((_request, response) => void this.#stream.open(response, undefined));
  }

  say(event: NodeEvent): void {
    this.#log.append(event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream[Symbol.dispose]();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

function follow(...sockets: readonly string[]) {
  const told: Reading[] = [];
  const addresses = () => new Set([ownAddress(pathDocument.name, pathDocument.source)]);
  const following = new NodeConnectivity({
    clock: countingClock,
    sockets,
    addresses,
    tell: (reading) => told.push(reading),
  });
  return {
    told,
    [Symbol.dispose]: () => following[Symbol.dispose](),
    now: () => following.guidance.current,
    async until(isSo: (guidance: Guidance) => boolean): Promise<void> {
      const limit = AbortSignal.timeout(30_000);
      for await (const guidance of following.guidance.watch(limit)) if (isSo(guidance)) return;
      assert.fail(`${JSON.stringify(following.guidance.current)} is what it came to`);
    },
  };
}

function isUnmanaged(guidance: Guidance): boolean {
  return guidance === "unmanaged";
}

function hasGeneration(generation: number): (guidance: Guidance) => boolean {
  return (guidance) => guidance !== "unmanaged" && guidance.generation === generation;
}

test("the node's paths are there with its first word, and change with its events", async () => {
  using place = new Place();
  await using node = await Node.at(place.socket, steered);
  using following = follow(place.socket);
  await following.until(hasGeneration(3));
  const next = { ...connectivity, generation: 4, usable: [] };
  node.say({ kind: "connectivity", ...seen, connectivity: next, decisions });
  await following.until(hasGeneration(4));
  assert.deepEqual(
    following.told.map(({ guidance }) => guidance === "unmanaged"),
    [false],
  );
});

test("a node that gives the wheel back gives its paths back, and one that takes it has them", async () => {
  using place = new Place();
  await using node = await Node.at(place.socket, steered);
  using following = follow(place.socket);
  await following.until(hasGeneration(3));
  const act = { action: "given-back", family: null, uplinkId: null, cause: "a purge", evidence: [] } as const;
  const waiting = { standing: "waiting", text: "nobody took the wheel", confirmBy: null, unmet: [] } as const;
  node.say({ kind: "steering", ...seen, ...act, steering: waiting });
  await following.until(isUnmanaged);
  assert.match(following.told.at(-1)?.why ?? "", /nobody took the wheel/);
  node.say({ kind: "steering", ...seen, ...act, action: "taken", steering: steered.backhaul.steering });
  await following.until(hasGeneration(3));
});

test("without a node the system's routes decide; that is said once, however often it is looked for, and a node that comes is followed", async () => {
  using place = new Place();
  using following = follow(join(place.folder, "nothing/ropewalk.sock"), place.socket);
  await following.until(isUnmanaged);
  const [before, end] = [looks, performance.now() + 30_000];
  while (looks < before + 2 && performance.now() < end) await delay(20);
  assert.ok(looks >= before + 2);
  assert.deepEqual(following.told, [{ guidance: "unmanaged", why: "no node runs on this machine" }]);
  await using _node = await Node.at(place.socket, steered);
  await following.until(hasGeneration(3));
});

test("while a node is being restarted the system's routes decide, and then it is followed again", async () => {
  using place = new Place();
  using following = await (async () => {
    await using _node = await Node.at(place.socket, steered);
    const started = follow(place.socket);
    await started.until(hasGeneration(3));
    return started;
  })();
  await following.until(isUnmanaged);
  await using _next = await Node.at(place.socket, steered);
  await following.until(hasGeneration(3));
  assert.match(
    following.told.map(({ why }) => why).join("; "),
    /moves traffic; the node has gone away.*moves traffic$/,
  );
});

test("a node that says nothing holds nobody up", async () => {
  using place = new Place();
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(place.socket, resolve));
  using following = follow(place.socket);
  await following.until(isUnmanaged);
  assert.match(following.told[0]?.why ?? "", /takes long to answer/);
  mute.closeAllConnections();
  await new Promise((resolve) => mute.close(resolve));
});

test("whoever is not a node is not followed, and what it said is told", async () => {
  using place = new Place();
  const other = createServer((_request, response) => void response.end("data: hello\n\n"));
  await new Promise<void>((resolve) => other.listen(place.socket, resolve));
  using following = follow(place.socket);
  await following.until(isUnmanaged);
  assert.match(following.told[0]?.why ?? "", /cannot be followed: .*something else than this version knows/);
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));
});
