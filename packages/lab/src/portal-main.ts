/**
 * A captive portal's page: whatever is asked for is answered with a redirect to the page itself (RFC 8952 §2.1.3 calls it
 * the web portal). It runs on the ISP, which sends every TCP connection to port 80 here.
 */
import { createServer } from "node:http";
import { impostorPorts } from "./pure/fault-rules.ts";

const page = "<!doctype html><title>Sign in</title><p>This network asks you to sign in first.</p>\n";

function main(): void {
  const server = createServer((request, response) => {
    if (request.url === "/sign-in") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(page);
      return;
    }
    const local = (request.socket.localAddress ?? "").replace(/^::ffff:/, "");
    const authority = local.includes(":") ? `[${local}]` : local;
    response.writeHead(302, { location: `http://${authority}/sign-in`, "cache-control": "no-store" }).end();
  });
  server.maxConnections = 256;
  server.listen(impostorPorts.page, "::", () => process.stdout.write("ready\n"));
}

main();
