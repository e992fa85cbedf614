/** Connections that are opened, ask once, are answered, and are closed, one behind the other in several rows. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

const question = Buffer.from("what is opened is closed again");

/** Sends back what comes, and finishes behind it. */
export class EchoTarget implements AsyncDisposable {
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });

  async listen(): Promise<number> {
    this.#server.listen({ host: "127.0.0.1", port: 0, backlog: 511 });
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** What went wrong with some of them, none when every one was answered in full. */
export async function churn(port: number, count: number, atOnce: number): Promise<readonly string[]> {
  const faults: string[] = [];
  let left = count;
  const row = async () => {
    while (left > 0 && faults.length < 10) {
      left -= 1;
      const fault = await ask(port, left % 2 === 0);
      if (fault !== undefined) faults.push(`with ${left} to come: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, row));
  return faults;
}

/** Every other one ends by a reset, once it is answered. */
function ask(port: number, isReset: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    let came = Buffer.alloc(0);
    let error = "it was closed";
    socket.on("data", (octets: Buffer) => {
      came = Buffer.concat([came, octets]);
      if (isReset && came.equals(question)) socket.resetAndDestroy();
    });
    socket.on("error", ({ message }) => {
      error = message;
    });
    socket.on("close", () => resolve(came.equals(question) ? undefined : `${error}; ${came.length} octets came`));
    if (isReset) socket.write(question);
    else socket.end(question);
  });
}
