import { expect, test } from "vitest";
import { importsOf, sourcesIn } from "./support/sources.ts";

/**
 * Where a file stands: its folder under src, or, right under src, its own name. Imports run down only, and the two halves
 * of the program, the command line and the lab, share nothing but `net` and the clock.
 */
const unitOf = (path: string) => path.replace(/^src\//, "").split("/")[0]!;

const files = sourcesIn("src");
const edges = files.flatMap((file) =>
  importsOf(file)
    .filter(({ target }) => target.startsWith("src/"))
    .map(({ target, typeOnly }) => ({ from: file.path, target, typeOnly })),
);

/** What each unit may import beside itself. A name in brackets: its types alone. */
const allowed: Record<string, string[]> = {
  "main.ts": ["compiled.ts", "start.ts", "version.ts"],
  "compiled.ts": [],
  "start.ts": ["cli.ts", "clock.ts", "config.ts", "config", "errors.ts", "report"],
  "cli.ts": ["cli", "commands", "completion", "(config)", "errors.ts", "(report)", "steps"],
  cli: ["commands", "config", "errors.ts"],
  commands: [
    ...[
      "aws",
      "clock.ts",
      "config.ts",
      "config",
      "context.ts",
      "errors.ts",
      "net",
      "ping-pairs.ts",
      "report",
      "ssh",
    ],
    ...["state", "steps", "topology.ts", "lab"],
  ],
  steps: [
    "aws",
    "context.ts",
    "errors.ts",
    "ping-pairs.ts",
    "state",
    "topology.ts",
    "(clock.ts)",
    "(report)",
  ],
  "context.ts": ["(aws)", "(clock.ts)", "(config.ts)", "(report)", "(state)", "(steps)", "(topology.ts)"],
  state: ["(clock.ts)", "errors.ts", "(topology.ts)"],
  aws: ["(clock.ts)", "net"],
  ssh: ["(clock.ts)", "errors.ts"],
  report: ["errors.ts", "net", "ping-pairs.ts", "(topology.ts)"],
  completion: ["topology.ts"],
  "config.ts": ["config", "errors.ts", "topology.ts"],
  config: ["(config.ts)", "errors.ts", "net"],
  "topology.ts": ["errors.ts", "net", "topology-rules.ts"],
  "topology-rules.ts": ["errors.ts", "net", "(topology.ts)"],
  "ping-pairs.ts": ["(topology.ts)"],
  "errors.ts": [],
  "clock.ts": [],
  "version.ts": [],
  net: [],
  lab: ["net", "clock.ts"],
};

test("imports run down only", () => {
  const wrong = edges
    .filter(({ from, target }) => unitOf(from) !== unitOf(target))
    .filter(({ from, target, typeOnly }) => {
      const may = allowed[unitOf(from)] ?? [];
      return !may.includes(unitOf(target)) && !(typeOnly && may.includes(`(${unitOf(target)})`));
    })
    .map(({ from, target, typeOnly }) => `${from} imports ${typeOnly ? "types of " : ""}${target}`);
  expect(wrong).toEqual([]);
});

test("every file's place is known", () => {
  expect([...new Set(files.map(({ path }) => unitOf(path)))].filter((unit) => !(unit in allowed))).toEqual(
    [],
  );
});

test("the command line and the lab meet over HTTP and SSH alone", () => {
  const intoLab = edges.filter(({ from, target }) => unitOf(target) === "lab" && unitOf(from) !== "lab");
  // The two files of `peerctl lab`: its options, and the process that serves.
  const doors = /^src\/commands\/lab(-serve)?\.ts$/;
  expect(intoLab.filter(({ from }) => !doors.test(from))).toEqual([]);
  expect(
    edges.filter(({ from }) => unitOf(from) === "lab").map(({ target }) => unitOf(target)),
  ).not.toContain("errors.ts");
});

test("net imports nothing outside itself, not even from Node; only its types come from the SDK", () => {
  const outside = files
    .filter(({ path }) => unitOf(path) === "net")
    .flatMap((file) => importsOf(file).map((each) => ({ file: file.path, ...each })))
    .filter(({ target, typeOnly }) => unitOf(target) !== "net" && !typeOnly);
  expect(outside).toEqual([]);
});

test("no unit imports another that, by way of values, imports it again", () => {
  const graph = new Map<string, Set<string>>();
  for (const { from, target, typeOnly } of edges) {
    if (typeOnly || unitOf(from) === unitOf(target)) continue;
    graph.set(unitOf(from), (graph.get(unitOf(from)) ?? new Set()).add(unitOf(target)));
  }
  const cycles: string[] = [];
  const walk = (unit: string, trail: readonly string[]) => {
    if (trail.includes(unit)) {
      cycles.push([...trail.slice(trail.indexOf(unit)), unit].join(" -> "));
      return;
    }
    for (const next of graph.get(unit) ?? []) walk(next, [...trail, unit]);
  };
  for (const unit of graph.keys()) walk(unit, []);
  expect([...new Set(cycles)]).toEqual([]);
});

test("only the composition root ends the process", () => {
  // The lab may run scripts in processes of their own; those end as they like.
  const ours = files.filter(({ path }) => unitOf(path) !== "lab");
  const exits = ours.filter(({ text }) => /process\.exit\(/.test(text)).map(({ path }) => path);
  expect(exits).toEqual(["src/start.ts"]);
});

test("no barrels, no default exports", () => {
  for (const { path, text } of files) {
    expect(text, path).not.toMatch(/^export default\b/m);
    expect(text, path).not.toMatch(/^export (\*|type \*|\{[^}]*\}) from /m);
  }
});
