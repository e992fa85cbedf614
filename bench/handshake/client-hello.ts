/** The octets of a ClientHello as a source sends it, caught where it believed to reach a destination. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { dial } from "@ropewalk/tunnel/dial";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";

const recordHeader = 5;

/** One whole record of TLS. */
export async function catchClientHello(thread: HandshakeThread): Promise<Uint8Array> {
  const caught = Promise.withResolvers<Uint8Array>();
  const server = createServer((socket) => {
    let octets = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("close", () => caught.reject(new Error("the source sent no whole ClientHello")));
    socket.on("data", (bytes: Buffer) => {
      octets = Buffer.concat([octets, bytes]);
      const length = octets.length < recordHeader ? Number.POSITIVE_INFINITY : recordHeader + octets.readUInt16BE(3);
      if (octets.length < length) return;
      caught.resolve(new Uint8Array(octets.subarray(0, length)));
      socket.resetAndDestroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const task = { role: "source", mode: "hybrid", allow: undefined, authenticateWithin: seconds(10) } as const;
    const place = { host: "127.0.0.1", port };
    const dialled = dial({ ...place, thread, clock: createSystemClock(), task, connectWithin: seconds(5) });
    const [hello] = await Promise.all([caught.promise, dialled]);
    return hello;
  } finally {
    server.close();
  }
}
