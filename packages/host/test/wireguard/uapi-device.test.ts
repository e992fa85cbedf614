/** What the driver makes of devices that are away, end, hang, refuse or talk nonsense, and in which order it writes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import type { PeerChange } from "@ropewalk/host/wireguard/device";
import { WireGuardError, type WireGuardErrorCode } from "@ropewalk/host/wireguard/errors";
import { describeError } from "@ropewalk/kernel/errors";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { seconds } from "@ropewalk/kernel/units";
import { exchange } from "../../src/linux/uapi-exchange.ts";
import { encodeSettings } from "../../src/wireguard/pure/uapi-request.ts";
import { keyOctets, peer, publicKey, secret } from "./peers.ts";
import { type ScriptedDevice, scriptedDevice } from "./scripted-device.ts";

const adding = (...numbers: readonly number[]): readonly PeerChange[] =>
  numbers.map((number) => ({ kind: "add", peer: peer(number) }));

async function codeOf(work: Promise<unknown>): Promise<WireGuardErrorCode> {
  const error = await work.then(
    () => assert.fail("it did not fail"),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof WireGuardError, inspect(error));
  assert.match(error.message, /wg0/);
  return error.code;
}

/** What each call says of a device whose socket answers like this. */
async function codesOf({ device }: ScriptedDevice): Promise<ReadonlySet<WireGuardErrorCode>> {
  const calls = [device.read(), device.configure({ fwmark: 1 }), device.change(adding(1))];
  return new Set(await Promise.all(calls.map(codeOf)));
}

test("a device that is not there is told apart from one whose process left its socket behind", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-wg-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const device = createUapiDevice("wg0", { clock: new FakeClock(), folder });
  assert.equal(await codeOf(device.read()), "HOST_WIREGUARD_NO_DEVICE");
  const leaveSocket = `require("net").createServer().listen(${JSON.stringify(join(folder, "wg0.sock"))}, () => process.kill(process.pid, 9))`;
  spawnSync(process.execPath, ["-e", leaveSocket]);
  assert.equal(await codeOf(device.read()), "HOST_WIREGUARD_GONE");
});

test("a device that ends at any point of its answer is gone", async () => {
  for (const said of ["", "errno", "errno=0", "errno=0\n", "listen_port=1\n"]) {
    await using scripted = await scriptedDevice((_, socket) => socket.end(said));
    assert.deepEqual(await codesOf(scripted), new Set(["HOST_WIREGUARD_GONE"]), said);
  }
});

test("a device that says nothing, or does not finish, is given up after ten seconds", async () => {
  const heard = Promise.withResolvers<void>();
  await using scripted = await scriptedDevice((_, socket) => {
    socket.write("listen_port=1\n");
    heard.resolve();
  });
  const code = codeOf(scripted.device.read());
  await heard.promise;
  scripted.clock.advance(seconds(10));
  assert.equal(await code, "HOST_WIREGUARD_TIMEOUT");
  assert.deepEqual(scripted.clock.pendingTimers(), []);
});

test("what a later call adds or removes, a call that is still being written leaves alone; an update takes nothing away", async () => {
  await using scripted = await scriptedDevice((_, socket) => socket.write("errno=0\n\n"));
  const { device } = scripted;
  const many = Array.from({ length: 200 }, (_, index) => index);
  await Promise.all([
    device.change(adding(...many)),
    device.change([{ kind: "remove", publicKey: publicKey(150) }, ...adding(160)]),
    device.change([{ kind: "update", publicKey: publicKey(170), values: { keepalive: null } }]),
  ]);
  const stanzas = scripted.requests.flatMap((request) => request.split("\npublic_key=").slice(1));
  const of = (number: number) => stanzas.filter((stanza) => stanza.startsWith(keyOctets(number).toHex()));
  assert.deepEqual(
    [149, 150, 160, 170].map((number) => of(number).length),
    [1, 1, 1, 2],
  );
  assert.match(of(150)[0] ?? "", /remove=true/);
  await device.change(adding(...many));
  assert.equal(scripted.requests.flatMap((request) => request.split("\npublic_key=").slice(1)).length, 401);
});

test("who waits behind a call that hangs is refused with it, and the next is asked for anew", async () => {
  let isSilent = true;
  const heard = Promise.withResolvers<void>();
  await using scripted = await scriptedDevice((_, socket) => {
    heard.resolve();
    if (!isSilent) socket.write("errno=0\n\n");
  });
  const { device } = scripted;
  const codes = Promise.all(
    [device.change(adding(1)), device.change(adding(2)), device.configure({ fwmark: 1 })].map(codeOf),
  );
  await heard.promise;
  scripted.clock.advance(seconds(10));
  assert.deepEqual(await codes, ["HOST_WIREGUARD_TIMEOUT", "HOST_WIREGUARD_BUSY", "HOST_WIREGUARD_BUSY"]);
  isSilent = false;
  await device.change(adding(1));
  assert.equal(scripted.requests.length, 2);
});

test("nonsense and endless answers are refused", async () => {
  for (const said of ["hello\n", "\n", "x".repeat(2_000)]) {
    await using scripted = await scriptedDevice((_, socket) => socket.write(said));
    assert.deepEqual(await codesOf(scripted), new Set(["HOST_WIREGUARD_ANSWER"]), said);
  }
  await using scripted = await scriptedDevice((_, socket) => {
    const chunk = "unknown=1\n".repeat(100_000);
    const more = () => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on("drain", more);
    more();
  });
  assert.equal(await codeOf(scripted.device.read()), "HOST_WIREGUARD_ANSWER");
});

