/** Calls over gRPC and mutual TLS, on loopback: who is let in, what a caller is told, and how each call ends. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, experimental, status } from "@grpc/grpc-js";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { RefusedCall } from "@ropewalk/ops/call-status";
import { GrpcClient } from "@ropewalk/ops/grpc-client";
import { methodDefinition } from "@ropewalk/ops/grpc-definition";
import { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import { type GrpcHandlers, GrpcServer, type IncomingCall } from "@ropewalk/ops/grpc-server";
import fc from "fast-check";
import { TestAuthority } from "./certificates.ts";
import { EchoService } from "./generated/echo_pb.ts";

const authority = new TestAuthority();
after(() => authority[Symbol.dispose]());
const coreFiles = authority.identity("core", "DNS:core.example");
const entryFiles = authority.identity("entry", "URI:spiffe://example/entry", "DNS:entry.example");
const clock = createSystemClock();
const soon = { within: seconds(10) };

/** What handlers threw that nobody was told. */
const defects: unknown[] = [];
const calls: IncomingCall[] = [];
let ended = 0;
const handlers: GrpcHandlers<typeof EchoService> = {
  async say({ text }, call) {
    calls.push(call);
    if (text === "forbidden") throw new RefusedCall("PERMISSION_DENIED", "nobody may say that");
    if (text === "defect") throw new Error("the secret is swordfish");
    if (text === "slow") {
      const { promise, resolve } = Promise.withResolvers<void>();
      call.signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      ended += 1;
    }
    return { text: `${text}!` };
  },
  async *count({ until }, { signal }) {
    try {
      if (until === 13) throw new RefusedCall("PERMISSION_DENIED", "nobody may count so far");
      for (let number = 1; number <= until && !signal.aborted; number += 1) {
        await new Promise(setImmediate);
        if (until === 14 && number === 7) throw new Error("the secret is swordfish");
        yield { number, filling: new Uint8Array(1_000) };
      }
    } finally {
      ended += 1;
    }
  },
};

