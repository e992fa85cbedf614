/**
 * Where OpenSSH is: installed on this machine, or unpacked in a clone beside it, so that no service is started for anybody. A clone that
 * root runs fetches it when it is first needed.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LabError } from "../errors.ts";

/** Words that start each, before its arguments. */
export interface SshPrograms {
  readonly ssh: readonly string[];
  readonly sshd: readonly string[];
  readonly keygen: readonly string[];
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const unpacked = join(root, "build/borrowed/openssh");
const fetcher = join(root, "tools/borrow.ts");
const places = { ssh: "usr/bin/ssh", sshd: "usr/sbin/sshd", keygen: "usr/bin/ssh-keygen" } as const;

/** Throws LAB_UNSUPPORTED, with what to do. */
export async function findSsh(): Promise<SshPrograms> {
  if (process.geteuid?.() !== 0)
    throw new LabError("LAB_UNSUPPORTED", "sshd lets nobody in unless root runs it: use sudo");
  const isInstalled = Object.values(places).every((path) => existsSync(join("/", path)));
  if (isInstalled) return wordsFor((path) => [join("/", path)]);
  if (!existsSync(join(unpacked, places.sshd)) && existsSync(fetcher))
    await promisify(execFile)(process.execPath, [fetcher, "openssh"], { cwd: root }).catch(() => {});
  if (!existsSync(join(unpacked, places.sshd))) {
    const what = "programs ssh and sshd are missing (Debian: apt-get install openssh-client openssh-server)";
    throw new LabError("LAB_UNSUPPORTED", `a login needs them: ${what}`);
  }
  const folders = globSync("**/*.so.*", { cwd: unpacked }).map((file) => join(unpacked, dirname(file)));
  const libraries = `LD_LIBRARY_PATH=${[...new Set(folders)].join(":")}`;
  return wordsFor((path) => ["env", libraries, join(unpacked, path)]);
}

function wordsFor(wordsOf: (path: string) => readonly string[]): SshPrograms {
  return { ssh: wordsOf(places.ssh), sshd: wordsOf(places.sshd), keygen: wordsOf(places.keygen) };
}
