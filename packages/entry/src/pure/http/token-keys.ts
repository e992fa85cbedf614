/** The keys that sign customers' tokens: `kid:secret`, several of them while one takes over from another. */
import { weakness } from "./secret-strength.ts";

export interface TokenKey {
  readonly id: string;
  readonly secret: string;
}

export interface TokenKeys {
  /** Signs. */
  readonly active: TokenKey;
  /** All verify. */
  readonly all: readonly TokenKey[];
}

export type ReadTokenKeys =
  | { readonly kind: "keys"; readonly keys: TokenKeys }
  | { readonly kind: "fault"; readonly reason: string };

const mostKeys = 16;

/** `text`: separated by commas or white space. `activeId`: of the one that signs; undefined: the first. No reason shows a secret. */
export function readTokenKeys(text: string, activeId: string | undefined): ReadTokenKeys {
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  if (parts.length === 0) return fault("there is no key: kid:secret");
  if (parts.length > mostKeys) return fault(`there are more than ${mostKeys} keys`);
  const all: TokenKey[] = [];
  for (const [index, part] of parts.entries()) {
    const [, id, secret] = /^([A-Za-z0-9._-]{1,64}):(.+)$/.exec(part) ?? [];
    if (id === undefined || secret === undefined) return fault(`key ${index + 1} is not written kid:secret`);
    const why = weakness(secret);
    if (why !== undefined) return fault(`the secret of ${id} ${why}`);
    if (all.some((other) => other.id === id)) return fault(`${id} is there twice`);
    if (all.some((other) => other.secret === secret)) return fault(`${id} has the secret of another`);
    all.push({ id, secret });
  }
  const active = activeId === undefined ? all[0] : all.find(({ id }) => id === activeId);
  if (active === undefined) return fault(`the one that is to sign, ${activeId}, is not among them`);
  return { kind: "keys", keys: { active, all } };
}

function fault(reason: string): ReadTokenKeys {
  return { kind: "fault", reason };
}
