/** Real sockets at their limits: full queues, refused datagrams, neighbours' replies, and descriptors that must not stay. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { HostError } from "@ropewalk/host/errors";
import type { EchoReply } from "@ropewalk/host/ports";
import { families, ipAddress } from "@ropewalk/kernel/addresses";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { nextMessage, nextReply } from "../ports/path-sockets.contract.ts";
import { binding, server, silent, uplinks } from "../ports/two-uplinks.ts";
import { within } from "../ports/within.ts";
import { exchange, hello, never, sockets } from "./exchange.ts";
import { allowEchoBy, paths, serverPort, type TwoUplinkNetwork, useTwoUplinks } from "./two-uplink-network.ts";

const path = binding(uplinks[0], "ipv4");

inOwnNamespace(import.meta.filename, () => {
  const network = useTwoUplinks();
  datagramsAtTheirLimits();
  echoesBesideOthers();
  echoesInOnePacket(network);
  descriptorsThatMustNotStay();
});

function datagramsAtTheirLimits(): void {
  test("a datagram to a closed port leaves the socket as it was", async () => {
    for (const path of paths) {
      await using socket = await sockets.datagram(path);
      const answer = nextMessage(socket);
      for (let count = 0; count < 10; count += 1) socket.send(hello, { address: server[path.family], port: 9 });
      assert.equal(socket.send(hello, { address: server[path.family], port: serverPort }), true);
      assert.equal(await answer, path.source);
    }
  });

  test("a datagram too long for any packet is refused, not thrown", async () => {
    for (const path of paths) {
      await using socket = await sockets.datagram(path);
      assert.equal(socket.send(new Uint8Array(70_000), { address: server[path.family], port: serverPort }), false);
      assert.match(socket.lastError ?? "", /EMSGSIZE/);
    }
  });

  test("when the link takes less than is sent, the queue fills, sends are refused, and it works again after", async () => {
    const to = { address: server[path.family], port: serverPort };
    execFileSync("tc", "qdisc add dev w1 root tbf rate 8kbit burst 1600 limit 10000000".split(" "));
    await using socket = await sockets.datagram(path);
    let sent = 0;
    while (sent < 10_000 && socket.send(new Uint8Array(1_000), to)) sent += 1;
    execFileSync("tc", "qdisc del dev w1 root".split(" "));
    assert.ok(sent < 10_000, `${sent} datagrams were queued`);
    assert.match(socket.lastError ?? "", /EAGAIN/);
    const answer = nextMessage(socket);
    assert.equal(socket.send(hello, to), true);
    assert.equal(await answer, path.source);
  });

  test("a port that is taken is an error of the system", async () => {
    await using first = await sockets.datagram(path);
    await assert.rejects(sockets.datagram(path, { port: first.localPort }), (error) => {
      return error instanceof HostError && error.code === "HOST_SOCKET" && error.errno === 98;
    });
  });
}

function echoesBesideOthers(): void {
  test("a raw echo socket hears the replies to its neighbour's requests, drops them and counts them", async () => {
    allowEchoBy("raw-socket");
    for (const path of paths) {
      await using ours = await sockets.echo(path);
      await using theirs = await sockets.echo(path);
      let heard = 0;
      using _listening = ours.onReply(() => {
        heard += 1;
      });
      // Port unreachable comes back to the same source: the kernel's filter keeps it from both.
      await using datagram = await sockets.datagram(path);
      datagram.send(hello, { address: server[path.family], port: 9 });
      const reply = nextReply(theirs);
      theirs.send(server[path.family], 1, hello);
      await reply;
      const own = nextReply(ours);
      ours.send(server[path.family], 1, hello);
      await own;
      assert.equal(heard, 1);
      assert.deepEqual(ours.dropped, { undecodable: 0, foreign: 1 });
    }
  });
}

/** A path MTU that the kernel knows of, here by a route, and a link that loses every fragment. */
function echoesInOnePacket(network: () => TwoUplinkNetwork): void {
  const noFragments = `table netdev whole { chain out { type filter hook egress device w1 priority 0;
    ip frag-off & 0x3fff != 0 drop
    exthdr frag exists drop
  }
}`;
  for (const method of ["ping-socket", "raw-socket"] as const) {
    test(`a ${method} that must not fragment sends packets as large as the kernel knows the path to take, and no larger`, async () => {
      allowEchoBy(method);
      const routes = families.map((family) => `${server[family]} via ${uplinks[0].gateways[family]} dev w1 mtu 1300`);
      network().ip(...routes.map((route) => `route add ${route}`));
      execFileSync("nft", ["-f", "-"], { input: noFragments });
      for (const path of paths.filter(({ name }) => name === "w1")) {
        await using cut = await sockets.echo(path);
        await using whole = await sockets.echo(path, { dontFragment: true });
        let isHeard = false;
        using _listening = cut.onReply(() => {
          isHeard = true;
        });
        const largest = 1_300 - (path.family === "ipv4" ? 28 : 48);
        cut.send(server[path.family], 1, new Uint8Array(largest + 1));
        assert.equal(whole.send(server[path.family], 1, new Uint8Array(largest + 1)), false);
        assert.match(whole.lastError ?? "", /EMSGSIZE/);
        const reply = nextReply(whole);
        assert.equal(whole.send(server[path.family], 2, new Uint8Array(largest)), true);
        assert.equal((await reply).text.length, largest);
        assert.equal(isHeard, false, "fragments were sent, and lost");
      }
      execFileSync("nft", ["delete", "table", "netdev", "whole"]);
      network().ip(...routes.map((route) => `route del ${route}`));
    });

    test(`a reply to a ${method} tells how long it waited for us to read it`, async () => {
      allowEchoBy(method);
      for (const path of paths) {
        await using socket = await sockets.echo(path);
        const deadline = performance.now() + 30_000;
        for (let sequence = 1; ; sequence += 1) {
          const heard = within<EchoReply>("an echo reply", (resolve) => socket.onReply(resolve));
          const sent = performance.now();
          assert.equal(socket.send(server[path.family], sequence, hello), true);
          standStill(60);
          const { waited } = await heard;
          const whole = performance.now() - sent;
          // The kernel takes a moment until it keeps the times of packets; until then it says "now".
          if (waited < 5 && performance.now() < deadline) continue;
          assert.ok(waited > 30 && waited < whole, `${waited} ms of ${whole} ms`);
          break;
        }
      }
    });
  }
}

