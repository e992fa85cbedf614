/** Whether systemd-networkd leaves the rules and routes of others alone, as its configuration says. Source: networkd.conf(5). */

const keys = ["ManageForeignRoutingPolicyRules", "ManageForeignRoutes"] as const;

/**
 * The keys by which it would remove what Ropewalk writes; none when it leaves that alone. `texts` are the configuration's files in the
 * order in which they count: the last assignment wins, and without one it is "yes".
 */
export function foreignKeysOf(texts: readonly string[]): readonly string[] {
  const values = new Map<string, string>();
  for (const text of texts) {
    let section = "";
    for (const line of text.split("\n").map((each) => each.trim())) {
      if (line.startsWith("[")) section = line;
      const [, key = "", value = ""] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (section === "[Network]" && key !== "") values.set(key, value);
    }
  }
  return keys.filter((key) => !isNo(values.get(key)));
}

/** Source: systemd's parse_boolean. What it cannot read it passes over; the default then counts. */
function isNo(value: string | undefined): boolean {
  return value !== undefined && /^(0|no|n|false|f|off)$/i.test(value);
}
