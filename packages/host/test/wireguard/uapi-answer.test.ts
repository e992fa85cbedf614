/** Answers of wireguard-go, whole, in pieces, cut and hostile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { type UapiAnswer, UapiAnswerReader } from "../../src/wireguard/pure/uapi-answer.ts";
import { publicKey } from "./peers.ts";

const privateKey = "e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a";
const presharedKey = "188515093e952f5f22e865cef3012e72f8b5f0b598ac0309d5dacce3b70fcf52";
const [first, second] = [
  "b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33",
  "58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376",
];
/** As wireguard-go 0.0.20220316 writes it. */
const captured = `private_key=${privateKey}
listen_port=12912
fwmark=77
public_key=${first}
preshared_key=${presharedKey}
protocol_version=1
endpoint=[fe80::1%eth0]:51820
last_handshake_time_sec=1732307452
last_handshake_time_nsec=123456789
tx_bytes=38333
rx_bytes=2224
persistent_keepalive_interval=25
allowed_ip=192.168.4.4/32
allowed_ip=fd00::1/128
public_key=${second}
preshared_key=${"0".repeat(64)}
protocol_version=1
last_handshake_time_sec=0
last_handshake_time_nsec=0
tx_bytes=0
rx_bytes=0
persistent_keepalive_interval=0
errno=0

`;
const octets = (text: string) => new TextEncoder().encode(text);
const base64 = (digits: string) => Uint8Array.fromHex(digits).toBase64();

function read(...pieces: readonly Uint8Array[]): UapiAnswer | undefined {
  const reader = new UapiAnswerReader();
  return pieces.reduce<UapiAnswer | undefined>((_, piece) => reader.push(piece.slice()), undefined);
}

function deviceOf(answer: UapiAnswer | undefined) {
  if (answer?.kind !== "done") assert.fail(inspect(answer));
  return answer.device;
}

function reasonFor(text: string): string {
  const answer = read(octets(text));
  return answer?.kind === "malformed" ? answer.reason : assert.fail(inspect(answer));
}

test("all of a device is read", () => {
  const device = deviceOf(read(octets(captured)));
  assert.equal(device.privateKey?.reveal().toHex(), privateKey);
  assert.deepEqual([device.listenPort, device.fwmark], [12_912, 77]);
  const [one, other] = [...device.peers.values()];
  assert.equal(one?.presharedKey?.reveal().toHex(), presharedKey);
  assert.deepEqual(
    { ...one, presharedKey: undefined },
    {
      publicKey: base64(first),
      presharedKey: undefined,
      endpoint: { address: "fe80::1", port: 51_820 },
      lastHandshake: 1_732_307_452_123,
      ...{ received: 2_224, sent: 38_333, keepalive: 25_000 },
      allowedPrefixes: [
        { address: "192.168.4.4", length: 32 },
        { address: "fd00::1", length: 128 },
      ],
    },
  );
  assert.deepEqual(other, {
    publicKey: base64(second),
    ...{ presharedKey: undefined, endpoint: undefined, lastHandshake: undefined, keepalive: undefined },
    ...{ received: 0, sent: 0, allowedPrefixes: [] },
  });
});

test("it makes no difference in which pieces an answer comes", () => {
  const whole = octets(captured);
  const told = inspect(read(whole), { depth: 9 });
  for (let cut = 0; cut <= whole.length; cut += 1)
    assert.equal(inspect(read(whole.subarray(0, cut), whole.subarray(cut)), { depth: 9 }), told, `cut at ${cut}`);
  assert.equal(inspect(read(...Array.from(whole, (octet) => Uint8Array.of(octet))), { depth: 9 }), told);
});

test("an answer that is cut anywhere is not there yet", () => {
  for (let cut = 0; cut < captured.length; cut += 1) assert.equal(read(octets(captured.slice(0, cut))), undefined);
});

test("a device without key, port and peers, and one that refuses, are told apart", () => {
  assert.deepEqual(read(octets("errno=0\n\n")), {
    kind: "done",
    device: { privateKey: undefined, listenPort: undefined, fwmark: 0, peers: new Map() },
  });
  assert.deepEqual(read(octets("errno=-22\n\n")), { kind: "refused", errno: -22 });
  assert.deepEqual(read(octets("errno=98\n\n")), { kind: "refused", errno: 98 });
});

test("fields of a later version are skipped, wherever they stand and whatever they say", () => {
  const later = captured.replaceAll("protocol_version=1\n", "flags==\nchosen_cipher=\nfwmarks=1\n");
  assert.equal(inspect(read(octets(later)), { depth: 9 }), inspect(read(octets(captured)), { depth: 9 }));
});

