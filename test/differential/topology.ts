import { shut } from "./acls.ts";
import type { Chance } from "./chance.ts";
import type { Place } from "./clients.ts";
import { fillGroups, makeGroups } from "./groups.ts";
import { halt, launch } from "./instances.ts";
import { part, peer } from "./peerings.ts";
import { blockPublicAccess } from "./public-access.ts";
import { inspect, route } from "./routes.ts";
import { blockFor, makeVpc, type Vpc } from "./vpcs.ts";

/**
 * Makes a random network through the API: two to six VPCs, some in another Region or account, and all that decides about
 * packets between them. Most of it is as it should be, so that packets get far, and each thing is wrong here and there.
 * What EC2 refuses (a route that is there already, overlapping peers) is part of the play, and left out.
 */
export async function makeTopology([home, ...away]: readonly Place[], chance: Chance): Promise<void> {
  const vpcs: Vpc[] = [];
  const wide = chance.percent(40);
  for (let n = 1, count = 2 + chance.below(5); n <= count; n += 1) {
    const place = wide && chance.percent(35) ? chance.pick(away) : home!;
    const block = chance.percent(10) && vpcs[0] ? chance.pick(vpcs).blocks[0]! : blockFor(chance, n);
    vpcs.push(await makeVpc(place, chance, block));
  }
  const blocks = blocksOf(vpcs);
  const peerings = await peer(chance, vpcs);
  for (const vpc of vpcs) await makeGroups(chance, vpc);
  for (const vpc of vpcs) await fillGroups(chance, vpc, vpcs, blocks);
  const launched = [];
  for (const vpc of vpcs) launched.push(...(await launch(chance, vpc)));
  for (const vpc of vpcs) {
    if (chance.percent(40)) await inspect(chance, vpc);
    await route(chance, vpc, vpcs, peerings);
    for (let acls = chance.percent(35) ? 1 + chance.below(2) : 0; acls > 0; acls -= 1) {
      await shut(chance, vpc, blocks);
    }
    if (chance.percent(4)) await blockPublicAccess(chance, vpc);
  }
  await halt(chance, launched);
  await part(chance, peerings);
}

/** What rules and entries are about. */
function blocksOf(vpcs: readonly Vpc[]): string[] {
  return [...vpcs.flatMap((vpc) => [...vpc.blocks, ...vpc.subnets.map((each) => each.block)]), "0.0.0.0/0"];
}
