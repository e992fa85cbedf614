/**
 * The carrier as /sys/class/net/NAME/carrier shows it at this moment, through descriptors that stay open. A sysfs of
 * another network namespace shows other links under the same names: each descriptor is proven to be of our link when
 * it is opened, and a link that cannot be proven is not read.
 */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { LinkFacts } from "../facts.ts";
import { isInterfaceName } from "../pure/interface-name.ts";

/** Failed openings after which a link is left alone: one or two can be a rename that is still on its way. */
const mostFailures = 3;

type CarrierFile =
  | { readonly kind: "open"; readonly name: string; readonly fd: number }
  | { readonly kind: "failed"; readonly name: string; readonly failures: number };

export class CarrierFiles implements Disposable {
  readonly #sysfs: string;
  readonly #files = new Map<number, CarrierFile>();
  readonly #octets = new Uint8Array(4);

  constructor(sysfs: string) {
    this.#sysfs = sysfs;
  }

  /** Links that have been given up; each gets a new chance with a new name. */
  get unreadable(): number {
    let count = 0;
    for (const file of this.#files.values()) if (file.kind === "failed" && file.failures >= mostFailures) count += 1;
    return count;
  }

  /** Undefined when the file does not tell: the link is gone or was never ours. */
  read(link: LinkFacts): boolean | undefined {
    let file = this.#files.get(link.ifindex);
    if (file !== undefined && file.name !== link.name) file = this.#forget(link.ifindex);
    if (file === undefined || (file.kind === "failed" && file.failures < mostFailures)) file = this.#open(link, file);
    if (file.kind === "failed") return undefined;
    try {
      const length = readSync(file.fd, this.#octets, 0, this.#octets.length, 0);
      return length > 0 ? this.#octets[0] === 0x31 : undefined;
    } catch (error) {
      // carrier_show (net/core/net-sysfs.c) refuses while the interface is not running.
      if (codeOf(error) === "EINVAL") return false;
      this.#forget(link.ifindex);
      return undefined;
    }
  }

  /** Closes what is not among `ifindexes`. */
  keepOnly(ifindexes: ReadonlySet<number>): void {
    for (const ifindex of [...this.#files.keys()]) if (!ifindexes.has(ifindex)) this.#forget(ifindex);
  }

  [Symbol.dispose](): void {
    this.keepOnly(new Set());
  }

  #open(link: LinkFacts, failed: CarrierFile | undefined): CarrierFile {
    const fd = openProven(`${this.#sysfs}/class/net/${link.name}`, link);
    const failures = (failed?.kind === "failed" ? failed.failures : 0) + 1;
    const { name } = link;
    const file: CarrierFile = fd === undefined ? { kind: "failed", name, failures } : { kind: "open", name, fd };
    this.#files.set(link.ifindex, file);
    return file;
  }

  #forget(ifindex: number): undefined {
    const file = this.#files.get(ifindex);
    this.#files.delete(ifindex);
    if (file?.kind === "open") closeSync(file.fd);
  }
}

/** Undefined unless the folder shows the link's own index and hardware address. */
function openProven(folder: string, link: LinkFacts): number | undefined {
  if (!isInterfaceName(link.name)) return undefined;
  let fd: number | undefined;
  try {
    fd = openSync(`${folder}/carrier`, "r");
    const isOurs =
      Number(readFileSync(`${folder}/ifindex`, "latin1")) === link.ifindex &&
      (link.mac === undefined || readFileSync(`${folder}/address`, "latin1").trim() === link.mac);
    if (isOurs) return fd;
  } catch {
    // Absent, renamed or removed meanwhile: as good as not ours.
  }
  if (fd !== undefined) closeSync(fd);
  return undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