test("what no device answers is refused with the line and nothing of what it held", () => {
  const key = `public_key=${first}\n`;
  assert.equal(reasonFor("\n"), "line 1 ends an answer without errno");
  assert.equal(reasonFor("errno\n\n"), "line 1 has no field");
  assert.equal(reasonFor("x".repeat(1_025)), "line 0 has no end");
  for (const line of [
    ...["errno=", "errno=-", "errno=x", "errno=99999", "private_key=", `private_key=${"g".repeat(64)}`],
    ...[`private_key=${privateKey}0`, "listen_port=65536", "listen_port=-1", "fwmark=4294967296", "fwmark=0x4d"],
    ...[
      "public_key=1",
      "endpoint=192.0.2.1:1",
      `preshared_key=${presharedKey}`,
      "tx_bytes=1",
      "allowed_ip=10.0.0.1/32",
    ],
    ...[`${key}${key.trim()}`, `${key}private_key=${privateKey}`, `${key}listen_port=1`, `${key}allowed_ip=10.0.0.1`],
    ...[`${key}allowed_ip=10.0.0.1/33`, `${key}endpoint=host:1`, `${key}endpoint=192.0.2.1:65536`],
    ...[`${key}endpoint=[::1`, `${key}rx_bytes=99999999999999999`, `${key}rx_bytes=9007199254740992`],
    ...[`${key}persistent_keepalive_interval=65536`, `${key}preshared_key=${presharedKey.slice(1)}`],
  ]) {
    const field = /^(\w+)=[^\n]*$/.exec(line.split("\n").at(-1) ?? "")?.[1];
    const count = line.split("\n").length;
    assert.equal(
      reasonFor(`${line}\nerrno=0\n\n`),
      `line ${count} has no ${field}, or has it in the wrong place`,
      line,
    );
  }
});

test("what comes behind an answer, or behind nonsense, changes nothing", () => {
  const reader = new UapiAnswerReader();
  const answer = reader.push(octets(`${captured}errno=-5\n\n`));
  assert.equal(answer?.kind, "done");
  assert.equal(reader.push(octets("nonsense\n")), answer);
});

test("keys show as [secret], also where reading broke off", () => {
  const shown = [inspect(read(octets(captured)), { depth: 9 }), inspect(read(octets(`${captured.slice(0, -9)}x\n`)))];
  for (const text of shown) assert.doesNotMatch(text, /e84b5a|18851509|232, 75|24, 133/);
});

test("10,000 peers are read from pieces of any size", () => {
  const peers = Array.from({ length: 10_000 }, (_, index) => {
    const key = publicKey(index);
    return [
      `public_key=${Uint8Array.fromBase64(key).toHex()}`,
      `preshared_key=${presharedKey}`,
      ...["protocol_version=1", `endpoint=192.0.2.${index % 256}:51820`, "last_handshake_time_sec=1732307452"],
      ...["last_handshake_time_nsec=1", "tx_bytes=1", "rx_bytes=2", "persistent_keepalive_interval=0"],
      ...[`allowed_ip=10.0.${index >> 8}.${index & 255}/32`, `allowed_ip=fd00::${index.toString(16)}/128`],
    ].join("\n");
  });
  const whole = octets(`${peers.join("\n")}\nerrno=0\n\n`);
  for (const size of [777, 65_536]) {
    const reader = new UapiAnswerReader();
    let answer: UapiAnswer | undefined;
    for (let at = 0; at < whole.length; at += size) answer = reader.push(whole.slice(at, at + size));
    const { peers: read } = deviceOf(answer);
    assert.equal(read.size, 10_000);
    assert.deepEqual(read.get(publicKey(9_999))?.allowedPrefixes, [
      { address: "10.0.39.15", length: 32 },
      { address: "fd00::270f", length: 128 },
    ]);
  }
});

test("no octets make the reader throw, and what is read twice is read alike", () => {
  const line = fc.oneof(
    fc.constantFrom(...captured.split("\n")),
    fc.string({ maxLength: 40 }),
    fc
      .tuple(fc.constantFrom("errno", "allowed_ip", "endpoint", "tx_bytes", "fwmark"), fc.string())
      .map((pair) => pair.join("=")),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.nat(200), (lines, cut) => {
      const whole = octets(`${lines.join("\n")}\n\n`);
      const [once, twice] = [read(whole), read(whole.subarray(0, cut), whole.subarray(cut))];
      assert.equal(inspect(twice, { depth: 9 }), inspect(once, { depth: 9 }));
    }),
    { numRuns: 3_000 },
  );
});
