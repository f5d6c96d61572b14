import type { DrawnHost, Graph } from "./graph.ts";

/** A flowchart for wherever Mermaid is drawn, e.g. GitHub. https://mermaid.js.org/syntax/flowchart.html */
export function mermaid({ vpcs, peerings }: Graph): string {
  const lines = ["flowchart LR"];
  for (const vpc of vpcs) {
    lines.push(`  subgraph ${name(vpc.id)}["${text(vpc.title)}<br/>${text(vpc.cidrs)}"]`);
    for (const subnet of vpc.subnets) {
      lines.push(`    subgraph ${name(subnet.id)}["${text(subnet.id)}<br/>${text(subnet.cidrs)}"]`);
      const routes = subnet.routes.map(({ text, isDead }) => (isDead ? `${text} (blackhole)` : text));
      if (routes.length > 0)
        lines.push(`      ${name(subnet.id)}_rtb[/"${routes.map(text).join("<br/>")}"/]`);
      for (const host of subnet.hosts)
        lines.push(`      ${name(host.id)}["${hostLines(host).map(text).join("<br/>")}"]`);
      lines.push("    end");
    }
    lines.push("  end");
    if (vpc.gateway) lines.push(`  internet(("internet")) --- |"${text(vpc.gateway)}"| ${name(vpc.id)}`);
  }
  for (const { id, from, to, status } of peerings) {
    const line = status === "active" ? "<-->" : "<-.->";
    lines.push(`  ${name(from)} ${line} |"${text(`${id} (${status})`)}"| ${name(to)}`);
  }
  return lines.join("\n");
}

/** What a host's box says, line by line. */
export function hostLines({ id, addresses, trouble, open }: DrawnHost): string[] {
  return [trouble ? `${id} (${trouble})` : id, ...addresses, ...open.map((each) => `open: ${each}`)];
}

const name = (id: string) => id.replace(/\W/g, "_");
const text = (plain: string) =>
  plain.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
