/** RTM_NEWADDR and RTM_DELADDR. Source: linux/if_addr.h. */
import type { AddressFacts } from "../facts.ts";
import type { ObservedAddress } from "../tables/network-event.ts";
import { attributeAddress, attributeU32, readAttributes } from "./attributes.ts";
import { familyOfNumber, isOfFamily } from "./families.ts";
import { readU32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";

const IFA = { ADDRESS: 1, LOCAL: 2, FLAGS: 8 } as const;
const IFA_F = { SECONDARY: 0x01, OPTIMISTIC: 0x04, DADFAILED: 0x08, DEPRECATED: 0x20, TENTATIVE: 0x40 } as const;
const ifaddrLength = 8;

/** Undefined for families other than IPv4 and IPv6. */
export function decodeAddress(payload: Uint8Array): ObservedAddress | Malformed | undefined {
  const [number, prefixLength, shortFlags, scope] = payload;
  const ifindex = readU32(payload, 4);
  const attributes = readAttributes(payload.subarray(ifaddrLength));
  if (ifindex === undefined || prefixLength === undefined || attributes === undefined) {
    return malformed("an address message cut short");
  }
  const family = familyOfNumber(number);
  if (family === undefined) return undefined;
  const peer = attributeAddress(attributes, IFA.ADDRESS);
  // IFA_LOCAL is the address itself where IFA_ADDRESS is the far end; IPv6 gives it for point-to-point only.
  const address = attributeAddress(attributes, IFA.LOCAL) ?? peer;
  const octets = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS);
  if (address === undefined || octets === undefined || !isOfFamily(octets, family) || ifindex < 1) {
    return malformed("an address message without an address");
  }
  if (prefixLength > octets.length * 8) return malformed(`a prefix of ${prefixLength} bits`);
  const flags = attributeU32(attributes, IFA.FLAGS) ?? shortFlags ?? 0;
  const isUnproven = (flags & IFA_F.TENTATIVE) !== 0 && (flags & IFA_F.OPTIMISTIC) === 0;
  return {
    facts: {
      ifindex,
      family,
      address,
      prefixLength,
      scope: scopeOf(scope ?? 0),
      isTentative: isUnproven || (flags & IFA_F.DADFAILED) !== 0,
      isDeprecated: (flags & IFA_F.DEPRECATED) !== 0,
      isSecondary: (flags & IFA_F.SECONDARY) !== 0,
    },
    peer: peer ?? address,
  };
}

/** enum rt_scope_t of linux/rtnetlink.h is a distance: what an operator defined between two names is the nearer one. */
function scopeOf(scope: number): AddressFacts["scope"] {
  if (scope < 200) return "global";
  if (scope < 253) return "site";
  if (scope === 253) return "link";
  return scope === 254 ? "host" : "nowhere";
}
