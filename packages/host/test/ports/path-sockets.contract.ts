/**
 * The promises of PathSockets, asked of the fake and of the kernel alike. A rig offers two uplinks to one server, which
 * answers each datagram and each connection with the source address that it saw.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, suite, test } from "node:test";
import { HostError, type HostErrorCode } from "@ropewalk/host/errors";
import type { EchoReply, PathDatagramSocket, PathEchoSocket, PathSockets, PathStream } from "@ropewalk/host/ports";
import { type Family, families, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { within } from "./within.ts";

export interface PathSocketsRig extends AsyncDisposable {
  readonly sockets: PathSockets;
  /** The way to echo that this rig allows. */
  readonly echoMethod: PathEchoSocket["method"];
  readonly paths: readonly PathBinding[];
  readonly server: Readonly<Record<Family, IpAddress>>;
  /** An address that takes everything and answers nothing. */
  readonly silent: Readonly<Record<Family, IpAddress>>;
  /** UDP and TCP; the server answers SOURCE on each datagram and connection, then echoes the connection. */
  readonly port: number;
  /** A port of the server where nobody listens. */
  readonly closedPort: number;
  /** A path on a link that `remove` takes away. */
  temporaryPath(family: Family): Promise<{ readonly binding: PathBinding; readonly remove: () => Promise<void> }>;
}

const decode = (payload: Uint8Array) => new TextDecoder().decode(payload);
const hello = new TextEncoder().encode("hello");
const never = new AbortController().signal;

/** Fails when `opening` opens, and closes what it opened: a socket left open would keep the test's process alive. */
async function refused(opening: Promise<AsyncDisposable>, code: HostErrorCode): Promise<HostError> {
  const outcome: unknown = await opening.catch((error: unknown) => error);
  if (!(outcome instanceof Error)) await (outcome as AsyncDisposable)[Symbol.asyncDispose]();
  assert.ok(outcome instanceof HostError, `${code} instead of ${outcome}`);
  assert.equal(outcome.code, code, outcome.message);
  return outcome;
}

export async function nextMessage(socket: PathDatagramSocket): Promise<string> {
  return within("a datagram", (resolve) => socket.onMessage((payload) => resolve(decode(payload))));
}

export function nextReply(socket: PathEchoSocket): Promise<{ from: IpAddress; sequence: number; text: string }> {
  return within("an echo reply", (resolve) =>
    socket.onReply(({ from, sequence, payload }) => resolve({ from, sequence, text: decode(payload) })),
  );
}

export async function firstData(stream: PathStream["stream"]): Promise<string> {
  const [data] = await once(stream, "data", { signal: AbortSignal.timeout(30_000) });
  return decode(data);
}

export function pathSocketsContract(name: string, openRig: () => Promise<PathSocketsRig>): void {
  suite(`${name} keeps the contract of PathSockets`, () => {
    let rig: PathSocketsRig;
    before(async () => {
      rig = await openRig();
    });
    after(() => rig?.[Symbol.asyncDispose]());
    for (const family of families) {
      const paths = () => rig.paths.filter((path) => path.family === family);
      leavesByItsPath(family, () => rig, paths);
      refusesWhatIsNotThere(family, () => rig, paths);
      endsWell(family, () => rig, paths);
      sizesOfEchoes(family, () => rig, paths);
      readsWhenTold(family, () => rig, paths);
    }
  });
}

type Rig = () => PathSocketsRig;
type Paths = () => readonly PathBinding[];

function leavesByItsPath(family: Family, rig: Rig, paths: Paths): void {
  test(`${family}: a datagram leaves from the source of its path and its answer arrives`, async () => {
    for (const binding of paths()) {
      await using socket = await rig().sockets.datagram(binding);
      const answer = nextMessage(socket);
      assert.equal(socket.send(hello, { address: rig().server[family], port: rig().port }), true);
      assert.equal(await answer, binding.source);
      assert.equal(socket.binding, binding);
    }
  });

  test(`${family}: a connection leaves from the source of its path and carries octets both ways`, async () => {
    for (const binding of paths()) {
      await using opened = await rig().sockets.connect(
        binding,
        { address: rig().server[family], port: rig().port },
        never,
      );
      assert.equal(await firstData(opened.stream), binding.source);
      opened.stream.write(hello);
      assert.equal(await firstData(opened.stream), "hello");
    }
  });

  test(`${family}: an echo leaves by its path and its reply is heard once`, async () => {
    for (const binding of paths()) {
      await using socket = await rig().sockets.echo(binding);
      const reply = nextReply(socket);
      assert.equal(socket.method, rig().echoMethod);
      assert.equal(socket.send(rig().server[family], 65_536 + 7, hello), true);
      assert.deepEqual(await reply, { from: rig().server[family], sequence: 7, text: "hello" });
    }
  });
}

