import type { Clock } from "../../clock.ts";
import { echo } from "./echo.ts";
import type { Guest } from "./guest/guest.ts";
import { linksOf } from "./links.ts";
import type { Placed } from "./records.ts";
import type { View } from "./view.ts";

/** The inside of an instance in the model; `view` gives the tables as they are when it is called. */
export function instanceGuest(options: {
  instance: Placed;
  user: string;
  clock: Clock;
  random: (below: number) => number;
  view: () => View;
}): Guest {
  const { instance, user, clock, random, view } = options;
  return {
    user,
    clock,
    hostname: () => hostnameOf(instance),
    links: () => linksOf(instance),
    echo: (destination, seq, source) => {
      const links = linksOf(instance);
      return echo({
        view: view(),
        links: links.map(({ id, ...link }) => ({ id, link })),
        destination,
        source,
        seq,
        random,
      });
    },
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html */
export function hostnameOf({ record, tables }: Placed): string {
  const { PrivateDnsName: name, PrivateIpAddress: address = "" } = record.instance;
  if (name) return name;
  const domain = tables.region === "us-east-1" ? "ec2.internal" : `${tables.region}.compute.internal`;
  return `ip-${address.replaceAll(".", "-")}.${domain}`;
}