test("a refusal has the device's error number, and a port that is taken is named", async () => {
  await using scripted = await scriptedDevice((_, socket) => socket.write("errno=-22\n\n"));
  await assert.rejects(scripted.device.change(adding(1)), {
    code: "HOST_WIREGUARD_REFUSED",
    errno: -22,
    message: /EINVAL/,
  });
  await using taken = await scriptedDevice((_, socket) => socket.write("errno=-98\n\n"));
  assert.equal(await codeOf(taken.device.configure({ listenPort: 51_820 })), "HOST_WIREGUARD_PORT_IN_USE");
});

test("changes are written in portions of 64, and who asks meanwhile has his turn after one of them", async () => {
  await using scripted = await scriptedDevice((_, socket) => socket.write("errno=0\n\n"));
  const many = Array.from({ length: 200 }, (_, index) => index);
  await Promise.all([scripted.device.change(adding(...many)), scripted.device.change(adding(1_000))]);
  const counts = scripted.requests.map((request) => request.split("\npublic_key=").length - 1);
  assert.deepEqual(counts, [64, 1, 64, 64, 8]);
});

test("what was asked for later is written later, once what came before is answered; reading waits for nobody", async () => {
  const held: (() => void)[] = [];
  await using scripted = await scriptedDevice((request, socket) => {
    const answer = () => void socket.write("errno=0\n\n");
    if (request.startsWith("get") || held.length > 0) answer();
    else held.push(answer);
  });
  const { device } = scripted;
  const written = Promise.all([
    device.change([{ kind: "remove", publicKey: publicKey(1) }]),
    device.change(adding(1)),
    device.configure({ fwmark: 3 }),
  ]);
  while (held.length === 0) await device.read();
  await device.read();
  const told = () => scripted.requests.flatMap((request) => /remove|replace|fwmark/.exec(request) ?? []);
  assert.deepEqual(told(), ["remove"]);
  held[0]?.();
  await written;
  assert.deepEqual(told(), ["remove", "replace", "fwmark"]);
  assert.deepEqual(scripted.clock.pendingTimers(), []);
});

test("a call that fails does not hold up the next", async () => {
  let count = 0;
  await using scripted = await scriptedDevice((_, socket) => {
    count += 1;
    socket.write(count === 1 ? "errno=-5\n\n" : "errno=0\n\n");
  });
  const [first, second] = await Promise.allSettled([
    scripted.device.change(adding(1)),
    scripted.device.change(adding(2)),
  ]);
  assert.deepEqual([first.status, second.status], ["rejected", "fulfilled"]);
});

test("of more calls than may wait the last are refused at once, and nothing of them is written", async () => {
  await using scripted = await scriptedDevice((_, socket) => socket.write("errno=0\n\n"));
  const calls = Array.from({ length: 300 }, (_, index) => scripted.device.change(adding(index)));
  const codes = await Promise.all(
    calls.map((call) =>
      call.then(
        () => "done",
        (error: WireGuardError) => error.code,
      ),
    ),
  );
  assert.deepEqual([codes.filter((code) => code === "done").length, codes.indexOf("HOST_WIREGUARD_BUSY")], [256, 256]);
  assert.equal(scripted.requests.length, 256);
  await scripted.device.change(adding(1));
});

test("no change is no request", async () => {
  await using scripted = await scriptedDevice((_, socket) => socket.write("errno=0\n\n"));
  await scripted.device.change([]);
  assert.deepEqual(scripted.requests, []);
});

test("the public key is told and the private key is not; no key is in any error", async () => {
  const alice = "77076d0a7318a57d3c16c17251b26645df4c6ecbd1c3f0f5b7a3f2b1a5e1d2c3";
  await using scripted = await scriptedDevice((request, socket) => {
    if (request.startsWith("get")) socket.write(`private_key=${alice}\nlisten_port=7\nerrno=0\n\n`);
    else socket.write(`private_key=${alice}\npreshared_key=${alice}\n`);
  });
  const state = await scripted.device.read();
  assert.equal(state.publicKey?.length, 44);
  assert.doesNotMatch(inspect(state, { depth: 9 }), /77076d|119, 7, 109/);
  const told: string[] = [];
  for (const work of [
    () => scripted.device.configure({ privateKey: secret(0x7777_7777) }),
    () => scripted.device.change([{ kind: "add", peer: peer(1, { presharedKey: secret(0x7777_7777) }) }]),
    () => scripted.device.configure({ privateKey: new SecretBytes(keyOctets(0x7777_7777).subarray(1)) }),
  ]) {
    const error = await work().then(
      () => assert.fail("it did not fail"),
      (cause: unknown) => cause,
    );
    told.push(describeError(error), inspect(error, { depth: 9 }));
  }
  for (const text of told) assert.doesNotMatch(text, /77777777|77076d|5a5a5a|119, 119/);
});

test("a request is erased once it was answered, and once it was not", async () => {
  for (const said of ["errno=0\n\n", "nonsense\n"]) {
    await using scripted = await scriptedDevice((_, socket) => socket.write(said));
    const request = encodeSettings({ privateKey: secret(7) });
    const at = { name: "wg0", path: join(scripted.folder, "wg0.sock") };
    await exchange(at, request, scripted.clock).catch(() => {});
    assert.ok(request.every((octet) => octet === 0));
    assert.match(scripted.requests[0] ?? "", /private_key=000000075a5a/);
  }
});

test("what is no interface's name is a defect, so that no path leads elsewhere", () => {
  for (const name of ["", "../etc/passwd", "a/b", "x".repeat(16)])
    assert.throws(() => createUapiDevice(name, { clock: new FakeClock() }), { code: "INTERNAL" });
});
