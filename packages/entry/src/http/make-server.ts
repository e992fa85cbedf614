/** The server below Fastify: with a certificate or without, and with a deadline for every phase of a request. */
import type { RequestListener, Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import { entryProblem } from "@ropewalk/api/entry-problem";
import { problemMediaType } from "@ropewalk/api/problem";
import { createServer } from "@ropewalk/ops/node-http";
import type { HttpLimits } from "./http-limits.ts";

/** PEM. */
export interface HttpCertificate {
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
}

export type HttpServer = Server | TlsServer;

export function makeServer(
  handler: RequestListener,
  limits: HttpLimits,
  certificate: HttpCertificate | undefined,
): HttpServer {
  const options = {
    headersTimeout: limits.headersWithin,
    requestTimeout: limits.requestWithin,
    keepAliveTimeout: limits.keepAlive,
    maxHeaderSize: limits.headers,
    // How often Node looks for requests past their deadline; its default of 30 s would make the limits above meaningless.
    connectionsCheckingInterval: Math.ceil(Math.min(limits.headersWithin, limits.requestWithin) / 4),
    insecureHTTPParser: false,
    noDelay: true,
  } as const;
  const server =
    certificate === undefined
      ? createServer(options, handler)
      : createTlsServer({ ...options, ...secureContext(certificate) }, handler);
  server.maxConnections = limits.connections;
  server.on("clientError", refuseUnreadable);
  // A handshake that fails concerns its connection alone.
  server.on("tlsClientError", (_error, socket: Socket) => void socket.destroy());
  return server;
}

/** Connections that are there go on; the next ones see it. Throws where the two do not belong together. */
export function replaceCertificate(server: HttpServer, certificate: HttpCertificate): void {
  if ("setSecureContext" in server) server.setSecureContext(secureContext(certificate));
}

function secureContext({ certificate, key }: HttpCertificate) {
  return { cert: Buffer.from(certificate), key: Buffer.from(key), minVersion: "TLSv1.2" } as const;
}

/** What never became a request. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const isLarge = error.code === "HPE_HEADER_OVERFLOW";
  const document = isLarge
    ? entryProblem("headers-too-large", "the headers are larger than 16 KiB")
    : entryProblem("bad-request", "this is no request of HTTP/1.1, or it did not come in time");
  const body = JSON.stringify(document);
  const lines = [
    `HTTP/1.1 ${document.status} ${document.title}`,
    `Content-Type: ${problemMediaType}`,
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
