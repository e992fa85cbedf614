/**
 * The statement syntax of ISC DHCP: words ended by `;`, or words before a block in braces. Reading stops at the first
 * thing that is not this syntax; what was whole before it stands, because a lease file may end in half a lease.
 * Source: dhclient.leases(5), ISC DHCP 4.4.3 common/conflex.c.
 */

export interface Statement {
  /** Quoted strings come without their quotes and with their escapes as written. */
  readonly words: readonly string[];
  /** The statements between the braces; undefined when it ended with `;`. */
  readonly block: readonly Statement[] | undefined;
}

const token = /\s+|#[^\n]*|"((?:[^"\\\n]|\\.)*)"|([{};])|([^\s{};"#]+)/y;

export function parseStatements(text: string): readonly Statement[] {
  const open: { readonly words: readonly string[]; readonly statements: Statement[] }[] = [
    { words: [], statements: [] },
  ];
  let words: string[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, quoted, mark, word] = match;
    if (quoted !== undefined) words.push(quoted);
    else if (word !== undefined) words.push(word);
    else if (mark === "{") {
      open.push({ words, statements: [] });
      words = [];
    } else if (mark !== undefined) {
      if (words.length > 0) open.at(-1)?.statements.push({ words, block: undefined });
      words = [];
      if (mark === "}" && !close(open)) break;
    }
  }
  return open[0]?.statements ?? [];
}

/** False when there is no block to close. */
function close(open: { readonly words: readonly string[]; readonly statements: Statement[] }[]): boolean {
  const [closed, parent] = open.length < 2 ? [] : [open.pop(), open.at(-1)];
  if (closed === undefined || parent === undefined) return false;
  parent.statements.push({ words: closed.words, block: closed.statements });
  return true;
}
