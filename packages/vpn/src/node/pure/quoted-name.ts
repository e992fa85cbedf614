/** The name of an interface as nft reads it. */
import { isQuotable } from "@ropewalk/host/interface-name";
import { InternalError } from "@ropewalk/kernel/errors";

/** Throws InternalError for a name that no ruleset can have: configuration has refused it before. */
export function quotedName(name: string): string {
  if (!isQuotable(name)) throw new InternalError(`the name ${JSON.stringify(name)} fits in no ruleset`);
  return `"${name}"`;
}
