/** Makes the lab's certificates, inside the lab, and puts the authority where programs on the site find it. */
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import {
  type Authority,
  authorityArguments,
  authorityFile,
  authorityScript,
  parseAuthority,
} from "./pure/authority-plan.ts";

/** `host` runs openssl. Throws LAB_COMMAND_FAILED with what it said. */
export async function makeAuthority(host: LabHost): Promise<Authority> {
  const script = ["sh", "-c", authorityScript, "authority", ...authorityArguments()];
  const { stdout } = await host.exec("unshare", ["--mount", ...script]);
  const authority = parseAuthority(stdout);
  if (authority === undefined) throw new LabError("LAB_COMMAND_FAILED", `openssl in ${host.name} gave no certificates`);
  return authority;
}

/** From now on the certificate is in the host's own /run. */
export async function publishAuthority(hosts: readonly LabHost[], { certificate }: Authority): Promise<void> {
  const write = ["-c", 'cat >"$1"', "write", authorityFile];
  await Promise.all(hosts.map((host) => host.exec("sh", write, { input: certificate })));
}
