import type { DrawnVpc, Graph } from "./graph.ts";

/** Pixels of the drawing's own grid. */
export const metric = {
  margin: 24,
  /** Of a VPC's box, and between two. */
  width: 320,
  gap: 132,
  pad: 14,
  /** From one line of text to the next. */
  line: 17,
  /** Above the VPCs: the internet and the way there. */
  sky: 62,
  /** Between two peerings that run below the VPCs. */
  lane: 26,
} as const;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedVpc {
  vpc: DrawnVpc;
  box: Box;
  subnets: { subnet: DrawnVpc["subnets"][number]; box: Box; hosts: Box[] }[];
}

/** A peering's line: straight between neighbours, else below the VPCs on a lane of its own. */
export interface PlacedPeering {
  peering: Graph["peerings"][number];
  points: [x: number, y: number][];
  label: [x: number, y: number];
  isBetween: boolean;
}

export interface Layout {
  width: number;
  height: number;
  vpcs: PlacedVpc[];
  peerings: PlacedPeering[];
}

/** All VPCs side by side, in their order, so that the same topology is always the same picture. */
export function layout({ vpcs, peerings }: Graph): Layout {
  const { margin, width, gap, sky, lane } = metric;
  const top = margin + (vpcs.some(({ gateway }) => gateway) ? sky : 0);
  const placed = vpcs.map((vpc, place) => placeVpc(vpc, margin + place * (width + gap), top));
  const height = Math.max(0, ...placed.map(({ box }) => box.height));
  for (const { box } of placed) box.height = height;
  const bottom = top + height;
  let lanes = 0;
  const perPair = new Map<string, number>();
  const lines = peerings.map((peering): PlacedPeering => {
    const ends = [peering.from, peering.to].map((id) => vpcs.findIndex((vpc) => vpc.id === id));
    const [left, right] = ends.sort((a, b) => a - b) as [number, number];
    const a = placed[left]!.box;
    const b = placed[right]!.box;
    if (right - left === 1) {
      // A pair may have more than one: dead ones stay visible for a while.
      const pair = `${left}-${right}`;
      const earlier = perPair.get(pair) ?? 0;
      perPair.set(pair, earlier + 1);
      const y = top + 56 + earlier * 48;
      const points: [number, number][] = [
        [a.x + a.width, y],
        [b.x, y],
      ];
      return { peering, points, label: [(a.x + a.width + b.x) / 2, y], isBetween: true };
    }
    lanes++;
    const y = bottom + lanes * lane;
    const from = a.x + a.width - 20 - lanes * 12;
    const to = b.x + 20 + lanes * 12;
    const points: [number, number][] = [
      [from, bottom],
      [from, y],
      [to, y],
      [to, bottom],
    ];
    return { peering, points, label: [(from + to) / 2, y - 6], isBetween: false };
  });
  const columns = Math.max(1, vpcs.length);
  return {
    width: margin * 2 + columns * width + (columns - 1) * gap,
    height: bottom + (lanes > 0 ? (lanes + 0.5) * lane : 0) + margin,
    vpcs: placed,
    peerings: lines,
  };
}

function placeVpc(vpc: DrawnVpc, x: number, y: number): PlacedVpc {
  const { width, pad, line } = metric;
  let at = y + pad + 2.6 * line;
  const subnets = vpc.subnets.map((subnet) => {
    const box = { x: x + pad, y: at, width: width - 2 * pad, height: 0 };
    let inner = at + pad + (1 + subnet.routes.length) * line;
    const hosts = subnet.hosts.map(({ addresses, open }) => {
      const lines = 1 + addresses.length + open.length;
      const host = { x: box.x + pad, y: inner, width: box.width - 2 * pad, height: pad + lines * line };
      inner += host.height + 10;
      return host;
    });
    box.height = inner - at + (hosts.length > 0 ? 4 : 8);
    at += box.height + 10;
    return { subnet, box, hosts };
  });
  return { vpc, box: { x, y, width, height: at - y + 4 }, subnets };
}
