/** Keys and certificates of entry and an exit, made by `ropewalk cert` as people make them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabError } from "../errors.ts";

export interface VpnFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

export interface NamedEnd {
  readonly name: string;
  /** Where others reach it. */
  readonly address: string;
}

/** In the folder, which is the caller's to remove. `launcher` is the path of `bin/ropewalk.mjs`. Throws LAB_COMMAND_FAILED. */
export async function makeVpnFiles(
  launcher: string,
  folder: string,
  ends: readonly NamedEnd[],
): Promise<readonly VpnFiles[]> {
  const at = (name: string) => join(folder, name);
  const outputs = (name: string) => ["--out-cert", at(`${name}.crt`), "--out-key", at(`${name}.key`)];
  const cert = async (...words: readonly string[]) => {
    await promisify(execFile)(process.execPath, [launcher, "cert", ...words]).catch((cause: unknown) => {
      const { stderr = String(cause) } = cause as { readonly stderr?: string };
      throw new LabError("LAB_COMMAND_FAILED", `ropewalk cert ${words[0]} failed: ${stderr.trim()}`, { cause });
    });
  };
  await cert("ca", "--name", "the lab's VPN", ...outputs("ca"));
  const signed = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
  return await Promise.all(
    ends.map(async ({ name, address }) => {
      await cert("node", "--name", name, "--dns", name, "--ip", address, ...signed, ...outputs(name));
      return { certificate: at(`${name}.crt`), key: at(`${name}.key`), authority: at("ca.crt") };
    }),
  );
}
