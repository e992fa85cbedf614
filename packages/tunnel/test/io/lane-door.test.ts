/** Who says to be a lane: one of ten thousand who proves it in time is let in, and nothing is kept of the others. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, Socket } from "node:net";
import { test } from "node:test";
import { sha384 } from "@ropewalk/crypto/sha384";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxTcp } from "@ropewalk/host/linux/tcp";
import type { TcpConnection } from "@ropewalk/host/tcp";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { LaneDoor } from "@ropewalk/tunnel/io/lane-door";
import { LaneOffer, LaneWelcomes } from "@ropewalk/tunnel/pure/lane/lane-hello";
import { epoch, nonceOf } from "../pure/lane/epochs.ts";

const of = epoch(5);
const helloOf = (lane: number) =>
  new LaneOffer(sha384, { epoch: of.id, keys: of.keys, lane, nonce: nonceOf(lane & 255) }).hello;

class Doorway implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly lanes: { readonly connection: TcpConnection; readonly rest: Uint8Array }[] = [];
  readonly troubles: string[] = [];
  readonly door: LaneDoor;
  readonly #server: Server;
  readonly #clients: Socket[] = [];
  readonly #stack = new AsyncDisposableStack();

  static async open(): Promise<Doorway> {
    const way = new Doorway();
    await once(way.#server, "listening");
    return way;
  }

  private constructor() {
    const native = createNative();
    const tcp = this.#stack.use(createLinuxTcp(native, createSystemClock()));
    const welcomes = new LaneWelcomes(sha384, of.id, of.keys);
    const known = Buffer.from(of.id).toString("hex");
    this.door = new LaneDoor({
      ...{ native, tcp, clock: this.clock, random: (length) => new Uint8Array(length) },
      welcomesOf: (id) => (id === known ? welcomes : undefined),
      onLane: (_epoch, _welcomed, connection, rest) => this.lanes.push({ connection, rest }),
      onTrouble: (text) => this.troubles.push(text),
    });
    // As the listener does: the first octets tell lanes from handshakes.
    this.#server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (octets: Buffer) => this.door.take(socket, new Uint8Array(octets)));
    });
    this.#server.listen(0, "127.0.0.1");
  }

  /** A caller who has said this much, once the door has heard of it. */
  async call(octets: Uint8Array): Promise<Socket> {
    const client = connect((this.#server.address() as AddressInfo).port, "127.0.0.1");
    client.on("error", () => {});
    this.#clients.push(client);
    const { waiting, welcomed, refused } = this.door.counts;
    client.write(octets);
    await until(() => {
      const { counts } = this.door;
      return counts.waiting + counts.welcomed + counts.refused > waiting + welcomed + refused;
    });
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.door[Symbol.dispose]();
    for (const { connection } of this.lanes) connection[Symbol.dispose]();
    for (const client of this.#clients) client.destroy();
    this.#server.close();
    await once(this.#server, "close");
    await this.#stack.disposeAsync();
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) assert.fail("it never came to be");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("who proves to have the epoch's secrets is let in, with what came behind the hello", async () => {
  await using way = await Doorway.open();
  await way.call(Buffer.concat([helloOf(1), Buffer.from("behind it")]));
  assert.deepEqual(
    way.lanes.map(({ rest }) => Buffer.from(rest).toString()),
    ["behind it"],
  );
  assert.deepEqual([way.door.counts, way.clock.pendingTimers()], [{ waiting: 0, welcomed: 1, refused: 0 }, []]);
});

test("a hello may come octet by octet, but not for longer than a second", async () => {
  await using way = await Doorway.open();
  const slow = await way.call(helloOf(1).subarray(0, 40));
  slow.write(helloOf(1).subarray(40));
  await until(() => way.lanes.length === 1);
  const slower = await way.call(helloOf(2).subarray(0, 101));
  way.clock.advance(seconds(1));
  assert.deepEqual(way.door.counts, { waiting: 0, welcomed: 1, refused: 1 });
  const heard: Buffer[] = [];
  slower.on("data", (octets: Buffer) => heard.push(octets));
  await until(() => slower.destroyed);
  assert.deepEqual([heard, way.clock.pendingTimers()], [[], []]);
});

test("a hello that is said again, of an epoch that nobody has, or changed in any octet, is not answered", async () => {
  await using way = await Doorway.open();
  await way.call(helloOf(1));
  const wrong = Array.from({ length: 102 }, (_, at) =>
    helloOf(2).map((octet, index) => (index === at ? octet ^ 1 : octet)),
  );
  for (const hello of [helloOf(1), ...wrong.slice(1)]) {
    const client = await way.call(hello);
    // Of an epoch that nobody has yet it waits for its second to be over.
    await until(() => client.destroyed || way.door.counts.waiting === 1);
    way.clock.advance(seconds(1));
    await until(() => client.destroyed);
    assert.equal(client.bytesRead, 0);
  }
  assert.deepEqual(way.door.counts, { waiting: 0, welcomed: 1, refused: 102 });
});

test("of those who say half a hello only so many are waited for, and the newest of them", async () => {
  await using way = await Doorway.open();
  const callers: Socket[] = [];
  for (let count = 0; count < 300; count += 1) callers.push(await way.call(helloOf(3).subarray(0, 60)));
  assert.deepEqual(way.door.counts, { waiting: 256, welcomed: 0, refused: 44 });
  assert.equal(way.clock.pendingTimers().length, 256);
  callers.at(-1)?.write(helloOf(3).subarray(60));
  await until(() => way.lanes.length === 1);
  way.door[Symbol.dispose]();
  assert.deepEqual([way.door.counts.waiting, way.clock.pendingTimers()], [0, []]);
});

test("ten thousand wrong hellos leave nothing behind, and the one that is right is heard among them", async () => {
  await using way = await Doorway.open();
  const wrong = helloOf(9);
  wrong[60] = (wrong[60] ?? 0) ^ 1;
  for (let count = 0; count < 10_000; count += 1) {
    const socket = new Socket();
    way.door.take(socket, wrong);
    assert.ok(socket.destroyed);
    if (count === 5000) await way.call(helloOf(1));
  }
  assert.deepEqual([way.door.counts, way.clock.pendingTimers()], [{ waiting: 0, welcomed: 1, refused: 10_000 }, []]);
  assert.deepEqual(way.troubles, []);
});
