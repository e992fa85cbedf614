/** Text that somebody on the network wrote, made fit for a log line: plain ASCII on one line, and not long. */

const longest = 120;

export function printable(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, "?");
  return plain.length <= longest ? plain : `${plain.slice(0, longest - 3)}...`;
}
