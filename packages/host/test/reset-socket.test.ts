/** Connections that are ended at once: none is left in the process, whatever it was doing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { resetSocket } from "@ropewalk/host/linux/reset-socket";

const server = createServer({ allowHalfOpen: true });

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(() => void server.close());

/** Both ends of a connection. */
async function connected(): Promise<{ readonly here: Socket; readonly there: Socket }> {
  const came = once(server, "connection");
  const there = connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  there.on("error", () => {});
  const [here] = (await came) as [Socket];
  there.resume();
  return { here, there };
}

test("a connection that is in use is reset", async () => {
  const { here, there } = await connected();
  const [failed, closed] = [once(there, "error"), once(here, "close")];
  resetSocket(here);
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNRESET");
  await closed;
});

for (const turns of [0, 1, 2, 3]) {
  test(`a connection that was ended ${turns} turns ago is closed, and is not lost`, async () => {
    const { here, there } = await connected();
    const faults: Error[] = [];
    here.on("error", (error) => faults.push(error));
    const closed = once(here, "close");
    here.end();
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((next) => process.nextTick(next));
    resetSocket(here);
    await closed;
    assert.deepEqual(faults, []);
    there.destroy();
  });
}
