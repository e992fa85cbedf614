/** The two addresses of a TCP descriptor, and how they are told. */
import { familyOf } from "@ropewalk/kernel/addresses";
import { HostError } from "../errors.ts";
import { describeErrno } from "../system-error.ts";
import type { TcpEndpoint } from "../tcp.ts";
import { decodeSocketAddress } from "./socket-address.ts";

/** `192.0.2.1 port 22`. */
export function describeEndpoint({ address, port }: TcpEndpoint): string {
  return `${address} port ${port}`;
}

/** Of what `localAddress` or `remoteAddress` gave. Throws HOST_SOCKET. */
export function endpointOf(encoded: Uint8Array | number): TcpEndpoint {
  const endpoint = typeof encoded === "number" ? undefined : decodeSocketAddress(encoded);
  if (endpoint !== undefined) return endpoint;
  const why = typeof encoded === "number" ? describeErrno(encoded) : "it is of another family";
  throw new HostError("HOST_SOCKET", `the kernel does not tell the address of a TCP connection: ${why}`);
}

/** Whether it stands for every address of this machine. */
export function isAnyAddress({ address }: TcpEndpoint): boolean {
  return familyOf(address) === "ipv4" ? address === "0.0.0.0" : address === "::";
}
