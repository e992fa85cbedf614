/** A web page that says who asked for it. The first line of its input holds the port; it says "ready" and ends with its input. */
import { createServer } from "node:http";
import { createInterface } from "node:readline";

createInterface({ input: process.stdin })
  .once("line", (port) => {
    const server = createServer((request, response) => {
      const you = request.socket.remoteAddress?.replace("::ffff:", "");
      response.writeHead(200, { "content-type": "application/json", connection: "close" }).end(JSON.stringify({ you }));
    });
    server.maxConnections = 1_024;
    server.listen(Number(port), "::", () => void process.stdout.write("ready\n"));
  })
  .once("close", () => process.exit(0));
