/** Ends that speak TLS otherwise than a tunnel does, or no TLS: each is refused, and said by its name. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect as dialSocket, type Socket } from "node:net";
import { after, before, suite, test } from "node:test";
import {
  type ConnectionOptions,
  createServer as createTlsServer,
  connect as dialTls,
  type TLSSocket,
  type TlsOptions,
} from "node:tls";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { dial } from "@ropewalk/tunnel/dial";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { Refusal } from "@ropewalk/tunnel/pure/refusal";
import { IdentityFolder, type Issued, issue } from "../throw-away-authority.ts";
import { listening } from "./listening.ts";
import { startThread, taskOf } from "./two-threads.ts";

const folder = new IdentityFolder();
const threads = new AsyncDisposableStack();
const ca = issue({ name: "CA of the tunnel", isCa: true });
const site = issue({ ca, name: "site", names: ["site.example"], usage: "client" });
const ed = issue({ ca, name: "hub", names: ["hub.example"], usage: "server", algorithm: "ed25519" });
const hub = issue({ ca, name: "hub", names: ["hub.example"], usage: "server" });
let thread: HandshakeThread;
before(async () => {
  thread = threads.use(await startThread(folder.identity("hub", hub, [ca])));
});
after(async () => {
  await threads.disposeAsync();
  folder[Symbol.dispose]();
});

/** As a source of a tunnel offers it. */
function offer({ certificate: cert, key }: Pick<Issued, "certificate" | "key">): ConnectionOptions & TlsOptions {
  return {
    ...{ cert, key, ca: ca.certificate, ALPNProtocols: ["ropewalk-tunnel/1"], ecdhCurve: "X25519MLKEM768" },
    ...{ minVersion: "TLSv1.3", maxVersion: "TLSv1.3", sigalgs: "mldsa65", ciphers: "TLS_AES_256_GCM_SHA384" },
    ...{ checkServerIdentity: () => undefined, rejectUnauthorized: false },
  };
}

interface Case {
  readonly name: string;
  readonly reason: Refusal["reason"];
  readonly options: ConnectionOptions;
}

suite("a destination refuses a client", () => {
  const good = offer(site);
  const p256 = { sigalgs: "mldsa65:ed25519" };
  const curve = issue({ ca, name: "site", names: ["site.example"], usage: "client", algorithm: "ed25519" });
  const cases: readonly Case[] = [
    {
      name: "of TLS 1.2",
      reason: "wrong-version",
      options: {
        ...good,
        ...{
          minVersion: "TLSv1.2",
          maxVersion: "TLSv1.2",
          ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384",
          sigalgs: undefined,
        },
      },
    },
    { name: "without the hybrid key exchange", reason: "wrong-group", options: { ...good, ecdhCurve: "X25519" } },
    {
      name: "without the cipher",
      reason: "wrong-cipher",
      options: { ...good, ciphers: "TLS_CHACHA20_POLY1305_SHA256" },
    },
    { name: "that cannot verify ML-DSA-65", reason: "wrong-signature", options: { ...good, sigalgs: "ed25519" } },
    {
      name: "with another application protocol",
      reason: "wrong-protocol",
      options: { ...good, ALPNProtocols: ["h2"] },
    },
    {
      name: "without an application protocol",
      reason: "wrong-protocol",
      options: { ...good, ALPNProtocols: undefined },
    },
    { name: "without a certificate", reason: "no-certificate", options: { ...good, cert: undefined, key: undefined } },
    {
      name: "with a certificate of another algorithm",
      reason: "no-certificate",
      options: { ...good, ...p256, ...{ cert: curve.certificate, key: curve.key } },
    },
  ];
  for (const { name, reason, options } of cases) {
    test(name, async () => {
      using destination = await listening(thread);
      await using client = tlsClient(destination.port, options);
      const outcome = await destination.next();
      assert(outcome.kind === "refused");
      assert.deepEqual(outcome.refusal, { ...outcome.refusal, by: "us", reason }, outcome.refusal.detail);
      await client.closed;
    });
  }
});

interface Client extends AsyncDisposable {
  readonly socket: TLSSocket;
  readonly closed: Promise<unknown>;
}

