/** The line between a trial's two ends: it passes everything on, and can be cut like a cable. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { resetSocket } from "@ropewalk/host/linux/reset-socket";

export interface CuttableLine extends AsyncDisposable {
  readonly port: number;
  /** Resets all that goes through it now; what comes next goes through again. */
  cut(): void;
}

/** To a port of loopback. */
export async function layLine(to: number): Promise<CuttableLine> {
  const through = new Set<Socket>();
  const cut = () => {
    for (const socket of through) resetSocket(socket);
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ host: "127.0.0.1", port: to, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      through.add(socket);
      socket.on("error", () => other.destroy());
      socket.once("close", () => {
        through.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}
