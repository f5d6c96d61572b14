import { existsSync, readFileSync } from "node:fs";
import { deadPeering } from "../../../src/aws/live.ts";
import type { Tables } from "../../../src/lab/world.ts";
import type { State } from "../../../src/state/schema.ts";
import type { Place } from "./place.ts";

/**
 * All that stands in the account and is not its default VPC's, one line each, with logical keys in place of ids: two
 * accounts that hold the same, each thing once, have the same lines. What carries no key of ours shows as `?type`.
 * @param leaving also the instances that are shutting down, with what goes when they do
 */
export function inventory({ lab }: Place, leaving = false): string[] {
  const { tables, peerings } = lab.world;
  return [...tables.values()].flatMap((each) => inventoryOf(each, peerings, leaving)).sort();
}

function inventoryOf(
  tables: Tables,
  peerings: Place["lab"]["world"]["peerings"],
  leaving: boolean,
): string[] {
  const stateOf = (id = "") => tables.instances.get(id)?.instance.State?.Name ?? "";
  const isLeaving = (instance: string | undefined) => !leaving && stateOf(instance) === "shutting-down";
  const nameOf = (id: string | undefined) =>
    id === undefined ? "-" : (tables.tags.get(id)?.get("peerctl:key") ?? `?${id.replace(/-[0-9a-f]+$/, "")}`);
  const isDefault = (vpc: string | undefined) => tables.vpcs.get(vpc ?? "")?.IsDefault === true;
  const lines: string[] = [];
  const add = (...words: (string | number | undefined)[]) => lines.push(words.join(" "));

  for (const vpc of tables.vpcs.values()) if (!vpc.IsDefault) add(nameOf(vpc.VpcId), vpc.CidrBlock);
  for (const subnet of tables.subnets.values()) {
    if (!isDefault(subnet.VpcId)) add(nameOf(subnet.SubnetId), "in", nameOf(subnet.VpcId), subnet.CidrBlock);
  }
  for (const gateway of tables.internetGateways.values()) {
    const vpcs = gateway.Attachments?.map(({ VpcId }) => VpcId) ?? [];
    if (!vpcs.some(isDefault)) add(nameOf(gateway.InternetGatewayId), "on", ...vpcs.map(nameOf));
  }
  for (const table of tables.routeTables.values()) {
    if (isDefault(table.VpcId) || table.Associations?.some(({ Main }) => Main)) continue;
    const routes = (table.Routes ?? []).map(
      (each) =>
        `${each.DestinationCidrBlock}->${nameOf(each.VpcPeeringConnectionId ?? (each.GatewayId === "local" ? undefined : each.GatewayId))}`,
    );
    const subnets = (table.Associations ?? []).map(({ SubnetId }) => nameOf(SubnetId));
    add(nameOf(table.RouteTableId), "for", ...subnets.sort(), ":", ...routes.sort());
  }
  for (const group of tables.securityGroups.values()) {
    if (isDefault(group.VpcId) || group.GroupName === "default") continue;
    const rules = [...tables.securityGroupRules.values()]
      .filter((rule) => rule.GroupId === group.GroupId && !rule.IsEgress)
      .map((rule) => `${rule.IpProtocol}/${rule.FromPort}:${rule.ToPort}<-${rule.CidrIpv4}`);
    add(nameOf(group.GroupId), "in", nameOf(group.VpcId), ":", ...rules.sort());
  }
  for (const { instance } of tables.instances.values()) {
    const state = stateOf(instance.InstanceId);
    if (state === "terminated" || isLeaving(instance.InstanceId)) continue;
    add(nameOf(instance.InstanceId), "in", nameOf(instance.SubnetId), state);
  }
  for (const each of tables.networkInterfaces.values()) {
    if (!isDefault(each.VpcId) && !isLeaving(each.Attachment?.InstanceId))
      add("interface", nameOf(each.NetworkInterfaceId), "in", nameOf(each.SubnetId));
  }
  for (const each of tables.volumes.values()) {
    if (!isLeaving(each.Attachments?.[0]?.InstanceId)) add("volume", nameOf(each.VolumeId), each.State);
  }
  for (const each of tables.addresses.values())
    add(nameOf(each.AllocationId), "on", nameOf(each.NetworkInterfaceId));
  for (const each of peerings.values()) {
    const code = each.Status?.Code ?? "";
    const ours = each.RequesterVpcInfo?.OwnerId === tables.account;
    if (!ours || ["deleted", "failed", "rejected", "expired"].includes(code)) continue;
    const ends = [each.RequesterVpcInfo, each.AccepterVpcInfo].map((end) => nameOf(end?.VpcId));
    add(nameOf(each.VpcPeeringConnectionId), ...ends, code);
  }
  return lines;
}

/** What the state file says, in the same words: each key with the name of the thing that its id belongs to. */
export function recorded(place: Place): string[] {
  const state = readFile(place);
  const begun = Object.keys(state?.intents ?? {}).map((key) => `begun ${key}`);
  const made = Object.entries(state?.resources ?? {}).map(
    ([key, { id }]) => `${key}: ${standsFor(place, id)}`,
  );
  return [...begun, ...made].sort();
}

/** What stands with a logical key that the state file neither has on record nor says it has begun: as good as lost. */
export function unaccounted(place: Place): string[] {
  const { resources = {}, intents = {} } = readFile(place) ?? {};
  const { peerings } = place.lab.world;
  return [...place.lab.world.tables.values()]
    .flatMap(({ tags }) => [...tags])
    .filter(([id]) => !deadPeering.has(peerings.get(id)?.Status?.Code ?? ""))
    .flatMap(([, each]) => each.get("peerctl:key") ?? [])
    .filter((key) => !(key in resources || key in intents));
}

export function readFile({ statePath }: Place): State | undefined {
  return existsSync(statePath) ? (JSON.parse(readFileSync(statePath, "utf8")) as State) : undefined;
}

function standsFor({ lab }: Place, id: string): string {
  for (const tables of lab.world.tables.values()) {
    const key = tables.tags.get(id)?.get("peerctl:key");
    if (key) return key;
    for (const table of tables.routeTables.values()) {
      const found = table.Associations?.find((each) => each.RouteTableAssociationId === id);
      if (found) return `association of ${tables.tags.get(table.RouteTableId!)?.get("peerctl:key")}`;
    }
    for (const address of tables.addresses.values()) {
      if (address.AssociationId === id) return "association of an address";
    }
  }
  return `NOTHING (${id})`;
}

/** Keys of ours under which more than one thing of a kind stands. */
export function duplicates({ lab }: Place): string[] {
  const once = new Set<string>();
  const kinds = /^(vpc|subnet|igw|rtb|sg|eipalloc|pcx|i)-/;
  return [...lab.world.tables.values()].flatMap(({ tags, instances }) => {
    const isOver = (id: string) =>
      /shutting-down|terminated/.test(instances.get(id)?.instance.State?.Name ?? "") ||
      deadPeering.has(lab.world.peerings.get(id)?.Status?.Code ?? "");
    return [...tags].flatMap(([id, each]) => {
      const kind = kinds.exec(id)?.[1];
      const key = each.get("peerctl:key");
      if (kind === undefined || key === undefined || isOver(id)) return [];
      if (!once.has(`${kind} ${key}`)) return once.add(`${kind} ${key}`) && [];
      return [`${id} is another ${key}`];
    });
  });
}