function tlsClient(port: number, options: ConnectionOptions): Client {
  const socket = dialTls({ ...options, port, host: "127.0.0.1" });
  const closed = closing(socket);
  return {
    socket,
    closed,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}

test("a client that takes up its session again gets a whole handshake, for a destination gives out nothing to take up", async () => {
  using destination = await listening(thread);
  const sessions: Buffer[] = [];
  for (let round = 0; round < 2; round += 1) {
    const session = sessions[0];
    await using client = tlsClient(destination.port, { ...offer(site), ...(session === undefined ? {} : { session }) });
    client.socket.on("session", (ticket) => sessions.push(ticket));
    // The destination's hello, behind which tickets would have come.
    await once(client.socket, "data");
    assert.equal(client.socket.isSessionReused(), false);
  }
});

test("what is no TLS is cut off at its first octets", async () => {
  using destination = await listening(thread);
  for (const text of ["GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\0\0\0\0"]) {
    const socket = dialSocket(destination.port, "127.0.0.1");
    const closed = closing(socket);
    socket.write(text);
    await closed;
    assert.deepEqual(await refusalOf(destination), ["us", "wrong-protocol"]);
  }
});

test("half a handshake is given up after its time, wherever it stops", async () => {
  using destination = await listening(thread, { authenticateWithin: millis(300) }, { within: millis(300) });
  const silent = dialSocket(destination.port, "127.0.0.1");
  await closing(silent);
  assert.deepEqual(await refusalOf(destination), ["us", "deadline"]);
  const halting = dialSocket(destination.port, "127.0.0.1");
  halting.write(Uint8Array.of(22, 3, 1, 5, 0, 1));
  await closing(halting);
  assert.deepEqual(await refusalOf(destination), ["us", "deadline"]);
  const first = dialSocket(destination.port, "127.0.0.1");
  first.write(await firstFlight());
  await closing(first);
  assert.deepEqual(await refusalOf(destination), ["us", "deadline"]);
  assert.deepEqual(destination.listener.strangers, { unheard: 0, begun: 0 });
});

test("whoever sends more than a handshake may hold is cut off before anything of it is parsed", async () => {
  using destination = await listening(thread);
  const socket = dialSocket(destination.port, "127.0.0.1");
  const closed = closing(socket);
  socket.write(await firstFlight());
  await once(socket, "data");
  const record = Buffer.concat([Buffer.of(23, 3, 3, 0x40, 0), Buffer.alloc(0x4000)]);
  // As many as would have to be read: the first ones are no valid records and end the connection even earlier.
  for (let sent = 0; sent < 6; sent += 1) socket.write(record);
  await closed;
  const [by, reason] = await refusalOf(destination);
  assert.equal(by, "us");
  assert(reason === "oversize" || reason === "finished-mismatch" || reason === "malformed-message", reason);
});

suite("a source refuses a server", () => {
  const good = offer(hub);
  const cases: readonly { name: string; reason: Refusal["reason"]; options: TlsOptions }[] = [
    {
      name: "of TLS 1.2",
      reason: "wrong-version",
      options: { ...good, ...{ minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: undefined, sigalgs: undefined } },
    },
    { name: "without the hybrid key exchange", reason: "nothing-in-common", options: { ...good, ecdhCurve: "X25519" } },
    {
      name: "with another application protocol",
      reason: "wrong-protocol",
      options: { ...good, ALPNProtocols: ["h2"] },
    },
    {
      name: "without an application protocol",
      reason: "wrong-protocol",
      options: { ...good, ALPNProtocols: undefined },
    },
    {
      name: "that has no certificate of ML-DSA-65",
      reason: "nothing-in-common",
      options: { ...good, ...{ cert: ed.certificate, key: ed.key, sigalgs: undefined } },
    },
  ];
  for (const { name, reason, options } of cases) {
    test(name, async () => {
      const server = createTlsServer(options, (socket) => socket.on("error", () => {}));
      server.on("tlsClientError", () => {});
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const task = taskOf("source");
      const clock = createSystemClock();
      const outcome = await dial({ host: "127.0.0.1", port, thread, clock, task, connectWithin: seconds(5) });
      server.close();
      assert(outcome.kind === "refused");
      assert.equal(outcome.refusal.reason, reason, outcome.refusal.detail);
      await outcome.closed;
    });
  }
});

/** A ClientHello, as a source sends it. */
async function firstFlight(): Promise<Buffer> {
  const { Duplex } = await import("node:stream");
  return new Promise((resolve) => {
    const transport = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(Buffer.from(chunk));
        done();
      },
    });
    dialTls({ ...offer(site), socket: transport }).on("error", () => {});
  });
}

/** Settles however it is closed. */
function closing(socket: Socket): Promise<void> {
  socket.on("error", () => {});
  socket.resume();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function refusalOf(destination: Awaited<ReturnType<typeof listening>>): Promise<readonly [string, string]> {
  const outcome = await destination.next();
  assert(outcome.kind === "refused");
  return [outcome.refusal.by, outcome.refusal.reason];
}
