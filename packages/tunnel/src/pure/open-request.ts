/**
 * What an end asks for when it opens a stream, and the octets that say so in a connect frame. A host is canonical in both directions:
 * whoever reads one compares it with nothing but canonical hosts.
 *
 *     port      1 | port (2)             the destination's service for that port, or its own host's port
 *     service   2 | name (1 to 64)
 *     target    3 | port (2) | host (1 to 253)
 */

import { readU16, writeU16 } from "@ropewalk/kernel/big-endian";
import { InternalError } from "@ropewalk/kernel/errors";
import { type HostPort, parseHost } from "@ropewalk/kernel/host-port";
import { isServiceName, type ServiceName } from "./services.ts";

export type OpenRequest =
  | { readonly kind: "port"; readonly port: number }
  | { readonly kind: "service"; readonly name: ServiceName }
  | ({ readonly kind: "target" } & HostPort);

const kinds = { port: 1, service: 2, target: 3 } as const;

export function encodeOpenRequest(request: OpenRequest): Uint8Array {
  switch (request.kind) {
    case "port":
      return withPort(kinds.port, request.port, "");
    case "service":
      return Uint8Array.of(kinds.service, ...ascii(request.name));
    case "target":
      return withPort(kinds.target, request.port, request.host);
  }
}

/** Undefined for what is no request, or none that this version knows. */
export function decodeOpenRequest(octets: Uint8Array): OpenRequest | undefined {
  switch (octets[0]) {
    case kinds.port: {
      const port = portIn(octets);
      return port === undefined || octets.length !== 3 ? undefined : { kind: "port", port };
    }
    case kinds.service: {
      const name = text(octets.subarray(1));
      return name !== undefined && isServiceName(name) ? { kind: "service", name } : undefined;
    }
    case kinds.target: {
      const port = portIn(octets);
      const host = parseHost(text(octets.subarray(3)) ?? "");
      return port === undefined || host === undefined ? undefined : { kind: "target", host, port };
    }
    default:
      return undefined;
  }
}

/** As people read it: "port 22", "service db", "db.example:5432". */
export function describeOpenRequest(request: OpenRequest): string {
  switch (request.kind) {
    case "port":
      return `port ${request.port}`;
    case "service":
      return `service ${request.name}`;
    case "target":
      return `${request.host} port ${request.port}`;
  }
}

function withPort(kind: number, port: number, host: string): Uint8Array {
  const octets = Uint8Array.of(kind, 0, 0, ...ascii(host));
  writeU16(octets, 1, port);
  return octets;
}

function portIn(octets: Uint8Array): number | undefined {
  const port = readU16(octets, 1);
  return octets.length < 3 || port === 0 ? undefined : port;
}

function ascii(name: string): readonly number[] {
  return Array.from(name, (letter) => {
    const code = letter.charCodeAt(0);
    if (code > 0x7e) throw new InternalError(`"${name}" is not canonical`);
    return code;
  });
}

/** Undefined where an octet is no visible letter of ASCII, or there are more than any name has. */
function text(octets: Uint8Array): string | undefined {
  const isPlain = octets.length <= 253 && octets.every((octet) => octet > 0x20 && octet < 0x7f);
  return isPlain ? String.fromCharCode(...octets) : undefined;
}
