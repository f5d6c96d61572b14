import type { EC2 } from "@aws-sdk/client-ec2";

/**
 * Runs the lines that doctor prints, as far as a shell is needed for them: `a && b`, `name=$(...)`, `"$(...)"`, `"$name"` and
 * quotes. `aws ec2` goes to the SDK under the same names, everything else to `peerctl`. test/peers runs the same lines with
 * a real shell and the real AWS CLI.
 */
export function shellFor(ec2: EC2, peerctl: (words: string[]) => Promise<void>) {
  const variables = new Map<string, string>();

  const expand = async (text: string): Promise<string> => {
    const inner = /"\$\((.*?)\)"/.exec(text);
    if (inner) return expand(text.replace(inner[0], await one(inner[1]!)));
    return text.replace(/"\$(\w+)"/g, (_, name: string) => variables.get(name)!);
  };
  const one = async (text: string): Promise<string> => {
    const assigned = /^(\w+)=\$\((.*)\)$/.exec(text);
    if (assigned) {
      variables.set(assigned[1]!, await one(assigned[2]!));
      return "";
    }
    const words = [...(await expand(text)).matchAll(/'([^']*)'|(\S+)/g)].map(
      (found) => found[1] ?? found[2]!,
    );
    if (words[0] === "peerctl") {
      await peerctl(words.slice(1));
      return "";
    }
    if (words[0] !== "aws" || words[1] !== "ec2") throw new Error(`neither peerctl nor aws: ${text}`);
    return awsEc2(ec2, words.slice(2));
  };
  return async (line: string): Promise<void> => {
    for (const part of line.split(" && ")) await one(part);
  };
}

async function awsEc2(ec2: EC2, [action = "", ...words]: string[]): Promise<string> {
  // The lab is there at once, so there is nothing to wait for.
  if (action === "wait") return "";
  const input: Record<string, unknown> = {};
  let query: string | undefined;
  while (words.length > 0) {
    const flag = words.shift()!.replace(/^--/, "");
    const value = words[0]?.startsWith("--") === false ? words.shift() : undefined;
    if (flag === "query") query = value;
    else if (flag === "ingress" || flag === "egress") input.Egress = flag === "egress";
    else if (flag === "no-source-dest-check") input.SourceDestCheck = { Value: false };
    else if (flag !== "region" && flag !== "output") input[pascal(flag)] = valueFor(flag, value!);
  }
  const name = action.replace(/-./g, ([, letter]) => letter!.toUpperCase()) as "describeVpcs";
  const answer: unknown = await ec2[name](input as never);
  return String(
    (query ?? "").split(".").reduce((at, key) => (at as Record<string, unknown>)?.[key], answer) ?? "",
  );
}

function pascal(flag: string): string {
  return `-${flag}`.replace(/-./g, ([, letter]) => letter!.toUpperCase());
}

function valueFor(flag: string, text: string): unknown {
  if (flag === "instance-ids") return [text];
  if (flag === "rule-number") return Number(text);
  if (flag === "ip-permissions") return [shorthand(text)];
  return /^\w+=/.test(text) ? shorthand(text) : text;
}

/** `A=1,B=[{C=x}]` -> { A: 1, B: [{ C: "x" }] }. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html */
function shorthand(text: string): Record<string, unknown> {
  const pairs = text.match(/\w+=(\[\{[^}]*\}\]|[^,]*)/g) ?? [];
  return Object.fromEntries(
    pairs.map((pair) => {
      const name = pair.slice(0, pair.indexOf("="));
      const value = pair.slice(name.length + 1);
      if (value.startsWith("[{")) return [name, [shorthand(value.slice(2, -2))]];
      if (value === "true" || value === "false") return [name, value === "true"];
      return [name, /^-?\d+$/.test(value) ? Number(value) : value];
    }),
  );
}
