/**
 * Fetches one file of `checked-source-main.ts` and tells, a line of JSON each, how much there is, each pause of 20 ms or more, and at the
 * end whether it is the file that was sent. The first line of the input holds the port, on loopback, and the file's length.
 */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { FetchWord } from "./tunnel/pure/fetch-words.ts";

const pauseNanos = 20_000_000n;
const tellNanos = 50_000_000n;
const digestLength = 32;

createInterface({ input: process.stdin }).once("line", (line) => {
  const { port, length } = JSON.parse(line) as { readonly port: number; readonly length: number };
  process.stdout.write("ready\n");
  fetchFile(port, length);
});

function fetchFile(port: number, length: number): void {
  const hash = createHash("sha256");
  const digest: Buffer[] = [];
  let total = 0;
  let last = process.hrtime.bigint();
  let told = last;
  const socket = connect(port, "127.0.0.1");
  socket.on("data", (octets: Buffer) => {
    const now = process.hrtime.bigint();
    if (now - last >= pauseNanos) tell({ kind: "pause", from: `${last}`, to: `${now}` });
    const ofFile = Math.min(octets.length, Math.max(0, length - total));
    hash.update(octets.subarray(0, ofFile));
    if (ofFile < octets.length) digest.push(octets.subarray(ofFile));
    total += octets.length;
    last = now;
    if (now - told < tellNanos) return;
    told = now;
    tell({ kind: "octets", total, at: `${now}` });
  });
  socket.once("error", (error: NodeJS.ErrnoException) => tell({ kind: "broken", reason: error.code ?? error.message }));
  socket.once("close", () => {
    const isWhole = total === length + digestLength && Buffer.concat(digest).equals(hash.digest());
    tell({ kind: "over", total: Math.min(total, length), isWhole });
    process.exit();
  });
}

function tell(word: FetchWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}
