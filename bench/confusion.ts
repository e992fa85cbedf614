/** A confusion matrix as text: a row for each right answer, a column for each one given, a count where they meet. */

export interface Judged {
  readonly expected: string;
  readonly got: string;
}

/** Answers that were given rightly lie on the diagonal; zero is a dot. */
export function confusionMatrix(judged: readonly Judged[]): string {
  const expected = [...new Set(judged.map((one) => one.expected))].toSorted();
  const wrong = judged.map((one) => one.got).filter((got) => !expected.includes(got));
  const columns = [...expected, ...[...new Set(wrong)].toSorted()];
  const count = (row: string, column: string) =>
    judged.filter((one) => one.expected === row && one.got === column).length;
  const width = Math.max(...expected.map((row) => row.length));
  // Columns bear numbers; a legend would be as wide as the names.
  const numbers = columns.map((_, index) => String(index + 1).padStart(3));
  const rows = expected.map((row, index) => {
    const cells = columns.map((column) => (count(row, column) || ".").toString().padStart(3));
    return `${String(index + 1).padStart(2)} ${row.padEnd(width)} ${cells.join("")}`;
  });
  const others = columns.slice(expected.length).map((name, index) => `${expected.length + index + 1} is "${name}"`);
  const head = `${" ".repeat(width + 4)}${numbers.join("")}`;
  return [head, ...rows, ...(others.length === 0 ? [] : [`columns: ${others.join(", ")}`])].join("\n");
}
