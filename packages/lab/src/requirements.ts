/** What the lab needs of a machine, looked for before anything is started; what lacks is named with the way to get it. */
import { access, constants, readFile } from "node:fs/promises";
import { LabError } from "./errors.ts";

export interface LabNeeds {
  /** True for an ordinary user: the lab then lives in a user namespace of its own. */
  readonly isUserNamespace: boolean;
}

const programs: readonly { readonly program: string; readonly debianPackage: string }[] = [
  { program: "ip", debianPackage: "iproute2" },
  { program: "tc", debianPackage: "iproute2" },
  { program: "nft", debianPackage: "nftables" },
  { program: "dnsmasq", debianPackage: "dnsmasq-base" },
  { program: "openssl", debianPackage: "openssl" },
  { program: "unshare", debianPackage: "util-linux" },
  { program: "nsenter", debianPackage: "util-linux" },
  { program: "setpriv", debianPackage: "util-linux" },
  { program: "mount", debianPackage: "mount" },
  { program: "hostname", debianPackage: "hostname" },
];

const programFolders: readonly string[] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Settings that keep an ordinary user from making a user namespace, and the value that allows it. */
const userNamespaceSettings: readonly { readonly path: string; readonly allows: (value: number) => boolean }[] = [
  { path: "kernel/unprivileged_userns_clone", allows: (value) => value !== 0 },
  { path: "kernel/apparmor_restrict_unprivileged_userns", allows: (value) => value === 0 },
  { path: "user/max_user_namespaces", allows: (value) => value > 0 },
];

/** Throws LAB_UNSUPPORTED, which lists everything that lacks at once. */
export async function requireForLab(): Promise<LabNeeds> {
  if (process.platform !== "linux") {
    throw new LabError("LAB_UNSUPPORTED", `the lab is made of Linux namespaces, and this is ${process.platform}`);
  }
  const isUserNamespace = process.geteuid?.() !== 0;
  const lacking = [...(await lackingPrograms()), ...(isUserNamespace ? await lackingForUser() : [])];
  if (lacking.length > 0) throw new LabError("LAB_UNSUPPORTED", `the lab cannot run here: ${lacking.join("; ")}`);
  return { isUserNamespace };
}

/** Throws LAB_UNSUPPORTED when this user may not make TUN devices. */
export async function requireTun(): Promise<void> {
  try {
    await access("/dev/net/tun", constants.R_OK | constants.W_OK);
  } catch (cause) {
    const what = "delay needs /dev/net/tun, which is missing or closed to this user: modprobe tun, or run as root";
    throw new LabError("LAB_UNSUPPORTED", what, { cause });
  }
}

/** Throws LAB_UNSUPPORTED when there is no DHCP client. */
export async function requireLeases(): Promise<void> {
  if (await isInstalled("dhclient")) return;
  const what =
    "an uplink by DHCP needs the program dhclient, which is missing (Debian: apt-get install isc-dhcp-client)";
  throw new LabError("LAB_UNSUPPORTED", what);
}

/** Throws LAB_UNSUPPORTED when there is no C compiler. */
export async function requireCompiler(): Promise<void> {
  if (await isInstalled("cc")) return;
  const what = "traffic needs a C compiler: program cc is missing (Debian: apt-get install gcc libc6-dev)";
  throw new LabError("LAB_UNSUPPORTED", what);
}

async function lackingPrograms(): Promise<string[]> {
  const checked = await Promise.all(programs.map(async (need) => ({ need, found: await isInstalled(need.program) })));
  return checked
    .filter(({ found }) => !found)
    .map(({ need }) => `program ${need.program} is missing (Debian: apt-get install ${need.debianPackage})`);
}

async function isInstalled(program: string): Promise<boolean> {
  const tries = programFolders.map((folder) => access(`${folder}/${program}`, constants.X_OK));
  return Promise.any(tries).then(
    () => true,
    () => false,
  );
}

async function lackingForUser(): Promise<string[]> {
  const lacking: string[] = [];
  for (const { path, allows } of userNamespaceSettings) {
    const text = await readFile(`/proc/sys/${path}`, "utf8").catch(() => undefined);
    if (text === undefined || allows(Number(text))) continue;
    const name = path.replaceAll("/", ".");
    lacking.push(`ordinary users may not make user namespaces (${name} = ${text.trim()}): run as root, or change it`);
  }
  return lacking;
}