/** The event loop turns no more for so many milliseconds. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function descriptorsThatMustNotStay(): void {
  test("a thousand failures of each kind leave no descriptor behind", async () => {
    const gone = { ...path, ifindex: 99_999 };
    const unnumbered = { ...path, source: ipAddress("192.0.2.77") };
    const closed = { address: server.ipv4, port: 9 };
    const silence = { address: silent.ipv4, port: serverPort };
    const failures: readonly (() => Promise<unknown>)[] = [
      ...[gone, unnumbered].flatMap((binding) => [
        () => sockets.datagram(binding),
        () => sockets.echo(binding),
        () => sockets.connect(binding, closed, never),
      ]),
      () => sockets.connect(path, closed, never),
      () => sockets.connect(path, silence, AbortSignal.abort()),
      () => {
        const controller = new AbortController();
        setImmediate(() => controller.abort());
        return sockets.connect(path, silence, controller.signal);
      },
    ];
    for (const fail of failures) {
      await assert.rejects(fail());
      const before = openDescriptors();
      for (let count = 0; count < 1_000; count += 1) await fail().catch(() => {});
      assert.equal(openDescriptors(), before, fail.toString());
    }
  });

  test("a thousand sockets opened and closed leave no descriptor behind", async () => {
    await exchange(path);
    const before = openDescriptors();
    for (let count = 0; count < 1_000; count += 1) {
      await using _datagram = await sockets.datagram(path);
      await using _echo = await sockets.echo(path);
      await using _connection = await sockets.connect(path, { address: server.ipv4, port: serverPort }, never);
    }
    assert.equal(openDescriptors(), before);
  });
}

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
