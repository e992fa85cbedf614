/** The trial's own parts: what it sends can tell every fault, its line can be cut, and a tunnel in between bears that. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { get } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { layLine } from "../../src/compose/trial/cuttable-line.ts";
import { blockLength, PatternReader, patternBlock } from "../../src/compose/trial/octet-pattern.ts";
import { startTrial } from "../../src/compose/trial/trial.ts";
import { startTunnelEnd } from "../../src/compose/tunnel/start-end.ts";
import { TunnelFolder } from "./tunnel-fixture.ts";

const three = Buffer.concat([patternBlock(0), patternBlock(1), patternBlock(2)]);

function readAll(pieces: Iterable<Uint8Array>): PatternReader {
  const reader = new PatternReader();
  for (const piece of pieces) reader.read(piece);
  return reader;
}

test("the pattern is right however it is cut into pieces", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 10 }), (lengths) => {
      const pieces: Uint8Array[] = [];
      let at = 0;
      for (const length of lengths) {
        pieces.push(three.subarray(at, at + length));
        at += length;
      }
      const reader = readAll(pieces);
      assert.deepEqual([reader.octets, reader.wrong], [Math.min(at, three.length), 0]);
    }),
    { numRuns: 50 },
  );
});

test("a changed octet, a block that is missing and one that comes twice are all seen", () => {
  const changed = Buffer.from(three);
  changed[70_000] = (changed[70_000] ?? 0) ^ 1;
  assert.equal(readAll([changed]).wrong, 1);
  assert.ok(readAll([patternBlock(0), patternBlock(2)]).wrong > 0);
  assert.ok(readAll([patternBlock(0), patternBlock(0)]).wrong > 0);
  assert.ok(readAll([three.subarray(0, blockLength - 1), three.subarray(blockLength)]).wrong > 1);
});

test("a line that is cut resets what goes through it, and carries what comes next", async () => {
  const echo = createServer((socket) => void socket.on("error", () => {}).pipe(socket));
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  try {
    await using line = await layLine((echo.address() as AddressInfo).port);
    const open = async () => {
      const socket = connect({ host: "127.0.0.1", port: line.port });
      socket.write("hello");
      const [octets] = (await once(socket, "data")) as [Buffer];
      assert.equal(octets.toString(), "hello");
      return socket;
    };
    const first = await open();
    const ended = once(first, "error");
    line.cut();
    assert.equal(((await ended) as [NodeJS.ErrnoException])[0].code, "ECONNRESET");
    (await open()).destroy();
  } finally {
    echo.close();
  }
});

test("a download bears a cut of the line, the page is there, and nothing is left when the trial is over", async () => {
  using folder = new TunnelFolder("");
  const kinds: string[] = [];
  const trial = await startTrial(folder.context, {
    mode: "mlkem768",
    startEnd: startTunnelEnd,
    onEvent: (role, { kind }) => void kinds.push(`${role} ${kind}`),
  });
  const until = async (what: string, isSo: () => boolean) => {
    const end = performance.now() + 40_000;
    while (!isSo()) {
      assert(performance.now() < end, `${what}: not seen; ${kinds.join(", ")}`);
      await delay(10);
    }
  };
  try {
    await until("the download", () => trial.download().octets > 1_000_000);
    trial.cut();
    await until("the resumption", () => kinds.includes("source resumed"));
    const { octets } = trial.download();
    await until("more of it", () => trial.download().octets > octets + 1_000_000);
    assert.deepEqual([trial.download().wrong, trial.download().ended], [0, undefined]);
    const page = await new Promise<string>((resolve, reject) => {
      get({ host: "127.0.0.1", port: trial.httpPort, path: "/", agent: false }, (answer) => {
        answer.setEncoding("utf8").on("data", resolve);
      }).on("error", reject);
    });
    assert.match(page, /This page came through the tunnel/);
  } finally {
    await trial[Symbol.asyncDispose]();
  }
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.startsWith("ropewalk-try-")),
    [],
  );
});
