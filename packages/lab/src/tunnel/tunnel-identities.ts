/** Keys and certificates for a tunnel in the lab, made by `ropewalk cert` as people make them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabError } from "../errors.ts";

export interface EndFiles {
  readonly certificate: string;
  readonly key: string;
  readonly kem_key?: string;
  readonly authorities: readonly string[];
}

export const destinationName = "hub.lab.example";

/**
 * In the folder, which is the caller's to remove. `launcher` is the path of `bin/ropewalk.mjs`; McEliece keys, which take seconds, are
 * made on request. Throws LAB_COMMAND_FAILED.
 */
export async function makeEndFiles(
  launcher: string,
  folder: string,
  withKemKeys: boolean,
): Promise<{ readonly source: EndFiles; readonly destination: EndFiles }> {
  const at = (name: string) => join(folder, name);
  const outputs = (name: string) => ["--out-cert", at(`${name}.crt`), "--out-key", at(`${name}.key`)];
  const signed = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
  const cert = async (...words: readonly string[]) => {
    await promisify(execFile)(process.execPath, [launcher, "cert", ...words]).catch((cause: unknown) => {
      const { stderr = String(cause) } = cause as { readonly stderr?: string };
      throw new LabError("LAB_COMMAND_FAILED", `ropewalk cert ${words[0]} failed: ${stderr.trim()}`, { cause });
    });
  };
  const kem = (name: string) => (withKemKeys ? ["--out-kem-key", at(`${name}.kem`)] : []);
  const leaf = (role: string, name: string, dns: string) =>
    cert(role, "--name", name, "--dns", dns, ...signed, ...outputs(name), ...kem(name));
  await cert("ca", "--name", "the lab's tunnel", ...outputs("ca"));
  await Promise.all([leaf("server", "hub", destinationName), leaf("client", "site", "site.lab.example")]);
  const files = (name: string): EndFiles => ({
    ...{ certificate: at(`${name}.crt`), key: at(`${name}.key`) },
    ...(withKemKeys ? { kem_key: at(`${name}.kem`) } : {}),
    authorities: [at("ca.crt")],
  });
  return { source: files("site"), destination: files("hub") };
}
