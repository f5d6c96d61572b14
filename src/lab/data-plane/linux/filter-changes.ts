import { changed, removed } from "./difference.ts";

/** Characters of rules in one transaction: the kernel takes one only as long as the socket's buffer is, about 200 kB. */
const transactionSize = 40_000;

/** Only chains that differ are touched, so conntrack and the rest go on; nearly always it is one transaction. */
export function filterChanges(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): string[] {
  const altered = changed(from, to);
  const dropped = removed(from, to);
  if (altered.length === 0 && dropped.length === 0) return [];
  const transactions: string[] = [];
  let emptied = "";
  let filled = "";
  const flush = (rest = "") => {
    transactions.push(`table ip peerctl\n${emptied}table ip peerctl {\n${filled}}\n${rest}`);
    emptied = "";
    filled = "";
  };
  for (const [name, text] of altered) {
    if (emptied.length + filled.length + text.length > transactionSize) flush();
    if (from.has(name)) emptied += `flush chain ip peerctl ${name}\n`;
    filled += text;
  }
  const forgotten = ["flush", "delete"].flatMap((verb) =>
    dropped.map((name) => `${verb} chain ip peerctl ${name}\n`),
  );
  flush(forgotten.join(""));
  return transactions;
}