async function place({ mostCalls = 100, files = coreFiles, as = entryFiles, serverName = "core.example" } = {}) {
  const identity = new GrpcIdentity(files);
  const onDefect = (method: string, error: unknown) => void defects.push([method, error]);
  const server = await GrpcServer.listen(EchoService, handlers, {
    ...{ listen: "127.0.0.1:0", identity, clock, mostCalls, onDefect },
  });
  const address = `127.0.0.1:${server.port}`;
  const client = new GrpcClient(EchoService, { address, serverName, identity: new GrpcIdentity(as) });
  return {
    server,
    identity,
    client,
    address,
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  const limit = performance.now() + 30_000;
  while (!isSo()) {
    assert.ok(performance.now() < limit, "it was waited for in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a call has its reply, and who is asked knows the caller by its certificate", async () => {
  await using at = await place();
  assert.equal((await at.client.calls.say({ text: "hello" }, soon)).text, "hello!");
  assert.deepEqual(calls.at(-1)?.callerNames, ["URI:spiffe://example/entry", "DNS:entry.example"]);
});

test("a stream comes whole, however slowly it is read, and one that is left ends where it is made", async () => {
  await using at = await place();
  const numbers: number[] = [];
  for await (const { number } of at.client.calls.count({ until: 500 }, soon)) numbers.push(number);
  assert.deepEqual([numbers.length, numbers.at(-1)], [500, 500]);
  const before = ended;
  for await (const { number } of at.client.calls.count({ until: 4_000_000_000 }, soon)) if (number === 3) break;
  await until(() => ended === before + 1);
});

test("who has no certificate of the CA is not let in, nor is a server of another name or CA believed", async () => {
  using strangers = new TestAuthority();
  const stranger = strangers.identity("entry", "DNS:entry.example");
  for (const unlike of [
    { as: { ...stranger, authorities: entryFiles.authorities } },
    { as: { ...entryFiles, authorities: stranger.authorities } },
    { serverName: "other.example" },
  ]) {
    await using at = await place(unlike);
    await assert.rejects(at.client.calls.say({ text: "hello" }, soon), { code: "OPS_CALL_UNAVAILABLE" });
  }
});

test("a stream that is refused at once, or fails on its way, ends with as much as a call does", async () => {
  await using at = await place();
  const count = (until: number) => Array.fromAsync(at.client.calls.count({ until }, soon));
  await assert.rejects(count(13), {
    code: "OPS_CALL_REFUSED",
    message: "Count of ropewalk.test.v1.EchoService: nobody may count so far",
  });
  await assert.rejects(count(14), { code: "OPS_CALL_FAILED" });
});

test("a refusal is told with its words, and what is no refusal is not told", async () => {
  await using at = await place();
  await assert.rejects(at.client.calls.say({ text: "forbidden" }, soon), {
    code: "OPS_CALL_REFUSED",
    message: "Say of ropewalk.test.v1.EchoService: nobody may say that",
  });
  await assert.rejects(at.client.calls.say({ text: "defect" }, soon), (error: Error & { code: string }) => {
    return error.code === "OPS_CALL_FAILED" && !error.message.includes("swordfish");
  });
  assert.match(String((defects.at(-1) as [string, Error])[1]), /swordfish/);
});

test("a call ends when its time is up, or its caller gives it up, at both ends", async () => {
  await using at = await place();
  const before = ended;
  await assert.rejects(at.client.calls.say({ text: "slow" }, { within: millis(200) }), { code: "OPS_CALL_LATE" });
  await until(() => ended === before + 1);
  const given = new AbortController();
  const asked = calls.length;
  const call = at.client.calls.say({ text: "slow" }, { ...soon, signal: given.signal });
  await until(() => calls.length === asked + 1);
  given.abort();
  await assert.rejects(call, { code: "OPS_CALL_CANCELLED" });
  await until(() => ended === before + 2);
  await assert.rejects(at.client.calls.say({ text: "never" }, { ...soon, signal: AbortSignal.abort() }), {
    code: "OPS_CALL_CANCELLED",
  });
});

test("a client that is closed ends its calls, those that wait for a reply and those that read a stream", async () => {
  await using at = await place();
  const [before, asked] = [ended, calls.length];
  const slow = assert.rejects(at.client.calls.say({ text: "slow" }, soon), { code: "OPS_CALL_CANCELLED" });
  const stream = at.client.calls.count({ until: 4_000_000_000 }, soon);
  await stream.next();
  await until(() => calls.length === asked + 1);
  at.client[Symbol.dispose]();
  await slow;
  const rest = async () => {
    for await (const _ of stream);
  };
  await assert.rejects(rest(), { code: "OPS_CALL_CANCELLED" });
  await until(() => ended === before + 2);
});

test("of more calls than may be at once the others are refused, and asked again later are answered", async () => {
  await using at = await place({ mostCalls: 2 });
  const given = new AbortController();
  const before = calls.length;
  const slow = [1, 2].map(() => at.client.calls.say({ text: "slow" }, { ...soon, signal: given.signal }));
  await until(() => calls.length === before + 2);
  await assert.rejects(at.client.calls.say({ text: "one more" }, soon), { code: "OPS_CALL_REFUSED" });
  given.abort();
  await Promise.allSettled(slow);
  let answer: string | undefined;
  for (let tries = 0; answer === undefined && tries < 100; tries += 1) {
    answer = await at.client.calls.say({ text: "again" }, soon).then(
      ({ text }) => text,
      () => undefined,
    );
  }
  assert.equal(answer, "again!");
});

test("a stop lets calls end that are under way, for as long as it is given, and then ends them", async () => {
  await using at = await place();
  const before = calls.length;
  const slow = at.client.calls.say({ text: "slow" }, soon);
  await until(() => calls.length === before + 1);
  const refused = assert.rejects(slow);
  await at.server.stop(millis(100));
  await refused;
  await assert.rejects(at.client.calls.say({ text: "hello" }, { within: millis(500) }));
});

test("octets that are no message, or too many of them, are refused without asking anybody, and others are answered as before", async () => {
  await using at = await place();
  const identity = new GrpcIdentity(entryFiles);
  const credentials = experimental.createCertificateProviderChannelCredentials(identity, identity);
  const raw = new Client(at.address, credentials, { "grpc.ssl_target_name_override": "core.example" });
  const send = (octets: Uint8Array) =>
    new Promise<number>((resolve) => {
      const { path } = methodDefinition(EchoService.method.say);
      const same = (value: Buffer) => value;
      raw.makeUnaryRequest(path, same, same, Buffer.from(octets), { deadline: Date.now() + 10_000 }, (error) =>
        resolve(error?.code ?? status.OK),
      );
    });
  const [before, defectsBefore] = [calls.length, defects.length];
  const random = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 64 }), 300);
  const answers = await Promise.all(random.map(send));
  assert.ok(answers.every((code) => code === status.OK || code === status.INVALID_ARGUMENT));
  assert.equal(calls.length - before, answers.filter((code) => code === status.OK).length);
  assert.equal(await send(new Uint8Array(5_000_000)), status.RESOURCE_EXHAUSTED);
  assert.equal(defects.length, defectsBefore);
  assert.equal((await at.client.calls.say({ text: "hello" }, soon)).text, "hello!");
  raw.close();
});

test("a port that is taken is told with its name", async () => {
  await using at = await place();
  const options = { identity: at.identity, clock, mostCalls: 1, onDefect: () => {} };
  await assert.rejects(GrpcServer.listen(EchoService, handlers, { ...options, listen: at.address }), {
    code: "OPS_LISTEN",
    message: new RegExp(`cannot listen on ${at.address} for gRPC`),
  });
});

test("a certificate that is replaced is shown to the next who connects, without a restart", async () => {
  await using at = await place();
  await at.client.calls.say({ text: "hello" }, soon);
  at.identity.replace(authority.identity("renamed", "DNS:renamed.example"));
  const options = { address: at.address, identity: new GrpcIdentity(entryFiles) };
  const connected = async (serverName: string) => {
    using client = new GrpcClient(EchoService, { ...options, serverName });
    return await client.calls.say({ text: "hello" }, soon).then(
      () => true,
      () => false,
    );
  };
  assert.deepEqual([await connected("renamed.example"), await connected("core.example")], [true, false]);
  assert.equal((await at.client.calls.say({ text: "as before" }, soon)).text, "as before!");
});

test("a server that was away is found again by the next call", async () => {
  const first = await place();
  await first.client.calls.say({ text: "hello" }, soon);
  await first.server.stop(millis(0));
  await assert.rejects(first.client.calls.say({ text: "hello" }, { within: millis(500) }));
  const identity = new GrpcIdentity(coreFiles);
  const options = { listen: first.address, identity, clock, mostCalls: 10, onDefect: () => {} };
  await using _again = await GrpcServer.listen(EchoService, handlers, options);
  let answer: string | undefined;
  const limit = performance.now() + 30_000;
  while (answer === undefined && performance.now() < limit) {
    answer = await first.client.calls.say({ text: "back" }, { within: seconds(2) }).then(
      ({ text }) => text,
      () => undefined,
    );
  }
  assert.equal(answer, "back!");
  first.client[Symbol.dispose]();
});
