/**
 * A resolver that is slow: it passes each question on to a real one, over the transport that it came by, and each answer
 * back so much later as the first line of its input says, in milliseconds. It never looks into a message.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { type Socket as Connection, connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { impostorPorts } from "./pure/fault-rules.ts";
import { resolverAddresses } from "./pure/host-files.ts";

const dnsPort = 53;
/** Questions in hand; one more is dropped, as by a resolver that cannot keep up. */
const mostQuestions = 256;
const answerLimit: Millis = seconds(5);
const [resolver = ""] = resolverAddresses();

function main(): void {
  createInterface({ input: process.stdin }).once("line", (line) => {
    const by = millis(Number(line));
    const udp = createSocket({ type: "udp6", ipv6Only: false });
    let inHand = 0;
    udp.on("message", (question, from) => {
      if (inHand >= mostQuestions) return;
      inHand += 1;
      askOnce(question, by, (answer) => {
        inHand -= 1;
        if (answer !== undefined) reply(udp, answer, from);
      });
    });
    const tcp = createServer((client) => passOn(client, by));
    tcp.maxConnections = mostQuestions;
    udp.bind(impostorPorts.dns, "::", () => {
      tcp.listen(impostorPorts.dns, "::", () => process.stdout.write("ready\n"));
    });
  });
}

function passOn(client: Connection, by: Millis): void {
  const server = connect(dnsPort, resolver);
  client.on("error", () => server.destroy());
  server.on("error", () => client.destroy());
  client.once("close", () => server.destroy());
  client.pipe(server);
  server.on("data", (answer) => setTimeout(() => client.write(answer), by));
  server.once("end", () => setTimeout(() => client.end(), by));
}

/** Calls `done` once: `by` after the answer came, or with undefined when none did. */
function askOnce(question: Uint8Array, by: Millis, done: (answer: Uint8Array | undefined) => void): void {
  const socket = createSocket("udp4");
  const end = (answer: Uint8Array | undefined) => {
    clearTimeout(timer);
    socket.close();
    if (answer === undefined) done(undefined);
    else setTimeout(() => done(answer), by);
  };
  const timer = setTimeout(() => end(undefined), answerLimit);
  socket.once("message", (answer) => end(answer));
  socket.once("error", () => end(undefined));
  socket.send(question, dnsPort, resolver);
}

function reply(udp: Socket, answer: Uint8Array, { address, port }: RemoteInfo): void {
  udp.send(answer, port, address, () => {});
}

main();
