/** Ends that run into limits of their machine: no descriptor left, a disk that is full, a process that stands still. The streams that are there live. */
import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { churn, EchoTarget } from "../faults/churn.ts";
import { churnAndCount } from "../faults/churn-count.ts";
import { LoadProcesses } from "../faults/load-processes.ts";
import { standStill } from "../faults/stand-still.ts";
import { TunnelPair } from "../faults/tunnel-pair.ts";

const seed = Date.now() % 2 ** 31;

for (const short of ["source", "destination"] as const) {
  test(`a ${short} without a descriptor left keeps the streams that it has, and takes new ones when there are some again`, async () => {
    await using load = await LoadProcesses.start(seed, 2);
    await using echo = new EchoTarget();
    const through = ["sh", "-c", 'ulimit -n 160 && exec "$@"', "sh"];
    const targets = { load: load.port, echo: await echo.listen() };
    await using pair = await TunnelPair.start({ targets, [short]: { through } });
    await load.pulse(pair.port("load"));
    load.begin({ port: pair.port("load"), streams: 30 });
    await pair.source.until("all streams are open", async () => (await load.seenByTarget()) >= 30);
    const verdict = load.finish(60_000);
    const crowd = Array.from({ length: 300 }, () =>
      connect({ host: "127.0.0.1", port: pair.port("echo") }).on("error", () => {}),
    );
    await pair[short].until("it says that it has none left", () => /EMFILE|descriptor/i.test(pair[short].log));
    for (const socket of crowd) socket.destroy();
    await pair[short].until("it takes new ones", async () => (await churn(pair.port("echo"), 1, 1)).length === 0);
    assert.deepEqual(await churn(pair.port("echo"), 50, 5), [], pair.logs);
    assert.deepEqual((await verdict).faults, [], pair.logs);
  });
}

test("an end whose log cannot be written goes on", async () => {
  await using load = await LoadProcesses.start(seed);
  const log = openSync("/dev/full", "w");
  try {
    await using pair = await TunnelPair.start({ targets: { load: load.port }, source: { log }, destination: { log } });
    await load.pulse(pair.port("load"));
    load.begin({ port: pair.port("load"), streams: 10 });
    for (let cuts = 0; cuts < 3; cuts += 1) {
      const at = await pair.proxy.act({ kind: "reset" });
      await load.beat(at, at);
    }
    assert.deepEqual((await load.finish(60_000)).faults, []);
    assert.deepEqual([await pair.source.stop(), await pair.destination.stop()], [0, 0]);
  } finally {
    closeSync(log);
  }
});

/** Both: `npm run soak -- tunnel-stand-still`. */
const still = seed % 2 === 0 ? "source" : "destination";
test(`a ${still} that stood still for three seconds goes on with every stream`, async () => {
  const { faults } = await standStill({ seed, still, seconds: 3 });
  assert.deepEqual(faults, [], `seed ${seed}`);
});

test("of a thousand connections that were opened and closed nothing is left", async (t) => {
  assert.deepEqual(await churnAndCount(1_000, (line) => t.diagnostic(line)), []);
});
