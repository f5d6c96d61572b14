import type { DrawnHost, Graph } from "./graph.ts";
import { type Box, layout, metric, type PlacedPeering, type PlacedVpc } from "./layout.ts";

/** One picture without anything from elsewhere, for light and dark pages alike. */
export function svg(graph: Graph): string {
  const { width, height, vpcs, peerings } = layout(graph);
  const names = graph.vpcs.map(({ title, cidrs }) => `${title} (${cidrs})`).join(", ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${plain(names || "no VPCs")}</title>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="12"/>`,
    ...peerings.map(drawPeering),
    ...vpcs.flatMap(drawVpc),
    "</svg>",
  ].join("\n");
}

/** Colours as classes, and not as variables, which some renderers do not know. Checked for contrast on both grounds. */
const style = `
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#24292f}
.name{font:600 15px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
.dim{fill:#57606a}.open{fill:#116329}.bad{fill:#b42318}.mid{text-anchor:middle}.small{font-size:11px}
.page{fill:#fff}.vpc{fill:#f6f8fa;stroke:#8250df}.subnet{fill:#ddf4ff;stroke:#54aeff}.host{fill:#fff;stroke:#8c959f}
.line{fill:none;stroke:#8250df;stroke-width:2.5}.dead{stroke:#b42318;stroke-dasharray:6 5}
.way{fill:none;stroke:#57606a;stroke-width:1.5}.net{fill:#eaeef2;stroke:#57606a}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.dim{fill:#9198a1}.open{fill:#56d364}.bad{fill:#ff7b72}
.page{fill:#0d1117}.vpc{fill:#151b23;stroke:#ab7df8}.subnet{fill:#0c2740;stroke:#316dca}.host{fill:#0d1117;stroke:#6e7681}
.line{stroke:#ab7df8}.dead{stroke:#ff7b72}.way{stroke:#9198a1}.net{fill:#21262d;stroke:#9198a1}}
`.trim();

function drawVpc({ vpc, box, subnets }: PlacedVpc): string[] {
  const { pad, line } = metric;
  const right = box.x + box.width - pad;
  return [
    ...(vpc.gateway ? drawGateway(vpc.gateway, box) : []),
    rect("vpc", box, 10),
    text("name", box.x + pad, box.y + pad + 10, vpc.title),
    `<text class="dim" text-anchor="end" x="${right}" y="${box.y + pad + 10}">${plain(vpc.cidrs)}</text>`,
    text("dim small", box.x + pad, box.y + pad + 10 + line, vpc.id === vpc.title ? "" : vpc.id),
    ...subnets.flatMap(({ subnet, box: inner, hosts }) => [
      rect("subnet", inner, 8),
      text("", inner.x + pad, inner.y + 19, `subnet ${subnet.cidrs}`),
      ...subnet.routes.map(({ text: route, isDead }, n) =>
        text(
          isDead ? "bad small" : "dim small",
          inner.x + pad,
          inner.y + 19 + (n + 1) * line,
          isDead ? `${route} ✗` : route,
        ),
      ),
      ...hosts.flatMap((place, n) => drawHost(subnet.hosts[n]!, place)),
    ]),
  ].filter(Boolean);
}

function drawHost({ id, addresses, trouble, open }: DrawnHost, box: Box): string[] {
  const { pad, line } = metric;
  const rows: [kind: string, text: string][] = [
    [trouble ? "bad" : "", trouble ? `${id} ${trouble}` : id],
    ...addresses.map((each): [string, string] => ["dim", each]),
    ...open.map((each): [string, string] => ["open small", `▸ ${each}`]),
  ];
  return [
    rect("host", box, 6),
    ...rows.map(([kind, row], n) => text(kind, box.x + pad, box.y + 19 + n * line, row)),
  ];
}

function drawGateway(gateway: string, { x, y, width }: Box): string[] {
  const middle = x + width / 2;
  const top = y - metric.sky;
  return [
    `<path class="way" d="M${middle} ${top + 24}V${y}"/>`,
    `<rect class="net" x="${middle - 46}" y="${top}" width="92" height="24" rx="12"/>`,
    text("mid", middle, top + 16, "internet"),
    text("dim small", middle + 8, y - 12, gateway),
  ];
}

function drawPeering({ peering, points, label: [x, y], isBetween }: PlacedPeering): string {
  const [start, ...rest] = points;
  const path = `M${start!.join(" ")}${rest.map((point) => `L${point.join(" ")}`).join("")}`;
  const isDead = peering.status !== "active";
  const line = `<path class="line${isDead ? " dead" : ""}" d="${path}"/>`;
  const status = isDead ? "mid small bad" : "mid small dim";
  // Between two boxes there is room for a part of the id alone: the routes spell it out.
  if (isBetween) {
    const short = `${peering.id.slice(0, 10)}…`;
    return [
      line,
      text("mid small", x, y - 8, peering.id.length > 12 ? short : peering.id),
      text(status, x, y + 17, peering.status),
    ].join("\n");
  }
  return [line, text(status, x, y, `${peering.id} ${peering.status}`)].join("\n");
}

function rect(kind: string, { x, y, width, height }: Box, round: number): string {
  return `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>`;
}

function text(kind: string, x: number, y: number, words: string): string {
  if (words === "") return "";
  return `<text${kind ? ` class="${kind}"` : ""} x="${x}" y="${y}">${plain(words)}</text>`;
}

function plain(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
