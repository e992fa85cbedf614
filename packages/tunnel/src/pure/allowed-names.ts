/** Whether a certificate has a name that is expected. Names are compared whole: there are no wildcards. */
import type { ReadNames } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { kemPinPrefix } from "@ropewalk/crypto/certificates/pure/kem-pin";
import { parseIpAddress } from "@ropewalk/kernel/addresses";

/** `allow`: DNS names, IP addresses, URIs; undefined where every name is. */
export function isNameAllowed(names: ReadNames, allow: readonly string[] | undefined): boolean {
  if (allow === undefined) return true;
  const wanted = new Set(allow.map(canonicalName));
  return identityNames(names).some((name) => wanted.has(canonicalName(name)));
}

/** The names that an end is known by; the pin of its key is none. */
export function identityNames({ dns, ip, uri }: ReadNames): readonly string[] {
  return [...dns, ...ip, ...uri.filter((name) => !name.startsWith(kemPinPrefix))];
}

/** DNS names know no case, and addresses have many spellings. URIs stay as they are. */
function canonicalName(name: string): string {
  return parseIpAddress(name) ?? (name.includes(":") ? name : name.toLowerCase().replace(/\.$/, ""));
}
