import { afterAll, expect, test } from "vitest";
import { fastClock } from "./support/fast-clock.ts";
import { inventory } from "./support/inventory.ts";
import { peerctl } from "./support/peerctl.ts";
import { openPlace } from "./support/place.ts";
import { chosen, eachOf } from "./support/points.ts";
import { prepare } from "./support/prepared.ts";
import { asSomebody } from "./support/theirs.ts";

/** Somebody takes our tags from one of the stack's resources: it is not gone for that, and must not be there twice. */

const prefixes = ["vpc", "subnet", "igw", "rtb", "sg", "eipalloc", "pcx", "i"];

let total = 0;
afterAll(() => console.log(`${total} resources without their tags`));

test("each kind of resource without its tags: up, then down", async () => {
  const { folder } = await prepare([["up"]], ["status"]);
  await eachOf(
    chosen(prefixes),
    (prefix) => prefix,
    async (prefix) => {
      const place = await openPlace({ copyOf: folder, clock: fastClock(20) });
      try {
        const before = inventory(place).length;
        const tags = [...place.lab.world.tables.values()].flatMap((each) => [...each.tags]);
        const [id] = tags.find(([id, each]) => id.startsWith(`${prefix}-`) && each.has("peerctl:stack"))!;
        await asSomebody(place, (ec2) => ec2.deleteTags({ Resources: [id] }));
        const { code, stdout } = await peerctl(place, ["status"]);
        expect(code, stdout).toBe(2);
        const up = await peerctl(place, ["up"]);
        expect(inventory(place).length, up.stderr).toBe(before);
        if (up.code !== 0) expect(up.stderr).toContain(id);
        const down = await peerctl(place, ["down"]);
        // Left alone, and told; and where it is in nothing's way, all the rest is gone, a peering with its VPC.
        expect(down.stderr).toContain(id);
        if (down.code === 0) expect(inventory(place, true).length, down.stderr).toBeLessThan(2);
        total++;
      } finally {
        await place.close();
      }
    },
    4,
  );
});
