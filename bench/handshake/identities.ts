/** Keys and certificates for a measurement, made by `ropewalk cert` as people make them, and how long that took. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";

const launcher = "bin/ropewalk.mjs";

export interface Made {
  readonly source: IdentityFiles;
  readonly destination: IdentityFiles;
  /** Milliseconds of the three commands together. */
  readonly took: number;
}

export interface Making {
  readonly algorithm: "ml-dsa-65" | "p-256";
  readonly hasKemKeys: boolean;
}

/** A CA, a server "localhost" and a client, in the folder. */
export async function makeIdentities(folder: string, { algorithm, hasKemKeys }: Making): Promise<Made> {
  const at = (name: string) => join(folder, `${algorithm}-${name}`);
  const began = performance.now();
  await cert(["ca", "--name", "bench", "--algorithm", algorithm, ...outputs(at("ca"))]);
  const signed = ["--algorithm", algorithm, "--ca-cert", at("ca.pem"), "--ca-key", at("ca.key")];
  const kem = (name: string) => (hasKemKeys ? ["--out-kem-key", at(`${name}.kem`)] : []);
  await cert(["server", "--name", "d", "--dns", "localhost", ...signed, ...outputs(at("server")), ...kem("server")]);
  await cert([
    "client",
    "--name",
    "s",
    "--dns",
    "source.example",
    ...signed,
    ...outputs(at("client")),
    ...kem("client"),
  ]);
  const took = performance.now() - began;
  const files = (name: string): IdentityFiles => ({
    ...{ certificate: at(`${name}.pem`), key: at(`${name}.key`), kemKey: hasKemKeys ? at(`${name}.kem`) : undefined },
    ...{ authorities: [at("ca.pem")], revocationLists: [] },
  });
  return { source: files("client"), destination: files("server"), took };
}

const outputs = (path: string) => ["--out-cert", `${path}.pem`, "--out-key", `${path}.key`, "--force"];

async function cert(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [launcher, "cert", ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (status !== 0) throw new Error(`ropewalk cert ${args[0]} failed: ${said}`);
}
