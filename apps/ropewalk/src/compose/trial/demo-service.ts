/** What a trial's destination stands in front of: an HTTP page, a download without an end, and an echo, all on loopback. */
import { once } from "node:events";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import { patternBlock } from "./octet-pattern.ts";

export interface DemoService extends AsyncDisposable {
  readonly httpPort: number;
  readonly echoPort: number;
}

/** A download takes so much, however fast the tunnel is: a trial is to leave the machine usable. 64 KiB each. */
const blocksEach = 16;
const every = millis(50);

const page = `<!doctype html>
<title>Ropewalk</title>
<h1>This page came through the tunnel.</h1>
<p><a href="/download">/download</a> is a file without an end. It goes on when the tunnel's connection is cut.</p>
`;

export async function startDemoService(clock: Clock): Promise<DemoService> {
  await using made = new AsyncDisposableStack();
  const http = createHttpServer((request, response) => {
    if (request.url === "/") {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
    } else if (request.url === "/download") {
      response.writeHead(200, { "Content-Type": "application/octet-stream" });
      sendPattern(response, clock);
    } else response.writeHead(404).end("There are / and /download.\n");
  });
  const echoes = new Set<Socket>();
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
    echoes.add(socket);
    socket.once("close", () => echoes.delete(socket));
  });
  const httpPort = await listen(http, made, () => http.closeAllConnections());
  const echoPort = await listen(echo, made, () => {
    for (const socket of echoes) socket.destroy();
  });
  const owned = made.move();
  return { httpPort, echoPort, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function listen(server: Server, made: AsyncDisposableStack, cut: () => void): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  made.defer(async () => {
    const closed = once(server, "close");
    server.close();
    cut();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** Until the reader goes away. */
function sendPattern(response: ServerResponse, clock: Clock): void {
  let number = 0;
  const send = () => {
    if (response.destroyed) return;
    for (let left = blocksEach; left > 0; left -= 1) {
      response.write(patternBlock(number));
      number += 1;
    }
    if (response.writableNeedDrain) response.once("drain", later);
    else later();
  };
  const later = () => void clock.after("the demo's download", every, send);
  response.on("error", () => {});
  send();
}
