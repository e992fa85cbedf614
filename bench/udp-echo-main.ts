/**
 * Live traffic for the lab. `serve PORT` answers each datagram with itself; `ask SOURCE TARGET PORT MS` sends 200 octets every
 * so many milliseconds. Each says "ready" and ends with its input.
 */
import { createSocket } from "node:dgram";

const [role, ...words] = process.argv.slice(2);
const socket = createSocket("udp4");
process.stdin.on("end", () => process.exit(0)).resume();
if (role === "serve") {
  socket.on("message", (text, { address, port }) => socket.send(text, port, address, ignoreFault));
  socket.bind(Number(words[0]), sayReady);
} else {
  const [source = "", target = "", port = "", everyMs = ""] = words;
  const text = new Uint8Array(200);
  socket.on("message", () => {});
  socket.bind(0, source, () => {
    sayReady();
    setInterval(() => socket.send(text, Number(port), target, ignoreFault), Number(everyMs));
  });
}

function sayReady(): void {
  process.stdout.write("ready\n");
}

/** A line that is down refuses a datagram now and then; the next one is what counts. */
function ignoreFault(): void {}
