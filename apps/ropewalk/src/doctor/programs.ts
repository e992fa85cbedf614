/** Programs that Ropewalk can make use of. Watching needs none of them, and the list says what does and what a lack costs. */
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { type Finding, good, lack } from "./finding.ts";

interface Program {
  readonly name: string;
  readonly purpose: string;
  readonly package: string;
}

const programs: readonly Program[] = [
  {
    name: "ip",
    purpose:
      'the lab (npm run lab) builds its networks with it; the daemon needs it only for leases that it gets itself (addresses = "dhcp")',
    package: "iproute2",
  },
  {
    name: "nft",
    purpose:
      "where this machine forwards for others and Ropewalk moves traffic, connections of the LAN break at each planned switch without it; the lab needs it too",
    package: "nftables",
  },
  {
    name: "udhcpc",
    purpose:
      'no uplink can be given to Ropewalk without it (addresses = "dhcp"); whoever has another DHCP client needs it not',
    package: "udhcpc",
  },
];

/** Where root's programs are, which an ordinary user's PATH leaves out. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

export function programFindings(searchPath: string | undefined): readonly Finding[] {
  const folders = [...(searchPath ?? "").split(":").filter((folder) => folder !== ""), ...systemFolders];
  return programs.map(({ name, purpose, package: debian }) => {
    const found = findProgram(name, folders);
    return found === undefined
      ? lack("program", name, "not installed", purpose, `apt-get install ${debian} (Debian, Ubuntu)`)
      : good("program", name, found);
  });
}

/** The first file of that name that this user may execute. */
function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
