/** What resolvers answer in these tests: a response made from the query, honest or with something changed. */
import { type IpAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";

export interface Response {
  readonly addresses?: readonly IpAddress[];
  readonly rcode?: number;
  readonly isTruncated?: boolean;
}

/** A response to `query`: its header and question, and a record for each address. */
export function respond(query: Uint8Array, { addresses = [], rcode = 0, isTruncated = false }: Response): Uint8Array {
  const records = addresses.flatMap((address) => {
    const octets = ipAddressBytes(address);
    return [0xc0, 12, 0, octets.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, 60, 0, octets.length, ...octets];
  });
  const response = Uint8Array.of(...query, ...records);
  response.set([0x81 | (isTruncated ? 2 : 0), 0x80 | rcode, 0, 1, 0, addresses.length], 2);
  return response;
}

/** As a message goes over TCP: behind its length. */
export function framed(message: Uint8Array): Uint8Array {
  return Uint8Array.of(message.length >> 8, message.length & 0xff, ...message);
}
