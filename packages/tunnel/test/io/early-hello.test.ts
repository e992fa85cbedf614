/** Lane hellos that come before the epoch that they name, on real connections: who is let in then, and who is not. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sha384 } from "@ropewalk/crypto/sha384";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxTcp } from "@ropewalk/host/linux/tcp";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { LaneOffer, LaneWelcomes } from "@ropewalk/tunnel/pure/lane/lane-hello";
import { LaneDoor } from "../../src/io/lane-door.ts";
import { type Epoch, epoch, nonceOf } from "../pure/lane/epochs.ts";

const here = epoch(1);
const helloOf = ({ id, keys }: Epoch, lane = 1) =>
  new LaneOffer(sha384, { epoch: id, keys, lane, nonce: nonceOf(lane) }).hello;

class Doorway implements AsyncDisposable {
  readonly let: { readonly epoch: string; readonly rest: Uint8Array }[] = [];
  readonly #stack = new AsyncDisposableStack();
  readonly #known = new Map<string, LaneWelcomes>();
  readonly #door: LaneDoor;
  #port = 0;

  static async open(): Promise<Doorway> {
    const doorway = new Doorway();
    const server = createServer((socket) => {
      socket.once("readable", () => doorway.#door.take(socket, socket.read() ?? new Uint8Array()));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    doorway.#port = (server.address() as AddressInfo).port;
    doorway.#stack.defer(() => void server.close());
    return doorway;
  }

  private constructor() {
    const clock = createSystemClock();
    const native = createNative();
    const tcp = this.#stack.use(createLinuxTcp(native, clock));
    this.#door = this.#stack.use(
      new LaneDoor({
        ...{ native, tcp, clock, onTrouble: assert.fail },
        random: (length) => new Uint8Array(length),
        welcomesOf: (id) => this.#known.get(id),
        onLane: (id, _welcomed, connection, rest) => {
          this.let.push({ epoch: id, rest });
          connection.reset();
        },
      }),
    );
  }

  get counts(): LaneDoor["counts"] {
    return this.#door.counts;
  }

  /** Its handshake is over here. */
  admit({ id, keys }: Epoch): void {
    this.#known.set(id.toHex(), new LaneWelcomes(sha384, id, keys));
    this.#door.admit(id.toHex());
  }

  async call(octets: Uint8Array): Promise<{ readonly closed: Promise<void> }> {
    const socket = connect(this.#port, "127.0.0.1");
    socket.on("error", () => {});
    this.#stack.defer(() => void socket.destroy());
    await once(socket, "connect");
    socket.write(octets);
    return { closed: new Promise((resolve) => void socket.once("close", () => resolve())) };
  }

  async until(isSo: () => boolean): Promise<void> {
    const end = performance.now() + 30_000;
    while (!isSo() && performance.now() < end) await delay(5);
    assert.ok(isSo(), JSON.stringify(this.counts));
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }
}

test("a hello that comes before its epoch is welcomed when that is there, with what came behind it", async () => {
  await using doorway = await Doorway.open();
  await doorway.call(Buffer.concat([helloOf(here), Buffer.from("behind")]));
  await doorway.until(() => doorway.counts.waiting === 1);
  doorway.admit(epoch(2));
  assert.deepEqual(doorway.counts, { waiting: 1, welcomed: 0, refused: 0 });
  doorway.admit(here);
  assert.deepEqual(doorway.counts, { waiting: 0, welcomed: 1, refused: 0 });
  assert.deepEqual(
    doorway.let.map(({ epoch: id, rest }) => [id, Buffer.from(rest).toString()]),
    [[here.id.toHex(), "behind"]],
  );
});

test("an epoch that does not come in the hello's second is waited for no longer", async () => {
  await using doorway = await Doorway.open();
  const caller = await doorway.call(helloOf(here));
  await caller.closed;
  await doorway.until(() => doorway.counts.refused === 1);
  doorway.admit(here);
  assert.deepEqual([doorway.counts.waiting, doorway.let], [0, []]);
});

test("who waits with a hello that proves nothing is closed when the epoch is there, and the true source is let in", async () => {
  await using doorway = await Doorway.open();
  const forged = helloOf(here);
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  const forger = await doorway.call(forged);
  await doorway.call(helloOf(here, 2));
  await doorway.until(() => doorway.counts.waiting === 2);
  doorway.admit(here);
  assert.deepEqual(doorway.counts, { waiting: 0, welcomed: 1, refused: 1 });
  await forger.closed;
});

test("what is no hello waits for nothing", async () => {
  await using doorway = await Doorway.open();
  const octets = helloOf(here);
  octets[1] = 9;
  await (await doorway.call(octets)).closed;
  assert.equal(doorway.counts.refused, 1);
});