function refusesWhatIsNotThere(family: Family, rig: Rig, paths: Paths): void {
  const other: Family = family === "ipv4" ? "ipv6" : "ipv4";
  const lacks: readonly { readonly what: string; readonly change: Partial<PathBinding> }[] = [
    { what: "whose interface does not exist", change: { ifindex: 99_999 } },
    { what: "whose interface has another name now", change: { name: "renamed0" } },
    {
      what: "whose source address is gone",
      change: { source: ipAddress(family === "ipv4" ? "192.0.2.77" : "2001:db8:77::77") },
    },
  ];
  for (const { what, change } of lacks) {
    test(`${family}: nothing opens on a path ${what}`, async () => {
      const [path] = paths();
      const binding = { ...path, ...change } as PathBinding;
      const server = { address: rig().server[family], port: rig().port };
      await refused(rig().sockets.datagram(binding), "HOST_PATH_GONE");
      await refused(rig().sockets.echo(binding), "HOST_PATH_GONE");
      await refused(rig().sockets.connect(binding, server, never), "HOST_PATH_GONE");
    });
  }

  test(`${family}: nothing is sent to ${other}`, async () => {
    for (const binding of paths()) {
      const server = { address: rig().server[other], port: rig().port };
      await using datagram = await rig().sockets.datagram(binding);
      assert.equal(datagram.send(hello, server), false);
      assert.match(datagram.lastError ?? "", new RegExp(`is no ${family} address`));
      await using echo = await rig().sockets.echo(binding);
      assert.equal(echo.send(server.address, 1, hello), false);
      await refused(rig().sockets.connect(binding, server, never), "HOST_SOCKET");
    }
  });

  test(`${family}: a socket whose interface vanishes refuses to send and says why`, async () => {
    const { binding, remove } = await rig().temporaryPath(family);
    await using datagram = await rig().sockets.datagram(binding);
    await using echo = await rig().sockets.echo(binding);
    await remove();
    assert.equal(datagram.send(hello, { address: rig().server[family], port: rig().port }), false);
    assert.equal(echo.send(rig().server[family], 1, hello), false);
    assert.ok(datagram.lastError);
    assert.ok(echo.lastError);
  });

  test(`${family}: a refused connection is an error of the system, not of the path`, async () => {
    for (const binding of paths()) {
      const closed = { address: rig().server[family], port: rig().closedPort };
      assert.equal((await refused(rig().sockets.connect(binding, closed, never), "HOST_SOCKET")).errno, 111);
    }
  });
}

function endsWell(family: Family, rig: Rig, paths: Paths): void {
  test(`${family}: a connection is given up when its signal aborts, before or meanwhile`, async () => {
    for (const binding of paths()) {
      const silent = { address: rig().silent[family], port: rig().port };
      const reason = new Error("no longer wanted");
      await assert.rejects(rig().sockets.connect(binding, silent, AbortSignal.abort(reason)), reason);
      const controller = new AbortController();
      const connecting = rig().sockets.connect(binding, silent, controller.signal);
      controller.abort(reason);
      await assert.rejects(connecting, reason);
    }
  });

  test(`${family}: a signal that aborts later does not touch a connection that stands`, async () => {
    for (const binding of paths()) {
      const controller = new AbortController();
      const server = { address: rig().server[family], port: rig().port };
      await using opened = await rig().sockets.connect(binding, server, controller.signal);
      controller.abort();
      assert.equal(await firstData(opened.stream), binding.source);
    }
  });

  test(`${family}: an error of a connection that nobody listens for ends the stream, not the process`, async () => {
    for (const binding of paths()) {
      const server = { address: rig().server[family], port: rig().port };
      await using opened = await rig().sockets.connect(binding, server, never);
      opened.stream.destroy(new Error("reset by the peer"));
      // Without `once` of node:events, which would listen for the error.
      await new Promise((resolve) => opened.stream.on("close", resolve));
      assert.equal(opened.stream.destroyed, true);
    }
  });

  test(`${family}: a closed socket sends nothing, and closing it again is harmless`, async () => {
    for (const binding of paths()) {
      const server = { address: rig().server[family], port: rig().port };
      const datagram = await rig().sockets.datagram(binding);
      const echo = await rig().sockets.echo(binding);
      const { stream, ...opened } = await rig().sockets.connect(binding, server, never);
      for (const socket of [datagram, echo, opened, datagram, echo, opened]) await socket[Symbol.asyncDispose]();
      assert.equal(datagram.send(hello, server), false);
      assert.equal(echo.send(server.address, 1, hello), false);
      assert.match(datagram.lastError ?? "", /closed/);
      assert.equal(stream.destroyed, true);
    }
  });

  test(`${family}: a socket closed by its own listener hears nothing more`, async () => {
    const [binding] = paths();
    assert.ok(binding);
    const socket = await rig().sockets.datagram(binding);
    let heard = 0;
    await within(
      "the first answer",
      (resolve) =>
        socket.onMessage(() => {
          heard += 1;
          void socket[Symbol.asyncDispose]().then(() => resolve(undefined));
        }),
      () => {
        for (let count = 0; count < 20; count += 1)
          socket.send(hello, { address: rig().server[family], port: rig().port });
      },
    );
    assert.equal(heard, 1);
  });
}

