import { fingerprint } from "./host-keys.ts";

/**
 * The host keys' fingerprints in a console output, empty where there are none (yet). `output` is GetConsoleOutput's
 * `Output`: base64 of the serial console's text, the last 64 KB of it.
 *
 * cloud-init writes two blocks at the end of the first boot, each line behind a prefix that differs by system (`ec2: `,
 * `[   12.3] cloud-init[1201]: `, `<14>Mar  1 10:00:00 cloud-init: `). Only whole blocks count: one cut off might lack
 * just the key that sshd shows. Of several boots' blocks the last one counts.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
 */
export function consoleFingerprints(output: string | undefined): string[] {
  const lines = Buffer.from(output ?? "", "base64")
    .toString("utf8")
    .split(/\r?\n|\r/);
  const listed = lastBlock(lines, "FINGERPRINTS").flatMap(
    (line) => /SHA256:[A-Za-z0-9+/]{43}/.exec(line) ?? [],
  );
  const computed = lastBlock(lines, "KEYS").flatMap(publicKeyOf).map(fingerprint);
  return [...new Set([...listed, ...computed])];
}

function lastBlock(lines: readonly string[], name: "FINGERPRINTS" | "KEYS"): string[] {
  const isMark = (mark: string) => (line: string) => line.includes(`-----${mark} SSH HOST KEY ${name}-----`);
  const end = lines.findLastIndex(isMark("END"));
  const begin = lines.slice(0, Math.max(end, 0)).findLastIndex(isMark("BEGIN"));
  return begin === -1 ? [] : lines.slice(begin + 1, end);
}

/** The key in wire format, if the line holds one: `ssh-ed25519 AAAA...`, whose blob must name the same algorithm. */
function publicKeyOf(line: string): Buffer[] {
  const [, algorithm, base64] =
    /\b(ssh-[a-z0-9]+|ecdsa-sha2-nistp\d+) ([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(line) ?? [];
  if (algorithm === undefined || base64 === undefined) return [];
  const key = Buffer.from(base64, "base64");
  const named = key.length > 4 ? key.toString("latin1", 4, 4 + key.readUInt32BE(0)) : "";
  return named === algorithm ? [key] : [];
}
