/** What the build takes from the launcher: the flags of Node with which every start is made. */
declare module "*/bin/runtime.mjs" {
  export function nodeFlags(root: string): readonly string[];
  export function programFlags(command: string): readonly string[];
  export const busyPrograms: readonly string[];
}
