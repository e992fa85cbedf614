/**
 * The virtual machine's own programs and kernel, unpacked in the clone: nothing of them is installed. A clone that root runs fetches them when
 * they are first needed.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LabError } from "../errors.ts";

export interface GuestPrograms {
  /** Words that start each, before its arguments. */
  readonly qemu: readonly string[];
  readonly virtiofsd: readonly string[];
  readonly depmod: readonly string[];
  readonly modprobe: readonly string[];
  readonly kernel: string;
  /** "6.12.117+deb12-amd64". */
  readonly release: string;
  /** Below it lies lib/modules. */
  readonly folder: string;
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const folder = join(root, "build/borrowed/guest");
const fetcher = join(root, "tools/borrow.ts");
const run = promisify(execFile);

/** Throws LAB_UNSUPPORTED, with what is missing. */
export async function findGuestPrograms(): Promise<GuestPrograms> {
  if (process.arch !== "x64") throw lack("it is for machines with x86-64 processors");
  if (process.geteuid?.() !== 0) throw lack("it needs root, to share the machine's files with the guest: use sudo");
  if (!existsSync(join(folder, "usr/bin/qemu-system-x86_64")) && existsSync(fetcher))
    await run(process.execPath, [fetcher, "guest"], { cwd: root }).catch(() => {});
  const [kernel] = globSync("boot/vmlinuz-*", { cwd: folder });
  if (kernel === undefined) throw lack("its programs and its kernel could not be fetched by apt-get");
  const release = kernel.slice("boot/vmlinuz-".length);
  const folders = new Set(globSync("**/*.so.*", { cwd: folder }).map((file) => join(folder, dirname(file))));
  const words = (path: string) => ["env", `LD_LIBRARY_PATH=${[...folders].join(":")}`, join(folder, path)];
  const firmware = ["usr/share/qemu", "usr/share/seabios"].flatMap((path) => ["-L", join(folder, path)]);
  const programs: GuestPrograms = {
    qemu: [...words("usr/bin/qemu-system-x86_64"), ...firmware],
    virtiofsd: words("usr/lib/qemu/virtiofsd"),
    depmod: words(await kmodAs("depmod")),
    modprobe: words(await kmodAs("modprobe")),
    ...{ kernel: join(folder, kernel), release, folder },
  };
  if (!existsSync(join(folder, "lib/modules", release, "modules.dep"))) await indexModules(programs);
  return programs;
}

/** It is what it is called. */
async function kmodAs(name: string): Promise<string> {
  const path = join("bin", name);
  if (!existsSync(join(folder, path))) await symlink("kmod", join(folder, path));
  return path;
}

async function indexModules({ depmod: [program = "", ...words], release }: GuestPrograms): Promise<void> {
  await run(program, [...words, "-b", folder, release]).catch((cause: Error) => {
    throw new LabError("LAB_START_FAILED", `the guest's modules could not be indexed: ${cause.message}`, { cause });
  });
}

function lack(why: string): LabError {
  return new LabError("LAB_UNSUPPORTED", `there is no virtual machine here: ${why}`);
}
