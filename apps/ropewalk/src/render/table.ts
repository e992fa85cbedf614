/**
 * Text in columns. What does not fit the terminal is written as one block per row instead, so nothing is lost on a
 * narrow one. Cells come from the machine (interface names, labels): control characters never reach the terminal.
 */

export interface Cell {
  readonly text: string;
  /** Colours the padded text; it must not change its width. */
  readonly paint?: (text: string) => string;
}

export interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Columns that are left out, in this order, where there is no room for all. */
  readonly spare?: readonly string[];
}

const gap = "  ";
/** What a table takes where there is no terminal to say how much there is. */
const usualColumns = 100;

/** Lines of the table; without a terminal (`columns` undefined) as wide as it takes when no column can be left out any more. */
export function tableLines(
  table: Table,
  columns: number | undefined,
  dim: (text: string) => string,
): readonly string[] {
  const whole = { ...table, rows: table.rows.map((row) => row.map(printableCell)) };
  const fitting = withoutSpare(whole, columns ?? usualColumns);
  if (columns !== undefined && totalWidth(fitting) > columns) return blockLines(table.headings, whole.rows, dim);
  return rowLines(fitting, dim);
}

function printableCell(cell: Cell): Cell {
  return { ...cell, text: printable(cell.text) };
}

/** The table without as many of its spare columns as it takes to fit. */
function withoutSpare(table: Table, columns: number): Table {
  const [dropped, ...spare] = table.spare ?? [];
  if (dropped === undefined || totalWidth(table) <= columns) return table;
  const kept = table.headings.map((heading) => heading !== dropped);
  const only = <T>(cells: readonly T[]) => cells.filter((_, column) => kept[column]);
  return withoutSpare({ headings: only(table.headings), rows: table.rows.map(only), spare }, columns);
}

function columnWidths({ headings, rows }: Table): readonly number[] {
  return headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => width(row[column]?.text ?? ""))),
  );
}

function totalWidth(table: Table): number {
  return columnWidths(table).reduce((sum, each) => sum + each + gap.length, -gap.length);
}

function rowLines(table: Table, dim: (text: string) => string): readonly string[] {
  const { headings, rows } = table;
  const widths = columnWidths(table);
  const heading = headings.map((text, column) => pad(text, widths[column], column === widths.length - 1));
  return [
    dim(heading.join(gap)),
    ...rows.map((row) =>
      row
        .map((cell, column) => {
          const padded = pad(cell.text, widths[column], column === row.length - 1);
          return cell.paint === undefined ? padded : cell.paint(padded);
        })
        .join(gap),
    ),
  ];
}

function blockLines(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  dim: (text: string) => string,
): readonly string[] {
  const label = Math.max(...headings.map((heading) => heading.length));
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : [""]),
    ...row.map(({ text, paint }, column) => {
      const name = dim((headings[column] ?? "").padEnd(label));
      return `${name}${gap}${paint === undefined ? text : paint(text)}`;
    }),
  ]);
}

/** Rows of plain text, all but the last column padded. */
export function alignRows(rows: readonly (readonly string[])[], indent: string): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(text));
  }
  return rows.map((row) => {
    const cells = row.map((text, column) => pad(text, widths[column], column === row.length - 1));
    return indent + cells.join(gap);
  });
}

/** The words of `text` on lines of at most `columns`: `first` begins the first line and `rest` all others. A longer word stands alone. */
export function wrapped(text: string, columns: number, rest: string, first = ""): readonly string[] {
  const [opening = "", ...words] = text.split(" ");
  const lines = [first + opening];
  for (const word of words) {
    const line = lines.at(-1) ?? "";
    const longer = `${line} ${word}`;
    if (width(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(rest + word);
  }
  return lines;
}

/** `text` with every control, format and unassigned character replaced, so that a hostile name cannot move the cursor. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
}

/** Cut to `columns`, with an ellipsis where something is missing. */
export function fitted(text: string, columns: number): string {
  return width(text) <= columns ? text : `${[...text].slice(0, Math.max(0, columns - 1)).join("")}…`;
}

/** Code points: exact for what interfaces are called, near enough for a label in a script with double-width letters. */
function width(text: string): number {
  return [...text].length;
}

function pad(text: string, to = 0, isLast: boolean): string {
  return isLast ? text : text + " ".repeat(Math.max(0, to - width(text)));
}
