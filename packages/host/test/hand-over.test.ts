import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { test } from "node:test";
import { HostError } from "@ropewalk/host/errors";
import { handOver } from "@ropewalk/host/linux/hand-over";
import { createNative } from "@ropewalk/host/linux/native";

const native = createNative();

/** Two ends of a connection over loopback. */
async function connected() {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const far = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [[near]] = (await Promise.all([once(server, "connection"), once(far, "connect")])) as [[Socket], []];
  server.close();
  return { near, far };
}

test("a connection goes on under its second descriptor, when the socket that had it is closed", async () => {
  const { near, far } = await connected();
  let hasHeard = false;
  near.on("close", () => {
    hasHeard = true;
  });
  const { fd, unread } = handOver(native, near);
  assert.deepEqual([near.destroyed, unread], [true, []]);
  const taken = new Socket({ fd, readable: true, writable: true });
  taken.write("from the second");
  assert.equal(String((await once(far, "data"))[0]), "from the second");
  far.end("to the second");
  assert.equal(String((await once(taken, "data"))[0]), "to the second");
  await once(taken.end(), "close");
  assert.equal(hasHeard, false, "its listeners are gone");
});

test("what was read before and nobody has taken is handed over too", async () => {
  const { near, far } = await connected();
  far.write("early");
  near.read(0);
  await once(near, "readable");
  const { fd, unread } = handOver(native, near);
  assert.equal(Buffer.concat(unread).toString(), "early");
  native.close(fd);
  await once(far.resume(), "close");
});

test("a socket without a descriptor cannot be handed over, and is closed", () => {
  const socket = new Socket();
  assert.throws(
    () => handOver(native, socket),
    (error) => error instanceof HostError && error.code === "HOST_NATIVE_CALLS",
  );
  assert.equal(socket.destroyed, true);
});
