import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { BusConnection } from "@ropewalk/backhaul/io/message-bus";
import { ScratchFolder } from "./scratch-folder.ts";

/** Something at the end of a socket that is not a well-behaved bus. */
class HostileBus implements AsyncDisposable {
  readonly #folder = new ScratchFolder();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    this.#behave(socket);
  });
  readonly #behave: (socket: Socket) => void;
  readonly path: string = this.#folder.in("bus");

  private constructor(behave: (socket: Socket) => void) {
    this.#behave = behave;
  }

  static async listen(behave: (socket: Socket) => void): Promise<HostileBus> {
    const bus = new HostileBus(behave);
    await new Promise<void>((resolve) => bus.#server.listen(bus.path, resolve));
    return bus;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#folder[Symbol.dispose]();
  }
}

/** Accepts anybody, and after the handshake sends `bytes`. */
function authenticating(bytes: Uint8Array): (socket: Socket) => void {
  return (socket) => {
    socket.on("data", (data) => {
      const text = data.toString("latin1");
      if (text.includes("AUTH EXTERNAL")) socket.write("OK 0123456789abcdef0123456789abcdef\r\n");
      if (text.includes("NEGOTIATE_UNIX_FD")) socket.write("ERROR\r\n");
      if (text.includes("BEGIN")) socket.write(bytes);
    });
  };
}

/** Type 2 (reply), version 1, and the lengths as told; the rest is zero. Source: D-Bus Specification, "Message Format". */
function header(bodyLength: number, fieldsLength: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint32(0, 0x01_00_02_6c, true);
  view.setUint32(4, bodyLength, true);
  view.setUint32(8, 1, true);
  view.setUint32(12, fieldsLength, true);
  return new Uint8Array(view.buffer);
}

const never = new AbortController().signal;

for (const [what, behave] of [
  ["hangs up at once", (socket: Socket) => void socket.destroy()],
  ["speaks another protocol", (socket: Socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(9))],
  ["rejects this user", (socket: Socket) => void socket.on("data", () => socket.write("REJECTED EXTERNAL\r\n"))],
  ["sends noise after the handshake", authenticating(Uint8Array.from({ length: 256 }, (_, index) => index * 37))],
  ["declares a body of four gigabytes", authenticating(header(0xffff_fff0, 0))],
  ["declares header fields beyond the message", authenticating(header(0, 0x7fff_ffff))],
] as const) {
  test(`a bus that ${what} is given up with a reason`, async () => {
    await using bus = await HostileBus.listen(behave);
    await assert.rejects(
      BusConnection.open(bus.path, never),
      (error) => error instanceof Error && error.message !== "",
    );
  });
}

test("a bus that never answers is given up at the deadline of a call", async () => {
  await using bus = await HostileBus.listen(() => {});
  await assert.rejects(BusConnection.open(bus.path, never), /No reply within 5000ms/);
});

test("a connection that is being opened ends at once when it is no more wanted", async () => {
  await using bus = await HostileBus.listen(() => {});
  const signal = AbortSignal.timeout(50);
  // Who waits for the deadline of a call is told of that.
  await assert.rejects(BusConnection.open(bus.path, signal), (error) => !/No reply within/.test(String(error)));
  assert.ok(signal.aborted);
});

test("a socket that is not there is told as such", async () => {
  await assert.rejects(BusConnection.open("/nonexistent/bus", never), /ENOENT/);
});
