import type { Graph } from "./graph.ts";
import { hostLines } from "./mermaid.ts";

/** For Graphviz: `peerctl graph --format dot | dot -Tsvg`. https://graphviz.org/doc/info/lang.html */
export function dot({ vpcs, peerings }: Graph): string {
  const lines = [
    "graph topology {",
    "  compound=true rankdir=LR;",
    '  node [shape=box style=rounded fontname="Helvetica"];',
    '  graph [fontname="Helvetica"];',
    '  edge [fontname="Helvetica"];',
  ];
  for (const vpc of vpcs) {
    lines.push(
      `  subgraph ${quoted(`cluster_${vpc.id}`)} {`,
      `    label=${quoted(`${vpc.title}\n${vpc.cidrs}`)};`,
    );
    // What an edge to the whole VPC ends at.
    lines.push(`    ${quoted(vpc.id)} [shape=point style=invis];`);
    for (const subnet of vpc.subnets) {
      const routes = subnet.routes.map(({ text, isDead }) => (isDead ? `${text} (blackhole)` : text));
      const label = [subnet.id, subnet.cidrs, ...routes].join("\n");
      lines.push(`    subgraph ${quoted(`cluster_${subnet.id}`)} {`, `      label=${quoted(label)};`);
      for (const host of subnet.hosts)
        lines.push(`      ${quoted(host.id)} [label=${quoted(hostLines(host).join("\n"))}];`);
      lines.push("    }");
    }
    lines.push("  }");
    if (vpc.gateway) {
      const head = `lhead=${quoted(`cluster_${vpc.id}`)}`;
      lines.push(`  internet -- ${quoted(vpc.id)} [label=${quoted(vpc.gateway)} ${head}];`);
    }
  }
  for (const { id, from, to, status } of peerings) {
    const ends = `ltail=${quoted(`cluster_${from}`)} lhead=${quoted(`cluster_${to}`)}`;
    const style = status === "active" ? "bold" : "dashed";
    lines.push(
      `  ${quoted(from)} -- ${quoted(to)} [label=${quoted(`${id} (${status})`)} style=${style} ${ends}];`,
    );
  }
  return [...lines, "}"].join("\n");
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
