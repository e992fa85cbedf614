/**
 * What a target serves: a page without content at /generate_204 over HTTP, and the same over TLS with the certificate
 * that the first line of its input holds.
 */
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createInterface } from "node:readline";
import type { Credentials } from "./pure/authority-plan.ts";
import { targetPorts } from "./pure/topology.ts";

const answer: RequestListener = (request, response) => {
  response.writeHead(request.url === "/generate_204" ? 204 : 404, { "cache-control": "no-store" }).end();
};

function main(): void {
  createInterface({ input: process.stdin }).once("line", (line) => {
    const { key, cert } = JSON.parse(line) as Credentials;
    const servers = [
      { server: createServer(answer), port: targetPorts.http },
      { server: createSecureServer({ key, cert }, answer), port: targetPorts.tls },
    ];
    let listening = 0;
    for (const { server, port } of servers) {
      server.maxConnections = 1_024;
      server.listen(port, "::", () => {
        listening += 1;
        if (listening === servers.length) process.stdout.write("ready\n");
      });
    }
  });
}

main();
