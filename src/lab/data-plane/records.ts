import type { NetworkInterface } from "@aws-sdk/client-ec2";
import type { InstanceRecord, Tables, World } from "../world.ts";

/** An instance with the tables that it stands in. */
export interface Placed {
  record: InstanceRecord;
  tables: Tables;
}

/** The instance of this id, in whichever account and Region. */
export function placedInstance(world: World, id: string): Placed | undefined {
  for (const tables of world.tables.values()) {
    const record = tables.instances.get(id);
    if (record) return { record, tables };
  }
  return undefined;
}

/** The instance's attached interfaces by device index, the primary one first. */
export function attachedInterfaces({ record, tables }: Placed): NetworkInterface[] {
  const index = (each: NetworkInterface) => each.Attachment?.DeviceIndex ?? 0;
  return [...tables.networkInterfaces.values()]
    .filter((each) => each.Attachment?.InstanceId === record.instance.InstanceId)
    .sort((a, b) => index(a) - index(b));
}

/** The instant at which the instance last began to run (a reboot counts); undefined where it does not run now. */
export function bootOf(world: World, id: string): number | undefined {
  const record = placedInstance(world, id)?.record;
  return record?.instance.State?.Name === "running" ? record.runningSince : undefined;
}
