/** Requests as the protocol's own page writes them (https://www.wireguard.com/xplatform/). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerChange } from "@ropewalk/host/wireguard/device";
import { wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { millis, seconds } from "@ropewalk/kernel/units";
import { encodeChanges, encodeGet, encodeSettings } from "../../src/wireguard/pure/uapi-request.ts";
import { keyOctets, peer, prefixes, publicKey, secret } from "./peers.ts";

const text = (request: Uint8Array) => new TextDecoder().decode(request);
const hex = (digits: string) => Uint8Array.fromHex(digits);

test("the example of the protocol is written as it stands there", () => {
  const privateKey = new SecretBytes(hex("e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a"));
  assert.equal(
    text(encodeSettings({ privateKey, fwmark: 0, listenPort: 12912 })),
    [
      "set=1",
      "private_key=e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a",
      ...["listen_port=12912", "fwmark=0", "", ""],
    ].join("\n"),
  );
  const changes: readonly PeerChange[] = [
    {
      kind: "add",
      peer: {
        publicKey: wireGuardPublicKeyFromBytes(hex("b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33")),
        presharedKey: new SecretBytes(hex("188515093e952f5f22e865cef3012e72f8b5f0b598ac0309d5dacce3b70fcf52")),
        allowedPrefixes: prefixes("192.168.4.4/32"),
        keepalive: undefined,
        endpoint: { address: ipAddress("abcd:23::33"), port: 51820 },
      },
    },
    {
      kind: "update",
      publicKey: wireGuardPublicKeyFromBytes(hex("58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376")),
      values: { keepalive: seconds(111), prefixes: { kind: "add", prefixes: prefixes("192.168.4.6/32") } },
    },
    {
      kind: "remove",
      publicKey: wireGuardPublicKeyFromBytes(hex("662e14fd594556f522604703340351258903b64f35553763f19426ab2a515c58")),
    },
  ];
  assert.equal(
    text(encodeChanges(changes)),
    [
      "set=1",
      "public_key=b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33",
      "preshared_key=188515093e952f5f22e865cef3012e72f8b5f0b598ac0309d5dacce3b70fcf52",
      "endpoint=[abcd:23::33]:51820",
      ...["persistent_keepalive_interval=0", "replace_allowed_ips=true", "allowed_ip=192.168.4.4/32"],
      "public_key=58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376",
      ...["update_only=true", "persistent_keepalive_interval=111", "allowed_ip=192.168.4.6/32"],
      "public_key=662e14fd594556f522604703340351258903b64f35553763f19426ab2a515c58",
      ...["remove=true", "", ""],
    ].join("\n"),
  );
  assert.equal(text(encodeGet()), "get=1\n\n");
});

test("what is null is taken away, and what is left out is not written", () => {
  const written = (values: Extract<PeerChange, { kind: "update" }>["values"]) =>
    text(encodeChanges([{ kind: "update", publicKey: publicKey(1), values }]))
      .split("\n")
      .slice(3, -2);
  assert.deepEqual(written({}), []);
  assert.deepEqual(written({ presharedKey: null, keepalive: null, prefixes: { kind: "replace", prefixes: [] } }), [
    `preshared_key=${"0".repeat(64)}`,
    ...["persistent_keepalive_interval=0", "replace_allowed_ips=true"],
  ]);
});

test("a key that is cut or zero is refused by name, and no octet of it is told", () => {
  const keys = [keyOctets(7).subarray(1), new Uint8Array(33).fill(7), new Uint8Array(), new Uint8Array(32)];
  for (const octets of keys) {
    const key = new SecretBytes(octets);
    for (const attempt of [
      () => encodeSettings({ privateKey: key }),
      () => encodeChanges([{ kind: "add", peer: peer(1, { presharedKey: key }) }]),
      () => encodeChanges([{ kind: "update", publicKey: publicKey(1), values: { presharedKey: key } }]),
    ]) {
      assert.throws(attempt, (error: Error & { readonly code?: string }) => {
        assert.equal(error.code, "HOST_WIREGUARD_KEY");
        assert.doesNotMatch(error.message, /5a5a|0707|0000/);
        return true;
      });
    }
  }
});

test("numbers that the protocol has not are a defect of whoever gives them", () => {
  const endpoint = (port: number) => ({ address: ipAddress("192.0.2.1"), port });
  const attempts = [
    () => encodeSettings({ listenPort: 65_536 }),
    () => encodeSettings({ fwmark: -1 }),
    () => encodeChanges([{ kind: "add", peer: peer(1, { keepalive: millis(1_500) }) }]),
    () => encodeChanges([{ kind: "add", peer: peer(1, { keepalive: seconds(65_536) }) }]),
    () => encodeChanges([{ kind: "add", peer: peer(1, { endpoint: endpoint(70_000) }) }]),
    () =>
      encodeChanges([
        { kind: "add", peer: peer(1, { allowedPrefixes: [{ address: ipAddress("10.0.0.1"), length: 33 }] }) },
      ]),
  ];
  for (const attempt of attempts) assert.throws(attempt, { code: "INTERNAL" });
});

test("a preshared key in the request is there as digits alone, and its own octets are left as they were", () => {
  const presharedKey = secret(5);
  encodeChanges([{ kind: "add", peer: peer(1, { presharedKey }) }]).fill(0);
  assert.deepEqual(presharedKey.reveal(), keyOctets(5));
});
