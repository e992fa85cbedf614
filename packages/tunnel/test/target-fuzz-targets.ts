/** Requests to open a stream, and hosts in them, as a peer could write them: canonical or refused, and no inner address by a wide entry. */

import { parseHost, parseHostPort } from "@ropewalk/kernel/host-port";
import { innerRangeOf } from "@ropewalk/tunnel/pure/address-ranges";
import { authorizeOpen } from "@ropewalk/tunnel/pure/authorize-open";
import { decodeOpenRequest, encodeOpenRequest } from "@ropewalk/tunnel/pure/open-request";

const allPorts = [{ first: 1, last: 65_535 }];
const anywhere = ["0.0.0.0", "::"].map((address) => parseHost(address) as Parameters<typeof innerRangeOf>[0]);
const allowed = anywhere.map((address) => ({ host: undefined, networks: [{ address, length: 0 }], ports: allPorts }));
const octets = (text: string) => new TextEncoder().encode(text);

export const fuzzTargets: readonly {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds?: readonly Uint8Array[];
}[] = [
  {
    name: "tunnel request",
    run: (bytes) => {
      const request = decodeOpenRequest(bytes);
      if (request === undefined) return;
      const again = decodeOpenRequest(encodeOpenRequest(request));
      if (JSON.stringify(again) !== JSON.stringify(request))
        throw new Error(`not canonical: ${JSON.stringify(request)}`);
      const verdict = authorizeOpen(request, { services: [], allowed });
      if (verdict.kind === "refused" || verdict.way.kind === "look-up") return;
      for (const address of verdict.way.addresses) {
        if (innerRangeOf(address) !== undefined) throw new Error(`an inner address is allowed: ${address}`);
      }
    },
    seeds: [
      ...["127.0.0.1", "8.8.8.8", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "0x7f.1", "a.localhost"].map((host) =>
        octets(`\u0003\u0000\u0050${host}`),
      ),
      octets("\u0001\u0000\u0016"),
      octets("\u0002db"),
    ],
  },
  {
    name: "tunnel hosts and ports",
    run: (bytes) => {
      const text = new TextDecoder().decode(bytes);
      const host = parseHost(text);
      if (host !== undefined && parseHost(host) !== host) throw new Error(`not canonical: ${host}`);
      const place = parseHostPort(text);
      if (place !== undefined && parseHost(place.host) !== place.host) throw new Error(`not canonical: ${place.host}`);
    },
    seeds: ["[2001:db8::1]:8443", "db.example.:80", "127.1", "::ffff:1.2.3.4"].map(octets),
  },
];
