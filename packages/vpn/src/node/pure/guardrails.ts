/** What keeps an exit from starting: what it lacks anywhere, and in production what is for trials only. */
import { isLinkLocal, isLoopback, parseIpAddress } from "@ropewalk/kernel/addresses";
import { formatHostPort, type HostPort } from "@ropewalk/kernel/host-port";
import type { CoreConfig } from "../config.ts";

/** Without which no exit starts. Each says what to set. */
export function lackingSettings({ endpoint, control }: Pick<CoreConfig, "endpoint" | "control">): readonly string[] {
  return [
    ...(endpoint === undefined ? ['core.endpoint ("exit.example:51820", where customers send)'] : []),
    ...(control.certificate === undefined ? ["core.control.certificate"] : []),
    ...(control.key === undefined ? ["core.control.key"] : []),
    ...(control.authorities.length === 0 ? ["core.control.authorities"] : []),
  ];
}

/** A file whose owner and permission bits count. */
export interface GuardedFile {
  readonly path: string;
  readonly owner: number;
  readonly mode: number;
}

export interface ProductionFacts {
  /** Of this process. */
  readonly uid: number;
  /** The keys and the configuration, and the folders in which they are. */
  readonly files: readonly GuardedFile[];
  /** Of the device, in base64. */
  readonly privateKey: string;
}

/** What an exit in production refuses to start with; each says what and why. */
export function productionFaults(
  { endpoint, entry }: Pick<CoreConfig, "endpoint" | "entry">,
  { uid, files, privateKey }: ProductionFacts,
): readonly string[] {
  return [
    ...(endpoint !== undefined && isOfThisMachineAlone(endpoint)
      ? [`core.endpoint = "${formatHostPort(endpoint)}" is an address that no customer reaches`]
      : []),
    ...(entry.addresses.length === 0
      ? ["core.entry.addresses is empty: nobody is placed on an exit that entry does not hear of"]
      : []),
    ...(publishedKeys.has(privateKey)
      ? ["the private key of the device is one that is printed in a manual: make another"]
      : []),
    ...files.flatMap((file) => fileFaults(file, uid)),
  ];
}

function isOfThisMachineAlone({ host }: HostPort): boolean {
  const address = parseIpAddress(host);
  if (address === undefined) return host === "localhost" || host.endsWith(".localhost");
  return isLoopback(address) || isLinkLocal(address) || address === "0.0.0.0" || address === "::";
}

/** Whoever may write to a file or its folder chooses who gives orders here. A folder like /tmp keeps others from what is not theirs. */
function fileFaults({ path, owner, mode }: GuardedFile, uid: number): readonly string[] {
  const isSticky = (mode & 0o1000) !== 0;
  const isOthers = owner !== 0 && owner !== uid;
  return [
    ...(isOthers ? [`${path} belongs to user ${owner}: chown it to the user of this program, or to root`] : []),
    ...((mode & 0o022) !== 0 && !isSticky ? [`${path} may be written by others: chmod go-w ${path}`] : []),
  ];
}

/** Private keys of wg(8) and RFC 7748 §6.1 (Bob's), which people copy. */
const publishedKeys: ReadonlySet<string> = new Set([
  "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
  "XasIfmJKikt54X+Lg4AO5m87sSkmGLb9HC+LJ/+I4Os=",
]);
