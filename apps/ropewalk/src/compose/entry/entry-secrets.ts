/** The keys of entry: those that are given, else its own, which the first start makes and every later one reads. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { EntryConfig } from "@ropewalk/entry/config";
import type { Database } from "@ropewalk/entry/io/database";
import { isPresharedSecret } from "@ropewalk/entry/io/preshared-secret";
import { PresharedKeys } from "@ropewalk/entry/preshared-keys";
import { weakness } from "@ropewalk/entry/pure/http/secret-strength";
import { readTokenKeys, type TokenKeys } from "@ropewalk/entry/pure/http/token-keys";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { OpsError } from "@ropewalk/ops/errors";
import { readSecretFile, writeSecretFile } from "@ropewalk/ops/secret-file";
import { AppError } from "../../errors.ts";

export interface EntrySecrets {
  readonly adminKeys: readonly string[];
  readonly tokenKeys: TokenKeys;
  readonly presharedKeys: PresharedKeys;
  /** Files that this start made. */
  readonly made: readonly string[];
}

const mostAdminKeys = 16;

function presharedFile(state: string): string {
  return join(state, "preshared-secret");
}

export function adminKeyFile(state: string): string {
  return join(state, "admin-key");
}

/** Throws APP_CONFIG for keys that are none, and what keeps a file from being read or written. */
export function entrySecrets({ admin, tokens, preshared }: EntryConfig, state: string): EntrySecrets {
  const made: string[] = [];
  const ownAdmin = () => ownText(adminKeyFile(state), drawn, made);
  const ownTokens = () => ownText(join(state, "token-keys"), () => `own-1:${drawn()}`, made);
  const tokenKeys = readTokenKeys(tokens.keys?.reveal() ?? ownTokens(), tokens.activeKid);
  if (tokenKeys.kind === "fault") throw new AppError("APP_CONFIG", `entry.tokens.keys: ${tokenKeys.reason}.`);
  const presharedKeys = presharedKeysOf(preshared.secret?.reveal() ?? ownText(presharedFile(state), drawn, made));
  const adminKeys = adminKeysOf(admin.keys?.reveal() ?? ownAdmin());
  return { adminKeys, tokenKeys: tokenKeys.keys, presharedKeys, made };
}

/** Throws APP_CONFIG. */
function presharedKeysOf(text: string): PresharedKeys {
  const secret = text.trim();
  const why = weakness(secret);
  if (why !== undefined) throw new AppError("APP_CONFIG", `entry.preshared.secret ${why}.`);
  return new PresharedKeys(new SecretBytes(new TextEncoder().encode(secret)));
}

/**
 * Whoever has another secret than the others would cut off whom it prolongs. Throws APP_CONFIG, and EntryError.
 */
export async function requirePresharedSecret({ fingerprint }: PresharedKeys, database: Database): Promise<void> {
  if (await isPresharedSecret(database, fingerprint)) return;
  throw new AppError(
    "APP_CONFIG",
    "entry.preshared.secret is not the one that the sessions of this database have their preshared keys of: give that one (docs/operating/entry.md#rotating-keys)",
  );
}

/** Those of a file or a variable: separated by commas or white space. Throws APP_CONFIG. */
function adminKeysOf(text: string): readonly string[] {
  const keys = text.split(/[\s,]+/).filter((key) => key !== "");
  if (keys.length === 0 || keys.length > mostAdminKeys)
    throw new AppError(
      "APP_CONFIG",
      `entry.admin.keys: there are ${keys.length}; one is needed, and ${mostAdminKeys} may be.`,
    );
  for (const [index, key] of keys.entries()) {
    const why = weakness(key);
    if (why !== undefined) throw new AppError("APP_CONFIG", `entry.admin.keys: key ${index + 1} ${why}.`);
  }
  return keys;
}

function ownText(path: string, draw: () => string, made: string[]): string {
  try {
    return new TextDecoder().decode(readSecretFile(path));
  } catch (error) {
    if (!(error instanceof OpsError) || error.code !== "OPS_FILE_MISSING") throw error;
  }
  const text = draw();
  writeSecretFile(path, new TextEncoder().encode(`${text}\n`), { whenThere: "refuse" });
  made.push(path);
  return text;
}

function drawn(): string {
  return randomBytes(32).toString("base64url");
}
