/**
 * Accepts every TCP connection that the ISP sends here. Who begins with TLS gets a handshake with a certificate for
 * another name (the first line of the input holds it); who says anything else is heard and not answered.
 */
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { createSecureContext, TLSSocket } from "node:tls";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { Credentials } from "./pure/authority-plan.ts";
import { impostorPorts } from "./pure/fault-rules.ts";

/** ContentType handshake, RFC 8446 §5.1. */
const handshake = 22;
const patience: Millis = seconds(30);

function main(): void {
  createInterface({ input: process.stdin }).once("line", (line) => {
    const secureContext = createSecureContext(JSON.parse(line) as Credentials);
    const server = createServer((socket) => {
      socket.setTimeout(patience, () => socket.destroy());
      socket.on("error", () => socket.destroy());
      socket.once("data", (first: Buffer) => greet(socket, first, secureContext));
    });
    server.maxConnections = 1_024;
    server.listen(impostorPorts.tcp, "::", () => process.stdout.write("ready\n"));
  });
}

function greet(socket: Socket, first: Uint8Array, secureContext: ReturnType<typeof createSecureContext>): void {
  if (first[0] !== handshake) return void socket.resume();
  socket.pause();
  socket.unshift(first);
  const secure = new TLSSocket(socket, { isServer: true, secureContext });
  secure.on("error", () => socket.destroy());
  secure.resume();
}

main();
