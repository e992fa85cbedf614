/**
 * The far end of the probes' network: servers and resolvers that behave well, and every way in which they do not. It says
 * when it is ready and ends with its standard input. Argument: the folder with the certificates.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { families, type IpAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";
import { readPair } from "./certificates.ts";
import { farEnd, farPort } from "./far-address.ts";

const [folder = ""] = process.argv.slice(2);
const ready: Promise<unknown>[] = [];

for (const family of families) {
  const { server, ...others } = farEnd;
  serveHttp(server[family]);
  serveTls(server[family]);
  serveRaw(server[family]);
  const resolve = (host: keyof typeof farEnd, answer: DnsPeer) => serveDns(farEnd[host][family], answer);
  resolve("server", (query) => [{ message: respond(query) }]);
  resolve("otherId", (query) => [{ message: respond(query, { id: 1 }) }, { message: respond(query), delay: 50 }]);
  resolve("otherSender", (query) => [{ message: respond(query), from: others.silent[family] }]);
  resolve("otherQuestion", (query) => [{ message: respond(query, { name: "else.test" }) }]);
  resolve("looping", (query) => [{ message: respond(query, { isLooping: true }) }]);
  resolve("refusing", (query) => [{ message: respond(query, { rcode: 5 }) }]);
  resolve("truncating", (query, via) => [{ message: respond(query, { isTruncated: via === "udp" }) }]);
  resolve("slow", (query) => [{ message: respond(query), delay: 1_500 }]);
  resolve("unknowing", (query) => [{ message: respond(query, { rcode: 3 }) }]);
  let asked = 0;
  resolve("forgetful", (query) => {
    asked += 1;
    return asked % 2 === 1 ? [] : [{ message: respond(query) }];
  });
}

await Promise.all(ready);
process.stdin.on("end", () => process.exit()).resume();
process.stdout.write("ready\n");

interface DnsReply {
  readonly message: Uint8Array;
  readonly from?: IpAddress;
  /** Milliseconds. */
  readonly delay?: number;
}

type DnsPeer = (query: Uint8Array, via: "udp" | "tcp") => readonly DnsReply[];

function serveDns(address: IpAddress, answer: DnsPeer): void {
  const type = address.includes(":") ? "udp6" : "udp4";
  const socket = createSocket(type);
  socket.on("message", (query: Buffer, { address: to, port }) => {
    for (const { message, from, delay = 0 } of answer(query, "udp")) {
      setTimeout(() => {
        if (from === undefined) return socket.send(message, port, to);
        const other = createSocket(type);
        other.bind(53, from, () => other.send(message, port, to, () => other.close()));
      }, delay);
    }
  });
  ready.push(once(socket.bind(53, address), "listening"));
  listen(53, address, (connection) => {
    connection.on("data", (query: Buffer) => {
      for (const { message } of answer(query.subarray(2), "tcp")) {
        connection.write(Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]));
      }
    });
  });
}

interface Lies {
  readonly id?: number;
  readonly name?: string;
  readonly rcode?: number;
  readonly isLooping?: boolean;
  readonly isTruncated?: boolean;
}

/** A response with one address of the server, of the type that was asked for, or with what is wrong with it. */
function respond(query: Uint8Array, lies: Lies = {}): Uint8Array {
  const question = lies.name === undefined ? query.subarray(12) : questionFor(lies.name, query.subarray(-4));
  const isIpv6 = query.at(-3) === 28;
  const address = ipAddressBytes(farEnd.server[isIpv6 ? "ipv6" : "ipv4"]);
  const isEmpty = lies.rcode !== undefined || lies.isTruncated === true;
  // A name that points at itself, or at the question.
  const owner = lies.isLooping === true ? [0xc0, 12 + question.length] : [0xc0, 12];
  const record = [...owner, 0, isIpv6 ? 28 : 1, 0, 1, 0, 0, 0, 60, 0, address.length, ...address];
  const message = Uint8Array.of(...query.subarray(0, 12), ...question, ...(isEmpty ? [] : record));
  const view = new DataView(message.buffer);
  view.setUint16(0, lies.id === undefined ? view.getUint16(0) : view.getUint16(0) ^ lies.id);
  view.setUint16(2, 0x8180 | (lies.isTruncated === true ? 0x0200 : 0) | (lies.rcode ?? 0));
  view.setUint16(6, isEmpty ? 0 : 1);
  return message;
}

function questionFor(name: string, typeAndClass: Uint8Array): Uint8Array {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Uint8Array.of(...labels, 0, ...typeAndClass);
}

/** Answers by the path of the request; what is written is all there is. */
function serveHttp(address: IpAddress): void {
  const answers: Readonly<Record<string, string>> = {
    "/204": "HTTP/1.1 204 No Content\r\nServer: far end\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "/204-with-body": "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\nsign in",
    "/302": "HTTP/1.1 302 Found\r\nLocation: http://portal.example/login\r\nContent-Length: 0\r\n\r\n",
    "/200": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n",
    "/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n",
    "/other-body": "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsign in",
    "/garbage": "SSH-2.0-OpenSSH_9.2p1\r\n",
    "/nothing": "",
  };
  listen(farPort.http, address, (connection) => {
    connection.once("data", (request) => {
      const path = /^GET (\S+) HTTP/.exec(request.toString("latin1"))?.[1] ?? "";
      if (path === "/endless") void flood(connection, "HTTP/1.1 204 No Content\r\n", "X-More: yes\r\n");
      else if (path === "/endless-body") void flood(connection, "HTTP/1.1 200 OK\r\n\r\n", "more");
      else if (path !== "/mute") connection.end(answers[path] ?? "");
    });
  });
}

/** Says `more` for as long as anybody is there, a little at a time. */
async function flood(connection: Socket, first: string, more: string): Promise<void> {
  connection.write(first);
  while (!connection.destroyed) {
    connection.write(more);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function serveTls(address: IpAddress): void {
  const serve = (port: number, file: string, options: TlsOptions = {}) => {
    const server = createTlsServer({ ...readPair(folder, file), ...options }, (socket) => socket.on("error", () => {}));
    server.on("tlsClientError", () => {});
    ready.push(once(server.listen(port, address), "listening"));
  };
  serve(farPort.tls, "right");
  serve(farPort.tls12, "right", { maxVersion: "TLSv1.2" });
  serve(farPort.selfSigned, "self-signed");
  serve(farPort.otherName, "other-name");
  serve(farPort.expired, "expired");
  serve(farPort.notYetValid, "not-yet-valid");
}

function serveRaw(address: IpAddress): void {
  listen(farPort.garbage, address, (connection) => connection.end("220 far end ESMTP\r\n"));
  listen(
    farPort.endlessGarbage,
    address,
    (connection) => void flood(connection, "\x16\x03\x03\x40\x00", "x".repeat(4_000)),
  );
  listen(farPort.mute, address, () => {});
  listen(farPort.closing, address, (connection) => connection.once("data", () => connection.end()));
  listen(farPort.resetting, address, (connection) => connection.once("data", () => connection.resetAndDestroy()));
}

function listen(port: number, address: IpAddress, onConnection: (connection: Socket) => void): void {
  const server = createServer((connection) => {
    connection.on("error", () => {});
    onConnection(connection);
  });
  ready.push(once(server.listen(port, address), "listening"));
}
