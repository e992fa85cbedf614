/**
 * The far end of the tests of sockets, run in a network namespace of its own: answers each datagram and each connection
 * with the source address that it saw, then echoes the connection. It ends with its standard input.
 * Arguments: port, then the addresses to serve.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

const [port, ...addresses] = process.argv.slice(2);
for (const address of addresses) {
  const udp = createSocket(address.includes(":") ? "udp6" : "udp4");
  udp.on("message", (_payload, from) => udp.send(from.address, from.port, from.address));
  udp.bind(Number(port), address);
  const tcp = createServer((connection) => {
    connection.on("error", () => {});
    connection.write(connection.remoteAddress ?? "");
    connection.pipe(connection);
  });
  tcp.listen(Number(port), address);
  await Promise.all([once(udp, "listening"), once(tcp, "listening")]);
}
process.stdin.on("end", () => process.exit()).resume();
process.stdout.write("ready\n");
