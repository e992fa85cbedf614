/**
 * The program that keeps a bloated queue as long as the first line of its input says. It runs before the queue, asks a
 * kept-open tc for what waits, and sends what is missing; it ends with its input.
 */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import { bytes, type Millis, millis } from "@ropewalk/kernel/units";
import { datagramsToSend, type Filling, fillerPayload, fillerSockets, parseBacklog } from "./pure/filler-plan.ts";

/** Two packets leave meanwhile. */
const askEvery: Millis = millis(20);
/** discard, RFC 863. */
const discardPort = 9;
const sendBuffer = 212_992;

function main(): void {
  const input = createInterface({ input: process.stdin });
  input.once("line", (line) => keepFilled(JSON.parse(line) as Filling));
  input.once("close", () => process.exit());
}

function keepFilled({ device, address, octets }: Filling): void {
  const wanted = bytes(octets);
  const send = openSender(address);
  const tc = spawn("tc", ["-s", "-j", "-batch", "-"], { stdio: ["pipe", "pipe", "inherit"] });
  let isFilled = false;
  createInterface({ input: tc.stdout }).on("line", (line) => {
    const waiting = parseBacklog(line);
    if (waiting === undefined) return;
    const missing = datagramsToSend(wanted, waiting);
    for (let sent = 0; sent < missing; sent += 1) send();
    if (!isFilled && waiting >= 0.8 * wanted) {
      isFilled = true;
      process.stdout.write("ready\n");
    }
  });
  setInterval(() => tc.stdin.write(`qdisc show dev ${device}\n`), askEvery);
}

/** Sends one datagram a call, from each of the sockets in turn. */
function openSender(address: string): () => void {
  const payload = new Uint8Array(fillerPayload);
  const sockets = Array.from({ length: fillerSockets }, () => {
    const socket = createSocket("udp4");
    // A device that is just going down refuses: the next round sends again.
    socket.on("error", () => {});
    socket.bind(0, () => socket.setSendBufferSize(sendBuffer));
    return socket;
  });
  let next = 0;
  return () => {
    next = (next + 1) % sockets.length;
    sockets[next]?.send(payload, discardPort, address, () => {});
  };
}

main();
