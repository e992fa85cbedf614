/** A message of the kernel about a WireGuard device, written attribute by attribute as linux/wireguard.h has them. */
import { NestedWriter } from "../../src/netlink/nested-writer.ts";
import { keyOctets } from "./peers.ts";

/** Behind the header of generic netlink: all of a device, a peer with everything, and one with nothing. */
export function devicePart(): Uint8Array {
  using writer = new NestedWriter();
  writer.u32(1, 7).octets(2, new TextEncoder().encode("wg0\0"));
  writer.octets(3, keyOctets(70)).octets(4, keyOctets(71)).u16(6, 51_820).u32(7, 0xffff_ffff);
  writer.nested(8, () => {
    writer.nested(0, () => {
      writer.octets(1, keyOctets(1)).octets(2, keyOctets(2)).u16(5, 25).u32(10, 1);
      writer.octets(4, Uint8Array.of(2, 0, 0xca, 0x6c, 192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0));
      writer.octets(6, Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x4b, 0x4c, 0, 0, 0, 0, 0));
      writer.octets(7, Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0)).octets(8, Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0));
      writer.nested(9, () => {
        writer.nested(0, () =>
          writer
            .u16(1, 2)
            .octets(2, Uint8Array.of(10, 0, 0, 1))
            .u8(3, 32),
        );
        writer.nested(0, () =>
          writer
            .u16(1, 10)
            .octets(2, new Uint8Array(16).fill(0xfd, 0, 1))
            .u8(3, 64),
        );
      });
    });
    writer.nested(0, () => writer.octets(1, keyOctets(3)).octets(2, new Uint8Array(32)).u16(5, 0));
  });
  return Uint8Array.of(0, 1, 0, 0, ...writer.written);
}
