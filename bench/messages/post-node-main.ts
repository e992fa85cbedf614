/** One node of a chain that carries messages, a whole service with a store in a process of its own: it ends with whoever started it. */
import { join } from "node:path";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { meshConfig } from "@ropewalk/mesh/config";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import type { Messages } from "@ropewalk/mesh/messages";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { MeshService } from "@ropewalk/mesh/service";
import type { PostOrder, PostTask, PostWord } from "./post-task.ts";

const lookEveryMs = 20;
const life = seconds(3_600);
const port = 7;

process.on("disconnect", () => process.exit());
process.once("message", (task: PostTask) => void run(task));

async function run({ folder, before }: PostTask): Promise<void> {
  const clock = createSystemClock();
  const peer = before === undefined ? [] : [{ at: before }];
  const config = meshConfig({ transport: { listen: ["127.0.0.1:0"] }, discovery: { enabled: false }, peer });
  const service = await MeshService.start(config, {
    ...{ key: generateSigningKey("ed25519"), clock, chance: Math.random, store: join(folder, "messages") },
    sequences: SequenceFile.open(join(folder, "sequences"), clock.wall()),
  });
  const { messages } = service;
  if (messages === undefined) throw new Error("it carries no messages");
  process.on("message", (order: PostOrder) => {
    if (order.kind === "find") find(service, order.to);
    else if (order.kind === "send") void send(messages, order);
    else tell(messages);
  });
  const [listening] = service.listening;
  say({ kind: "listening", at: `127.0.0.1:${listening?.port}`, address: service.address });
}

function find(service: MeshService, to: string): void {
  const looking = setInterval(() => {
    if (!service.routes().some(({ address, distance }) => address === to && distance !== undefined)) return;
    clearInterval(looking);
    say({ kind: "found" });
  }, lookEveryMs);
}

async function send(
  messages: Messages,
  { to, count, octets, atOnce }: Extract<PostOrder, { readonly kind: "send" }>,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  let [underWay, sent, proved] = [0, 0, 0];
  const order = { to: to as MeshAddress, port, priority: 1, life: millis(life) } as const;
  const sendMore = () => {
    while (underWay < atOnce && sent < count) {
      [underWay, sent] = [underWay + 1, sent + 1];
      void messages.send({ ...order, content: new Uint8Array(octets) }).then(({ kind }) => {
        if (kind !== "accepted") ended.reject(new Error("a message was refused"));
      });
    }
  };
  using _heard = messages.subscribe(({ kind }) => {
    if (kind !== "delivered") return;
    [underWay, proved] = [underWay - 1, proved + 1];
    if (proved === count) ended.resolve();
    else if (underWay <= atOnce / 2) sendMore();
  });
  const began = time();
  sendMore();
  await ended.promise;
  say({ kind: "sent", began, ended: time() });
}

function tell(messages: Messages): void {
  const { user, system } = process.cpuUsage();
  const own = process.threadCpuUsage();
  const inbox = messages.status()?.inbox.messages ?? 0;
  say({ kind: "told", processor: (user + system) / 1e6, thread: (own.user + own.system) / 1e6, inbox });
}

function say(word: PostWord): void {
  process.send?.(word);
}

function time(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
