/**
 * Generic netlink: families of messages that the kernel numbers when they are loaded. Source: linux/genetlink.h.
 *
 *   genlmsghdr   command u8 | version u8 | zero u16 | attributes
 */
import { findAttribute } from "./attributes.ts";
import { readU16 } from "./integers.ts";
import { NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest } from "./request.ts";

const GENL_ID_CTRL = 0x10;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR = { FAMILY_ID: 1, FAMILY_NAME: 2 } as const;
const controlVersion = 1;
export const genericHeaderLength = 4;

/** Its header; `version` is the family's own. */
export function genericHeader(command: number, version: number): Uint8Array {
  return Uint8Array.of(command, version, 0, 0);
}

/** A name ends with a zero octet. */
export function encodeName(name: string): Uint8Array {
  return new TextEncoder().encode(`${name}\0`);
}

/** The kernel answers with the family, and ENOENT for one that it has not got; it loads a module first where it may. */
export function encodeFamilyQuestion(name: string, sequence: number): Uint8Array {
  const asked = encodeAttribute(CTRL_ATTR.FAMILY_NAME, encodeName(name));
  return encodeRequest(GENL_ID_CTRL, NLM_F.ACK, sequence, genericHeader(CTRL_CMD_GETFAMILY, controlVersion), [asked]);
}

/** The number by which its messages go; undefined when the answer does not tell. */
export function decodeFamilyNumber(payload: Uint8Array): number | undefined {
  const number = findAttribute(payload.subarray(genericHeaderLength), CTRL_ATTR.FAMILY_ID);
  return number && readU16(number, 0);
}
