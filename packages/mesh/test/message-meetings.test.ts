/** Nodes that keep for others, and meet over real links: what one has the other is given, also when the link is cut in between or who is met lies. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { suite, test } from "node:test";
import { LyingKeeper } from "./lying-keeper.ts";
import { MessagePlace } from "./message-place.ts";
import { until } from "./nodes-on-loopback.ts";

const texts = (count: number) => Array.from({ length: count }, (_, number) => `message ${number}`).toSorted();
const come = async (to: MessagePlace) => [...(await to.inbox())].toSorted();

async function write(sender: MessagePlace, to: MessagePlace, count: number): Promise<void> {
  await sender.knows(to);
  await Promise.all(texts(count).map((text) => sender.send(to.address, text)));
}

// They wait for each other more than they work.
suite("keepers that meet", { concurrency: 3 }, () => {
  test("what one keeps the next learns when they meet, and brings it; that it was proved goes back by meetings too", async () => {
    await using sender = new MessagePlace();
    await using keeper = new MessagePlace();
    await using courier = new MessagePlace();
    await using recipient = new MessagePlace();
    await keeper.start();
    await sender.start(keeper.at);
    await write(sender, recipient, 30);
    await until("the keeper has it", () => keeper.kept === 30);
    await sender.stop();
    await courier.start(keeper.at);
    await until("the courier has its copies", () => courier.kept === 30);
    await keeper.stop();
    await recipient.start(courier.at);
    await until("he has all of it", async () => (await recipient.inbox()).length === 30);
    await until("the courier has the proofs", () => courier.kept === 0);
    await recipient.stop();
    await keeper.start(courier.at);
    await until("the keeper has them", () => keeper.kept === 0);
    await courier.stop();
    await sender.start(keeper.at);
    await until("and the sender", () => sender.messages.outbox().length === 0);
    await recipient.start(keeper.at);
    assert.deepEqual(await come(recipient), texts(30));
  });

  test("where the link is cut while they meet, and again, the next meeting goes on, and all arrives once", async () => {
    await using sender = new MessagePlace();
    await using courier = new MessagePlace();
    await using recipient = new MessagePlace();
    const count = 100;
    await sender.start();
    await write(sender, recipient, count);
    const had: number[] = [];
    await using cutter = await Cutter.open(sender.at, [4_000, 8_000], () => void had.push(courier.kept));
    await courier.start(cutter.at);
    // What was given when the link was cut nobody has, and its giver keeps one that he brings himself.
    await until("the courier has what is to be had", () => had.length === 2 && courier.kept > (had[1] ?? 0));
    await recipient.start(courier.at, sender.at);
    await until("he has all of it", async () => (await recipient.inbox()).length === count);
    await until("nobody keeps any", () => courier.kept === 0 && sender.kept === 0);
    assert.deepEqual(await come(recipient), texts(count));
  });

  test("a neighbour that says all was proved, and has a thousand more, changes nothing of what is kept, nor of what others are given", async () => {
    await using sender = new MessagePlace();
    await using courier = new MessagePlace();
    await using away = new MessagePlace();
    await sender.start();
    await write(sender, away, 30);
    using liar = await LyingKeeper.join(sender.at);
    await until("it is given copies", () => liar.taken.size === 30);
    await until("their meeting is over", () => liar.ended.length > 0);
    const before = liar.ended.length;
    liar.lie();
    await until("it has lied", () => liar.ended.length > before);
    assert.equal(sender.messages.outbox().length, 30);
    await courier.start(sender.at);
    await until("an honest one is given copies", () => courier.kept === 30);
    assert.ok(liar.isLinked);
  });
});

/** Between two nodes: cuts a connection once the one that was dialled has said so many octets, one after the other, and then none. */
class Cutter implements AsyncDisposable {
  readonly at: string;
  readonly #server;
  readonly #sockets = new Set<Socket>();

  static async open(to: string, limits: readonly number[], onCut: () => void): Promise<Cutter> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Cutter(server, to, [...limits], onCut);
  }

  private constructor(server: ReturnType<typeof createServer>, to: string, limits: number[], onCut: () => void) {
    this.#server = server;
    this.at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const port = Number(to.split(":")[1]);
    server.on("connection", (near) => {
      const far = connect(port, "127.0.0.1");
      let left = limits.shift() ?? Number.POSITIVE_INFINITY;
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => {}).on("close", () => [near, far].map((each) => each.destroy()));
      }
      near.pipe(far);
      far.on("data", (octets: Uint8Array) => {
        left -= octets.length;
        if (left > 0) near.write(octets);
        else {
          near.destroy();
          onCut();
        }
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
