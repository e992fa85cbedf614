/** What WireGuard devices answer, and keys as somebody wrote them, for the fuzzer. */
import { parseWireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import { decodeDevicePart } from "../src/netlink/wireguard.ts";
import { UapiAnswerReader } from "../src/wireguard/pure/uapi-answer.ts";

import { devicePart } from "./wireguard/device-part.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds?: readonly Uint8Array[];
}

const key = "b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33";
const answers = [
  `private_key=${key}\nlisten_port=12912\nfwmark=77\nerrno=0\n\n`,
  `public_key=${key}\npreshared_key=${key}\nendpoint=[fe80::1%eth0]:51820\nallowed_ip=10.0.0.1/32\nerrno=0\n\n`,
  `public_key=${key}\nlast_handshake_time_sec=1\nlast_handshake_time_nsec=2\ntx_bytes=3\nrx_bytes=4\nerrno=0\n\n`,
  "errno=-22\n\n",
].map((text) => new TextEncoder().encode(text));

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "answer of a WireGuard device, in two pieces",
    run: (bytes) => {
      const reader = new UapiAnswerReader();
      reader.push(bytes.slice(0, bytes.length >> 1));
      reader.push(bytes.slice(bytes.length >> 1));
    },
    seeds: answers,
  },
  {
    name: "what the kernel tells of a WireGuard device",
    run: (bytes) => void decodeDevicePart(bytes),
    seeds: [devicePart()],
  },
  {
    name: "public key of WireGuard",
    run: (bytes) => void parseWireGuardPublicKey(new TextDecoder().decode(bytes)),
    seeds: [new TextEncoder().encode("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=")],
  },
];
