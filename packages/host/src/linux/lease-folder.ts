/** The folder in which a node keeps what it needs to take its own leases over: the script, each lease, and which links were switched off. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInterfaceName } from "../pure/interface-name.ts";
import { type HeldLease, parseLease } from "../pure/lease-text.ts";
import { leaseScript } from "./lease-script.ts";

const mostBytes = 64 * 1024;
const mostNames = 256;
const endings = [".lease", ".was-off"] as const;

export interface LeaseFolder {
  /** The file that udhcpc is to run; it need not be there. */
  readonly script: string;
  /** Makes the folder and its script. Throws what the system says. */
  prepare(): void;
  /** Undefined without a lease, and when what is there is none. */
  lease(name: string): HeldLease | undefined;
  hasLease(name: string): boolean;
  /** Throws what the system says. */
  rememberOff(name: string): void;
  wasOff(name: string): boolean;
  /** Of which links something is kept. */
  names(): readonly string[];
  forget(name: string): void;
}

export function createLeaseFolder(path: string): LeaseFolder {
  const script = join(path, "script");
  const leaseOf = (name: string) => join(path, `${name}.lease`);
  const markOf = (name: string) => join(path, `${name}.was-off`);
  return {
    script,
    prepare() {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      chmodSync(path, 0o700);
      // A disk that has become full stops nobody who has run before.
      if (isAsWanted(script)) return;
      writeFileSync(`${script}.draft`, leaseScript, { mode: 0o700 });
      chmodSync(`${script}.draft`, 0o700);
      renameSync(`${script}.draft`, script);
    },
    lease: (name) => readLease(leaseOf(name)),
    hasLease: (name) => exists(leaseOf(name)),
    rememberOff: (name) => writeFileSync(markOf(name), ""),
    wasOff: (name) => exists(markOf(name)),
    names: () => [...new Set(listed(path).flatMap(nameIn))].slice(0, mostNames),
    forget(name) {
      for (const file of [leaseOf(name), `${leaseOf(name)}.draft`, markOf(name)]) rmSync(file, { force: true });
    },
  };
}

function isAsWanted(script: string): boolean {
  try {
    return readFileSync(script, "utf8") === leaseScript && (statSync(script).mode & 0o777) === 0o700;
  } catch {
    return false;
  }
}

function readLease(file: string): HeldLease | undefined {
  try {
    return statSync(file).size > mostBytes ? undefined : parseLease(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function listed(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    // Not there, or not to be read: there is nothing that could be given back.
    return [];
  }
}

function nameIn(file: string): readonly string[] {
  const name = endings.filter((ending) => file.endsWith(ending)).map((ending) => file.slice(0, -ending.length));
  return name.filter(isInterfaceName);
}
