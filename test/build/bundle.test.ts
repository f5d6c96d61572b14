import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const dist = join(import.meta.dirname, "..", "..", "dist");
const text = (file: string) => readFileSync(join(dist, file), "utf8");

/** What is loaded with a file of the bundle: all that it asks for at once, and so on. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, next] of text(file).matchAll(/(?<!=>[\w$]+\()require\("\.\/([\w-]+\.cjs)"\)/g))
    loadedWith(next!, seen);
  return seen;
}

/** The one file that `from` imports lazily and whose name begins so. */
function lazily(name: string): string {
  const [file, ...others] = readdirSync(dist).filter((each) => each.startsWith(`${name}-`));
  expect(others).toEqual([]);
  return file!;
}

const sizeOf = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
/** Names that only one part of the program has in its code. */
const marks = {
  sdk: "x-amz-user-agent",
  lab: "InvalidVpc.Range",
  ssh: "ssh2.cjs",
  schemas: "com.amazonaws.ec2",
};
const partsIn = (files: Iterable<string>) => {
  const all = [...files].map(text).join("\n");
  return Object.entries(marks).flatMap(([part, mark]) => (all.includes(mark) ? [part] : []));
};

test("all that is shipped is under 1.2 MB", () => {
  expect(sizeOf(readdirSync(dist).filter((file) => /\.cjs$/.test(file)))).toBeLessThan(1_200_000);
});

describe("what is loaded", () => {
  test("for the version: next to nothing", () => {
    expect(sizeOf(loadedWith("main.cjs"))).toBeLessThan(5000);
  });

  test("for help and completion: neither the SDK, nor the lab, nor SSH", () => {
    expect(partsIn(loadedWith("start.cjs"))).toEqual([]);
  });

  test("for what works on a stack: no more than the SDK, and of EC2's schemas what it sends", () => {
    const files = loadedWith(lazily("stack"));
    expect(partsIn(files)).toEqual(["sdk", "schemas"]);
    expect(sizeOf(files)).toBeLessThan(520_000);
    const all = [...files].map(text).join("\n");
    expect(all).toContain('"CreateVpcPeeringConnection"');
    for (const action of ["CreateNetworkAclEntry", "DescribeSpotFleetRequests"]) {
      expect(all).not.toContain(`"${action}"`);
    }
  });

  test("for the lab: no SDK client", () => {
    const parts = partsIn(loadedWith(lazily("lab-serve")));
    expect(parts).toContain("lab");
    expect(parts).not.toContain("sdk");
  });
});
