/**
 * Dump requests, as a kernel with NETLINK_GET_STRICT_CHK wants them: a header of the right type, all zero, and no
 * attribute that it would ignore. Family zero asks for all families at once.
 */
import { RTM } from "./event.ts";
import { writeU16, writeU32 } from "./integers.ts";
import { headerLength, NLM_F } from "./message.ts";

export type DumpSubject = "links" | "link-counters" | "addresses" | "routes" | "rules" | "neighbours" | "next-hops";

/** Request type and length of the type's own header: ifinfomsg, ifaddrmsg, rtmsg, fib_rule_hdr, ndmsg, nhmsg. */
const subjects: Readonly<Record<DumpSubject, readonly [type: number, length: number]>> = {
  links: [RTM.GETLINK, 16],
  "link-counters": [RTM.GETLINK, 16],
  addresses: [RTM.GETADDR, 8],
  routes: [RTM.GETROUTE, 12],
  rules: [RTM.GETRULE, 12],
  neighbours: [RTM.GETNEIGH, 12],
  "next-hops": [RTM.GETNEXTHOP, 8],
};
const IFLA_EXT_MASK = 29;
/** Statistics are most of a link's message, and reading them can make a driver ask its hardware. */
const RTEXT_FILTER_SKIP_STATS = 1 << 3;

export function encodeDumpRequest(subject: DumpSubject, sequence: number): Uint8Array {
  const [type, ownHeaderLength] = subjects[subject];
  const attributeAt = headerLength + ownHeaderLength;
  const request = new Uint8Array(attributeAt + (subject === "links" ? 8 : 0));
  writeU32(request, 0, request.length);
  writeU16(request, 4, type);
  writeU16(request, 6, NLM_F.REQUEST | NLM_F.DUMP);
  writeU32(request, 8, sequence);
  if (subject === "links") {
    writeU16(request, attributeAt, 8);
    writeU16(request, attributeAt + 2, IFLA_EXT_MASK);
    writeU32(request, attributeAt + 4, RTEXT_FILTER_SKIP_STATS);
  }
  return request;
}
