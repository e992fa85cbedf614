/**
 * A program for tests that uses the network when told, a line each on its input, each answered with one on its output:
 * `serve PORT`: TCP that says to whoever connects under which address he came, and echoes. `push`: an octet to each of them.
 * `open NAME ADDRESS PORT`: connects and gives what was said; `say NAME`: "answered" when an octet came back. `reset` ends all connections.
 * What takes 400 ms is "silence", and a connection that does is given up.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

const patienceMs = 400;
const opened = new Map<string, Socket>();
const served = new Set<Socket>();

async function serve(port: number): Promise<string> {
  const server = createServer((socket) => {
    served.add(socket);
    socket.once("close", () => served.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (octets) => socket.write(octets));
    socket.write(String(socket.remoteAddress).replace("::ffff:", ""));
  });
  await once(server.listen(port, "::"), "listening");
  return "serving";
}

async function open(name: string, address: string, port: number): Promise<string> {
  const socket = connect(port, address);
  socket.on("error", () => {});
  opened.set(name, socket);
  const [said] = await once(socket, "data");
  return String(said);
}

async function say(name: string): Promise<string> {
  const socket = opened.get(name);
  if (socket === undefined) return "not open";
  socket.write("x");
  await once(socket, "data");
  return "answered";
}

async function perform(line: string): Promise<string> {
  const [verb, name = "", address = "", port = ""] = line.split(" ");
  switch (verb) {
    case "serve":
      return serve(Number(name));
    case "open":
      return open(name, address, Number(port));
    case "reset":
      for (const socket of [...opened.values(), ...served]) socket.resetAndDestroy();
      opened.clear();
      return "ended";
    case "push":
      for (const socket of served) socket.write("y");
      return "pushed";
    default:
      return say(name);
  }
}

const silence = () => new Promise<string>((resolve) => setTimeout(() => resolve("silence"), patienceMs));

/** Nobody is to hear later of a connection that was not made in time. */
function giveUpConnecting(): void {
  for (const socket of opened.values()) if (socket.connecting) socket.destroy();
}

const failed = (error: NodeJS.ErrnoException) => error.code ?? error.message;
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await Promise.race([perform(line).catch(failed), silence()]);
  giveUpConnecting();
  process.stdout.write(`${answer}\n`);
}
