/**
 * Gives each connection a file of random octets, at a pace, and behind it the file's SHA-256: whoever got it can tell whether one octet
 * was lost, doubled or moved. The first line of the input holds port, length and pace.
 */
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

interface Setting {
  readonly port: number;
  /** Octets of the file. */
  readonly length: number;
  /** Octets a second. */
  readonly pace: number;
}

const tickMs = 5;
/** What is made at a time, at most. */
const zeros = Buffer.alloc(1 << 20);

createInterface({ input: process.stdin }).once("line", (line) => {
  const setting = JSON.parse(line) as Setting;
  const server = createServer((socket) => give(socket, setting));
  server.listen(setting.port, "127.0.0.1", () => process.stdout.write("ready\n"));
});

function give(socket: Socket, { length, pace }: Setting): void {
  const random = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const hash = createHash("sha256");
  const began = performance.now();
  let given = 0;
  const timer = setInterval(() => {
    // Who is behind, because nobody took it for a while, does not hurry after it: not more than a tenth of a second at once.
    if (socket.writableNeedDrain) return;
    const due = Math.min(length, (pace * (performance.now() - began)) / 1_000) - given;
    const octets = random.update(zeros.subarray(0, Math.max(0, Math.min(due, pace / 10, zeros.length))));
    hash.update(octets);
    given += octets.length;
    socket.write(octets);
    if (given < length) return;
    clearInterval(timer);
    socket.end(hash.digest());
  }, tickMs);
  socket.on("error", () => socket.destroy());
  socket.once("close", () => clearInterval(timer));
  socket.resume();
}
