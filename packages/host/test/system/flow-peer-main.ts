/**
 * A program for tests that keeps flows open and uses them when told, a line each on its input, each answered with one on its
 * output: `serve PORT` echoes TCP and UDP; `begin NAME tcp|udp ADDRESS PORT`; `say NAME` is "answered", or what came instead.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

/** Sends an octet; resolves when it came back. */
type Say = () => Promise<void>;

const patienceMs = 1_000;
const flows = new Map<string, Say>();

async function serve(port: number): Promise<void> {
  const tcp = createServer((socket) => void socket.on("error", () => {}).pipe(socket));
  const udp = createSocket("udp6");
  udp.on("message", (payload, { address, port: from }) => udp.send(payload, from, address));
  await Promise.all([
    new Promise<void>((resolve) => void tcp.listen(port, "::", resolve)),
    new Promise<void>((resolve) => void udp.bind(port, "::", resolve)),
  ]);
}

async function beginTcp(address: string, port: number): Promise<Say> {
  const socket = connect(port, address);
  await once(socket, "connect");
  let failure: unknown;
  socket.on("error", (error) => {
    failure = error;
  });
  return async () => {
    if (failure !== undefined) throw failure;
    socket.write("x");
    await once(socket, "data");
  };
}

async function beginUdp(address: string, port: number): Promise<Say> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  await new Promise<void>((resolve) => void socket.connect(port, address, resolve));
  const say = async () => {
    socket.send("x");
    await once(socket, "message");
  };
  await say();
  return say;
}

async function perform(line: string): Promise<string> {
  const [verb, name = "", protocol = "", address = "", port = ""] = line.split(" ");
  switch (verb) {
    case "serve":
      await serve(Number(name));
      return "serving";
    case "begin":
      flows.set(name, await (protocol === "tcp" ? beginTcp : beginUdp)(address, Number(port)));
      return "begun";
    default:
      await flows.get(name)?.();
      return "answered";
  }
}

const silence = () => new Promise<string>((resolve) => setTimeout(() => resolve("silence"), patienceMs));
const failed = (error: NodeJS.ErrnoException) => error.code ?? error.message;
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await Promise.race([perform(line).catch(failed), silence()])}\n`);
}
