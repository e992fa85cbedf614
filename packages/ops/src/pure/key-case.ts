/** TOML keys are snake_case and typed configuration is camelCase; one rule maps each to the other without loss. */

export type CamelCase<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? Capitalize<Tail> extends Tail
    ? `${Head}_${CamelCase<Tail>}`
    : `${Head}${Capitalize<CamelCase<Tail>>}`
  : Key;

/** "monitor_only" → "monitorOnly". Only a letter can take the place of its underscore: "slot_2" stays. */
export function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** "monitorOnly" → "monitor_only". */
export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
