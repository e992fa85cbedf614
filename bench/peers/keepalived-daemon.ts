/** How keepalived is run in the lab, whatever it is to do: its files of its own, and a BFD session with its other end. */

/** In each host's own /run. */
export const runFolder = "/run/keepalived-race";

const pidFiles = [
  ["-p", "pid"],
  ["-r", "vrrp.pid"],
  ["-c", "check.pid"],
  ["-b", "bfd.pid"],
] as const;

/** `words` start the program; `file` is its configuration. `runFolder` must be there. */
export function daemonWords(words: readonly string[], file: string): readonly string[] {
  const files = pidFiles.flatMap(([option, name]) => [option, `${runFolder}/${name}`]);
  return [...words, "--dont-fork", "--log-console", "-f", file, ...files];
}

/** The path crosses routers, which its default of no hop at all would refuse. */
export function bfdSession(name: string, source: string, neighbour: string, intervals: string): string {
  return `bfd_instance ${name} {
  source_ip ${source}
  neighbor_ip ${neighbour}
  max_hops 10
  ${intervals}
}
`;
}
