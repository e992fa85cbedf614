/** The command lines of the traffic programs: `--name value` for what is given, `--name` for what is on. */

export function flagWords(flags: Readonly<Record<string, boolean | undefined>>): readonly string[] {
  return Object.entries(flags).flatMap(([name, isOn]) => (isOn === true ? [`--${name}`] : []));
}

export function optionWords(options: Readonly<Record<string, string | number | undefined>>): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}