/** Octets of the IP and ICMP headers, without options. */
const echoHeaders: Readonly<Record<Family, number>> = { ipv4: 28, ipv6: 48 };
/** The longest payload of an echo: IPv4 counts its header in its 65,535 octets (RFC 791 §3.1), IPv6 does not (RFC 8200 §3). */
const longestPayload: Readonly<Record<Family, number>> = { ipv4: 65_535 - 28, ipv6: 65_535 - 8 };

function sizesOfEchoes(family: Family, rig: Rig, paths: Paths): void {
  test(`${family}: an echo that must not be fragmented may fill the interface's MTU and not exceed it`, async () => {
    for (const binding of paths()) {
      await using socket = await rig().sockets.echo(binding, { dontFragment: true });
      const largest = new Uint8Array(binding.mtu - echoHeaders[family]).fill(1);
      const reply = nextReply(socket);
      assert.equal(socket.send(rig().server[family], 1, largest), true);
      assert.equal((await reply).text.length, largest.length);
      assert.equal(socket.send(rig().server[family], 2, new Uint8Array(largest.length + 1)), false);
      assert.match(socket.lastError ?? "", /EMSGSIZE/);
    }
  });

  test(`${family}: an echo that may be fragmented comes back whole, up to the largest there is`, async () => {
    for (const binding of paths()) {
      await using socket = await rig().sockets.echo(binding);
      for (const length of [binding.mtu, 9_000, longestPayload[family]]) {
        const reply = nextReply(socket);
        assert.equal(socket.send(rig().server[family], 1, new Uint8Array(length).fill(1)), true);
        assert.equal((await reply).text.length, length);
      }
    }
  });
}

function readsWhenTold(family: Family, rig: Rig, paths: Paths): void {
  test(`${family}: replies to a socket that is read on demand wait until then, and each is told once`, async () => {
    for (const binding of paths()) {
      await using patient = await rig().sockets.echo(binding, { isReadOnDemand: true });
      await using prompt = await rig().sockets.echo(binding);
      const heard: EchoReply[] = [];
      using _listening = patient.onReply((reply) => heard.push(reply));
      for (const sequence of [1, 2, 3]) assert.equal(patient.send(rig().server[family], sequence, hello), true);
      const later = nextReply(prompt);
      assert.equal(prompt.send(rig().server[family], 1, hello), true);
      await later;
      assert.deepEqual(heard, [], "nobody has read yet");
      patient.read();
      patient.read();
      assert.deepEqual(
        heard.map(({ sequence }) => sequence),
        [1, 2, 3],
      );
      assert.ok(heard.every(({ waited }) => waited >= 0 && waited < 5_000));
    }
  });

  test(`${family}: reading a closed socket is harmless and tells nothing`, async () => {
    const [binding] = paths();
    assert.ok(binding);
    const socket = await rig().sockets.echo(binding, { isReadOnDemand: true });
    socket.onReply(() => assert.fail("told after it was closed"));
    socket.send(rig().server[family], 1, hello);
    await socket[Symbol.asyncDispose]();
    socket.read();
  });
}
