/** A CA and two certificates that live as long as a trial does: in a temporary folder of this user's alone, gone with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createIssuer } from "@ropewalk/crypto/certificates/issuer";
import { encodeKemKey } from "@ropewalk/crypto/certificates/kem-key-file";
import type { CertificateRole } from "@ropewalk/crypto/certificates/pure/extensions";
import { issueLeaf, issueRootCa } from "@ropewalk/crypto/certificates/pure/issue-certificate";
import type { CommonName, DnsName } from "@ropewalk/crypto/certificates/pure/subject-names";
import { certificateFacts } from "@ropewalk/crypto/certificates/read-certificate";
import { certificateSigner, certifiedKey } from "@ropewalk/crypto/certificates/signer";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { writeFilesTogether } from "@ropewalk/ops/written-files";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import type { Mode } from "@ropewalk/tunnel/pure/handshake/message";
import { chanceForSerial } from "../../certificates/chance.ts";
import { makeKemKey } from "../../certificates/kem-key.ts";
import { certificateFile, type MadeFile, privateKeyFile, secretFile } from "../../certificates/made-files.ts";
import { validityFrom } from "../../certificates/orders.ts";
import type { CommandContext } from "../../command-context.ts";

export interface ThrowAwayIdentities extends Disposable {
  readonly folder: string;
  readonly source: IdentityFiles;
  readonly destination: IdentityFiles;
}

/** What the destination's certificate is for. */
export const destinationName = "hub.example";

const day = 86_400_000;

export async function makeIdentities(context: CommandContext, mode: Mode): Promise<ThrowAwayIdentities> {
  const folder = mkdtempSync(join(context.user.temporaryDirectory, "ropewalk-try-"));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  try {
    const validity = validityFrom(context.clock.wall(), day);
    const key = generateSigningKey("ml-dsa-65");
    const order = { name: "Ropewalk trial" as CommonName, pathLength: 0, validity, chance: chanceForSerial() };
    const facts = certificateFacts(issueRootCa(order, certificateSigner(key)));
    const authority = join(folder, "ca.crt");
    write([certificateFile(authority, [facts])]);
    const issuer = createIssuer(facts, key, context.clock.wall());
    const make = async (role: CertificateRole, name: string): Promise<IdentityFiles> => {
      using kem = mode === "hybrid" ? await makeKemKey(context) : undefined;
      const own = generateSigningKey("ml-dsa-65");
      const names = { dns: [name as DnsName], ip: [], uri: [], email: [] };
      const kemPin = kem?.publicKey.sha384;
      const wanted = { name: name as CommonName, names, role, kemPin, validity, chance: chanceForSerial() };
      const leaf = certificateFacts(issueLeaf(wanted, certifiedKey(own.verifyingKey), issuer));
      const path = (suffix: string) => join(folder, `${role}.${suffix}`);
      write([
        certificateFile(path("crt"), [leaf]),
        privateKeyFile(path("key"), own),
        ...(kem === undefined ? [] : [secretFile("McEliece key", path("kem"), encodeKemKey(kem))]),
      ]);
      const kemKey = kem === undefined ? undefined : path("kem");
      return { certificate: path("crt"), key: path("key"), kemKey, authorities: [authority], revocationLists: [] };
    };
    const source = await make("client", "site.example");
    const destination = await make("server", destinationName);
    return { folder, source, destination, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function write(files: readonly MadeFile[]): void {
  writeFilesTogether(files, { whenThere: "refuse" });
}
